"""Selection: which pictures of which specimens become sheets of a collection, each step counted."""

import re

import pandas as pd

from herbnb.data.records.identifiers import specimen_ids
from herbnb.errors import BadInput
from herbnb.files import spread
from herbnb.specimens import RECORD

IMAGE = r"(?i)$|image|still|(?:jpe?g|png|tiff?|webp|gif|bmp)$|application/octet-stream"
"""Formats and types of media that may be an image; the bytes decide when it is fetched."""

ADDRESSED = "an image with an address"
"""The step that only an image passes."""

FLAT = 10_000
"""Images that may lie in one folder; those of more are spread over folders of folders."""


def choose_specimens(
    records: pd.DataFrame,
    *,
    institution: str = "",
    basis: str = "PreservedSpecimen",
    images_per_specimen: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the images of specimens, and count what each step leaves out.

    Of several images of a specimen the first stay; they are called `<barcode>`, `<barcode>_2`, ... A
    record without a barcode goes by its `coreid`. Codes are compared without regard to case and
    punctuation, because iDigBio writes them in small letters and GBIF `PRESERVED_SPECIMEN`. Ranks that
    a record leaves blank become "unknown".

    Args:
        records: what a reader (`idigbio.read_records`, `darwin_core.read_archive`) returned.
        institution: the institution code; "" takes every institution.
        basis: the basis of record; "" takes every basis.
        images_per_specimen: how many images of a specimen to keep (published: one).

    Returns:
        The specimens table (`split` is "collection", `path` as `paths_of` has it) with a column
        `urls`; and the steps: `step`, `images`.

    Raises:
        BadInput: nothing is left, with the step that took the last image.
    """
    kept, steps = records, []
    for step, passed in tests_of(records, institution, basis).items():
        kept = kept[passed.reindex(kept.index)]
        steps.append({"step": step, "images": len(kept)})
        if kept.empty:
            raise BadInput(f"No image passes the step {step!r}: check the parameters and the files.")
    kept = kept.assign(barcode=kept["barcode"].where(kept["barcode"] != "", kept["coreid"]))
    kept["specimen"] = specimen_ids(kept)
    kept = kept.drop_duplicates(["specimen", "url"])
    steps.append({"step": "each address of a specimen once", "images": len(kept)})
    nth = kept.groupby("specimen").cumcount() + 1
    kept, nth = kept[nth <= images_per_specimen], nth[nth <= images_per_specimen]
    steps.append({"step": f"{images_per_specimen} of a specimen at most", "images": len(kept)})
    return as_specimens(kept, nth, institution), pd.DataFrame(steps)


def tests_of(records: pd.DataFrame, institution: str = "", basis: str = "") -> dict[str, pd.Series]:
    """Return for each step of `choose_specimens` which rows pass it, in order."""
    code, kind = (records[column].map(comparable_code) for column in ("institution", "basis"))
    return {
        "media described": records["coreid"].notna(),
        "with a specimen record": records["record"] == "both",
        ADDRESSED: (records["url"] != "") & records["format"].str.match(IMAGE),
        f"basis of record {basis or 'any'}": (kind == comparable_code(basis)) | (not basis),
        f"institution {institution or 'any'}": (code == comparable_code(institution)) | (not institution),
        "named to a genus": records["genus"] != "",
    }


def paths_of(image_id: pd.Series) -> pd.Series:
    """Say where each image is to lie: `images/<image_id>.jpg`, or, of more than `FLAT`, three folders
    deeper, as `images/3/f/a/<image_id>.jpg`."""
    folders = "" if len(image_id) <= FLAT else image_id.map(spread) + "/"
    return "images/" + folders + image_id + ".jpg"


def comparable_code(code: str) -> str:
    """Compare codes by this: small letters and digits only."""
    return re.sub(r"[\W_]+", "", code.casefold())


def as_specimens(kept: pd.DataFrame, nth: pd.Series, institution: str) -> pd.DataFrame:
    """Write the chosen records in the columns of the specimens table."""
    image_id = kept["specimen"].where(nth == 1, kept["specimen"] + "_" + nth.astype(str))
    code = kept["institution"].where(~kept["institution"].str.islower(), kept["institution"].str.upper())
    return pd.DataFrame(
        {
            "image_id": image_id,
            "path": paths_of(image_id),
            "species": kept["genus"] + " " + kept["epithet"].where(kept["epithet"] != "", "sp."),
            "genus": kept["genus"],
            "family": kept["family"].str.capitalize().replace("", "unknown"),
            "order": kept["order"].str.capitalize().replace("", "unknown"),
            "institution": institution or code.replace("", "unknown"),
            "split": "collection",
            "occurrence_id": kept["occurrence_id"],
            "gathering": name_gatherings(kept),
            "licence": kept["licence"].where(kept["licence"] != "", kept["record_licence"]),
            "rights_holder": kept["rights_holder"].where(kept["rights_holder"] != "", kept["record_holder"]),
            **{column: kept[column] for column in RECORD},
            "urls": kept["urls"],
        }
    ).reset_index(drop=True)


def name_gatherings(kept: pd.DataFrame) -> pd.Series:
    """Name the gathering of each image: collector, number and date, or the specimen when unnumbered.

    Duplicates that were sent to several herbaria so share a name, and stay in one fold.
    """
    collector, number, date = kept["recorded_by"], kept["record_number"], kept["event_date"]
    numbered = (collector != "") & number.str.contains(r"\d")
    day = date.str.extract(r"^(\d{4}-\d\d-\d\d)T", expand=False).fillna(date)
    gathering = (collector + "|" + number + "|" + day).str.casefold()
    return gathering.where(numbered, kept["specimen"])
