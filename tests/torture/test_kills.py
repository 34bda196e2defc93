"""Kills: what was ended in its middle is done again, and gives what it would have given unbroken."""

import signal
import sys
from itertools import cycle, product
from pathlib import Path

import pytest

from torture import works
from torture.kills import Kill, Nursery, check
from torture.steps import HOW, WORKER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
WAYS = [*product(SIGNALS, HOW)]

SMALL = [
    Kill(work, when, *way)
    for number, work in enumerate(works.WORKS)
    for when, way in zip(works.WORKS[work].moments, WAYS[number % 6 :] + WAYS[: number % 6], strict=False)
]
"""Each work at its moments, of which most have six, in each of six ways, others at others' moments."""

ALONE = [
    Kill(work, when, signal.SIGKILL, WORKER)
    for work in works.WORKS
    if works.WORKS[work].workers
    for when in works.WORKS[work].moments[::3]
]
"""A worker of those that have any, killed alone."""

LARGE = [
    *(
        Kill(name, when / 50, *way)
        for name, work in works.WORKS.items()
        for when, way in zip(range(0, 51, 1 if len(work.moments) > 4 else 3), cycle(WAYS), strict=False)
    ),
    *(
        Kill(name, when / 50, signal.SIGKILL, WORKER)
        for name, work in works.WORKS.items()
        if work.workers
        for when in range(0, 51, 3 if len(work.moments) > 4 else 9)
    ),
]


def rows() -> list:
    """Return the table: the small rows and, for `make torture`, the large ones."""
    marks = {name: [pytest.mark.slow] if work.slow else [] for name, work in works.WORKS.items()}
    small = [pytest.param(row, marks=marks[row.work], id=row.name) for row in SMALL + ALONE]
    return small + [pytest.param(row, marks=pytest.mark.torture, id=f"large-{row.name}") for row in LARGE]


@pytest.mark.parametrize("row", rows())
def test_what_was_ended_is_done_again(row: Kill, kept: Nursery, unbroken, place: Path) -> None:
    whole, steps = unbroken(row.work, row.whom == WORKER)
    folder = place / f"{row.name.replace(': ', ' ')} {len([*place.iterdir()])}"
    folder.mkdir()
    check(row, kept, whole, steps, folder)


def test_the_table_is_long_enough() -> None:
    assert len(SMALL) >= 60 and {row.work for row in SMALL} == {*works.WORKS}
