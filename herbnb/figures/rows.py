"""Rows: what a figure asks of its table before it draws."""

import functools
import inspect
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from herbnb.errors import BadInput
from herbnb.figures.words import say

MOST_POINTS = 5_000
"""More marks than this make a page slow and an eye no wiser."""

EMPTY = "Nothing to show."


class Nothing(Exception):
    """There is nothing to draw, which is no mistake: a collection may be small."""


def spoken(figure: Callable) -> Callable:
    """Give a figure the parameter `empty`: the sentence it becomes, escaped, when it has nothing to draw."""

    @functools.wraps(figure)
    def drawn(*args, empty: str = EMPTY, **kwargs):
        try:
            return figure(*args, **kwargs)
        except Nothing:
            return say("{empty}", empty=empty)

    signature = inspect.signature(figure)
    added = inspect.Parameter("empty", inspect.Parameter.KEYWORD_ONLY, default=EMPTY, annotation=str)
    drawn.__signature__ = signature.replace(parameters=[*signature.parameters.values(), added])
    return drawn


def checked(table: pd.DataFrame, *columns: str | None) -> pd.DataFrame:
    """Return `table` with a plain index if it has rows and all `columns` (None: not asked for).

    Raises:
        Nothing: it holds no row.
        BadInput: it lacks a column.
    """
    if not len(table):
        raise Nothing
    missing = [column for column in columns if column is not None and column not in table]
    if missing:
        raise BadInput(
            f"The figure needs a column {missing[0]!r} and the table has "
            f"{', '.join(map(str, table.columns))}: name one of those."
        )
    return table.reset_index(drop=True)


def numbered(table: pd.DataFrame, *columns: str) -> pd.Series:
    """Return which rows have finite numbers in all `columns`.

    Raises:
        Nothing: none has.
    """
    known = np.isfinite(table[list(columns)].astype(float)).all(axis=1)
    if not known.any():
        raise Nothing
    return known


def finite(table: pd.DataFrame, *columns: str) -> tuple[pd.DataFrame, str]:
    """Return the rows whose `columns` are all numbers, and a sentence that counts the others ("" for none).

    Raises:
        Nothing: no row is left.
    """
    known = numbered(table, *columns)
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
