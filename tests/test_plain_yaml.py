"""Plain YAML: what it reads. What it refuses, and how, is in the table of bad input."""

from datetime import date

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from herbnb.book.plain_yaml import MOST, parsed, read_model, read_yaml
from herbnb.errors import BadInput

OURS = [*ROOT.glob("*.yml"), *ROOT.glob("profiles/*.yml"), *ROOT.glob("book/quizzes/*.yml")]


class Sheet(pydantic.BaseModel, extra="forbid"):
    """What a small file of a test says."""

    genus: str = "Poa"
    year: int = 1753


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_of_the_book_is_plain(path):
    assert len(path.read_bytes()) < MOST / 5
    assert read_yaml(path)


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
