"""Journals: what a job is doing, a line a step, for whoever watches it, and for the next time.

A job is a chapter, or the making of the pages. Its journal holds the last time that it was done to its end,
and, while it is being done or when it has failed, this time as well. Processes that work for a job find the
name of the journal in their environment. Without one, nobody listens, and nothing is written.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from herbnb.files import writable

SETTING = "HERBNB_JOURNAL"
"""The variable of the environment that names the journal of the job that a process works for."""

START, STEP, PART = range(3)
"""What a line of a journal tells: with which parameters a job starts, a step of it, a part of the step."""

END = ("end",)
"""The last step of a job that was done to its end, which takes no time."""


class Record(NamedTuple):
    """One time that a job was done, or is: its parameters, when it began (in seconds since 1970), its places.

    A place is a step, and a part of it if one was told, and the seconds after which the job was there, such
    as `(31.5, ("cell 14 of 40", "epoch 3 of 8"))`.
    """

    parameters: dict
    begun: float
    places: list[tuple[float, tuple[str, ...]]]

    @property
    def seconds(self) -> float:
        """After how many seconds the job told something for the last time."""
        return self.places[-1][0] if self.places else 0.0

    @property
    def place(self) -> tuple[str, ...]:
        """Where the job is, or was."""
        return self.places[-1][1] if self.places else ()

    def left(self, last: "Record", now: float) -> float:
        """Return how many seconds the job will need yet, if it goes on as the last time.

        Args:
            last: the last time that it was done to its end.
            now: seconds since 1970.
        """
        reached = {place: seconds for seconds, place in last.places}
        known = [(seconds, reached[place]) for seconds, place in self.places if place in reached]
        here, there = known[-1] if known else (0.0, 0.0)
        return max(0.0, last.seconds - there - (now - self.begun - here))


def begin(step: str) -> None:
    """Tell that a job begins a step, such as "cell 14 of 40"."""
    tell(step, STEP)


def tell(what: str | dict, depth: int = PART) -> None:
    """Tell how far a step is, such as "epoch 3 of 8". Where that cannot be written, the job goes on."""
    if journal := os.environ.get(SETTING):
        with suppress(OSError), open(journal, "a", encoding="utf-8") as file:
            file.write(line(time.time(), depth, what))


def line(at: float, depth: int, what: str | dict) -> str:
    """Return a line of a journal."""
    return json.dumps([at, depth, what]) + "\n"


@contextmanager
def keep(path: Path, parameters: dict) -> Iterator[None]:
    """Have the job that is done in the block keep the journal at `path`.

    It is a log, so it is not whole until the job ends.
    """
    before, path = os.environ.get(SETTING), path.resolve()
    last = last_record(path)
    kept = [line(last.begun, START, last.parameters)] if last else []
    kept += [line(last.begun + at, len(place), place[-1]) for at, place in (last.places if last else ())]
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(kept), encoding="utf-8")
    os.environ[SETTING] = str(path)
    try:
        tell(parameters, START)
        yield
        begin(*END)
    finally:
        os.environ.pop(SETTING)
        if before:
            os.environ[SETTING] = before


def read_records(path: Path) -> list[Record]:
    """Read the journal at `path`, the oldest record first; a line that is being written is left for later.

    So is one that is torn, and one that no job has begun: two may have kept the same journal.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    except FileNotFoundError:
        return []
    records, step = [], ""
    for at, depth, what in filter(None, map(told_in, lines)):
        if depth == START:
            records.append(Record(what, at, []))
            continue
        if not records:
            continue
        step = what if depth == STEP else step
        place = (step,) if depth == STEP else (step, what)
        records[-1].places.append((at - records[-1].begun, place))
    return records


def told_in(text: str) -> list | None:
    """Return what a line of a journal tells, or None for a line that is torn."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, list) and len(told) == 3 else None


def last_record(path: Path) -> Record | None:
    """Return the last time that the job was done to its end."""
    return next((record for record in reversed(read_records(path)) if record.place == END), None)


def present_record(path: Path, since: float) -> Record | None:
    """Return the record of a job that began after `since` (seconds since 1970), and has not ended."""
    found = [each for each in read_records(path) if each.begun >= since and each.place != END]
    return found[-1] if found else None
