"""Answers: what the chapters of this run have answered, for the page that asks."""

import re

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

HEADING = "The answer"
"""What every chapter calls the section in which a cell says its answer."""


def answer_of(notebook: nbformat.NotebookNode) -> str:
    """Return the Markdown that a chapter says first beneath `HEADING`; "" if it has not run."""
    answering = False
    for cell in notebook.cells:
        headings = re.findall("^## (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else []
        answering = headings[-1] == HEADING if headings else answering
        for output in cell.get("outputs", []) if answering else []:
            if said := output.get("data", {}).get("text/markdown"):
                return said
    return ""


class Answer(SphinxDirective):
    """Sets a chapter's answer into another page: its one argument is the chapter, as a link names it.

    A page that shows an answer is written again when the chapter has run again.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the answer in a box of its class, or nothing."""
        _, path = self.env.relfn2path(f"{self.arguments[0]}.ipynb")
        self.env.note_dependency(path)
        said = answer_of(nbformat.read(path, as_version=4))
        if not said:
            return []
        box = nodes.container(classes=["herbnb-answer"])
        self.state.nested_parse(StringList(said.splitlines(), path), 0, box)
        return [box]
