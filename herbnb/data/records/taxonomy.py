"""Taxonomy: families and orders that records leave blank, filled from a table that the reader gives."""

from pathlib import Path

import pandas as pd

from herbnb.data.records.columns import read_columns

RANK_TERMS = {"genus": ("genus",), "family": ("family",), "order": ("order",)}

UNKNOWN = "unknown"


def read_taxonomy(path: str | Path) -> pd.DataFrame:
    """Read a table of genera: columns `genus`, `family` and `order`, one row a genus.

    Raises:
        BadInput: it cannot be read, or lacks a column.
    """
    return read_columns(path, RANK_TERMS, [["genus"], ["family"], ["order"]])


def fill_ranks(specimens: pd.DataFrame, taxonomy: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill the families and orders that are blank or "unknown" from `taxonomy`, and report the rest.

    Nothing is guessed and nothing is changed that a record says: where its family is not the one of
    the taxonomy, both are named in the report. A genus that stands in two families there (a homonym)
    is filled only where the record says which.

    Args:
        specimens: text columns `image_id`, `genus`, `family`, `order`.
        taxonomy: columns `genus`, `family`, `order`, as `read_taxonomy` returns them; or None.

    Returns:
        The specimens, with "unknown" for what stays blank; and the report: `image_id`, `problem`.
    """
    known = {}
    if taxonomy is not None:
        for genus, family, order in zip(*(taxonomy[rank].str.strip() for rank in RANK_TERMS), strict=True):
            pairs = known.setdefault(genus.casefold(), [])
            if (family, order) not in pairs:
                pairs.append((family, order))
    given = [specimens[rank].fillna("").str.strip() for rank in RANK_TERMS]
    filled, problems = {}, []
    for row in dict.fromkeys(zip(*given, strict=True)):
        genus, family, order = (value if value.casefold() != UNKNOWN else "" for value in row)
        filled[row] = filled_row(genus, family, order, known.get(genus.casefold(), []))
    family, order, problem = ([filled[row][part] for row in zip(*given, strict=True)] for part in range(3))
    problems = pd.DataFrame({"image_id": specimens["image_id"].to_numpy(), "problem": problem})
    return (
        specimens.assign(family=family, order=order),
        problems[problems["problem"] != ""].reset_index(drop=True),
    )


def filled_row(genus: str, family: str, order: str, pairs: list[tuple[str, str]]) -> tuple[str, str, str]:
    """Return the family, the order and the problem of one genus; `pairs` are its rows in the taxonomy."""
    families = sorted({pair[0] for pair in pairs if pair[0]}, key=str.casefold)
    same = [pair for pair in pairs if pair[0].casefold() == family.casefold()] if family else pairs
    if family and families and family.casefold() not in [name.casefold() for name in families]:
        problem = f"the record has {genus} in {family}, the taxonomy in {' and '.join(families)}"
    elif not family and len(families) > 1:
        problem = f"{genus} is a genus of {' and of '.join(families)}: write the family into the record"
        same = []
    else:
        problem = ""
    family = family or next((pair[0] for pair in same if pair[0]), "")
    orders = sorted({pair[1] for pair in same if pair[1]})
    if not order and len(orders) > 1:
        problem = f"{genus} stands in the orders {' and '.join(orders)}: write the order into the record"
    elif not order and orders:
        order = orders[0]
    if not problem and not (family and order):
        blank = " and ".join(rank for rank, value in (("family", family), ("order", order)) if not value)
        problem = f"the {blank} of {genus} is unknown: give a taxonomy with that genus"
    return family or UNKNOWN, order or UNKNOWN, problem
