"""Places: what may lie where a file should be."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from torture.row import Row

NOBODY = 65534

SPARSE = 5 * 1024**3
"""Bytes that a file claims to have and that no disk holds."""


def pipe(path: Path) -> None:
    """A named pipe, into which nobody writes."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """A device that never ends."""
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    """A link to a link to itself."""
    other = path.with_name("other")
    path.symlink_to(other)
    other.symlink_to(path)


def dangling(path: Path) -> None:
    """A link to nothing."""
    path.symlink_to(path.with_name("nothing"))


def forbidden(path: Path) -> None:
    """A file that may not be read."""
    path.write_bytes(b"secret")
    path.chmod(0)


def sparse(path: Path) -> None:
    """A file of five gigabytes of nothing."""
    path.touch()
    os.truncate(path, SPARSE)


SENTENCES = {
    pipe: "is not a file but a named pipe: ",
    endless: "is not a file but a device: ",
    Path.mkdir: "is not a file but a folder: ",
    loop: "Too many levels of symbolic links",
    dangling: "is missing: ",
    forbidden: "Permission denied|Operation not permitted",
    sparse: "has 5,368,709,120 bytes, and ",
}
"""What may lie there, and what is said of it; a reader may say it in words of its own."""


def rows(reader: str, file: str, read: Callable[[Path], object], **said: str) -> list[Row]:
    """Return a row for each of `SENTENCES`, where the file that a reader reads should be.

    Args:
        reader: what the rows are called after.
        file: its path below the folder.
        read: the reader.
        said: its own words, by the name of what lies there; "" for nothing of the kind.
    """

    def maker(lay: Callable[[Path], None]) -> Callable[[Path, int], Path]:
        def make(folder: Path, size: int) -> Path:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            lay(folder / file)
            return folder / file

        return make

    def as_who_may_not(path: Path) -> object:
        with nobody():
            return read(path)

    sentences = {lay: said.get(lay.__name__, words) for lay, words in SENTENCES.items()}
    return [
        Row(f"{reader}: {lay.__name__}", maker(lay), as_who_may_not if lay is forbidden else read, words)
        for lay, words in sentences.items()
        if words
    ]


@contextmanager
def nobody() -> Iterator[None]:
    """Be nobody, if one is root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
