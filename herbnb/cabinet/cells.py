"""Cells: text that is text in every spreadsheet, whatever stands in it.

A spreadsheet takes for a formula what begins with =, +, - or @, even what merely follows a separator, where
its own separator is not ours. So an apostrophe is put before such a sign, which spreadsheets show and do not
obey, and `text_of` takes it away again. Line ends, tabs and other control characters become blanks. Markup
and quotes stay as they are, and every cell is quoted.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from herbnb.errors import BadInput
from herbnb.files import whole

BEFORE = r'(^|[;,|"] *)'
SIGN = "(?=[=+\\-@＝＋－＠])"  # the wide ones too, which some spreadsheets fold to the narrow
BLANK = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


def in_one_line(text: str) -> str:
    """Return `text` with a blank for all blanks, line ends and control characters that stand together."""
    return BLANK.sub(" ", text).strip()


def cell_of(text: str) -> str:
    """Write `text` as a cell that no spreadsheet takes for a formula, in one line."""
    return re.sub(f"{BEFORE}('*){SIGN}", r"\1'\2", in_one_line(text))


def text_of(cell: str) -> str:
    """Return the text, in one line, of which `cell_of` made the cell."""
    return re.sub(f"{BEFORE}'('*){SIGN}", r"\1\2", cell)


def cells_of(row: Mapping[str, str], limits: Mapping[str, int], sheet: str) -> dict[str, str]:
    """Write a row in cells.

    Args:
        row: text by column.
        limits: the most characters of a column, for those that have a limit.
        sheet: whose row it is, for the error.

    Raises:
        BadInput: a cell that is longer than its column takes.
    """
    cells = {column: cell_of(text) for column, text in row.items()}
    for column, most in limits.items():
        if len(cells[column]) > most:
            raise BadInput(
                f"{sheet}: {column} has {len(cells[column])} characters, and takes {most}: shorten it."
            )
    return cells


def written(columns: Iterable[str], rows: Iterable[Mapping[str, str]], file) -> None:
    """Write rows of cells into an open text file as CSV (RFC 4180, but with bare line feeds)."""
    writer = csv.DictWriter(file, list(columns), quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def write_cells(columns: Iterable[str], rows: Iterable[Mapping[str, str]], path: str | Path) -> Path:
    """Write rows of cells as CSV, in UTF-8, whole."""
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        written(columns, rows, file)
    return Path(path)
