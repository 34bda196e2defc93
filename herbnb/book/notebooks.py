"""Notebooks: the chapters to take along, for students with room for answers, for teachers with solutions."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from herbnb.book.chapters import chapter_names, chapter_path
from herbnb.book.exercises import EXERCISE, Exercise
from herbnb.book.launch import READERS, repository, run_at
from herbnb.book.markdown import folded, plain_markdown
from herbnb.book.percent import read_chapter
from herbnb.files import whole

SETUP = """\
# In Colab: brings the book, the libraries that read a run, and a run
import sys

if "google.colab" in sys.modules:
    !git clone --quiet --depth 1 {repository} herbnb
    %cd herbnb
    !pip install --quiet --requirement requirements-read.txt
    !pip install --quiet --no-deps --editable .
    !curl --fail --silent --location --output pocket.zip {run}
    !herbnb results unpack pocket.zip
    sys.path.insert(0, ".")"""


def write_notebooks(to: Path) -> list[Path]:
    """Write every chapter for every reader to `to/<reader>/<chapter>.ipynb`, and return the paths."""
    written = []
    for reader in READERS:
        for chapter in chapter_names():
            written.append(to / reader / f"{chapter}.ipynb")
            with whole(written[-1]) as temporary:
                nbformat.write(notebook_for(reader, chapter, repository()), temporary)
    return written


def notebook_for(reader: str, chapter: str, address: str = "") -> NotebookNode:
    """Return a chapter, which has not run, as a notebook.

    Args:
        reader: one of `READERS`; only the teacher gets the solutions.
        chapter: its name.
        address: of the book's repository, from which the first cell brings it to Colab; "" for no such cell.
    """
    notebook = read_chapter(chapter_path(chapter))
    setup = SETUP.format(repository=address, run=run_at(address))
    cells = [new_code_cell(setup)] if address else []
    for cell in notebook.cells:
        cells += prose(reader, chapter, cell.source) if cell.cell_type == "markdown" else [cell]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook.cells = cells
    return notebook


def prose(reader: str, chapter: str, source: str) -> list[NotebookNode]:
    """Return the cells of a text: each exercise has one of its own, and an empty one for the answer."""
    cells, end = [], 0
    for found in EXERCISE.finditer(source):
        exercise = Exercise(chapter, int(found[1]), *found.groups()[1:])
        task = f"### Exercise {exercise.number}: {exercise.title}\n\n{exercise.task}"
        before, hint = source[end : found.start()].strip(), folded("Hint", exercise.hint)
        cells += [new_markdown_cell(plain_markdown(before))] if before else []
        cells.append(new_markdown_cell(plain_markdown(f"{task}\n\n{hint}")))
        cells.append(new_code_cell() if exercise.steps else new_markdown_cell("*Your answer:*"))
        if reader == "teacher":
            cells.append(new_markdown_cell(plain_markdown(f"**Solution**\n\n{exercise.solution}")))
        end = found.end()
    return [*cells, new_markdown_cell(plain_markdown(source[end:]))]
