"""GBIF: a download of occurrences by its key, kept whole, with what is needed to cite it."""

import logging
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import ModuleType

from herbnb.errors import BadInput
from herbnb.files import whole

PATIENCE = 60
"""Seconds to wait for GBIF to begin or to go on."""

UNFINISHED = ("PREPARING", "RUNNING", "SUSPENDED")


def fetch_archive(key: str, to: str | Path) -> Path:
    """Fetch a GBIF download, which is made at gbif.org, as `to/<key>.zip`; return that path.

    The archive can be read with `darwin_core.read_archive`. Its DOI, with which it must be cited, its
    citation and its licence are in `to/citation.txt`. An archive that is there is not fetched again.

    Args:
        key: of a download in the format Darwin Core Archive, as "0003970-140910143529206".
        to: the folder.

    Raises:
        BadInput: GBIF does not know the key, the download is not finished, has failed, was erased or
            is in another format, or it did not come whole.
    """
    if not re.fullmatch(r"\d{5,9}-\d{10,20}", key):
        raise BadInput(f"{key!r} is no key of a GBIF download: it looks like 0003970-140910143529206.")
    archive, citation = Path(to) / f"{key}.zip", Path(to) / "citation.txt"
    if archive.exists() and citation.exists() and key in citation.read_text("utf-8"):
        return archive
    with answers(key) as occurrences:
        meta = occurrences.download_meta(key, timeout=PATIENCE)
        check(key, meta)
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".") as folder:
            occurrences.download_get(key, folder, timeout=PATIENCE)
            file = Path(folder) / archive.name
            size = file.stat().st_size
            with zipfile.ZipFile(file) as members:
                if size != meta.get("size", size) or members.testzip():
                    raise zipfile.BadZipFile(f"{size:,} bytes")
            with whole(citation) as text:
                text.write_text(cited(key, meta), "utf-8")
            os.replace(file, archive)
    return archive


@contextmanager
def answers(key: str) -> Iterator[ModuleType]:
    """Yield pygbif's module of occurrences; say in a sentence what it raises.

    Its import turns on the log of every library, which is turned off again.
    """
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    import requests
    from pygbif import occurrences
    from pygbif.gbifutils import NoResultException

    root.setLevel(level)
    root.handlers[:] = handlers
    try:
        yield occurrences
    except requests.HTTPError as error:
        status = error.response.status_code
        if status in (404, 410):
            raise BadInput(f"GBIF does not have the download {key}: look the key up at gbif.org.") from error
        raise BadInput(
            f"GBIF answers with status {status} for the download {key}: try again later."
        ) from error
    except zipfile.BadZipFile as error:
        raise BadInput(f"The GBIF download {key} did not come whole ({error}): try again.") from error
    except (requests.RequestException, NoResultException, LookupError, TypeError, ValueError) as error:
        raise BadInput(
            f"GBIF does not answer as it should for the download {key} ({error}): try later."
        ) from error


def check(key: str, meta: dict) -> None:
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
