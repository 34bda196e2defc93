"""Reader of an iDigBio download: a file of occurrences and a file of media, joined on `coreid`.

iDigBio (Nelson and Paul 2019) gives what a search found as two tables, one row a specimen record
and one row a picture. Their names and columns have changed over the years (`occurrence.txt` with
`id` in 2015, `occurrence.csv` with `coreid` today); `OCCURRENCE` and `MULTIMEDIA` say where to
look.
"""

import csv
import io
from pathlib import Path

import pandas as pd

from herbnb.errors import BadInput

OCCURRENCE = {
    "coreid": ("coreid", "id"),
    "occurrence_id": ("dwc:occurrenceID", "idigbio:uuid", "coreid", "id"),
    "barcode": ("idigbio:barcodeValue", "dwc:catalogNumber"),
    "institution": ("dwc:institutionCode",),
    "basis": ("dwc:basisOfRecord",),
    "genus": ("dwc:genus",),
    "epithet": ("dwc:specificEpithet",),
    "family": ("dwc:family",),
    "order": ("dwc:order",),
    "collector": ("dwc:recordedBy",),
    "number": ("dwc:recordNumber", "dwc:fieldNumber"),
    "date": ("dwc:eventDate", "idigbio:eventDate", "dwc:verbatimEventDate"),
    "record_licence": ("dcterms:license", "dcterms:rights", "dc:rights"),
    "record_holder": ("dcterms:rightsHolder", "dwc:institutionCode"),
}
MULTIMEDIA = {
    "coreid": ("coreid", "id"),
    "url": (
        "ac:accessURI",
        "ac:bestQualityAccessURI",
        "ac:goodQualityAccessURI",
        "dcterms:identifier",
    ),
    "format": ("dcterms:format", "dc:format"),
    "licence": (
        "xmpRights:WebStatement",
        "dcterms:license",
        "xmpRights:UsageTerms",
        "dcterms:rights",
    ),
    "rights_holder": ("dcterms:rightsHolder", "xmpRights:Owner"),
}
"""Our name of a column, and where its value may stand: row by row, the first that is filled."""

ESSENTIAL = ("coreid", "barcode", "institution", "basis", "genus", "url")
"""Columns without which a download cannot be used at all."""


def read_records(occurrence: str | Path, multimedia: str | Path) -> pd.DataFrame:
    """Read the two files and join them: one row an image, all text, with the columns of the tables
    above.

    Raises:
        BadInput: a file is missing, empty, not UTF-8 or lacks an essential column; a `coreid`
            occurs twice.
    """
    specimens = read_columns(Path(occurrence), OCCURRENCE)
    images = read_columns(Path(multimedia), MULTIMEDIA)
    twice = specimens["coreid"][specimens["coreid"].duplicated()]
    if len(twice):
        raise BadInput(f"{occurrence}: the coreid {twice.iloc[0]!r} occurs twice; keep one of its rows.")
    return images.merge(specimens, on="coreid", how="left", indicator="record").fillna("")


def read_columns(path: Path, columns: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Read one file, comma- or tab-separated, and return `columns` under our names, blank where
    unknown.

    The names of a header are taken apart by hand: the download of 2015 has one quotation mark too
    many there, which an ordinary reader takes for the start of a field that swallows the first row.
    """
    try:
        header, _, body = path.read_text("utf-8-sig").partition("\n")
    except FileNotFoundError as error:
        raise BadInput(
            f"{path} is missing: name a file of an iDigBio download, or draw the pocket herbarium."
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text ({error}): save it as UTF-8.") from error
    separator = "\t" if "\t" in header else ","
    names = header.replace('"', "").strip().split(separator)
    if not body.strip():
        raise BadInput(f"{path} holds no record: make the search again.")
    try:
        table = pd.read_csv(
            io.StringIO(body),
            sep=separator,
            names=names,
            dtype=str,
            keep_default_na=False,
            index_col=False,
        )
    except (ValueError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read as a table ({error}): download it again.") from error
    table = table.apply(lambda values: values.str.strip())
    found = {}
    for ours, theirs in columns.items():
        known = [name for name in theirs if name in table]
        if not known and ours in ESSENTIAL:
            raise BadInput(f"{path} lacks the column {theirs[0]!r}: is it the right one of the two files?")
        filled = table[known].replace("", pd.NA).bfill(axis=1) if known else None
        found[ours] = "" if filled is None else filled.iloc[:, 0].fillna("")
    return pd.DataFrame(found, index=table.index)


def choose_specimens(
    records: pd.DataFrame,
    *,
    institution: str = "K",
    basis: str = "PreservedSpecimen",
    images_per_specimen: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the sheets of one institution, and count what each step leaves out.

    Of several images of a barcode the first stay; they are called `<barcode>`, `<barcode>_2`, ... A
    record without a barcode goes by its `coreid`. Codes and names are compared without regard to
    case, because iDigBio writes them in small letters. Ranks that a record leaves blank become
    "unknown".

    Args:
        records: what `read_records` returned.
        institution: the institution code; "" takes every institution.
        basis: the basis of record.
        images_per_specimen: how many images of a specimen to keep (published: one).

    Returns:
        The specimens table (`split` is "kew", `path` is `images/<image_id>.jpg`) with a column
        `url`; and the steps: `step`, `images`.

    Raises:
        BadInput: nothing is left, with the step that took the last image.
    """
    images = (records["url"] != "") & records["format"].str.match(r"$|image/|still", case=False)
    code = records["institution"].str.casefold()
    tests = {
        "media described": records["coreid"].notna(),
        "with a specimen record": records["record"] == "both",
        "an image with an address": images,
        f"basis of record {basis}": records["basis"].str.casefold() == basis.casefold(),
        f"institution {institution or 'any'}": (code == institution.casefold()) | (not institution),
        "named to a genus": records["genus"] != "",
    }
    kept, steps = records, []
    for step, passed in tests.items():
        kept = kept[passed.reindex(kept.index)]
        steps.append({"step": step, "images": len(kept)})
        if kept.empty:
            raise BadInput(f"No image passes the step {step!r}: check the parameters and the files.")
    barcode = kept["barcode"].where(kept["barcode"] != "", kept["coreid"])
    barcode = barcode.str.upper().str.replace("[^A-Z0-9-]+", "-", regex=True)  # a file's name
    nth = barcode.groupby(barcode).cumcount() + 1
    kept, barcode, nth = (part[nth <= images_per_specimen] for part in (kept, barcode, nth))
    steps.append({"step": f"{images_per_specimen} of a barcode at most", "images": len(kept)})
    return specimens_of(kept, barcode, nth, institution), pd.DataFrame(steps)


def specimens_of(kept: pd.DataFrame, barcode: pd.Series, nth: pd.Series, institution: str) -> pd.DataFrame:
    """Write the chosen records in the columns of the specimens table."""
    image_id = barcode.where(nth == 1, barcode + "_" + nth.astype(str))
    genus = kept["genus"].str.capitalize()
    epithet = kept["epithet"].str.lower().where(kept["epithet"] != "", "sp.")
    numbered = (kept["collector"] != "") & kept["number"].str.contains(r"\d")
    gathering = (kept["collector"] + "|" + kept["number"] + "|" + kept["date"]).str.casefold()
    return pd.DataFrame(
        {
            "image_id": image_id,
            "path": "images/" + image_id + ".jpg",
            "species": genus + " " + epithet,
            "genus": genus,
            "family": kept["family"].str.capitalize().replace("", "unknown"),
            "order": kept["order"].str.capitalize().replace("", "unknown"),
            "institution": institution or kept["institution"].replace("", "unknown"),
            "split": "kew",
            "occurrence_id": kept["occurrence_id"],
            "gathering": gathering.where(numbered, barcode),
            "licence": kept["licence"].where(kept["licence"] != "", kept["record_licence"]),
            "rights_holder": kept["rights_holder"].where(kept["rights_holder"] != "", kept["record_holder"]),
            "url": kept["url"],
        }
    ).reset_index(drop=True)
