"""Plain YAML: what it reads, and what it refuses at once, in one sentence and with the place."""

import os
from datetime import date

import pydantic
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from herbnb.book.plain_yaml import DEEPEST, MOST, parsed, read_model, read_yaml
from herbnb.book.profile import read_profile
from herbnb.book.quiz import read_quiz
from herbnb.cli import main
from herbnb.errors import BadInput

OURS = [*ROOT.glob("*.yml"), *ROOT.glob("profiles/*.yml"), *ROOT.glob("book/quizzes/*.yml")]
LAUGHS = "a0: &a0 [ha, ha]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 60)
)


class Sheet(pydantic.BaseModel, extra="forbid"):
    """What a small file of a test says."""

    genus: str = "Poa"
    year: int = 1753


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_of_the_book_is_plain(path):
    assert len(path.read_bytes()) < MOST / 5
    assert read_yaml(path)


REFUSED = {
    "a bomb": (LAUGHS, r"line 1: anchors, aliases and tags, & \* !, are not read here: write it out"),
    "an endless list": ("a: &a [*a]", "line 1: anchors"),
    "an alias": ("a: 1\nb: *a", "line 2: anchors"),
    "an anchor": ("- &a 1", "line 1: anchors"),
    "a tag": ("when: !!timestamp soon", "line 1: anchors, aliases and tags"),
    "a tag of Python": ("!!python/object/apply:os.system [ls]", "line 1: anchors, aliases and tags"),
    "brackets": ("[" * 50_000, f"line 1: more than {DEEPEST} lists and mappings lie in one another"),
    "braces": ("{a: " * 20_000, f"more than {DEEPEST} lists"),
    "dashes": ("- " * 40_000 + "a", f"more than {DEEPEST} lists"),
    "question marks": ("? " * 40_000 + "a", f"more than {DEEPEST} lists"),
    "indents": ("\n".join(" " * n + "a:" for n in range(400)), f"more than {DEEPEST} lists"),
    "a key twice": ("seed: 1\nname: a\nseed: 2", "line 3: 'seed' is there twice"),
    "a key twice, within": ("- {a: {b: 1, 'b': 2}}", "line 1: 'b' is there twice"),
    "a key that is a list": ("? [a, b]\n: 1", "line 1: a key must be a single value"),
    "no key": ("a: 1\n~: 2", "line 2: a key must be a single value"),
    "a list that does not end": ("a: [1,", "line 1: "),
    "two documents": ("a: 1\n---\na: 2", "line 2: "),
    "a control character": ("a: \x07", "special characters are not allowed"),
    "a tab": ("a:\n\t- 1", "line 2: "),
    "a month that there is not": ("when: 2020-13-01", "has a number or a date that there is not"),
    "too many digits": ("seed: " + "9" * 5000, "has a number or a date that there is not"),
    "too large a number": ("x: " + ":".join(["59"] * 400) + ".5", "has a number or a date that there is not"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_plain_is_refused_in_one_sentence_wherever_it_stands(tmp_path, text, said):
    path = tmp_path / "own.yml"
    path.write_text(text)
    for read in (read_yaml, read_quiz, lambda path: read_profile(str(path))):
        with pytest.raises(BadInput, match=rf"^{path} .*{said}") as refused:
            read(path)
        assert "\n" not in str(refused.value) and len(str(refused.value)) < 400


@pytest.mark.parametrize("value", ["[&a 1, *a]", "[[" * 30, "{a: 1, a: 2}", "2020-13-01", "!!int 7"])
def test_a_parameter_is_read_so_too(value):
    ran = CliRunner().invoke(main, ["run", "silhouettes", "-p", "networks", value])
    assert ran.exit_code == 1 and ran.output.startswith("Error: silhouettes: networks = ")
    assert ran.output.count("\n") == 1 and ": mend it.\n" in ran.output


def test_a_file_that_is_no_small_text_is_told(tmp_path):
    path = tmp_path / "own.yml"
    for content, said in (
        (b"a: 1\n" + b"# and so on\n" * 20_000, "has more than 100,000 bytes: it is not one of ours"),
        ("name: Köhler".encode("latin-1"), r"is not UTF-8 text \(byte 7\): save it as UTF-8"),
        ("name: Köhler".encode("utf-16"), r"is not UTF-8 text \(byte 0\)"),
        (b"a: \x00", "special characters are not allowed"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=rf"own\.yml {said}|own\.yml is not plain YAML .*{said}"):
            read_yaml(path)
    with pytest.raises(BadInput, match="is no file: name one that is"):
        read_yaml(tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_yaml(path / "below.yml")
    with pytest.raises(FileNotFoundError):
        read_yaml(tmp_path / "absent.yml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_nobody_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "own.yml")
    with pytest.raises(BadInput, match="is no file"):
        read_yaml(tmp_path / "own.yml")


def test_a_file_is_checked_by_a_model_with_the_place(tmp_path):
    path = tmp_path / "own.yml"
    path.write_bytes(b"\xef\xbb\xbfgenus: Carex\nyear: 1789\n")  # as some editors begin UTF-8
    assert read_model(Sheet, path, "another") == Sheet(genus="Carex", year=1789)
    path.write_text("# nothing yet\n")
    assert read_model(Sheet, path, "another") == Sheet()
    for text, said in (("year: soon", "year: Input"), ("leaves: 2", "leaves: Extra"), ("[]", "the file: In")):
        path.write_text(text)
        with pytest.raises(BadInput, match=rf"own\.yml: {said}.*; see another\.$"):
            read_model(Sheet, path, "another")


@given(st.text(max_size=60) | st.text("[]{}&*!?:-,|>#'\"~ \n\ta019.e_", max_size=80))
def test_any_text_is_read_or_refused(text):
    try:
        said = parsed(text, "the text")
    except BadInput:
        return
    assert said is None or isinstance(said, str | int | float | bool | date | list | dict)
