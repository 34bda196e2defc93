"""Kinds: what a value may be, as a check and in words."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from herbnb.errors import BadInput, nearest
from herbnb.representations import spec_of

SHOWN = 80
"""Characters of a value that a sentence repeats."""

LONGEST_PATH = 1000
"""Characters of a path; what a run writes below it needs some more, and systems allow about 4,000."""

LONGEST_PART = 255
"""Bytes of a name between two slashes, which is what file systems allow."""


class Kind(Protocol):
    """What values may be: `str(kind)` says it, such as "a whole number from 1 to 9"."""

    def holds(self, value: object) -> bool:
        """Whether a value is one."""

    def hint(self, value: object) -> str:
        """Return how a sentence on a value that is none ends: a full stop, or more."""


class Plain:
    """A kind of which nothing more can be said to whoever has missed it."""

    def hint(self, value: object) -> str:
        return "."


@dataclass(frozen=True)
class Flag(Plain):
    """Yes or no."""

    def __str__(self):
        return "true or false"

    def holds(self, value):
        return type(value) is bool


@dataclass(frozen=True)
class Whole(Plain):
    """A whole number from `low` to `high`; true and false are none."""

    low: int
    high: int

    def __str__(self):
        return f"a whole number from {self.low:,} to {self.high:,}"

    def holds(self, value):
        return type(value) is int and self.low <= value <= self.high


@dataclass(frozen=True)
class Real(Plain):
    """A number from `low` to `high`, or, where it says so, `above` the one and `below` the other."""

    low: float
    high: float
    above: bool = False
    below: bool = False

    def __str__(self):
        start = "above" if self.above else "from"
        end = "and below" if self.below else "to"
        return f"a number {start} {self.low:g} {end} {self.high:g}"

    def holds(self, value):
        if type(value) not in (int, float) or not self.low <= value <= self.high:
            return False  # not a number is neither more nor less
        return not (self.above and value == self.low) and not (self.below and value == self.high)


@dataclass(frozen=True)
class Text(Plain):
    """Text that is not blank, on one line."""

    most: int = 200

    def __str__(self):
        return f"text of at most {self.most:,} characters on one line"

    def holds(self, value):
        return type(value) is str and len(value.strip()) > 0 and len(value) <= self.most and printable(value)


@dataclass(frozen=True)
class Word(Plain):
    """A word that can be the name of a folder everywhere."""

    def __str__(self):
        return "a word of at most 64 letters, digits, _ and -"

    def holds(self, value):
        return type(value) is str and bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value))


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def __str__(self):
        return f"one of {', '.join(self.words)}"

    def holds(self, value):
        return type(value) is str and value in self.words

    def hint(self, value):
        return nearest(value, self.words) if type(value) is str and len(value) <= SHOWN else "."


@dataclass(frozen=True)
class Place(Plain):
    """The path of a file or a folder, whether it is there or not."""

    what: str

    def __str__(self):
        return f"the path of a {self.what}"

    def holds(self, value):
        if type(value) is not str or not value.strip() or len(value) > LONGEST_PATH or not printable(value):
            return False
        return all(len(part.encode()) <= LONGEST_PART for part in re.split(r"[/\\]", value))


@dataclass(frozen=True)
class Representation:
    """What looks at sheets, as `spec_of` reads it, whether there is one of that name or not."""

    def __str__(self):
        return "a network, a baseline or a visitor (see `herbnb encoders`)"

    def holds(self, value):
        return Text(LONGEST_PATH).holds(value) and not self.fault(value)

    def hint(self, value):
        readable = type(value) is str and len(value) <= SHOWN
        return f": {self.fault(value)}" if readable and self.fault(value) else "."

    def fault(self, text: str) -> str:
        """Return why `spec_of` cannot read it, or ""."""
        try:
            spec_of(text)
        except BadInput as error:
            return str(error)
        return ""


@dataclass(frozen=True)
class Several:
    """A list of values of one kind, at least one, and none twice."""

    each: Kind
    most: int = 1000

    def __str__(self):
        return f"a list without repeats, each {self.each}"

    def holds(self, value):
        if type(value) is not list or not 0 < len(value) <= self.most:
            return False
        return all(map(self.each.holds, value)) and len(set(value)) == len(value)

    def hint(self, value):
        wrong = [each for each in value if not self.each.holds(each)] if type(value) is list else []
        return self.each.hint(wrong[0]) if wrong else "."


@dataclass(frozen=True)
class Unless:
    """A value of a kind or, in place of it, "" or [], which means something of its own."""

    of: Kind
    means: str

    def __str__(self):
        return f"{self.of}, or {self.blank!r} for {self.means}"

    @property
    def blank(self) -> object:
        """What stands in place of a value."""
        return [] if isinstance(self.of, Several) else ""

    def holds(self, value):
        return value == self.blank or self.of.holds(value)

    def hint(self, value):
        return self.of.hint(value)


def printable(text: str) -> bool:
    """Whether text has neither control characters nor halves of characters."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def shown(value: object) -> str:
    """Return a value as a sentence repeats it, however large it is."""
    try:
        text = ascii(value) if isinstance(value, str) and not printable(value) else repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists in lists
        return "something too large to show"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
