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
WHEN = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

SMALL = [
    Kill(work, when, *way)
    for number, work in enumerate(works.WORKS)
    for when, way in zip(WHEN, WAYS[number % 6 :] + WAYS[: number % 6], strict=True)
]
"""Each work at six moments, in each of six ways, others at others' moments."""

ALONE = [
    Kill(work, when, signal.SIGKILL, WORKER)
    for work in works.WORKS
    if works.WORKS[work].workers
    for when in (0.1, 0.7)
]
"""A worker of those that have any, killed alone at two moments."""

LARGE = [
    *(
        Kill(work, when / 50, *way)
        for work in works.WORKS
        for when, way in zip(range(51), cycle(WAYS), strict=False)
    ),
    *(row._replace(when=when / 20) for row in ALONE[::2] for when in range(21)),
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
