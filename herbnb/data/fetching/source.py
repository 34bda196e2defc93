"""Source: what images come from, such as the web or Kaggle, and what it may say of one.

A source puts one file where it is told to, and knows nothing of manifests.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass
class Answer:
    """What a source says of a file it has brought: the address that answered, how, and after how
    many tries; `size` (width, height) where the source has decoded the file to the end itself."""

    url: str
    status: int = 200
    tries: int = 1
    size: tuple[int, int] | None = None


class Unusable(Exception):
    """No image came, and asking again now would not help: `reason` in a few words."""

    def __init__(self, reason: str, url: str = "", status: int = 0, tries: int = 0):
        super().__init__(reason)
        self.reason, self.url, self.status, self.tries = reason, url, status, tries


class Passing(Unusable):
    """No image came, but asking again may help."""


class Source(Protocol):
    """Where images come from."""

    def get(self, row: dict, file: Path) -> Answer:
        """Write the image of `row` (of the table `wanted`) to `file`, or raise Unusable; in a thread."""
