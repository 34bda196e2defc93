"""Chapters: which there are, in the order of `_toc.yml`, and what each declares."""

from functools import cache
from pathlib import Path

from herbnb.book.kinds import shown
from herbnb.book.parameters import Parameter, read_parameters
from herbnb.book.plain_yaml import read_yaml
from herbnb.errors import BadInput
from herbnb.files import located


def chapter_names() -> list[str]:
    """Return the names of the chapters, such as `sampling`, in the order of `_toc.yml`."""
    return list(names_in(located("_toc.yml")))


@cache
def names_in(toc: Path) -> tuple[str, ...]:
    """Return the names of the chapters in a table of contents."""
    files = [chapter["file"] for part in read_yaml(toc)["parts"] for chapter in part["chapters"]]
    return tuple(Path(file).name for file in files if Path(file).parent == Path("book/executed"))


def chapter_path(name: str) -> Path:
    """Return the source of the chapter called `name`.

    Raises:
        BadInput: there is no such chapter.
    """
    if name not in chapter_names():
        raise BadInput(f"There is no chapter {shown(name)}: choose one of {', '.join(chapter_names())}.")
    return located("chapters") / f"{name}.py"


@cache
def chapter_parameters(name: str) -> dict[str, Parameter]:
    """Return the parameters that the chapter called `name` declares."""
    return read_parameters(chapter_path(name))
