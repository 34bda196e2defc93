"""GBIF: a download of occurrences by its key, kept whole, with what is needed to cite it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx

from herbnb.archives import fault_in
from herbnb.data.collection import CITATION
from herbnb.data.fetching.api import Api
from herbnb.data.fetching.source import Unusable
from herbnb.errors import BadInput
from herbnb.files import folder_beside, json_of, whole, writable

API = "https://api.gbif.org/v1"

UNFINISHED = ("PREPARING", "RUNNING", "SUSPENDED")


def fetch_archive(key: str, to: str | Path, *, api: str = API, pause: float = 1.0) -> Path:
    """Fetch a GBIF download, which is made at gbif.org, as `to/<key>.zip`; return that path.

    The archive can be read with `darwin_core.read_archive`. Its DOI, with which it must be cited, its
    citation and its licence are in `to/citation.txt`. An archive that is there is not fetched again.

    Args:
        key: of a download in the format Darwin Core Archive, as "0003970-140910143529206".
        to: the folder.
        api: address of the API.
        pause: seconds before a question is asked again, as in `Api`.

    Raises:
        BadInput: GBIF does not know the key, the download is not finished, has failed, was erased or
            is in another format, or it did not come whole.
    """
    if not re.fullmatch(r"\d{5,9}-\d{10,20}", key):
        raise BadInput(f"{key!r} is no key of a GBIF download: it looks like 0003970-140910143529206.")
    archive, citation = Path(to) / f"{key}.zip", Path(to) / CITATION
    if archive.exists() and citation.exists() and key.encode() in citation.read_bytes():
        return archive
    with sentences(key), Api(pause) as gbif:
        meta = json_of(success(gbif.ask("GET", f"{api}/occurrence/download/{key}")).content)
        check_finished(key, meta)
        with writable(archive), folder_beside(archive) as folder:
            file = folder / archive.name
            success(gbif.ask("GET", f"{api}/occurrence/download/request/{key}.zip", file))
            size = file.stat().st_size
            if fault := f"{size:,} bytes" if size != meta.get("size", size) else fault_in(file):
                raise BadInput(f"The GBIF download {key} did not come whole ({fault}): try again.")
            with whole(citation) as text:
                text.write_text(cited(key, meta), "utf-8")
            os.replace(file, archive)
    return archive


@contextmanager
def sentences(key: str) -> Iterator[None]:
    """Say in a sentence what is wrong with an answer for the download called `key`."""
    try:
        yield
    except Unusable as error:
        if error.status in (404, 410):
            raise BadInput(f"GBIF does not have the download {key}: look the key up at gbif.org.") from error
        if error.status:
            raise BadInput(
                f"GBIF answers with status {error.status} for the download {key}: try again later."
            ) from error
        raise BadInput(
            f"GBIF does not answer as it should for the download {key} ({error}): try later."
        ) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            f"GBIF does not answer as it should for the download {key} ({error}): try later."
        ) from error


def success(answer: httpx.Response) -> httpx.Response:
    """Return `answer`, or raise Unusable when it is a refusal."""
    if answer.is_success:
        return answer
    raise Unusable(f"status {answer.status_code}", status=answer.status_code)


def check_finished(key: str, meta: dict) -> None:
    """Raise unless a download is finished, still there and an archive."""
    status, format_ = meta["status"], meta.get("request", {}).get("format", "DWCA")
    if status in UNFINISHED:
        raise BadInput(f"The GBIF download {key} is not finished ({status}): try again when the e-mail came.")
    if status == "FILE_ERASED":
        raise BadInput(f"GBIF has erased the files of the download {key}: ask for it again at gbif.org.")
    if status != "SUCCEEDED":
        raise BadInput(f"The GBIF download {key} ended as {status}: ask for it again at gbif.org.")
    if format_ != "DWCA":
        raise BadInput(
            f"The GBIF download {key} is a {format_}, which lists no pictures: "
            "ask for a Darwin Core Archive at gbif.org."
        )


def cited(key: str, meta: dict) -> str:
    """Write the citation that GBIF asks for, with the key, the DOI and the licence."""
    day = datetime.fromisoformat(meta["created"])
    return (
        f"GBIF.org ({day.day} {day:%B %Y}) GBIF Occurrence Download https://doi.org/{meta['doi']}\n"
        f"key: {key}\nDOI: {meta['doi']}\nlicence: {meta.get('license', 'see the records')}\n"
    )
