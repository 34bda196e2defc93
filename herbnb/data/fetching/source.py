"""Source: what images come from, such as the web or Kaggle, and what it may say of one.

A source puts one file where it is told to, and knows nothing of manifests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from herbnb.data.fetching.hosts import Hosts


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


class Failing(Unusable):
    """No image came, and its host is to blame: it gave no whole answer, or none that ends."""


class Passing(Failing):
    """No image came, but asking again may help."""


class Resting(Exception):
    """The host that comes next for an image is left alone for now.

    `host` is its name, and `row` the image's with what was learnt of it so far, or None if nothing was: give
    it to the source again when the host may be asked.
    """

    def __init__(self, host: str, row: dict | None = None):
        super().__init__(f"{host} is left alone for now")
        self.host, self.row = host, row


class Source(Protocol):
    """Where images come from."""

    hosts: Hosts
    """The hosts that it asks, by name."""

    def get(self, row: dict, file: Path) -> Answer:
        """Write the image of `row` (of the table `wanted`) to `file`, or raise; in a thread.

        Raises:
            Unusable: no image came.
            Resting: it is to be asked for later.
        """
