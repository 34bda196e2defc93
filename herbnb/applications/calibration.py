"""Calibration: is a model right as often as it says it is?"""

import numpy as np
import pandas as pd
from scipy.stats import beta

EDGES = (0.0, 0.3, 0.6, 0.75, 0.9)
"""Where the bins of confidence begin; the last goes up to 1."""


def calibration(named: pd.DataFrame) -> pd.DataFrame:
    """Compare, in bins of confidence, how sure a model was with how often it was right.

    The interval is that of Jeffreys (Brown, Cai and DasGupta 2001), as if each gathering were a
    single sheet: its duplicates are no news, and counting them would make it too narrow.

    A sheet without a confidence, which was judged by distance and not by a model, is left out.

    Args:
        named: `given`, `predicted`, `confidence` (0 to 1, or NaN), `group` (the gathering).

    Returns:
        One row a bin that holds a sheet: `from` (where it begins), `said` (the mean confidence),
        `right` (the share named rightly), `low`, `high` (95 %), `sheets`, `gatherings`.
    """
    named = named.dropna(subset="confidence")
    right = named["given"] == named["predicted"]
    begins = np.array(EDGES)[np.searchsorted(EDGES, named["confidence"], side="right") - 1]
    bins = named.assign(right=right, begins=begins).groupby("begins")
    table = bins.agg(
        said=("confidence", "mean"),
        right=("right", "mean"),
        sheets=("right", "size"),
        gatherings=("group", "nunique"),
    )
    hits, misses = table["right"] * table["gatherings"], (1 - table["right"]) * table["gatherings"]
    table["low"] = beta.ppf(0.025, hits + 0.5, misses + 0.5)
    table["high"] = beta.ppf(0.975, hits + 0.5, misses + 0.5)
    columns = ["from", "said", "right", "low", "high", "sheets", "gatherings"]
    return table.rename_axis("from").reset_index()[columns]
