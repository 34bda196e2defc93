"""Quiz: three questions a chapter, each answer with its reason, in a file beside the chapters.

A chapter's file says what is asked; `quizzed` says where in a chapter; the directive makes of it what a page
can do by itself, without a script: every answer is a fold that a mouse or a key opens.
"""

import re
from pathlib import Path
from typing import Annotated

import pydantic
from docutils import nodes
from docutils.statemachine import StringList
from nbformat import NotebookNode
from sphinx.util.docutils import SphinxDirective

from herbnb.book.plain_yaml import read_model
from herbnb.errors import BadInput

QUESTIONS = 3
"""How many there are to a chapter."""

BEFORE = re.compile("^## Exercises$", re.MULTILINE)
"""The heading of a chapter that its questions stand before."""

SECTION = """\
## Three questions

Press an answer, and it says why it is right or wrong.

:::{quiz}
:::

"""

FOLD = """\
   :::{{dropdown}} {answer}
   :class-container: herbnb-{known_as}
   **{verdict}** {why}
   :::
"""
"""An answer, as a part of the numbered question above it."""

Text = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1)]


class Choice(pydantic.BaseModel, extra="forbid"):
    """An answer that can be chosen, and why it is right or wrong."""

    answer: Text
    why: Text
    right: bool = False


class Question(pydantic.BaseModel, extra="forbid"):
    """A question with three answers or more, of which one is right."""

    ask: Text
    answers: Annotated[list[Choice], pydantic.Field(min_length=3)]

    @pydantic.model_validator(mode="after")
    def has_one_right_answer(self):
        """Refuse a question with no right answer, or with several."""
        if sum(each.right for each in self.answers) != 1:
            raise ValueError("give one answer, and only one, the line `right: true`")
        return self


class Quiz(pydantic.RootModel):
    """The questions of a chapter."""

    root: Annotated[list[Question], pydantic.Field(min_length=QUESTIONS, max_length=QUESTIONS)]


def read_quiz(path: Path) -> list[Question]:
    """Read the questions of a chapter.

    Raises:
        BadInput: the file is missing, is not plain YAML, or breaks a rule of the book's questions.
    """
    try:
        return read_model(Quiz, path, "another file in that folder").root
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing: give the chapter its {QUESTIONS} questions there.") from error


def quizzed(notebook: NotebookNode) -> NotebookNode:
    """Set the chapter's questions before its exercises; a notebook without exercises stays as it is."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = BEFORE.sub(lambda heading: SECTION + heading[0], cell.source)
    return notebook


def markdown(questions: list[Question]) -> str:
    """Return questions as a numbered list, their answers as folds that say why."""
    items = []
    for number, question in enumerate(questions, start=1):
        items.append(f"{number}. {question.ask}\n")
        for each in question.answers:
            known_as, verdict = ("right", "Right.") if each.right else ("wrong", "No.")
            said = {"answer": each.answer, "known_as": known_as, "verdict": verdict, "why": each.why}
            items.append(FOLD.format_map(said))
    return "\n".join(items)


class QuizDirective(SphinxDirective):
    """Sets the questions of the page's chapter into it: `book/quizzes/<chapter>.yml`.

    A page is written again when its questions have changed.
    """

    def run(self) -> list[nodes.Node]:
        """Return the questions in a box of their class."""
        chapter = Path(self.env.docname).name
        _, path = self.env.relfn2path(f"/book/quizzes/{chapter}.yml")
        self.env.note_dependency(path)
        try:
            questions = read_quiz(Path(path))
        except BadInput as error:
            raise self.error(str(error)) from error
        box = nodes.container(classes=["herbnb-quiz"])
        self.state.nested_parse(StringList(markdown(questions).splitlines(), path), 0, box)
        return [box]
