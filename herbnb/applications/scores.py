"""Scores: accuracy, precision, recall and F1 of given against predicted names, with uncertainty.

All scores come from weighted counts, so one function serves a whole set, each fold of it, and a
thousand bootstrap resamples of it (Efron and Tibshirani 1993) at once.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

SCORES = ("accuracy", "precision", "recall", "f1")
RESAMPLES = 1000


def resample(groups: np.ndarray, seed: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Draw bootstrap samples of groups with replacement, as weights float32 [resamples, n].

    Specimens of one group come and go together. The same groups and seed give the same weights:
    scores of two networks under them are paired.
    """
    names, member = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    weights = np.empty((resamples, len(member)), "float32")
    for row in weights:
        drawn = rng.integers(len(names), size=len(names))
        row[:] = np.bincount(drawn, minlength=len(names))[member]
    return weights


def score(
    given: np.ndarray, predicted: np.ndarray, weights: np.ndarray, taxon: str | None = None
) -> dict[str, np.ndarray]:
    """Score predictions under each row of `weights`.

    Args:
        given: the names on the labels [n].
        predicted: the names predicted [n].
        weights: how often each specimen counts, float32 [r, n].
        taxon: score this taxon alone (accuracy is always of all); None averages over the taxa
            given, each counting the same (macro); a resample averages over the taxa it holds.

    Returns:
        For each of `SCORES` an array [r]. A precision of a taxon that was never predicted is 0, as
        in scikit-learn.
    """
    given, predicted = np.asarray(given), np.asarray(predicted)
    taxa = np.unique(given) if taxon is None else np.array([taxon])
    right = given == predicted
    sizes, calls = count(given, taxa, weights), count(predicted, taxa, weights)
    hits = count(given[right], taxa, weights[:, right])
    with np.errstate(invalid="ignore", divide="ignore"):
        each = {
            "precision": np.where(calls > 0, hits / calls, 0),
            "recall": hits / sizes,
            "f1": 2 * hits / (sizes + calls),
        }
        present = sizes > 0
        means = {
            name: np.where(present, values, 0).sum(axis=1) / present.sum(axis=1)
            for name, values in each.items()
        }
        return {"accuracy": weights[:, right].sum(axis=1) / weights.sum(axis=1), **means}


def count(names: np.ndarray, taxa: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up the weights of each taxon: [r, n] and n names give [r, taxa]."""
    codes = pd.Index(taxa).get_indexer(pd.Index(names))  # -1 for any other name
    known = np.flatnonzero(codes >= 0)
    shape = (len(taxa), len(names))
    ones = csr_array((np.ones(len(known), "float32"), (codes[known], known)), shape=shape)
    return (ones @ weights.T).T


def whole_set(n: int) -> np.ndarray:
    """Weights [1, n] that count every specimen once."""
    return np.ones((1, n), "float32")


def each_fold(fold: np.ndarray) -> np.ndarray:
    """Weights [folds, n] that count the specimens of one fold each."""
    return (np.asarray(fold) == np.unique(fold)[:, None]).astype("float32")


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile interval of bootstrap draws, leaving out those that are not defined."""
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return float("nan"), float("nan")
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def by_fold(predictions: pd.DataFrame, taxon: str | None = None) -> pd.DataFrame:
    """Score each fold of `given` and `predicted`: `fold` and the four scores."""
    folds = np.unique(predictions["fold"])
    weights = each_fold(predictions["fold"])
    scores = score(predictions["given"], predictions["predicted"], weights, taxon)
    return pd.DataFrame({"fold": folds, **scores})


def with_intervals(predictions: pd.DataFrame, *, seed: int = 89, taxon: str | None = None) -> pd.DataFrame:
    """Score `predictions` (`given`, `predicted`, `group`) as a whole, with 95 % bootstrap
    intervals.

    Returns one row a score: `score`, `value`, `low`, `high`.
    """
    names = predictions["given"], predictions["predicted"]
    values = score(*names, whole_set(len(predictions)), taxon)
    draws = score(*names, resample(predictions["group"], seed), taxon)
    rows = [(name, float(values[name][0]), *interval(draws[name])) for name in SCORES]
    return pd.DataFrame(rows, columns=["score", "value", "low", "high"])
