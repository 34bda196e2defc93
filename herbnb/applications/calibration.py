"""Calibration: is a model right as often as it says it is, and how often where it is surest?"""

import numpy as np
import pandas as pd
from scipy.stats import beta

from herbnb.resampling import mean_interval

SHARES = np.arange(1, 11) / 10
"""Of the sheets, the surest first, that a model is let name."""

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


def coverage(named: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Say how often a model is right if it names only the sheets of which it is surest.

    This is accuracy against coverage (El-Yaniv and Wiener 2010). A sheet without a confidence is left out,
    as in `calibration`; of sheets of which it is as sure, those with the smaller image id come first.

    Args:
        named: `image_id`, `given`, `predicted`, `confidence` (0 to 1, or NaN), `group` (the gathering).
        seed: of the intervals, which resample gatherings.

    Returns:
        One row for each of `SHARES` that comes to a sheet: `share`, `right` (the share of these named
        rightly), `low`, `high` (95 %), `sheets`, `sure` (the confidence in the last of them).
    """
    order = ["confidence", "image_id"]
    surest = named.dropna(subset="confidence").sort_values(order, ascending=[False, True])
    right = (surest["given"] == surest["predicted"]).to_numpy(float)
    groups, confidence = surest["group"].to_numpy(), surest["confidence"].to_numpy()
    rows = []
    for share in SHARES:
        if first := round(share * len(surest)):
            between = mean_interval(right[:first], groups[:first], seed)
            rows.append((share, right[:first].mean(), *between, first, confidence[first - 1]))
    return pd.DataFrame(rows, columns=["share", "right", "low", "high", "sheets", "sure"])
