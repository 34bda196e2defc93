"""Parameters: what a chapter declares in its parameters cell, and what a reader may set instead.

papermill only warns of a parameter that a chapter does not know, and runs with the default. Here an
unknown name, a value of the wrong type or one out of its range stops before anything runs.
"""

import ast
import difflib
from dataclasses import dataclass
from pathlib import Path

from herbnb.book.kinds import Kind, Real, shown
from herbnb.book.plain_yaml import parsed
from herbnb.book.ranges import check_range, range_of
from herbnb.errors import BadInput

MANY = 12
"""Names that a sentence lists at most."""

TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list}


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell, such as `margin: float = 1.0  # how much farther`."""

    name: str
    type: str
    default: object
    help: str
    range: Kind | None = None
    """What it may be; None in a book of one's own, where the type is all that is known."""


def read_parameters(chapter: Path) -> dict[str, Parameter]:
    """Read the parameters of the chapter in the file `chapter`, by name, in their order.

    Raises:
        BadInput: a parameter has no annotation among `TYPES`, or a default of another type or out of its
            range.
    """
    import papermill  # late: a kernel that looks at its parameters needs neither

    from herbnb.book.percent import read_chapter

    found = {}
    for name, row in papermill.inspect_notebook(read_chapter(chapter)).items():
        kind = row["inferred_type_name"]
        if kind not in TYPES:
            raise BadInput(
                f"{chapter}: the parameter {name!r} is annotated {kind!r}; use {', '.join(TYPES)}."
            )
        default = ast.literal_eval(row["default"])
        if type(default) is not TYPES[kind]:
            raise BadInput(f"{chapter}: the default of {name!r} is not of type {kind}; mend it.")
        allowed = range_of(chapter.stem, name)
        check_range(name, default, allowed, str(chapter))
        found[name] = Parameter(name, kind, default, row["help"], allowed)
    return found


def check_names(names: list[str], known: dict[str, Parameter], where: str) -> None:
    """Raise BadInput for the first of `names` that is not `known`, with the nearest that is."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            more = ", and what `herbnb list` shows" if len(known) > MANY else ""
            some = f"it has {', '.join([*known][:MANY])}{more}."
            hint = f"did you mean {near[0]!r}?" if near else some
            raise BadInput(f"{where} has no parameter {shown(name)}: {hint}")


def converted(value: object, parameter: Parameter, where: str) -> object:
    """Return `value` as the parameter's type; text, as a command line gives it, is read as plain YAML.

    Raises:
        BadInput: the value is not of the parameter's type, or out of its range.
    """
    if isinstance(value, str) and parameter.type != "str":
        value = parsed(value, f"{where}: {parameter.name} = {shown(value)}")
    if parameter.type == "float":
        value = number(value)
    if type(value) is list and isinstance(getattr(parameter.range, "each", None), Real):
        value = [number(each) if type(each) is str else each for each in value]
    if parameter.range is None and type(value) is not TYPES[parameter.type]:
        raise BadInput(
            f"{where}: {parameter.name} takes {parameter.type}, such as {parameter.default!r}, "
            f"and not {shown(value)}."
        )
    check_range(parameter.name, value, parameter.range, where)
    return value


def number(value: object) -> object:
    """Return a whole number as a float, and so what YAML takes for text, such as 1e-3; all else as it is."""
    try:
        return float(value) if type(value) in (int, str) else value
    except (ValueError, OverflowError):
        return value
