"""The exercises of the chapters: every solution fits what it is about, and does what it says."""

import re
import shutil

import pytest
import yaml

import kernel_at_hand
from conftest import ROOT, SMOKE, profile_in
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.exercises import Command, Edit, edits, read_exercises
from herbnb.book.parameters import check_names, converted
from herbnb.book.profile import read_profile
from herbnb.errors import BadInput

EXERCISES = [exercise for chapter in chapter_names() for exercise in read_exercises(chapter)]
COMMANDS = [(each, step) for each in EXERCISES for step in each.steps if isinstance(step, Command)]
EDITS = [(each, step) for each in EXERCISES for step in each.steps if isinstance(step, Edit)]
RUN = [
    each for each in EXERCISES if any(c.words[0] == "herbnb" for c in each.steps if isinstance(c, Command))
]


def called(exercise) -> str:
    return f"{exercise.chapter}-{exercise.number}" if hasattr(exercise, "chapter") else ""


def test_every_chapter_has_two_exercises_that_run_and_one_to_think_about():
    assert [(each.chapter, each.number) for each in EXERCISES] == [
        (chapter, number) for chapter in chapter_names() for number in (1, 2, 3)
    ]
    for exercise in EXERCISES:
        assert bool(exercise.steps) == (exercise.number < 3), called(exercise)
        assert (exercise.title == "think") == (exercise.number == 3), called(exercise)


@pytest.mark.parametrize("exercise", EXERCISES, ids=called)
def test_the_first_is_a_soft_landing_and_no_hint_gives_the_solution_away(exercise):
    blocks = re.findall(r"^```\w+\n(.+?)\n```$", exercise.solution, re.MULTILINE | re.DOTALL)
    if exercise.number == 1:
        assert sum(len(block.splitlines()) for block in blocks) <= 3 * len(blocks)
        assert all(isinstance(step, Command) for step in exercise.steps)
    assert "```" not in exercise.hint and "herbnb run" not in exercise.hint
    assert len(exercise.hint.split()) <= 40


@pytest.mark.parametrize(("exercise", "command"), COMMANDS, ids=called)
def test_a_command_names_chapters_and_parameters_that_there_are(exercise, command):
    verb, *words = command.words
    if verb == "make":
        target, profile = words[0], words[1].removeprefix("profile=")
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert read_profile(profile).seeds
        return
    assert verb == "herbnb" and words[0] == "run"
    chapter, given = words[1], words[2:]
    assert given[::3] == ["-p"] * (len(given) // 3)
    known = chapter_parameters(chapter)
    check_names(given[1::3], known, chapter)
    for name, value in zip(given[1::3], given[2::3], strict=True):
        assert converted(value, known[name], chapter) != known[name].default, f"{name} is {value} already"


@pytest.mark.parametrize("exercise", EXERCISES, ids=called)
def test_what_a_text_adds_to_a_command_is_a_parameter_of_its_chapter(exercise):
    known = chapter_parameters(exercise.chapter)
    for name, value in re.findall(r"`-p (\w+) ([^`]+)`", exercise.solution):
        check_names([name], known, exercise.chapter)
        assert converted(value, known[name], exercise.chapter) != known[name].default


@pytest.mark.parametrize(("exercise", "edit"), EDITS, ids=called)
def test_a_line_to_change_stands_exactly_once_where_the_solution_says(exercise, edit):
    assert edit.path in exercise.task + exercise.hint or edit.path == f"chapters/{exercise.chapter}.py"
    before = (ROOT / edit.path).read_text()
    after = edit.applied(before)
    compile(after, edit.path, "exec")
    assert after != before and len(after.splitlines()) - len(before.splitlines()) == edit.new.count(
        "\n"
    ) - edit.old.count("\n")


def test_a_diff_is_read_line_by_line():
    block = "--- a/b.py\n one\n-two\n+2\n+2.5\n-four\n+4"
    assert edits(block) == [Edit("a/b.py", "one\ntwo", "one\n2\n2.5"), Edit("a/b.py", "four", "4")]
    assert edits(block)[0].applied("one\ntwo\nthree\n") == "one\n2\n2.5\nthree\n"
    for text in ("one\n", "one\ntwo\none\ntwo\n", "none\ntwo\n"):
        with pytest.raises(BadInput, match=r"a/b.py has \d times, and not once: 'one\\ntwo'"):
            edits(block)[0].applied(text)
    for wrong in ("one\n-two\n+2", "--- a.py\none\n+2", "--- a.py\n-two", "--- a.py\n+2"):
        with pytest.raises(BadInput, match="names its file"):
            edits(wrong)


@pytest.fixture(scope="module")
def prototype(executed, workplace, hostile, tmp_path_factory):
    """A copy of the book after its first run; what a reader types meets the smoke profile's sizes."""
    book = tmp_path_factory.mktemp("prototype") / "book"
    book.mkdir()
    shutil.copy(ROOT / "_toc.yml", book)
    for name in ("chapters", "herbnb"):
        shutil.copytree(ROOT / name, book / name, ignore=shutil.ignore_patterns("__pycache__"))
    small = yaml.safe_load(
        profile_in(book, hostile, SMOKE).read_text().replace(str(book / "results"), "results/pocket")
    )
    (book / "profiles").mkdir()
    (book / "profiles" / "pocket.yml").write_text(yaml.safe_dump(small))
    shutil.copytree(workplace / "results", book / "results" / "pocket")
    return book


@pytest.mark.parametrize("exercise", RUN, ids=called)
def test_a_solution_does_what_it_says(exercise, prototype, tmp_path):
    book = shutil.copytree(prototype, tmp_path / "book")
    for step in exercise.steps:
        if isinstance(step, Edit):
            path = book / step.path
            path.write_text(step.applied(path.read_text()))
        else:
            said = kernel_at_hand.run(step.words[1:], book)
            assert bool(said) == bool(step.stops), said
            assert step.stops in said
    shutil.rmtree(book)
