"""Documents: those of IIIF that a download lists in the place of images, fetched and opened."""

import hashlib
from pathlib import Path

import pandas as pd

from herbnb.data.fetching.downloads import fetch
from herbnb.data.fetching.source import Unusable
from herbnb.data.fetching.web import Web
from herbnb.data.records.iiif import NoImages, images_of, is_document
from herbnb.data.records.media import is_web
from herbnb.data.records.selection import ADDRESSED, tests_of
from herbnb.files import read_json, spread

FOLDER = "iiif"
"""Where in a collection's folder the documents lie."""

LARGEST = 10_000_000
"""Bytes after which a document is given up: one with a thousand canvases has a tenth of it."""

SIDE = 2000
"""Pixels of the longer side that is asked for: enough for every network and to read a label by."""


class Documents(Web):
    """The source of documents, asked for as images are: as patiently, and with the same manners."""

    accept, of = "application/ld+json, application/json", "records of herbarium sheets"

    def __init__(self, largest: int = LARGEST, **manners: object):
        super().__init__(largest=largest, **manners)

    def checked(self, file: Path, status: int) -> tuple[int, int]:
        """Return (0, 0) for JSON that is whole, or raise Unusable."""
        try:
            read_json(file)
        except ValueError as error:
            raise Unusable("not JSON", status=status) from error
        return 0, 0


def open_documents(
    records: pd.DataFrame,
    to: str | Path,
    source: Documents,
    *,
    side: int = SIDE,
    workers: int = 16,
    **chosen: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Replace each row of `records` that lists a IIIF document by a row for each image in it.

    The documents are kept in the folder `iiif` and are not asked for again.

    Args:
        records: one row an image, as `media.join_records` returns them.
        to: the folder of the collection.
        source: whom to ask.
        side: pixels of the longer side that is asked for, of servers that can scale.
        workers: how many documents to fetch at once.
        chosen: the options `institution` and `basis` of `choose_specimens`; what they drop is not opened.

    Returns:
        The records, in their order. A document that did not come or describes no image leaves a row with
        the other addresses that were listed, or with none. And the problems of documents: `of`, `problem`.
    """
    tests = tests_of(records, **chosen)
    asked = pd.concat([passed for step, passed in tests.items() if step != ADDRESSED], axis=1).all(axis=1)
    listed = [is_document(url, form) for url, form in zip(records["url"], records["format"], strict=True)]
    asked &= pd.Series(listed, index=records.index, dtype=bool) & (records["url"] != "")
    problems = pd.DataFrame(columns=["of", "problem"], dtype=str)
    if not asked.any():
        return records, problems
    urls = records.loc[asked, "url"].drop_duplicates()
    names = urls.map(lambda url: hashlib.sha256(url.encode()).hexdigest()[:32])
    wanted = pd.DataFrame({"image_id": urls, "path": names.map(spread) + "/" + names + ".json"})
    wanted = wanted.assign(urls=[[url] for url in urls], licence="", rights_holder="")
    came = fetch(wanted, Path(to) / FOLDER, source, workers=workers, suffixes={".json"})
    came = came.set_index("image_id")[["path", "reason"]]
    rows, faults = {}, []
    for place, row in zip(records.index[asked], records[asked].to_dict("records"), strict=True):
        rows[place], fault = opened(row, Path(to) / FOLDER, *came.loc[row["url"]], side)
        if fault:
            faults.append({"of": row["barcode"] or row["coreid"], "problem": f"{row['url']}: {fault}"})
    places = [place for place, found in rows.items() for _ in found]
    inside = pd.DataFrame([row for found in rows.values() for row in found], index=places)
    records = pd.concat([records[~asked], inside[records.columns]]).sort_index(kind="stable")
    return records.reset_index(drop=True), pd.concat([problems, pd.DataFrame(faults)], ignore_index=True)


def opened(row: dict, folder: Path, path: str, reason: str, side: int) -> tuple[list[dict], str]:
    """Return the rows of the images in the document that `row` lists, and what is wrong with it, or ""."""
    others, images = row["urls"][1:], []
    try:
        if not reason:
            images = images_of(read_json(folder / path), side)
            images = [found for urls in images if (found := list(filter(is_web, urls)))]
            reason = "" if images else "a IIIF document without addresses"
    except NoImages as error:
        reason = str(error)
    except ValueError:  # it was whole when it came
        reason = "not JSON"
    if len(images) < 2 and others:  # the same image elsewhere
        images = [list(dict.fromkeys([*images[0], *others]))] if images else [others]
    if not images:
        return [row | {"url": "", "urls": []}], reason
    return [row | {"url": urls[0], "urls": urls, "format": "image"} for urls in images], reason
