"""The one exception that readers meet, and what its sentences share."""

from collections.abc import Iterable
from difflib import get_close_matches
from textwrap import shorten


class BadInput(Exception):
    """One sentence for the reader: what is wrong, where (file, row, parameter), and what to do.

    Raised for anything the reader can mend: a parameter, a file, a folder, a table. The runner
    prints the sentence alone; any other exception is a defect of herbnb and keeps its traceback.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ": did you mean …?" with the nearest known name; a full stop if none is near."""
    near = get_close_matches(name, list(known), n=1)
    return f": did you mean {near[0]!r}?" if near else "."


def in_short(error: Exception) -> str:
    """Return in one line what a library says of a fault, cut where it goes on and on."""
    return shorten(str(error), 200)


def not_installed(said: str) -> str:
    """Return the sentence for a library that is missing, of which Python has said so: an extra brings it."""
    return f"{said}: this needs more than reading does, and `python -m herbnb.setup` installs it."
