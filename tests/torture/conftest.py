"""What the tables of kills and of faults share: who works, where, and what comes of it unbroken."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from torture import works
from torture.kills import Nursery, digests, left_over, nursery, said
from torture.steps import WORKER

STEPS = 6
"""Steps that any work takes at least."""


@pytest.fixture(scope="module")
def kept():
    with nursery() as kept:
        yield kept


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where works are done, beside what they are given; nobody may look into it, too."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        works.give(place / "given")
        yield place


@pytest.fixture(scope="module")
def unbroken(kept: Nursery, place: Path):
    """What each work makes and how many steps it takes, or its workers take, as they are asked for."""
    known = {}

    def whole(work: str, workers: bool = False) -> tuple[dict[str, str], int]:
        if (work, workers) not in known:
            folder = place / f"{work} unbroken{' by workers' * workers}"
            folder.mkdir()
            status, steps = kept.do(work, folder, whom=WORKER if workers else "process")
            assert status == 0 and steps >= STEPS, said(folder, "said").read_text()
            assert left_over(folder) == []
            known[work, workers] = digests(work, folder), steps
        return known[work, workers]

    return whole
