"""Chapters: which there are, in the order of `_toc.yml`, and what each declares."""

from functools import cache
from pathlib import Path

import yaml

from herbnb.book.parameters import Parameter, read_parameters
from herbnb.data.artefacts import located
from herbnb.errors import BadInput


def chapter_names() -> list[str]:
    """Return the names of the chapters, such as `01_sampling`, in the order of `_toc.yml`."""
    toc = yaml.safe_load(located("_toc.yml").read_text())
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [Path(file).name for file in files if Path(file).parent == Path("book/executed")]


def chapter_path(name: str) -> Path:
    """Return the source of the chapter called `name`; its number alone, `06`, is enough.

    Raises:
        BadInput: there is no such chapter.
    """
    stem = Path(name).stem
    names = chapter_names()
    matches = [chapter for chapter in names if stem in (chapter, chapter.split("_")[0])]
    if not matches:
        raise BadInput(f"There is no chapter {name!r}: choose one of {', '.join(names)}.")
    return located("chapters") / f"{matches[0]}.py"


@cache
def chapter_parameters(name: str) -> dict[str, Parameter]:
    """Return the parameters that the chapter called `name` declares."""
    return read_parameters(chapter_path(name))
