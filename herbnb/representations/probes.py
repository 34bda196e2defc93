"""Readings: what a straight line through the features can tell, of the plant and of its paper."""

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from herbnb.representations.intervals import bootstrap

PENALTIES = 10.0 ** np.arange(0, 6)
"""Ridge penalties to choose from; features are standardised first."""

FOLDS = 5

TRAITS = ("length", "ratio", "lobe_depth", "leaf_angle", "branching", "flower_size", "tint", "fading")
"""Of the traits of a drawn plant, some to read: of its leaves, its habit, its flowers, and its age."""


def read_numbers(learn, known: pd.DataFrame, test, truth: pd.DataFrame, seed: int, groups) -> pd.DataFrame:
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
    model = make_pipeline(StandardScaler(), RidgeCV(PENALTIES, alpha_per_target=True))
    predicted = model.fit(learn, known[columns].to_numpy()).predict(test).reshape(len(truth), -1)
    rows = []
    for column, values in zip(columns, predicted.T, strict=True):
        actual = truth[column].to_numpy()
        explained = 1 - (actual - values) ** 2 / actual.var()  # their mean is the usual R²
        low, high = bootstrap(explained, seed, groups=groups)
        rows.append({"trait": column, "r2": explained.mean(), "low": low, "high": high})
    return pd.DataFrame(rows)


def read_names(features: np.ndarray, names: pd.Series, seed: int) -> float:
    """Predict a name from features, each sheet by a regression that has not seen it.

    Returns the balanced accuracy, at best 1; guessing scores one over the number of names. Names with
    fewer sheets than there are folds are left out; with fewer than two names left it is not a number.
    """
    names = pd.Series(names).reset_index(drop=True)
    kept = (names.map(names.value_counts()) >= FOLDS).to_numpy()
    if names[kept].nunique() < 2:
        return float("nan")
    model = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES, class_weight="balanced"))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    predicted = cross_val_predict(model, features[kept], names[kept], cv=folds)
    return float(balanced_accuracy_score(names[kept], predicted))
