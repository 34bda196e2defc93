"""The one exception that readers meet, what its sentences share, and the words for what the machine lacks."""

import errno
import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from textwrap import shorten

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that tell a terminal to do something, or turn the direction of what follows."""


ADVICE = {
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "close other programs",
    errno.ENOENT: "look whether it has been moved or deleted",
    errno.EACCES: "look who may read and write it",
    errno.EPERM: "look who may read and write it",
    errno.EROFS: "look who may read and write it",
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EFBIG: "make room",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOMEM: "close other programs",
}
"""What to do, by what the system says."""

SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""What the system says when it can open no file at all, whatever is in it."""


class BadInput(Exception):
    """One sentence for the reader: what is wrong, where (file, row, parameter), and what to do.

    Raised for anything the reader can mend: a parameter, a file, a folder, a table. The runner
    prints the sentence alone; any other exception is a defect of herbnb and keeps its traceback. What a
    sentence quotes may come from anywhere, so it is spelt out.
    """

    def __str__(self) -> str:
        return spelt_out(super().__str__())


def spelt_out(text: str) -> str:
    """Return `text` with what a terminal would obey written as Python writes it, such as `\\x1b`."""
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ": did you mean …?" with the nearest known name; a full stop if none is near."""
    near = get_close_matches(name, list(known), n=1)
    return f": did you mean {near[0]!r}?" if near else "."


def in_short(error: Exception) -> str:
    """Return in one line what a library says of a fault, cut where it goes on and on."""
    return shorten(str(error), 200)


def stopped_by(error: OSError | MemoryError) -> str:
    """Return the sentence for what the system refused where nobody has found better words; "" for a defect.

    A library that raises an error of this kind without the system's number means something else by it, and
    whoever reads what a command says may stop reading.
    """
    if isinstance(error, MemoryError):
        said = f" ({in_short(error)})" if str(error) else ""
        return f"herbnb has not enough memory{said}: close other programs, or take fewer sheets at once."
    number = errno.ENOENT if isinstance(error, FileNotFoundError) else error.errno
    if number in (None, errno.EPIPE):
        return ""
    advice = ADVICE.get(number, "mend that")
    if error.filename is None:
        return f"herbnb was stopped ({in_short(error)}): {advice}, and give the command again."
    said = os.strerror(number)
    return f"herbnb was stopped at {error.filename} ({said}): {advice}, and give the command again."


def not_installed(said: str) -> str:
    """Return the sentence for a library that is missing, of which Python has said so: an extra brings it."""
    return f"{said}: this needs more than reading does, and `python -m herbnb.setup` installs it."
