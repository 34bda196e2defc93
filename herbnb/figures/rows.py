"""Rows: what a figure asks of its table before it draws."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from herbnb.errors import BadInput

MOST_POINTS = 5_000
"""More marks than this make a page slow and an eye no wiser."""


def checked(table: pd.DataFrame, *columns: str | None) -> pd.DataFrame:
    """Return `table` with a plain index if it has rows and all `columns` (None: not asked for).

    Raises:
        BadInput: it lacks a column, or holds nothing.
    """
    missing = [column for column in columns if column is not None and column not in table]
    if missing:
        raise BadInput(
            f"The figure needs a column {missing[0]!r} and the table has "
            f"{', '.join(map(str, table.columns))}: name one of those."
        )
    if table.empty:
        raise BadInput("The table of the figure holds no row: check what selected its rows.")
    return table.reset_index(drop=True)


def finite(table: pd.DataFrame, *columns: str) -> tuple[pd.DataFrame, str]:
    """Return the rows whose `columns` are all numbers, and a sentence that counts the others ("" for none).

    Raises:
        BadInput: no row is left.
    """
    known = np.isfinite(table[list(columns)].astype(float)).all(axis=1)
    if not known.any():
        raise BadInput(f"No row of the table has a number in {', '.join(columns)}: there is nothing to draw.")
    left_out = int((~known).sum())
    note = f"{left_out} without a value {'is' if left_out == 1 else 'are'} not drawn." if left_out else ""
    return table[known].reset_index(drop=True), note


def at_most(table: pd.DataFrame, most: int = MOST_POINTS, seed: int = 89) -> tuple[pd.DataFrame, str]:
    """Return at most `most` rows, drawn from `seed`, in their order, and a sentence that says so."""
    if len(table) <= most:
        return table, ""
    drawn = table.sample(most, random_state=seed).sort_index().reset_index(drop=True)
    return drawn, f"Drawn: {most:,} of {len(table):,} points, chosen at random."


def parts(table: pd.DataFrame, column: str | None, order: Iterable[str]) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each value of `column`, in `order`; one part called "" when there is no column."""
    if column is None:
        return [("", table)]
    text = table[column].astype(str)
    return [(value, table[text == value]) for value in order if (text == value).any()]


def trimmed(values: pd.Series) -> np.ndarray:
    """Return numbers as float32, whose JSON is a third as long."""
    return values.to_numpy(dtype=np.float32)
