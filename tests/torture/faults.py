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

from torture.places import NOBODY, nobody

Trouble = Callable[[Path], Iterator[None]]
"""A context manager: while it is open, there is trouble in the process that works in a folder."""


RESULT, SENTENCE, EITHER = "the true result", "a sentence", "either"
"""What comes of a fault."""


class Fault(NamedTuple):
    """A work, and what it meets."""

    work: str
    """A name in `works.WORKS`."""
    trouble: str = "none"
    """A name in `TROUBLES`."""
    ends: str = RESULT
    said: str = ""
    """What the sentence says, as a pattern."""
    place: str = "here"
    """A name in `PLACES`: where the folder is."""
    begun: bool = False
    """Whether the work has been done before, in the same folder."""

    @property
    def name(self) -> str:
        return f"{self.work}: {self.trouble}, {self.place}"


class Loss(NamedTuple):
    """A work, and what is deleted while it is done."""

    work: str
    what: str
    """A name in `LOST`."""
    when: float
    """At which of the steps that the unbroken work takes: 0 for the first, 1 for the last."""

    @property
    def name(self) -> str:
        return f"{self.work}: {self.what} is deleted after {self.when:.0%}"


class Pair(NamedTuple):
    """A work that two processes do in one folder, and at which step of the first the second comes."""

    work: str
    when: float

    @property
    def name(self) -> str:
        return f"{self.work}: another does it after {self.when:.0%}"


LOST = {"its folder": ".", "what it was given": "../given"}
"""What is deleted, from the folder of the work."""


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
    """No folder for temporary files is there."""
    os.environ["TMPDIR"], tempfile.tempdir = "/nowhere", None
    tempfile._candidate_tempdir_list = lambda: ["/nowhere"]
    yield


@contextmanager
def far_temporary(folder: Path) -> Iterator[None]:
    """The path of the folder for temporary files is longer than that of a socket may be."""
    far = folder.with_name(f"{folder.name} {'far' * 50}")
    far.mkdir()
    os.environ["TMPDIR"], tempfile.tempdir = str(far), None
    yield


def handles(more: int) -> Trouble:
    """Return the trouble of being able to open so many files more."""

    @contextmanager
    def few(folder: Path) -> Iterator[None]:
        last = max(int(name) for name in os.listdir("/dev/fd"))
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (last + more, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        )
        yield

    return few


def umask(mask: int) -> Trouble:
    """Return the trouble of a user whose files have fewer rights."""

    @contextmanager
    def strict(folder: Path) -> Iterator[None]:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        os.umask(mask)
        with nobody():
            yield

    return strict


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
def of_1970(folder: Path) -> Iterator[None]:
    """The clock begins anew."""
    begun = time.monotonic()
    time.time = lambda: time.monotonic() - begun
    yield


@contextmanager
def jumping(folder: Path) -> Iterator[None]:
    """The clock is ten years ahead at one look, and ten years late at the next."""
    now, step = time.time, iter(range(10**9))
    time.time = lambda: now() + (-1) ** next(step) * 10 * 365 * 86400
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
    "no file more": handles(0),
    "few files more": handles(4),
    "files that nobody else may read": umask(0o077),
    "files that nobody at all may read": umask(0o777),
    "no temporary folder": no_temporary,
    "a temporary folder far away": far_temporary,
    "no home": homeless,
    "a clock that goes backwards": backwards,
    "a clock of 1970": of_1970,
    "a clock that jumps": jumping,
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
    "in a name of 255 bytes": called("x" * 255),
    "in a name with signs": called("a=b&c#d%20'e\"[f]*?"),
    "behind a link": linked,
    "in a loop of links": circling,
    "where a file is": filed,
}
