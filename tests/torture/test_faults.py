"""Faults: whatever a machine does to a work, it ends in one sentence or in the true result."""

import re
import sys
from pathlib import Path

import pytest

from torture import works
from torture.faults import PLACES, TROUBLES, Fault
from torture.kills import REFUSED, Nursery, digests, left_over, said
from torture.row import LONGEST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights and limits are others on Windows")

UNWRITABLE = "cannot be written|is full|cannot be unpacked|make room"
QUICK = [name for name, work in works.WORKS.items() if not work.slow]
SOME = ["tables", "downloads", "unpacking", "features from the cache", "atlas"]

ROWS = [
    *(Fault(work, "a full disk", said=UNWRITABLE) for work in QUICK if work not in ("manifest", "downloads")),
    *(Fault(work, "a folder that is read-only", said=UNWRITABLE) for work in QUICK if work != "packing"),
    *(Fault(work, trouble) for trouble in list(TROUBLES)[3:] for work in SOME),
    *(Fault(work, place=place) for place in list(PLACES)[1:7] for work in SOME),
    *(Fault(work, place=place, said=UNWRITABLE) for place in list(PLACES)[7:] for work in SOME),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_fault_is_a_sentence_or_a_true_result(row: Fault, kept: Nursery, unbroken, place: Path) -> None:
    at = place / f"fault {len([*place.iterdir()])}"
    folder = PLACES[row.place](at)
    if folder != at and not (given := folder.parent / "given").exists():
        given.symlink_to(place / "given")
    status, _ = kept.do(row.work, folder, trouble=row.trouble)
    text = said(folder, "said").read_text()
    if not row.said:
        assert status == 0, text
        assert left_over(folder) == []
        assert digests(row.work, folder) == unbroken(row.work)[0]
        return
    assert status == REFUSED, text
    sentence = text.splitlines()[-1]
    assert re.search(row.said, sentence) and str(folder) in sentence, sentence
    assert sentence.endswith(".") and len(sentence) < LONGEST, sentence
    assert not folder.is_dir() or left_over(folder) == []
