"""The one exception that readers meet, and what its sentences share."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from textwrap import shorten

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that tell a terminal to do something, or turn the direction of what follows."""


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


def not_installed(said: str) -> str:
    """Return the sentence for a library that is missing, of which Python has said so: an extra brings it."""
    return f"{said}: this needs more than reading does, and `python -m herbnb.setup` installs it."
