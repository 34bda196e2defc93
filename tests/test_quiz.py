"""The quiz: three questions a chapter, one right answer each, and a reason for every answer."""

import json
import re
from collections import Counter

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from conftest import ROOT
from herbnb.book.chapters import chapter_names, chapter_path
from herbnb.book.percent import read_chapter
from herbnb.book.quiz import markdown, quizzed, read_quiz
from herbnb.errors import BadInput

FOLDER = ROOT / "book" / "quizzes"
QUIZZES = {chapter: read_quiz(FOLDER / f"{chapter}.yml") for chapter in chapter_names()}
EVERY = [question for questions in QUIZZES.values() for question in questions]


def test_every_chapter_has_its_questions_and_no_file_is_left_over():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(chapter_names())


@pytest.mark.parametrize("chapter", chapter_names())
def test_a_chapter_has_three_questions_each_with_one_right_answer_and_all_reasons(chapter):
    assert len(QUIZZES[chapter]) == 3
    for question in QUIZZES[chapter]:
        assert question.ask.endswith("?")
        assert len(question.answers) >= 3 and [each.right for each in question.answers].count(True) == 1
        assert len({each.answer for each in question.answers}) == len(question.answers)
        for each in question.answers:
            assert each.answer.endswith(".") and each.why.endswith(".") and len(each.why.split()) >= 4


def test_the_right_answer_is_told_neither_by_its_place_nor_by_its_length():
    places = Counter([each.right for each in question.answers].index(True) for question in EVERY)
    assert max(places.values()) < 0.5 * len(EVERY)
    longest = [max(question.answers, key=lambda each: len(each.answer)).right for question in EVERY]
    assert sum(longest) < 0.6 * len(EVERY)


@pytest.mark.parametrize("chapter", chapter_names())
def test_the_questions_hold_no_number_that_a_run_makes(chapter):
    text = re.sub(r"`[^`]*`", "", (FOLDER / f"{chapter}.yml").read_text(encoding="utf-8"))
    assert re.findall(r"\b\d+\.\d+\b|\b\d+(?:\.\d+)?\s?(?:%|per ?cent)", text) == []


@pytest.mark.parametrize("chapter", chapter_names())
def test_a_chapter_gets_its_questions_between_the_answer_and_the_exercises(chapter):
    notebook = quizzed(read_chapter(chapter_path(chapter)))
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = re.findall("^## (.+)$", prose, re.MULTILINE)
    place = headings.index("Three questions")
    assert "The answer" in headings[:place] and headings[place + 1] == "Exercises"
    assert prose.count(":::{quiz}\n:::") == 1


def test_only_the_heading_of_the_exercises_is_a_place_for_questions():
    cells = [
        new_markdown_cell("# Poa\n\n### Exercises\n\n## Exercises of old"),
        new_code_cell("## Exercises"),
    ]
    before = [cell.source for cell in cells]
    assert [cell.source for cell in quizzed(new_notebook(cells=cells)).cells] == before


GOOD = {
    "ask": "Is it?",
    "answers": [
        {"answer": "Yes.", "why": "It is."},
        {"answer": "No.", "why": "It is not.", "right": True},
        {"answer": "Both.", "why": "It cannot be."},
    ],
}


def written(path, *questions):
    path.write_text(json.dumps(questions))  # which is YAML, too
    return path


def test_questions_become_a_list_of_folds(tmp_path):
    lines = markdown(read_quiz(written(tmp_path / "poa.yml", GOOD, GOOD, GOOD))).splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        f"{number}. Is it?" for number in (1, 2, 3)
    ]
    assert lines[2:6] == [
        "   :::{dropdown} Yes.",
        "   :class-container: herbnb-wrong",
        "   **No.** It is.",
        "   :::",
    ]
    assert lines.count("   **Right.** It is not.") == 3


TWO = [{**each, "right": True} for each in GOOD["answers"]]


@pytest.mark.parametrize(
    ("questions", "said"),
    [
        ([GOOD, GOOD], "at least 3 items"),
        ([GOOD] * 4, "at most 3 items"),
        ([GOOD, GOOD, GOOD | {"answers": GOOD["answers"][:2]}], r"2\.answers: .*at least 3 items"),
        ([GOOD, GOOD | {"answers": TWO}, GOOD], r"1: .*only one, the line `right: true`"),
        ([GOOD | {"answers": [{**TWO[0], "right": False}] * 3}, GOOD, GOOD], "0: .*only one"),
        ([GOOD, GOOD, GOOD | {"answers": [{"answer": "Yes."}] * 3}], r"2\.answers\.0\.why"),
        ([GOOD, GOOD, GOOD | {"answers": [{"answer": "Yes.", "why": " "}] * 3}], r"2\.answers\.0\.why"),
        ([GOOD, GOOD, GOOD | {"reason": "It is."}], r"2\.reason"),
    ],
)
def test_what_is_no_quiz_is_refused(tmp_path, questions, said):
    with pytest.raises(BadInput, match=said):
        read_quiz(written(tmp_path / "poa.yml", *questions))


def test_a_quiz_that_is_missing_or_not_plain_yaml_is_told(tmp_path):
    with pytest.raises(BadInput, match=r"poa\.yml is missing: give the chapter its 3 questions"):
        read_quiz(tmp_path / "poa.yml")
    (tmp_path / "poa.yml").write_text("- ask: [")
    with pytest.raises(BadInput, match=r"poa\.yml is not plain YAML"):
        read_quiz(tmp_path / "poa.yml")
