"""Own collection: a reader's sheets, set beside the run whose networks look at them."""

import pandas as pd

from herbnb.applications.neighbours import used_by_training
from herbnb.errors import BadInput
from herbnb.representations.folds import FOLDS, large_enough
from herbnb.specimens import NAMES, gatherings


def collection_card(specimens: pd.DataFrame, trained_on: pd.DataFrame, folds: int = FOLDS) -> pd.DataFrame:
    """Count what a collection holds, and what of it training has shown: `what`, `count`.

    Without training sheets (`trained_on` has no row) there is nothing to say of training.
    """
    groups = gatherings(specimens)
    counts = {"images": len(specimens), "gatherings": len(set(groups))}
    counts |= {plural: specimens[rank].nunique() for rank, plural in NAMES.items()}
    counts["institutions"] = specimens["institution"].nunique()
    if len(trained_on):
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
