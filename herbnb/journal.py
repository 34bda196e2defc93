"""Journals: what a job is doing, a line a step, for whoever watches it, and for the next time.

A job is a chapter, or the making of the pages. While it runs its journal has a hidden name; it gets its own
when the job has succeeded, and then tells how long each step took. Processes that work for a job find the
name of its journal in their environment. Without one, nobody listens, and nothing is written.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from herbnb.files import whole

SETTING = "HERBNB_JOURNAL"
"""The variable of the environment that names the journal of the job that a process works for."""

END = "end"
"""The last step of a job that has succeeded, which takes no time."""


class Journal(NamedTuple):
    """What a job ran with, when it began (seconds since 1970), and what it has told.

    `entries` are pairs: how many seconds after its beginning the job was where, such as
    `(31.5, ("cell 14 of 40", "epoch 3 of 8"))`: at a step, and at a part of it if it told of any.
    """

    parameters: dict
    begun: float
    entries: list[tuple[float, tuple[str, ...]]]

    @property
    def seconds(self) -> float:
        """How long the job took until it told something for the last time."""
        return self.entries[-1][0] if self.entries else 0.0

    @property
    def place(self) -> tuple[str, ...]:
        """Where the job is: a step, and a part of it if it told of any."""
        return self.entries[-1][1] if self.entries else ()

    def left(self, last: "Journal", now: float) -> float:
        """Return how many seconds a running job will need yet, if it goes on as the last time.

        Args:
            last: the journal of the last time.
            now: seconds since 1970.
        """
        reached = {place: seconds for seconds, place in last.entries}
        known = [(seconds, reached[place]) for seconds, place in self.entries if place in reached]
        here, there = known[-1] if known else (0.0, 0.0)
        return max(0.0, last.seconds - there - (now - self.begun - here))


def begin(step: str) -> None:
    """Tell that a job begins a step, such as "cell 14 of 40"."""
    write(0, step)


def tell(part: str) -> None:
    """Tell how far a step is, such as "epoch 3 of 8"."""
    write(1, part)


def write(depth: int, words: str) -> None:
    """Add a line to the journal of the job that this process works for, if there is one."""
    if journal := os.environ.get(SETTING):
        with open(journal, "a", encoding="utf-8") as file:
            file.write(json.dumps([time.time(), depth, words]) + "\n")


@contextmanager
def keep(path: Path, parameters: dict) -> Iterator[None]:
    """Keep the journal of the job that this process does in the block, at `path` once it has succeeded."""
    before = os.environ.get(SETTING)
    with whole(path.resolve()) as current:
        current.write_text(json.dumps([time.time(), parameters]) + "\n", encoding="utf-8")
        os.environ[SETTING] = str(current)
        try:
            yield
            begin(END)
        finally:
            if before:
                os.environ[SETTING] = before
            else:
                del os.environ[SETTING]


def read_journal(path: Path) -> Journal | None:
    """Read the journal at `path`; None where there is none, or its first line is not whole yet."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    first, *lines = text.split("\n")[:-1] or [
        ""
    ]  # what follows the last end of a line is still being written
    if not first:
        return None
    begun, parameters = json.loads(first)
    entries, step = [], ""
    for at, depth, words in map(json.loads, lines):
        step = step if depth else words
        entries.append((at - begun, (step, words) if depth else (step,)))
    return Journal(parameters, begun, entries)


def running(path: Path, since: float) -> Journal | None:
    """Return the newest journal of the job of `path` that began after `since` and has not ended."""
    hidden = path.parent.glob(f".{path.stem}.*{path.suffix}")
    begun = [journal for journal in map(read_journal, hidden) if journal and journal.begun >= since]
    return max(begun, key=lambda journal: journal.begun, default=None)
