"""Faults: whatever a machine does to a work, it ends in one sentence or in the true result."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from torture import works
from torture.faults import EITHER, LOST, PLACES, RESULT, SENTENCE, Fault, Loss, Pair
from torture.kills import REFUSED, Nursery, digests, left_over, said
from torture.row import LONGEST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights and limits are others on Windows")

UNWRITABLE = "cannot be written|cannot be unpacked|make room"
NO_MORE = "Too many open files|unable to open"
QUICK = [name for name, work in works.WORKS.items() if not work.slow]
SOME = ["tables", "downloads", "unpacking", "features from the cache", "atlas"]
MACHINE = ["no temporary folder", "no home", "no working folder", "files that nobody else may read"]
CLOCKS = ["a clock that goes backwards", "a clock of 1970", "a clock that jumps"]
FEW = {"drawing": 1}
"""Moments that are enough for a work that takes long."""

WELL, ILL = list(PLACES)[1:7], list(PLACES)[7:]

ROWS = [
    *(Fault(work, "a full disk", SENTENCE, UNWRITABLE) for work in QUICK),
    *(Fault(work, "a folder that is read-only", SENTENCE, UNWRITABLE) for work in QUICK),
    *(Fault(work, "no file more", SENTENCE, NO_MORE) for work in QUICK),
    *(Fault(work, "few files more", EITHER, NO_MORE) for work in SOME),
    *(Fault(work, "files that nobody at all may read", EITHER, UNWRITABLE) for work in SOME),
    *(Fault(work, trouble) for trouble in MACHINE for work in SOME),
    *(Fault(work, trouble) for trouble in CLOCKS for work in [*SOME, "packing"]),
    *(Fault(work, "files of 2099", begun=True) for work in SOME),
    *(Fault(work, "a temporary folder far away") for work in [*SOME, "drawing", "cache by two processes"]),
    *(Fault(work, place=place) for place in WELL for work in SOME),
    *(Fault(work, ends=SENTENCE, said=UNWRITABLE, place=place) for place in ILL for work in SOME),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_fault_is_a_sentence_or_a_true_result(row: Fault, kept: Nursery, unbroken, place: Path) -> None:
    at = place / f"fault {len([*place.iterdir()])}"
    folder = PLACES[row.place](at)
    if folder != at and not (given := folder.parent / "given").exists():
        given.symlink_to(place / "given")
    if row.begun:
        kept.do(row.work, folder)
    status, _ = kept.do(row.work, folder, trouble=row.trouble)
    text = said(folder, "said").read_text()
    assert status in {RESULT: [0], SENTENCE: [REFUSED], EITHER: [0, REFUSED]}[row.ends], text
    if status == REFUSED:
        check_sentence(text.splitlines()[-1], row.said, "" if "file" in row.trouble else str(folder))
        assert row.ends == EITHER or not folder.is_dir() or left_over(folder) == []
        if row.place != "here":
            return
        status, _ = kept.do(row.work, folder)
        assert status == 0, said(folder, "said").read_text()
    assert left_over(folder) == []
    assert digests(row.work, folder) == unbroken(row.work)[0]


def check_sentence(sentence: str, pattern: str, names: str) -> None:
    """See that a refusal is one sentence, and what it names."""
    assert re.search(pattern, sentence) and names in sentence, sentence
    assert sentence.endswith(".") and len(sentence) < LONGEST, sentence


MOMENTS = [("its folder", 0.3), ("its folder", 0.7), ("what it was given", 0.5)]
LOSSES = [Loss(work, *moment) for work in QUICK for moment in MOMENTS[: FEW.get(work)]]


@pytest.mark.parametrize("row", LOSSES, ids=[row.name for row in LOSSES])
def test_what_is_lost_in_the_middle_is_made_again(row: Loss, kept: Nursery, unbroken, place: Path) -> None:
    whole, steps = unbroken(row.work)
    at = place / f"loss {len([*place.iterdir()])}"
    shutil.copytree(place / "given", at / "given")
    folder = at / "work"
    folder.mkdir()
    status, _ = kept.do(row.work, folder, round(row.when * (steps - 1)), lost=folder / LOST[row.what])
    text = said(folder, "said").read_text()
    assert status in (0, REFUSED), text
    if status:
        check_sentence(text.splitlines()[-1], "", str(at))
    assert left_over(at) == []
    folder.mkdir(exist_ok=True)
    if not (at / "given").exists():
        shutil.copytree(place / "given", at / "given")
    status, _ = kept.do(row.work, folder)
    assert status == 0, said(folder, "said").read_text()
    assert left_over(folder) == []
    assert digests(row.work, folder) == whole


PAIRS = [Pair(work, when) for work in works.WORKS for when in (0.3, 0.7)[: FEW.get(work)]]


def rows() -> list:
    marks = {name: [pytest.mark.slow] if work.slow else [] for name, work in works.WORKS.items()}
    return [pytest.param(row, marks=marks[row.work], id=row.name) for row in PAIRS]


@pytest.mark.parametrize("row", rows())
def test_two_at_once_make_what_one_makes(row: Pair, kept: Nursery, unbroken, place: Path) -> None:
    whole, steps = unbroken(row.work)
    folder = place / f"pair {len([*place.iterdir()])}"
    folder.mkdir()
    ends = kept.do_twice(row.work, folder, round(row.when * (steps - 1)))
    texts = [said(folder, "said", number).read_text() for number in range(2)]
    assert 0 in ends and {*ends} <= {0, REFUSED}, texts
    for end, text in zip(ends, texts, strict=True):
        assert end == 0 or re.search(f"{re.escape(str(folder))}.* by another process: wait", text), text
    assert left_over(folder) == []
    assert digests(row.work, folder) == whole
