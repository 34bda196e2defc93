"""Columns: a delimited file with a header, read under our names, wherever it has them."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from herbnb.data.records import terms
from herbnb.data.records.delimited import content_of, header_of, rows_of, text_of
from herbnb.data.records.descriptor import DataFile, read_descriptor


def read_columns(
    path: str | Path,
    columns: dict[str, tuple[str, ...]],
    needed: Sequence[Sequence[str]],
    *,
    encoding: str = "",
    may_be_empty: bool = False,
) -> pd.DataFrame:
    """Read one file, separated by tabs, commas or semicolons, and return `columns` under our names.

    What a file is, beyond UTF-8 with quotation marks where needed, says a `meta.xml` beside it.

    Args:
        path: the file; its first line names its columns.
        columns: our names, and the local names of the terms that may fill them.
        needed: groups of our names; of each group one must be there.
        encoding: of the file, where it is not UTF-8.
        may_be_empty: whether a header without a row will do.

    Returns:
        Text, blank where nothing is known, in the order of the rows.

    Raises:
        BadInput: the file is missing, empty, in another encoding, not a table or lacks a column.
    """
    path = Path(path)
    told = description_beside(path)
    declared = encoding or (told.encoding if told else "")
    names, separator, body = header_of(text_of(content_of(path), path, declared), path)
    where = terms.whereabouts(names, columns)
    terms.demand(where, columns, needed, path)
    wanted = [number for numbers in where.values() for number in numbers]
    bare = separator == "\t" and "gbifID" in names  # GBIF encloses nothing, and says so in meta.xml
    quote = told.quote if told else "" if bare else '"'
    form = dict(separator=separator, quote=quote, wanted=wanted, may_be_empty=may_be_empty)
    table = rows_of(body, len(names), path, **form)
    return terms.under_our_names(table, where)


def description_beside(path: Path) -> DataFile | None:
    """Return what a `meta.xml` beside a file says of it, or None where none does."""
    if not os.path.exists(path.parent / "meta.xml"):
        return None
    core, extensions = read_descriptor(content_of(path.parent / "meta.xml"), f"{path.parent}/meta.xml")
    return next((file for file in (core, *extensions) if path.name in file.locations), None)
