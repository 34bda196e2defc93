"""iDigBio's search API: what a query finds, written as the files that the portal's download has.

The interface is that of the search API, version 2 (github.com/iDigBio/idigbio-search-api).
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from herbnb.data.fetching.api import Api
from herbnb.data.fetching.source import Unusable
from herbnb.data.records import terms
from herbnb.data.records.delimited import cleaned
from herbnb.errors import BadInput
from herbnb.files import json_of
from herbnb.specimens import RECORD
from herbnb.tables import write_table

API = "https://search.idigbio.org/v2"

PAGED = 100_000
"""Hits that the API pages through; more are for the portal's download."""

PAGE = 5_000
"""Items of a page at most."""

COLUMNS = {
    "records": """coreid=uuid dwc:basisOfRecord dwc:catalogNumber dwc:collectionCode dwc:eventDate
        dwc:family dwc:fieldNumber dwc:genus dwc:institutionCode dwc:occurrenceID dwc:order
        dwc:recordNumber dwc:recordedBy=collector dwc:scientificName dwc:specificEpithet
        dwc:verbatimEventDate dcterms:license dcterms:rights dcterms:rightsHolder
        gbif:canonicalName=canonicalname idigbio:barcodeValue idigbio:etag idigbio:uuid""",
    "media": """coreid=records ac:accessURI ac:bestQualityAccessURI ac:goodQualityAccessURI dc:type
        dcterms:format dcterms:identifier dcterms:license dcterms:rights dcterms:rightsHolder
        idigbio:etag idigbio:mediaType idigbio:uuid xmpRights:Owner xmpRights:UsageTerms
        xmpRights:WebStatement""",
}
"""Columns of the two files, named as in a download; after "=" the index term of the API where it is not
the local name in small letters."""


CURATED = {name for column in RECORD for name in terms.OCCURRENCE[column]}
"""Local names of the terms that fill the columns of `specimens.RECORD`."""


def fetch_records(query: dict, to: str | Path, *, api: str = API, pause: float = 1.0) -> tuple[Path, Path]:
    """Ask iDigBio for the specimens that match `query` and for their pictures, and write their files.

    What the API's index leaves blank is taken from the record as the herbarium gave it. What that says for
    the curator is kept as it stands, in a file of the records verbatim, where `read_records` finds it.

    Args:
        query: what a record must be, as `{"institutioncode": "k", "genus": "syzygium"}`; or that under
            "rq", and under "mq" what its media must be.
        to: the folder for `occurrence.csv`, `occurrence_raw.csv` and `multimedia.csv`; they are whole or not
            there.
        api: address of the API.
        pause: seconds before a question is asked again, as in `Api`.

    Returns:
        The paths of `occurrence.csv` and `multimedia.csv`, for `idigbio.read_records`.

    Raises:
        BadInput: nothing matches, more than the API pages through, or it does not answer as it should.
    """
    if not (isinstance(query, dict) and all(isinstance(query.get(part, {}), dict) for part in ("rq", "mq"))):
        raise BadInput(f'The query is {query!r}: write it as {{"institutioncode": "k", "genus": "acer"}}.')
    asked = {"rq": {}, "mq": {}} | (query if query.keys() <= {"rq", "mq"} else {"rq": query})
    asked["rq"] = asked["rq"] | {"hasImage": True}
    found, written = {"media": [], "records": []}, []
    with Api(pause) as portal:
        for kind, rows in found.items():
            question = asked if kind == "media" else {"rq": asked["rq"]}
            for item in pages(portal, f"{api.rstrip('/')}/search/{kind}", question):
                rows += as_download(item, kind)
                if kind == "records":
                    written.append(verbatim(item))
    to = Path(to)
    media = write_table(as_table(found["media"]), to / "multimedia.csv")
    write_table(as_table(written), to / "occurrence_raw.csv")
    return write_table(as_table(found["records"]), to / "occurrence.csv"), media


def pages(portal: Api, url: str, question: dict) -> Iterator[dict]:
    """Yield all items that answer `question`, page by page, in the order of their ids."""
    offset, count = 0, 1
    while offset < count:
        page = {
            "limit": min(PAGE, PAGED - offset),
            "offset": offset,
            "sort": ["uuid"],
            "no_attribution": True,
        }
        try:
            answer = page_of(portal, url, question | page)
            count, items = answer["itemCount"], answer["items"]
        except Unusable as error:
            raise BadInput(f"{url} does not answer ({error}): try again later.") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(
                f"{url} answers, but not as iDigBio's search API does: check the address."
            ) from error
        if count < 1:
            raise BadInput(f"iDigBio has no image for {json.dumps(question)}: widen the query.")
        if count > PAGED:
            raise BadInput(
                f"iDigBio has {count:,} hits for {json.dumps(question)}, more than the {PAGED:,} that can be "
                "asked for: narrow the query, or download the two files at portal.idigbio.org."
            )
        if not items:
            raise BadInput(f"{url} stopped after {offset:,} of {count:,} items: try again later.")
        yield from items
        offset += len(items)


def page_of(portal: Api, url: str, question: dict) -> dict:
    """Ask for one page and return it."""
    response = portal.ask("POST", url, json=question)
    status = response.status_code
    if status != 200:
        raise BadInput(
            f"{url} refuses {json.dumps(question)} with status {status} ({response.text[:200]!r}): "
            "check the names of the fields in the query."
        )
    answer = json_of(response.content)
    parts = [item.get(part) or {} for item in answer["items"] for part in ("indexTerms", "data")]
    if not (isinstance(answer["itemCount"], int) and all(isinstance(part, dict) for part in parts)):
        raise TypeError("no answer of the search API")
    return answer


def as_download(item: dict, kind: str) -> list[dict]:
    """Return the rows of an item of the API in a download; a picture has one for each of its records."""
    index, given = terms_of(item), item.get("data") or {}
    row = {}
    for entry in COLUMNS[kind].split():
        column, _, term = entry.partition("=")
        value = index.get(term or terms.local_name(column))
        row[column] = given.get(column) if value in (None, "", []) else value
    links = row["coreid"] if isinstance(row["coreid"], list) else [row["coreid"]]
    return [row | {"coreid": link} for link in links]


def verbatim(item: dict) -> dict:
    """Return the row of a record as its herbarium gave it, with the terms of `CURATED`."""
    told = (item.get("data") or {}).items()
    wanted = {term: value for term, value in told if terms.local_name(term) in CURATED}
    return {"coreid": terms_of(item)["uuid"]} | wanted


def terms_of(item: dict) -> dict:
    """Return what the index knows of an item."""
    return {"uuid": item.get("uuid"), "etag": item.get("etag")} | (item.get("indexTerms") or {})


def as_table(rows: list[dict]) -> pd.DataFrame:
    """Write rows of JSON values as a table of text, blank where there is none."""
    return pd.DataFrame(rows).fillna("").map(field_text).apply(cleaned)


def field_text(value: object) -> str:
    """Write a value of JSON in a field of a table."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)
