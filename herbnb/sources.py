"""Sources: what code of the package stands on what other, and whether any of it has changed."""

from functools import cache
from pathlib import Path

import grimp

import herbnb
from herbnb.files import fingerprint


@cache
def imports() -> grimp.ImportGraph:
    """Return who imports whom in the package."""
    return grimp.build_graph("herbnb", cache_dir=None)


def stands_on(modules: set[str]) -> list[Path]:
    """Return the files of some modules of the package, and of those that they import, directly or not."""
    upstream = {each for module in modules for each in imports().find_upstream_modules(module)}
    return sorted(file_of_module(module) for module in (modules | upstream) - {"herbnb"})


@cache
def method(module: str) -> str:
    """Return the fingerprint of the code that a module of the package stands on."""
    return fingerprint(*stands_on({module}))


def file_of_module(module: str) -> Path:
    """Return the file of a module of the package, which need not lie in the book's folder."""
    path = Path(herbnb.__file__).parents[1] / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
