"""Spreadsheets: a table of names, saved as CSV, and a folder of images."""

import os
import unicodedata
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pandas as pd

from herbnb.data.images.decoding import SUFFIXES
from herbnb.data.records.columns import read_columns
from herbnb.data.records.identifiers import specimen_ids
from herbnb.data.records.names import parse_names
from herbnb.data.records.selection import as_specimens
from herbnb.data.records.terms import OCCURRENCE, local_name
from herbnb.errors import BadInput

FURTHER = {
    "file": ("file", "filename", "image", "imagefile", "imagename", "imageid", "path", "filepath", "photo"),
    "barcode": ("accession", "accessionnumber"),
    "name": ("name", "taxon", "taxonname", "fullname"),
    "record_number": ("collectornumber", "collectionnumber", "number"),
    "event_date": ("date", "collectiondate", "datecollected"),
    "identified_by": ("determiner", "determinedby", "det"),
    "date_identified": ("determinationdate", "datedetermined", "detdate"),
    "previous_identifications": ("previousdeterminations", "earlierdeterminations", "earliernames"),
    "state_province": ("state", "province"),
    "record_holder": ("holder", "owner", "copyright"),
}
"""Names of columns in a spreadsheet, beside the terms of Darwin Core."""


def read_spreadsheet(
    csv: str | Path,
    images: str | Path,
    *,
    columns: dict[str, str] | None = None,
    institution: str = "",
    encoding: str = "",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Read a table of images and names, and find the images.

    A row names its image by the file, with or without folder and suffix, or by its barcode alone; it
    is found if exactly one file below `images` fits. A row without an image is left out and listed.
    The name of the plant is one column or two (genus and species); `names.parse_name` takes it apart.

    Args:
        csv: separated by commas, semicolons or tabs; its first line names the columns.
        images: the folder of images, with folders in it or without.
        columns: what the table calls our columns, where that is not seen from the name, as
            `{"file": "Bilddatei", "name": "Art"}`.
        institution: where the table does not say; "unknown" if nobody does.
        encoding: of the table, where it is not UTF-8: "latin-1" or "cp1252".

    Returns:
        The specimens table (`split` is "collection", `path` is relative to `images`); the steps:
        `step`, `images`; and what was left out or is open: `row` (the first is 1), `file`, `problem`.

    Raises:
        BadInput: the table or the folder cannot be read, a column is missing, or nothing is left.
    """
    names = {ours: OCCURRENCE.get(ours, ()) + FURTHER.get(ours, ()) for ours in OCCURRENCE | FURTHER}
    for ours, theirs in (columns or {}).items():
        if ours not in names:
            raise BadInput(f"columns: {ours!r} is none of {', '.join(names)}.")
        names[ours] = (local_name(theirs),)
    needed = [["file", "barcode"], ["name", "genus", "epithet"], *([ours] for ours in columns or {})]
    table = read_columns(csv, names, needed, encoding=encoding)
    table.index += 1
    for blank in ("file", "catalog_number"):
        table[blank] = table[blank].where(table[blank] != "", table["barcode"])
    table["path"], table["problem"] = find_files(table["file"], files_below(images))
    missing = table.loc[table["problem"] != "", ["file", "problem"]]
    kept = table[table["problem"] == ""].drop(columns="problem")
    kept = kept.assign(**parse_names(kept))
    missing = pd.concat([missing, kept.loc[kept["problem"] != "", ["file", "problem"]]])
    steps = {"rows of the table": len(table), "with an image that is there": len(kept)}
    kept = kept[kept["genus"] != ""]
    steps["named to a genus"] = len(kept)
    for step, count in steps.items():
        if not count:
            example = f" (row {missing.index[0]}: {missing['problem'].iloc[0]})"
            raise BadInput(f"{csv}: no row passes the step {step!r}{example}; check the table and {images}.")
    return (
        specimens_of_rows(kept, institution),
        pd.DataFrame({"step": steps.keys(), "images": steps.values()}),
        missing.sort_index(kind="stable").rename_axis("row").reset_index(),
    )


def specimens_of_rows(kept: pd.DataFrame, institution: str) -> pd.DataFrame:
    """Write the rows in the columns of the specimens table."""
    stem = kept["path"].map(lambda path: str(PurePosixPath(path).with_suffix("")))
    stem = stem.where(~stem.str.casefold().duplicated(keep=False), kept["path"])
    kept = kept.assign(
        barcode=kept["barcode"].where(kept["barcode"] != "", stem),
        institution=kept["institution"].where(kept["institution"] != "", institution),
        licence="",
        rights_holder="",
        urls="",
    )
    kept["specimen"] = specimen_ids(kept)
    nth = kept.groupby("specimen").cumcount() + 1
    return as_specimens(kept, nth, "").drop(columns="urls").assign(path=kept["path"].to_numpy())


def files_below(folder: str | Path) -> list[str]:
    """List the images below `folder`, relative to it; no link leads out of it.

    Raises:
        BadInput: it is no folder, or holds no image.
    """
    home = os.path.realpath(folder)
    if not os.path.isdir(home):
        raise BadInput(f"{folder} is not a folder: name the one that holds the images.")
    files = []
    for parent, _, names in os.walk(home):
        for name in names:
            path = os.path.join(parent, name)
            outside = os.path.islink(path) and not Path(os.path.realpath(path)).is_relative_to(home)
            if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not outside:
                files.append(Path(path).relative_to(home).as_posix())
    if not files:
        raise BadInput(f"{folder} holds no image ({', '.join(SUFFIXES)}): name the folder that does.")
    return sorted(files)


def find_files(wanted: pd.Series, files: list[str]) -> tuple[list[str], list[str]]:
    """Find each file that a table names among those that are there: return the paths and the problems.

    The names in the table are only compared; none ever becomes a path.
    """
    fits = defaultdict(set)
    for file in files:
        path = PurePosixPath(comparable_file(file))
        for name in (str(path), str(path.with_suffix("")), path.name, path.stem):
            fits[name].add(file)
    paths, problems, taken = [], [], set()
    for name in wanted:
        name = name.replace("\\", "/").removeprefix("./")
        fit = {name} & fits[comparable_file(name)] or fits[comparable_file(name)]
        path = min(fit, default="")
        if not name:
            problem = "names no file"
        elif not fit:
            problem = "is not in the folder of images"
        elif len(fit) > 1:
            problem = f"fits {len(fit)} files, as {' and '.join(sorted(fit)[:2])}"
        else:
            problem = "is the image of an earlier row too" if path in taken else ""
        paths.append("" if problem else path)
        problems.append(problem)
        taken.add(path)
    return paths, problems


def comparable_file(name: str) -> str:
    """Compare names of files by this: small letters, each with its accents as one character."""
    return unicodedata.normalize("NFC", name).casefold()
