"""Percent scripts as notebooks: chapters are `.py` files, and papermill wants `.ipynb`."""

from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from herbnb.errors import BadInput


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


class PercentHandler:
    """Papermill's reader of `chapters/noun.py`, so that plain `papermill chapters/…` works."""

    def read(self, path: str) -> str:
        """Return the chapter as the JSON text of a notebook."""
        return nbformat.writes(read_chapter(path))

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
