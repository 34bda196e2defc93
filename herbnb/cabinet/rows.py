"""Rows: what people decided, in cells of one line, each of them quoted."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from herbnb.cells import cell_of, in_one_line
from herbnb.errors import BadInput
from herbnb.files import whole


def cells_of(row: Mapping[str, str], limits: Mapping[str, int], sheet: str) -> dict[str, str]:
    """Write a row in cells, each in one line.

    Args:
        row: text by column.
        limits: the most characters of a column, for those that have a limit.
        sheet: whose row it is, for the error.

    Raises:
        BadInput: a cell that is longer than its column takes.
    """
    cells = {column: cell_of(in_one_line(text)) for column, text in row.items()}
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
