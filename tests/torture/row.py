"""A row of the table of bad input: what is met, who meets it, and what must come of it."""

import re
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from herbnb.errors import BadInput

SIZES = [pytest.param(1, id="small"), pytest.param(20, id="large", marks=pytest.mark.torture)]
"""How many times as large as it need be a misfortune is, where it can grow."""

SECONDS, MEGABYTES = 120, 1000
"""What any row may take at most: longer is a hang, more is a reader without bounds."""

LONGEST = 500
"""Characters of a sentence without the folder that it names."""

SPRUNG = "sprung"
"""What a trap leaves in the folder of a row when it is read as code."""


class Row(NamedTuple):
    """A misfortune, and what must come of it: a sentence, or a result that is true."""

    name: str
    """What is met, in a few words."""
    make: Callable[[Path, int], object]
    """Makes it in an empty folder, in one of `SIZES`, and returns what the reader is given."""
    read: Callable[[object], object]
    """The reader or the command that meets it."""
    said: str = ""
    """What the sentence says, as a pattern, where the input is refused."""
    comes: object = None
    """What comes of it, where it is read."""


class Hang(BaseException):
    """A reader has not come to an end: no reader catches this."""


def check(row: Row, folder: Path, size: int) -> None:
    """Make the misfortune, let it be met, and compare what comes of it with what must."""
    given = row.make(folder, size)
    with bounded():
        try:
            came, error = row.read(given), None
        except BadInput as refused:
            came, error = None, refused
    assert not (folder / SPRUNG).exists(), "what was read has run as code"
    if row.said:
        assert error is not None, f"was read: {came}"
        check_sentence(str(error), row.said, folder)
    else:
        assert error is None, f"was refused: {error}"
        assert came == row.comes


def check_sentence(sentence: str, said: str, folder: Path) -> None:
    """See that a refusal is one sentence that names what it is about and says what to do."""
    assert re.search(said, sentence), sentence
    assert str(folder) in sentence, f"names no file: {sentence}"
    assert "\n" not in sentence and sentence.endswith((".", "?")), sentence
    assert len(sentence.replace(str(folder), "")) < LONGEST, sentence
    assert not re.search(r"Traceback|object at 0x", sentence), sentence


@contextmanager
def bounded() -> Iterator[None]:
    """Let a block take no more than `SECONDS`, and the process not grow by more than `MEGABYTES`."""

    def stop(*_: object) -> None:
        raise Hang

    before, outer = peak(), signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, outer)
    assert peak() - before < MEGABYTES, f"it took {peak() - before:.0f} MB"


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
