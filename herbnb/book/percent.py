"""Percent scripts as notebooks: chapters are `.py` files, and papermill wants `.ipynb`."""

import ast
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from herbnb.errors import BadInput

CHECK = """from herbnb.book.ground import check_cell

check_cell({chapter!r}, {defaults}, globals())"""


def read_chapter(path: str | Path) -> NotebookNode:
    """Read a percent script as a notebook with the kernel and language that papermill asks for.

    Raises:
        BadInput: there is no such file.
    """
    path = Path(path)
    if not path.exists():
        raise BadInput(f"{path} is missing: `herbnb list` names the chapters there are.")
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def with_check(notebook: NotebookNode, chapter: str) -> NotebookNode:
    """Put a cell behind the parameters of a chapter that checks them, and what papermill sets in their place.

    papermill puts its own cell between the two. The runner needs none: it checks before it starts a kernel.
    """
    for number, cell in enumerate(notebook.cells):
        if "parameters" in cell.metadata.get("tags", ()):
            lines = ast.parse(cell.source).body
            given = [line for line in lines if isinstance(line, ast.AnnAssign)]
            defaults = {line.target.id: ast.literal_eval(line.value) for line in given}
            source = CHECK.format(chapter=chapter, defaults=defaults)
            check = nbformat.v4.new_code_cell(source, id="cell-check", metadata={"tags": ["remove-cell"]})
            notebook.cells.insert(number + 1, check)
            break
    return notebook


class PercentHandler:
    """Papermill's reader of `chapters/noun.py`, so that plain `papermill chapters/…` works."""

    def read(self, path: str) -> str:
        """Return the chapter as the JSON text of a notebook, which checks its parameters by itself."""
        return nbformat.writes(with_check(read_chapter(path), Path(path).stem))

    def listdir(self, path: str) -> list[str]:
        """Return the chapters in a folder."""
        return sorted(str(chapter) for chapter in Path(path).glob("*.py"))

    def write(self, buffer: str, path: str) -> None:
        """Refuse: a chapter is a source and is never written over by its own execution."""
        raise BadInput(f"{path} is a chapter's source: give the executed notebook another name.")

    def pretty_path(self, path: str) -> str:
        """Return the path as papermill prints it."""
        return path


handler = PercentHandler()
