"""COCO: the tables of a metadata file, each decoded into typed rows and turned into columns.

The real file of the Half-Earth data has 2.3 million annotations, so a table is decoded by itself, and
its rows are let go before the next. What is wrong is said with table, row and key.
"""

import re
from operator import attrgetter
from pathlib import Path
from textwrap import shorten

import msgspec
import numpy as np
import pandas as pd

from herbnb.errors import BadInput, in_short
from herbnb.files import read_bytes


class Row(msgspec.Struct, gc=False):
    """A row of the metadata: keys that its class does not name are not read."""


class ImageRow(Row):
    id: int | str
    file_name: str
    license: int | str | None = None


class AnnotationRow(Row):
    image_id: int | str
    category_id: int | str
    institution_id: int | str
    gathering: str | None = ""  # which the published files do not say


class RegionalRow(AnnotationRow, rename={"institution_id": "region_id"}):
    """An annotation of a file that calls institutions regions."""

    institution_id: int | str


class CategoryRow(Row):
    id: int | str
    name: str
    family: str
    order: str


class InstitutionRow(Row):
    id: int | str
    name: str


class LicenceRow(Row):
    id: int | str
    name: str | None = ""
    url: str | None = ""


class Key:
    """The name of a table, equal to no other, so that what is there twice is found twice."""

    def __init__(self, name: str):
        self.name = name


def raw_tables(source: Path) -> dict[str, msgspec.Raw]:
    """Read the tables of a metadata file, each still as the JSON that it is written in."""
    try:
        found = msgspec.json.decode(
            read_bytes(source), type=dict[Key, msgspec.Raw], dec_hook=lambda _, name: Key(name)
        )
    except FileNotFoundError as error:
        raise BadInput(
            f"{source} is missing: set `data` to a folder in the Half-Earth layout, "
            "or draw one with `herbnb data pocket --to data/pocket`."
        ) from error
    except OSError as error:
        raise BadInput(f"{source} cannot be read ({in_short(error)}): check the rights.") from error
    except msgspec.ValidationError as error:
        raise BadInput(
            f"{source} is not an object of tables ({in_short(error)}): fetch or write it again."
        ) from error
    except (UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        raise not_json(source, error) from error
    names = [key.name for key in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadInput(f"{source} has the table {twice!r} twice: leave one out.")
    return dict(zip(names, found.values(), strict=True))


def not_json(source: Path, error: Exception) -> BadInput:
    """Return the error of a file that is not JSON."""
    return BadInput(
        f"{source} is not JSON ({in_short(error)}): fetch it again, or write it as UTF-8 without a mark."
    )


def read_rows(
    raw: dict[str, msgspec.Raw], name: str, kind: type[msgspec.Struct], source: Path
) -> pd.DataFrame:
    """Read the table called `name`, with the keys of `kind` as columns, filled, and its ids unique."""
    try:
        try:
            rows = msgspec.json.decode(raw.get(name, b"[]"), type=list[kind])
        except msgspec.ValidationError as error:
            raise BadInput(f"{source}{fault_in_table(str(error), raw[name], name)}.") from error
    except (UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:  # the fault is not the first
        raise not_json(source, error) from error
    if not rows:
        raise BadInput(f"{source} lacks the table {name!r}, or it is empty; add its rows.")
    fields = msgspec.structs.fields(kind)
    columns = {field.name: pd.Series(list(map(attrgetter(field.name), rows))) for field in fields}
    table = pd.DataFrame(columns)
    for field in fields:
        if field.required and not pd.api.types.is_integer_dtype(table[field.name]):
            blank = np.flatnonzero(table[field.name].astype(str).str.strip() == "")
            if len(blank):
                raise BadInput(f"{source}{lacking(name, blank[0], field.encode_name)}.")
    if "id" in table:
        check_unique(table["id"], name, "id", source)
    return table


def fault_in_table(message: str, table: msgspec.Raw, name: str) -> str:
    """Say in our words what msgspec found in the table called `name`, with row, key and value."""
    place = re.search(r"at `\$\[(\d+)\](?:\.(\w+))?", message)
    if not place:
        return f" has no list of rows for the table {name!r}; write it as one"
    row, key = int(place[1]), place[2]
    missing = re.search(r"required field `(\w+)`", message)
    if missing:
        return lacking(name, row, missing[1])
    if not key:
        return f": {name}, row {row}, is not an object; write it as one or leave it out"
    rows = msgspec.json.decode(table, type=list[msgspec.Raw])
    value = bytes(msgspec.json.decode(rows[row], type=dict[str, msgspec.Raw])[key])
    if value == b"null":
        return lacking(name, row, key)
    expected = "an id" if "int" in message.split("got")[0] else "text"
    return (
        f": {name}, row {row}, has {shorten(value.decode(errors='replace'), 80)} for {key!r}, "
        f"where {expected} belongs; mend it or leave the row out"
    )


def lacking(name: str, row: int, key: str) -> str:
    """Say that a row of the table called `name` has no `key`, or a blank one."""
    return f": {name}, row {row}, lacks the key {key!r}; fill it or leave the row out"


def check_unique(ids: pd.Series, name: str, key: str, source: Path) -> None:
    """Raise BadInput when an id repeats in the column `key` of the table called `name`."""
    twice = np.flatnonzero(ids.duplicated())
    if len(twice):
        raise BadInput(
            f"{source}: {name}, row {twice[0]}, repeats the {key} {ids[twice[0]]}; keep one of the rows."
        )
