"""Launch: the addresses at which the notebooks open in Colab and on Binder.

There are some once the book has a public address on GitHub: the one setting `repository: {url: …}` in
`_config.yml`. Jupyter Book's own launch buttons open what a page was made from, and that is in no repository.
Colab reads files and makes none, so it finds the notebooks on a branch of their own; Binder makes them when
its machine is built (see `binder/`). Both bring the packed run of the latest release.
"""

from urllib.parse import quote

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from herbnb.book.chapters import chapter_names
from herbnb.book.plain_yaml import read_yaml
from herbnb.files import located

READERS = ("student", "teacher")
"""Whom a notebook is for: the teacher's has the solutions."""

FOLDER = "notebooks"
"""Where notebooks are written, relative to the book's folder; each reader has a folder in it."""

BRANCH = "notebooks"
"""The branch of the public repository that has, at its top, what is in that folder."""


def repository() -> str:
    """Return the public address of the book's repository; "" where it has none."""
    config = read_yaml(located("_config.yml"))
    return ((config.get("repository") or {}).get("url") or "").rstrip("/")


def run_at(repository: str) -> str:
    """Return where the packed run of the latest release is."""
    return f"{repository}/releases/latest/download/pocket.zip"


def launches(repository: str, chapter: str, reader: str) -> dict[str, str]:
    """Return the addresses at which a notebook opens, by the name of who opens it.

    Args:
        repository: its address, such as `https://github.com/owner/name`.
        chapter: such as `silhouettes`.
        reader: one of `READERS`.
    """
    owned = repository.removeprefix("https://github.com/")
    notebook = f"{reader}/{chapter}.ipynb"
    path = quote(f"{FOLDER}/{notebook}", safe="")
    return {
        "Colab": f"https://colab.research.google.com/github/{owned}/blob/{BRANCH}/{notebook}",
        "Binder": f"https://mybinder.org/v2/gh/{owned}/HEAD?labpath={path}",
    }


def table_of_launches(repository: str) -> list[str]:
    """Return the lines of a Markdown table: a row a chapter, a column a reader."""
    rows = [f"| chapter | {' | '.join(READERS)} |", "|---" * (1 + len(READERS)) + "|"]
    for chapter in chapter_names():
        cells = [f"[](executed/{chapter})"]
        for reader in READERS:
            links = launches(repository, chapter, reader).items()
            cells.append(", ".join(f"[{name}]({link})" for name, link in links))
        rows.append(f"| {' | '.join(cells)} |")
    return rows


class Launches(SphinxDirective):
    """The links that open the notebooks; a sentence where the book has no public address."""

    def run(self) -> list[nodes.Node]:
        """Return the table, or the sentence."""
        address = repository()
        self.env.note_dependency("_config.yml")
        none = "This copy of the book has no public address, so there is nothing to link to."
        box = nodes.container()
        lines = table_of_launches(address) if address else [none]
        self.state.nested_parse(StringList(lines, "_config.yml"), 0, box)
        return box.children
