"""The answer of a chapter: the first that its section says, of a chapter that has run."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from herbnb.book.answers import answer_of


def said(text):
    return new_code_cell("say()", outputs=[new_output("display_data", {"text/markdown": text})])


BEFORE = [new_markdown_cell("# Poa\n\n## What could fool us"), said("Much.")]
AFTER = [new_markdown_cell("And which?\n\n## Exercises"), said("Three.")]


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        (
            [
                new_markdown_cell("All that.\n\n## The answer\n\nIs it?"),
                new_code_cell("x = 1"),
                said("*Yes*."),
            ],
            "*Yes*.",
        ),
        ([new_markdown_cell("## The answer"), said("Yes."), new_markdown_cell("Why?"), said("So.")], "Yes."),
        ([new_markdown_cell("## The answer"), new_code_cell("say()")], ""),
        ([new_markdown_cell("## The answers"), said("Many.")], ""),
        ([new_markdown_cell("### The answer"), said("Small.")], ""),
        ([], ""),
    ],
)
def test_the_answer_is_what_its_section_says_first(cells, answer):
    assert answer_of(new_notebook(cells=[*BEFORE, *cells, *AFTER])) == answer
