"""Collections: a folder of sheets with its specimens table, wherever the sheets came from."""

import os
import re
from pathlib import Path

import pandas as pd

from herbnb.data.half_earth import METADATA, read_half_earth
from herbnb.errors import BadInput
from herbnb.results import ARTEFACTS, COLLECTIONS, Results
from herbnb.specimens import FILE, NAMES, check_specimens, read_specimens, write_specimens
from herbnb.tables import write_table

CARD, PROBLEMS, CITATION = "card.csv", "problems.csv", "citation.txt"
"""The papers of a collection: how many of what it holds, what is doubtful about it, and how it is cited."""

FOLDERS = {artefact.path.split("/")[0] for artefact in ARTEFACTS.values() if "/" in artefact.path}
TAKEN = sorted({folder for folder in FOLDERS if folder[0] != "<"} | {*COLLECTIONS})
"""Names that a run needs for itself."""


def read_collection(folder: str | Path) -> pd.DataFrame:
    """Read the specimens of a folder, one row an image, without opening an image.

    The folder holds `specimens.parquet`, as `herbnb data` writes it, or is in the Half-Earth layout.
    The columns are those of the specimens table, and `path` is relative to `folder` or absolute.

    Raises:
        BadInput: neither is there, or what is there is not a table of specimens.
    """
    described = description_of(folder)
    return read_specimens(described) if described.name == FILE else read_half_earth(folder)


def description_of(folder: str | Path) -> Path:
    """Return the file that says what a folder holds: its specimens table or, where there is none, the
    metadata of the Half-Earth layout, whether it is there or not."""
    table = Path(folder) / FILE
    return table if os.path.exists(table) else Path(folder) / METADATA


def write_collection(
    folder: str | Path, specimens: pd.DataFrame, steps: pd.DataFrame, failures: pd.DataFrame
) -> pd.DataFrame:
    """Write the collection whose images are there, and its data card; return its specimens.

    Args:
        folder: gets `specimens.parquet` and `card.csv`.
        specimens: one row an image that was asked for.
        steps: the funnel that led to them: `step`, `images`.
        failures: the images that are not there or not whole: `image_id`, `reason`.

    Raises:
        BadInput: no image is there.
    """
    came = specimens[~specimens["image_id"].isin(failures["image_id"])].reset_index(drop=True)
    card = data_card(came, steps, failures)
    write_table(card, Path(folder) / CARD)
    if came.empty:
        most = failures["reason"].value_counts().index[0]
        raise BadInput(
            f"None of the {len(specimens)} images is here; the commonest reason is {most!r}, and "
            f"{Path(folder) / CARD} counts them all. Mend the cause and give the command again."
        )
    write_specimens(came, Path(folder) / FILE)
    return came


def adopt(specimens: pd.DataFrame, folder: str | Path, here: Results, name: str) -> pd.DataFrame:
    """Make the table of a collection one of the run's, and return it.

    Its paths are relative to the folder of the collection or, if it has images elsewhere, to the one that all
    of them share, so that the table says the same on any machine; where that folder is, `results.images_of`
    knows. Every sheet's split is called "collection", whatever part it may have played elsewhere.

    Args:
        specimens: the table of the collection, its paths relative to `folder` or absolute.
        folder: the collection's own, which is left as it is.
        here: the run.
        name: what the run calls the collection: letters, digits, `_` and `-`.

    Raises:
        BadInput: a name that is not plain or is taken, or that is the collection's own folder; images on
            several drives.
    """
    folder = Path(folder)
    check_name(name, folder, here)
    files = [Path(os.path.abspath(folder / path)) for path in specimens["path"]]
    shared = shared_folder(files, Path(os.path.abspath(folder)))
    paths = [file.relative_to(shared).as_posix() for file in files]
    table = check_specimens(specimens.assign(path=paths, split="collection"), folder)
    here.write("collection", table, collection=name)
    here.write("place", {"folder": shared.as_posix()}, collection=name)
    return table


def shared_folder(files: list[Path], folder: Path) -> Path:
    """Return `folder` if all files lie in it, or else the deepest that they share; all paths are absolute.

    Raises:
        BadInput: they share none.
    """
    if all(file.is_relative_to(folder) for file in files):
        return folder
    try:
        return Path(os.path.commonpath([file.parent for file in files]))
    except ValueError as error:
        raise BadInput(f"{folder} has its images on several drives: bring them onto one.") from error


def check_name(name: str, folder: Path, here: Results) -> None:
    """Raise BadInput where a run cannot call a collection `name`: see `adopt`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name) or name.lower() in TAKEN:
        raise BadInput(
            f"name is {name!r}: choose a word of letters, digits, _ and -, other than {', '.join(TAKEN)}."
        )
    if here.path("collection_folder", collection=name).resolve() == folder.resolve():
        raise BadInput(f"name is {name!r}, which is the folder of the collection itself: choose another.")


def data_card(specimens: pd.DataFrame, steps: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Count what a collection holds: `of` (step, rank, institution, licence or failure), `name`,
    `count`.

    Steps, institutions, licences and failures are counted in images, ranks in taxa.
    """
    taxa = {rank: specimens[rank].nunique() for rank in NAMES}
    counts = {
        "step": steps.set_index("step")["images"],
        "rank": pd.Series(taxa),
        "institution": specimens["institution"].value_counts(),
        "licence": specimens["licence"].replace("", "none stated").value_counts(),
        "failure": failures["reason"].value_counts(),
    }
    parts = [
        pd.DataFrame({"of": of, "name": count.index.astype(str), "count": count.to_numpy()})
        for of, count in counts.items()
    ]
    return pd.concat(parts, ignore_index=True).astype({"count": int})
