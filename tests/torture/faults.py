"""Faults: what a machine, or whoever uses it, does to a work; it ends in a sentence or in the true result."""

import os
import resource
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from torture.places import nobody

Trouble = Callable[[Path], Iterator[None]]
"""A context manager: while it is open, there is trouble in the process that works in a folder."""


class Fault(NamedTuple):
    """A work, and what it meets."""

    work: str
    """A name in `works.WORKS`."""
    trouble: str = "none"
    """A name in `TROUBLES`."""
    place: str = "here"
    """A name in `PLACES`: where the folder is."""
    said: str = ""
    """What the sentence says, as a pattern; "" where the true result must come of it."""

    @property
    def name(self) -> str:
        return f"{self.work}: {self.trouble}, {self.place}"


@contextmanager
def none(folder: Path) -> Iterator[None]:
    yield


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """No file can have more bytes than a few, as on a disk that fills up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder may not be changed."""
    folder.chmod(0o555)
    try:
        with nobody():
            yield
    finally:
        folder.chmod(0o755)


@contextmanager
def no_temporary(folder: Path) -> Iterator[None]:
    """The folder for temporary files is not there."""
    os.environ["TMPDIR"], tempfile.tempdir = "/nowhere", None
    yield


@contextmanager
def homeless(folder: Path) -> Iterator[None]:
    """Nobody says where the user is at home."""
    os.environ.pop("HOME", None)
    yield


@contextmanager
def backwards(folder: Path) -> Iterator[None]:
    """The clock goes backwards, an hour at every look at it."""
    now, step = time.time(), iter(range(10**9))
    time.time = lambda: now - 3600 * next(step)
    yield


@contextmanager
def future(folder: Path) -> Iterator[None]:
    """What is there already is of the year 2099."""
    for path in folder.rglob("*"):
        os.utime(path, (4_070_908_800, 4_070_908_800))
    yield


@contextmanager
def nowhere(folder: Path) -> Iterator[None]:
    """The folder in which the process stands has been deleted."""
    gone = folder.with_name(f"{folder.name} gone")
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    yield


TROUBLES = {
    "none": none,
    "a full disk": full,
    "a folder that is read-only": read_only,
    "no temporary folder": no_temporary,
    "no home": homeless,
    "a clock that goes backwards": backwards,
    "files of 2099": future,
    "no working folder": nowhere,
}


def here(folder: Path) -> Path:
    folder.mkdir()
    return folder


def called(name: str) -> Callable[[Path], Path]:
    """Return what makes a folder of this name."""

    def make(folder: Path) -> Path:
        (folder / name).mkdir(parents=True)
        return folder / name

    return make


def linked(folder: Path) -> Path:
    """Make a link to a folder elsewhere."""
    elsewhere = folder.with_name(f"{folder.name} elsewhere")
    elsewhere.mkdir()
    folder.symlink_to(elsewhere)
    return folder


def circling(folder: Path) -> Path:
    """Make a link to itself."""
    folder.symlink_to(folder)
    return folder


def filed(folder: Path) -> Path:
    """Make a file where the folder should be."""
    folder.write_text("")
    return folder


ACCENTS = "Čekanka Übersicht é"

PLACES = {
    "here": here,
    "in a name with spaces": called(" a  b "),
    "in composed accents": called(unicodedata.normalize("NFC", ACCENTS)),
    "in decomposed accents": called(unicodedata.normalize("NFD", ACCENTS)),
    "in a name of 240 bytes": called("x" * 240),
    "in a name with signs": called("a=b&c#d%20'e\"[f]*?"),
    "behind a link": linked,
    "in a loop of links": circling,
    "where a file is": filed,
}
