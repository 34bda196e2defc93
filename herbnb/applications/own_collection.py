"""Own collection: a reader's sheets, set beside the run whose networks look at them."""

import re
from pathlib import Path

import pandas as pd

from herbnb.applications.naming import used_by_training
from herbnb.applications.regression import gatherings, large_enough
from herbnb.errors import BadInput
from herbnb.specimens import check_specimens, write_specimens

TAKEN = ("activations", "features", "half_earth", "kew", "networks")
"""Names that a run needs for itself."""


def adopt(specimens: pd.DataFrame, folder: str | Path, results: str | Path, name: str) -> pd.DataFrame:
    """Write the table of a collection to `<results>/<name>/specimens.parquet`, and return it.

    Its paths become absolute, so that they open from anywhere, and every sheet's split is called
    "collection", whatever part it may have played elsewhere.

    Args:
        specimens: the table of the collection, its paths relative to `folder` or absolute.
        folder: the collection's own, which is left as it is.
        results: of the run.
        name: what the run calls the collection: letters, digits, `_` and `-`.

    Raises:
        BadInput: a name that is not plain or is taken, or that is the collection's own folder.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name) or name.lower() in TAKEN:
        raise BadInput(
            f"name is {name!r}: choose a word of letters, digits, _ and -, other than {', '.join(TAKEN)}."
        )
    home, folder = Path(results) / name, Path(folder)
    if home.resolve() == folder.resolve():
        raise BadInput(f"name is {name!r}, which is the folder of the collection itself: choose another.")
    paths = [(folder / path).resolve().as_posix() for path in specimens["path"]]
    table = check_specimens(specimens.assign(path=paths, split="collection"), folder)
    write_specimens(table, home / "specimens.parquet")
    return table


def collection_card(specimens: pd.DataFrame, trained_on: pd.DataFrame, folds: int = 5) -> pd.DataFrame:
    """Count what a collection holds, and what of it training has shown: `what`, `count`."""
    columns = dict(species="species", genus="genera", family="families", order="orders")
    groups = gatherings(specimens)
    counts = {"images": len(specimens), "gatherings": len(set(groups))}
    counts |= {plural: specimens[rank].nunique() for rank, plural in columns.items()}
    counts["institutions"] = specimens["institution"].nunique()
    seen = specimens["genus"].isin(trained_on["genus"])
    counts["genera that training has shown"] = specimens.loc[seen, "genus"].nunique()
    counts["genera that it has not"] = specimens.loc[~seen, "genus"].nunique()
    counts["images of these"] = int((~seen).sum())
    counts["images that training itself has used"] = int(used_by_training(specimens, trained_on).sum())
    judged = large_enough(specimens["genus"].to_numpy(object), groups, folds)
    counts["genera large enough for a regression"] = specimens.loc[judged, "genus"].nunique()
    counts["images of smaller ones"] = int((~judged).sum())
    return pd.DataFrame(counts.items(), columns=["what", "count"])


def sheet_to_show(specimens: pd.DataFrame, listed: pd.DataFrame, sheet: str) -> str:
    """Return the image id `sheet`; if that is "", the first of the review list, or of all sheets.

    Raises:
        BadInput: no sheet of the collection has that id.
    """
    if not sheet:
        return (listed if len(listed) else specimens)["image_id"].iloc[0]
    if sheet not in set(specimens["image_id"]):
        example = specimens["image_id"].iloc[0]
        raise BadInput(
            f"sheet is {sheet!r}, which no sheet has for an image_id: give one such as {example!r}."
        )
    return sheet
