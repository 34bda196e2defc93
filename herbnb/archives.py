"""Archives: zip files from elsewhere, of which no member is unpacked before it is known to be harmless.

Of every member a zip says how large it is, packed and unpacked, and it may lie. Python reads no further than
a member is said to reach, so what is said bounds what is read.
"""

import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from herbnb.errors import in_short
from herbnb.files import LARGEST, check_plain

DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, NotImplementedError),
    *(ValueError, OverflowError, MemoryError),
)
"""What opening a zip, or reading a member, raises when it is damaged or made to mislead."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How honest members are packed. What others take to unpack depends on more than their sizes."""

DENSEST = 300
"""Bytes that one byte of a zip may unpack to; text comes to about ten."""


def open_zip(path: str | Path) -> zipfile.ZipFile:
    """Open a zip, whose members have each a name of their own.

    Raises:
        BadInput: it is no plain file.
        OSError: it is missing, or cannot be read.
        One of `DAMAGED`: it is no zip, or none that is whole.
    """
    check_plain(path)
    archive = zipfile.ZipFile(path)
    if len(archive.NameToInfo) < len(archive.filelist):
        archive.close()
        raise zipfile.BadZipFile("two of its members have one name")
    return archive


def undated(name: str) -> zipfile.ZipInfo:
    """Return a member to write, by deflate, that does not say when: a zip knows no day before 1980."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def refusal(archive: zipfile.ZipFile, member: zipfile.ZipInfo, largest: int = LARGEST) -> str:
    """Say why a member is not unpacked, such as "would unpack to 9,000,000 bytes"; "" where it may be.

    Args:
        archive: an open one.
        member: of it.
        largest: bytes that it may have.
    """
    if member.flag_bits & 1:
        return "is encrypted"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    if member.compress_type not in METHODS:
        return "is packed in another way than by deflate"
    packed = min(member.compress_size, os.fstat(archive.fp.fileno()).st_size)
    if member.file_size > min(largest, DENSEST * (packed + 1000)):
        return f"would unpack to {member.file_size:,} bytes"
    return ""


def fault_in(path: Path) -> str:
    """Read every member of a zip to its end, and say in a few words what is wrong with it, or nothing."""
    try:
        with open_zip(path) as archive:
            torn = archive.testzip()
    except DAMAGED as error:
        return in_short(error)
    return f"{torn} is damaged" if torn else ""
