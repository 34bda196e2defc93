"""Packed: what a packed run is: which files, of which sizes and checksums, and the profile of the run."""

import hashlib
from pathlib import PurePosixPath
from typing import BinaryIO

import pydantic

from herbnb.book.profile import Profile

MANIFEST = "manifest.json"

RESULTS, EXECUTED = "results", "executed"
"""Folders in the file: of the run, and of the executed chapters."""

KINDS = {RESULTS: {".parquet", ".csv", ".json"}, EXECUTED: {".ipynb"}}
"""What may lie in each."""

AT_ONCE = 2**20
"""Bytes that are copied at a time."""


class Packed(pydantic.BaseModel, extra="forbid", strict=True):
    """A file in a packed run."""

    bytes: int
    sha256: str


class Manifest(pydantic.BaseModel, extra="forbid", strict=True):
    """What a packed run says of itself: which herbnb packed it, which run it is, and every file in it."""

    herbnb: str
    run: str = pydantic.Field(pattern=r"^\w[\w.-]*$")
    """The name of the run's folder."""

    profile: Profile
    """As it was run, but for the folders of the machine where it was."""

    files: dict[str, Packed]

    @pydantic.field_validator("files")
    @classmethod
    def check_names(cls, files: dict[str, Packed]) -> dict[str, Packed]:
        """Refuse what is no file of a run, and a name that would lie elsewhere."""
        for name in files:
            path, folder = PurePosixPath(name), name.partition("/")[0]
            plain = path.as_posix() == name and name.isprintable() and not {"\\", ":"} & set(name)
            if not plain or ".." in path.parts or path.suffix not in KINDS.get(folder, ()):
                raise ValueError(f"{name!r} is no file of a run")
        return files


def copied(source: BinaryIO, target: BinaryIO) -> Packed:
    """Copy a file, a part at a time, and return its size and checksum."""
    digest, size = hashlib.sha256(), 0
    while some := source.read(AT_ONCE):
        target.write(some)
        digest.update(some)
        size += len(some)
    return Packed(bytes=size, sha256=digest.hexdigest())
