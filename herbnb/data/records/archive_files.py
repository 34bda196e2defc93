"""Archive files: what lies in a zip or a folder with a `meta.xml`, and nothing that lies outside."""

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from herbnb.archives import DAMAGED, open_zip, refusal
from herbnb.data.records.delimited import content_of
from herbnb.errors import BadInput, in_short
from herbnb.files import LARGEST

DESCRIPTOR = "meta.xml"

LARGEST_DESCRIPTOR = 10_000_000
"""Bytes of a `meta.xml`, which takes a hundred times as many in memory; honest ones have a thousandth."""


class MissingFile(BadInput):
    """The descriptor of an archive names a file that the archive does not hold."""


def reader_of(path: Path) -> Callable[[str], bytes]:
    """Return the function that reads a file of the archive at `path` by its name, and no other file.

    Of a zip nothing is unpacked to the disk; its files may lie in one folder.

    Raises:
        BadInput: `path` is neither a zip nor a folder, or has no `meta.xml`; so does the function where
            a file is missing (`MissingFile`), damaged, outside of the archive or unpacks to more than
            anyone wants, as `archives.refusal` has it.
    """
    if os.path.isdir(path):
        members = [DESCRIPTOR] if os.path.exists(path / DESCRIPTOR) else []
    else:
        try:
            with open_zip(path) as archive:
                members = archive.namelist()
        except FileNotFoundError as error:
            raise BadInput(f"{path} is missing: name the zip or the folder of an archive.") from error
        except (OSError, *DAMAGED) as error:
            raise BadInput(
                f"{path} is no zip that is whole ({in_short(error)}): make the download again."
            ) from error
    found = [member for member in members if re.fullmatch(r"([^/]+/)?meta\.xml", member)]
    if not found:
        raise BadInput(
            f"{path} has no meta.xml, so it is no Darwin Core Archive: "
            "choose that format when you ask for the download."
        )
    home = min(found, key=len).removesuffix(DESCRIPTOR)
    if os.path.isdir(path):
        return lambda name: content_of(file_inside(path, name), largest(name))
    return lambda name: unpacked(path, home + relative(path, name))


def largest(name: str) -> int:
    """Return how many bytes a file of an archive may have."""
    return LARGEST_DESCRIPTOR if name.endswith(DESCRIPTOR) else LARGEST


def relative(path: Path, name: str) -> str:
    """Return the name of a file of the archive at `path` if it cannot lead out of it."""
    parts = PurePosixPath(name).parts
    if not name or name.startswith("/") or ".." in parts or re.search(r"[\\:\x00-\x1f]", name):
        raise BadInput(f"{path}/meta.xml names the file {name!r}, which is not inside the archive.")
    return name


def file_inside(folder: Path, name: str) -> Path:
    """Return the path of a file below `folder`, links resolved."""
    try:
        file = (folder / relative(folder, name)).resolve()
        there = file.is_file()
    except OSError:  # a name that is too long for a file
        there = False
    if not there:
        raise MissingFile(f"{folder} lacks the file {name!r} of its meta.xml: make the download again.")
    if not file.is_relative_to(folder.resolve()):
        raise BadInput(f"{folder}/meta.xml names the file {name!r}, which is not inside the archive.")
    return file


def unpacked(path: Path, name: str) -> bytes:
    """Read one member of a zip."""
    try:
        with open_zip(path) as archive:
            member = archive.getinfo(name)
            if refused := refusal(archive, member, largest(name)):
                raise BadInput(f"{path}: {name} {refused}; make a narrower search, or do not trust it.")
            return archive.read(member)
    except KeyError as error:
        raise MissingFile(f"{path} lacks the file {name!r} of its meta.xml: download it again.") from error
    except (OSError, *DAMAGED) as error:
        raise BadInput(
            f"{path}: {name} cannot be unpacked ({in_short(error)}): make the download again."
        ) from error
