"""Media: the pictures of a download, joined to the records of their specimens, and where each may be."""

import re
from pathlib import Path

import pandas as pd

from herbnb.data.records.names import parse_names
from herbnb.errors import BadInput

IDIGBIO_COPY = "https://api.idigbio.org/v2/media/{}?size=webview"
"""iDigBio's own copy of an image, 600 px wide, by the `etag` of its bytes or the `uuid` of its record."""


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
    return records.assign(**parse_names(records))


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
