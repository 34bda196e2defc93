"""Readings: numbers and names that a straight line can read from the features, of the plant and of its paper.

The model is a ridge regression, which takes many numbers or names at once.
"""

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from herbnb.representations.folds import FOLDS, deal, large_enough
from herbnb.resampling import mean_interval

PENALTIES = 10.0 ** np.arange(0, 6)
"""Ridge penalties to choose from; features are standardised first."""

TRAITS = ("length", "ratio", "lobe_depth", "leaf_angle", "branching", "flower_size", "tint", "fading")
"""Of the traits of a drawn plant, some to read: of its leaves, its habit, its flowers, and its age."""


def probe_numbers(
    learn: np.ndarray,
    known: pd.DataFrame,
    test: np.ndarray,
    truth: pd.DataFrame,
    seed: int,
    groups: pd.Series,
) -> pd.DataFrame:
    """Predict numbers from features by ridge regression, and score it on sheets it has not seen.

    Args:
        learn: features [n, d] of the sheets to learn from.
        known: their numbers, one column each.
        test: features [m, d] of other sheets.
        truth: theirs, with the same columns.
        seed: of the intervals.
        groups: [m], what the intervals resample, such as the species.

    Returns `trait`, `r2`, `low`, `high`: the share of the variance that is explained, at best 1; 0 is what
    the mean of the test sheets would score, and worse than that is possible. A column that does not vary
    in either table is left out.
    """
    columns = [c for c in known if known[c].std() > 0 and truth[c].std() > 0]
    if not columns:
        return pd.DataFrame(columns=["trait", "r2", "low", "high"])
    ridge = RidgeCV(PENALTIES, alpha_per_target=True)
    model = make_pipeline(StandardScaler(), ridge)
    predicted = model.fit(learn, known[columns].to_numpy()).predict(test)
    predicted = predicted.reshape(len(truth), -1)  # also of a single column
    rows = []
    for column, values in zip(columns, predicted.T, strict=True):
        actual = truth[column].to_numpy()
        # a share for each sheet; their mean is the usual R²
        explained = 1 - (actual - values) ** 2 / actual.var()
        low, high = mean_interval(explained, groups, seed)
        rows.append((column, explained.mean(), low, high))
    return pd.DataFrame(rows, columns=["trait", "r2", "low", "high"])


def probe_names(features: np.ndarray, names: np.ndarray, groups: np.ndarray, seed: int) -> float:
    """Predict a name from features, each sheet by a regression that saw neither it nor another of its group.

    Returns the balanced accuracy, at best 1; guessing scores one over the number of names. Names with
    fewer groups than there are folds are left out; with fewer than two names left it is not a number.
    """
    kept = large_enough(names, groups)
    if not kept.any():
        return float("nan")
    model = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES, class_weight="balanced"))
    folds = PredefinedSplit(deal(names[kept], groups[kept], FOLDS, seed))
    predicted = cross_val_predict(model, features[kept], names[kept], cv=folds)
    return float(balanced_accuracy_score(names[kept], predicted))
