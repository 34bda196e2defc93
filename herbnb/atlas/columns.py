"""Columns: tables as scripts that a page may load from a file, where a browser forbids it to fetch."""

import base64

import numpy as np
import pandas as pd

UNTOLD = ("file",)
"""Columns that no page is told: where files lie on this machine."""

TYPES = ("uint8", "uint16", "uint32")

STEPS = 65_534
"""Of a coordinate, from -1 to 1: some eighty between neighbours, were two million sheets spread evenly."""


def packed(values: np.ndarray) -> dict[str, str]:
    """Return numbers as a typed array that JavaScript reads: its `type`, and its bytes in base64."""
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return {"type": values.dtype.name, "base64": base64.b64encode(little.tobytes()).decode()}


def ranked(values: pd.Series) -> tuple[list[str], np.ndarray]:
    """Return the distinct values of a column as text, the commonest first, and the place of each row's."""
    text = values.fillna("").astype(str)
    names = text.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable").index
    return list(names), pd.Index(names).get_indexer(text)


def encoded(values: pd.Series) -> dict:
    """Return a column as the page reads it.

    Numbers are `numbers`, packed as float32, of which some may be missing. Text is `names`, each value once,
    the commonest first, and `codes`, packed, their places in it; where all are one name there are no codes.
    """
    if pd.api.types.is_numeric_dtype(values):
        return {"numbers": packed(values.to_numpy("float32"))}
    names, codes = ranked(values)
    if len(names) == 1:
        return {"names": names}
    smallest = next(each for each in TYPES if len(names) <= np.iinfo(each).max + 1)
    return {"names": names, "codes": packed(codes.astype(smallest))}


def stepped(coordinate: np.ndarray) -> np.ndarray:
    """Return one coordinate of places as steps: uint16, 1 for -1 up to 65,535 for 1, and 0 for no place."""
    steps = 1 + np.round((coordinate + 1) / 2 * STEPS)
    return np.where(np.isnan(steps), 0, steps).astype("uint16")


def told(sheets: pd.DataFrame) -> list[str]:
    """Return the columns that the page is told: those in which anything stands."""
    return [name for name in sheets if name not in UNTOLD and not sheets[name].isin(["", None, np.nan]).all()]
