"""The workshop's page: blocks that fill their minutes, and a teacher's notes on each."""

import re

import pytest

from conftest import ROOT

PAGE = (ROOT / "book" / "workshop.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^\((block-\w+)\)=\n### Minutes (\d+) to (\d+): (.+?)\n(.+?)(?=\n\(block-|\n## )",
    PAGE,
    re.MULTILINE | re.DOTALL,
)
NOTES = ["Say", "Expect", "Stuck", "Late"]


def minutes_of(section: str) -> list[tuple[int, int]]:
    """From when to when the rows of a section's table last."""
    text = re.search(rf"^##+ {section}\n(.+?)(?=\n##+ |\n\(|\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    return [(int(first), int(last)) for first, last in re.findall(r"^\| (\d+)–(\d+) \|", text, re.MULTILINE)]


def test_there_are_nine_blocks_and_the_timetable_names_them():
    assert len(BLOCKS) == 9
    row = r"^\| (\d+)–(\d+) \| \[(.+?)\]\((block-\w+)\) \| .*executed/"
    rows = re.findall(row, PAGE.split("## Shorter and longer")[0], re.MULTILINE)
    assert rows == [(first, last, name, label) for label, first, last, name, _ in BLOCKS]


@pytest.mark.parametrize("block", BLOCKS, ids=[name for *_, name, _ in BLOCKS])
def test_a_block_has_a_link_a_question_and_the_teachers_notes(block):
    seen, notes = block[-1].split(":::{dropdown} For the teacher\n:class-container: herbnb-teacher\n")
    assert re.search(r"\]\((?:executed/\w+\.ipynb#[\w-]+|\w+-\w+)\)", seen)
    assert len(re.findall(r"^\*\*.+\?\*\*$", seen, re.MULTILINE)) == 1
    assert re.findall(r"^(\w+)\n: \S", notes, re.MULTILINE) == NOTES


@pytest.mark.parametrize(
    ("section", "whole"), [("The ninety minutes", 90), ("Half an hour", 30), ("Three hours", 180)]
)
def test_a_timetable_fills_its_time(section, whole):
    minutes = minutes_of(section)
    assert minutes[0][0] == 0 and minutes[-1][1] == whole
    assert all(first < last for first, last in minutes)
    assert [last for _, last in minutes[:-1]] == [first for first, _ in minutes[1:]]


def test_there_are_checklists_a_form_and_six_sessions():
    assert re.findall(r"^\*\*The (\w+) before\*\*$", PAGE, re.MULTILINE) == ["week", "evening", "hour"]
    form = re.search("```text\n(.+?)```", PAGE, re.DOTALL)[1]
    rated = re.findall(r"^  (\w.*?) +\[ \] +\[ \] +\[ \]$", form, re.MULTILINE)
    assert rated == [name for *_, name, _ in BLOCKS if name != "Stretch"]
    sessions = PAGE.split("### Six sessions")[1]
    assert re.findall(r"^\| (\d) \|", sessions, re.MULTILINE) == list("123456")


def test_the_page_holds_no_number_that_a_run_makes():
    assert re.findall(r"\b\d+\.\d+\b|\b\d+(?:\.\d+)?\s?(?:%|per ?cent)", PAGE) == []
