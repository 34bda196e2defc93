"""Records of specimens: from the rows of any download to the specimens table."""

import re
from pathlib import Path

import pandas as pd

from herbnb.data.records.identifiers import specimen_ids
from herbnb.data.records.names import parsed
from herbnb.errors import BadInput

IDIGBIO_COPY = "https://api.idigbio.org/v2/media/{}?size=webview"
"""iDigBio's own copy of an image, 600 px wide, by the `etag` of its bytes or the `uuid` of its record."""

IMAGE = r"(?i)$|image|still|(?:jpe?g|png|tiff?|webp|gif|bmp)$|application/octet-stream"
"""Formats and types of media that may be an image; the bytes decide when it is fetched."""


def join_records(specimens: pd.DataFrame, media: pd.DataFrame, source: str | Path) -> pd.DataFrame:
    """Join specimens and media on `coreid`: the records table, one row an image, all text.

    Args:
        specimens: the columns of `terms.OCCURRENCE`.
        media: those of `terms.MULTIMEDIA`.
        source: the file of the specimens, for messages.

    Returns:
        Both, without a specimen that has no image. Names are parsed (`genus`, `epithet`, and `problem`:
        what is wrong with the name, or ""); `urls` lists where the image may be, best first, `url` is the
        first of them or ""; `record` is "both", or "left_only" where the specimen is missing.

    Raises:
        BadInput: two specimens have one `coreid`.
    """
    specimens = specimens[specimens["coreid"] != ""]
    twice = specimens["coreid"][specimens["coreid"].duplicated()]
    if len(twice):
        raise BadInput(f"{source}: the coreid {twice.iloc[0]!r} occurs twice; keep one of its rows.")
    records = media.merge(specimens, on="coreid", how="left", indicator="record")
    records["record"] = records["record"].astype(str)
    records = records.fillna("")
    records["urls"] = candidates(records)
    records["url"] = [urls[0] if urls else "" for urls in records["urls"]]
    return records.assign(**parsed(records))


def candidates(media: pd.DataFrame) -> list[list[str]]:
    """List for every image the addresses to try, best first, none twice.

    That is the access URI (where there is none, the best quality or the identifier), the good-quality
    URI, and iDigBio's own copy. What is no http or https address is left out.
    """
    found = []
    rows = media[["access", "best", "identifier", "good", "etag", "uuid"]].itertuples(index=False, name=None)
    for *given, good, etag, uuid in rows:
        urls = [next((url for url in given if is_web(url)), ""), good]
        urls += [IDIGBIO_COPY.format(tag) for tag in (etag, uuid) if re.fullmatch("[0-9A-Za-z-]{8,64}", tag)]
        found.append(list(dict.fromkeys(url for url in urls if is_web(url))))
    return found


def is_web(url: str) -> bool:
    """Say whether `url` is an http or https address."""
    return re.match(r"(?i)https?://[^/\s]", url) is not None


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
        The specimens table (`split` is "collection", `path` is `images/<image_id>.jpg`) with a column
        `urls`; and the steps: `step`, `images`.

    Raises:
        BadInput: nothing is left, with the step that took the last image.
    """
    code = plain(records["institution"])
    tests = {
        "media described": records["coreid"].notna(),
        "with a specimen record": records["record"] == "both",
        "an image with an address": (records["url"] != "") & records["format"].str.match(IMAGE),
        f"basis of record {basis or 'any'}": (plain(records["basis"]) == letters(basis)) | (not basis),
        f"institution {institution or 'any'}": (code == letters(institution)) | (not institution),
        "named to a genus": records["genus"] != "",
    }
    kept, steps = records, []
    for step, passed in tests.items():
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
    return specimens_of(kept, nth, institution), pd.DataFrame(steps)


def plain(codes: pd.Series) -> pd.Series:
    """Compare codes by this: small letters and digits only."""
    return codes.str.casefold().str.replace(r"[\W_]+", "", regex=True)


def letters(code: str) -> str:
    """Do the same to one code."""
    return re.sub(r"[\W_]+", "", code.casefold())


def specimens_of(kept: pd.DataFrame, nth: pd.Series, institution: str) -> pd.DataFrame:
    """Write the chosen records in the columns of the specimens table."""
    image_id = kept["specimen"].where(nth == 1, kept["specimen"] + "_" + nth.astype(str))
    code = kept["institution"].where(~kept["institution"].str.islower(), kept["institution"].str.upper())
    return pd.DataFrame(
        {
            "image_id": image_id,
            "path": "images/" + image_id + ".jpg",
            "species": kept["genus"] + " " + kept["epithet"].where(kept["epithet"] != "", "sp."),
            "genus": kept["genus"],
            "family": kept["family"].str.capitalize().replace("", "unknown"),
            "order": kept["order"].str.capitalize().replace("", "unknown"),
            "institution": institution or code.replace("", "unknown"),
            "split": "collection",
            "occurrence_id": kept["occurrence_id"],
            "gathering": gatherings(kept),
            "licence": kept["licence"].where(kept["licence"] != "", kept["record_licence"]),
            "rights_holder": kept["rights_holder"].where(kept["rights_holder"] != "", kept["record_holder"]),
            "urls": kept["urls"],
        }
    ).reset_index(drop=True)


def gatherings(kept: pd.DataFrame) -> pd.Series:
    """Name the gathering of each image: collector, number and date, or the specimen when unnumbered.

    Duplicates that were sent to several herbaria so share a name, and stay in one fold.
    """
    numbered = (kept["collector"] != "") & kept["number"].str.contains(r"\d")
    day = kept["date"].str.extract(r"^(\d{4}-\d\d-\d\d)T", expand=False).fillna(kept["date"])
    gathering = (kept["collector"] + "|" + kept["number"] + "|" + day).str.casefold()
    return gathering.where(numbered, kept["specimen"])
