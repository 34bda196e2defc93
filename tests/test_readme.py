"""The README: what a visitor reads before anything else."""

import re

from conftest import ROOT
from herbnb.book.chapters import chapter_names

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_fits_on_a_screen_until_something_is_unfolded():
    shown = re.sub(r"<details>.*?</details>", "folded", PAGE, flags=re.DOTALL)
    assert shown.count("folded") == PAGE.count("<summary>") == 3
    assert len([line for line in shown.splitlines() if line.strip()]) <= 30


def test_it_counts_the_chapters_and_names_verbs_that_there_are():
    assert len(chapter_names()) == 17 and "seventeen\nnotebooks" in PAGE
    verbs = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)", PAGE)) <= verbs
