"""Scores: accuracy, precision, recall and F1 of given against predicted names, with uncertainty.

All scores come from weighted counts, so one function serves a whole set, each fold of it, and a
thousand bootstrap resamples of it at once.
"""

from functools import partial

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from herbnb.resampling import Resampling, each_fold, interval, whole_set

SCORES = ("accuracy", "precision", "recall", "f1")

BALANCED = "balanced_accuracy"
"""The score of one taxon among others that a rule which always names the same cannot raise above chance: the
mean recall of all taxa, 1/2 by any such rule where there are two. Of all taxa together it is the recall."""


def score(
    given: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None, taxon: str | None = None
) -> dict[str, np.ndarray]:
    """Score predictions under each row of `weights`.

    Args:
        given: the names on the labels [n].
        predicted: the names predicted [n].
        weights: how often each specimen counts, float32 [r, n]; None counts each once [1, n].
        taxon: score this taxon alone (accuracy is always of all); None averages over the taxa
            given, each counting the same (macro); a resample averages over the taxa it holds.

    Returns:
        For each of `SCORES` an array [r], and for one taxon `BALANCED` as well. A precision of a taxon
        that was never predicted is 0, as in scikit-learn.
    """
    given, predicted = np.asarray(given), np.asarray(predicted)
    weights = whole_set(len(given)) if weights is None else weights
    taxa = np.unique(given) if taxon is None else np.union1d(given, [taxon])
    right = given == predicted
    sizes, calls = counted(given, taxa, weights), counted(predicted, taxa, weights)
    hits = counted(given[right], taxa, weights[:, right])
    present = sizes > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        each = {
            "precision": np.where(calls > 0, hits / calls, 0),
            "recall": hits / sizes,
            "f1": 2 * hits / (sizes + calls),
        }
        means = {name: np.where(present, values, 0).sum(1) / present.sum(1) for name, values in each.items()}
        scores = {"accuracy": weights[:, right].sum(axis=1) / weights.sum(axis=1)}
    if taxon is None:
        return scores | means
    own = np.searchsorted(taxa, taxon)
    of_taxon = {name: np.where(present[:, own], values[:, own], np.nan) for name, values in each.items()}
    return scores | of_taxon | {BALANCED: means["recall"]}


def counted(names: np.ndarray, taxa: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up the weights of each taxon: [r, n] and n names give [r, taxa]."""
    codes = pd.Index(taxa).get_indexer(pd.Index(names))  # -1 for any other name
    known = np.flatnonzero(codes >= 0)
    shape = (len(taxa), len(names))
    ones = csr_array((np.ones(len(known), "float32"), (codes[known], known)), shape=shape)
    return (ones @ weights.T).T


def fold_scores(predictions: pd.DataFrame, by: list[str], taxon: str | None = None) -> pd.DataFrame:
    """Score each fold of each task: the columns `by`, `fold` and the scores that `score` gives.

    Args:
        predictions: `given`, `predicted`, `fold` and the columns `by`, which tell the tasks apart.
        by: such as network, split and rank.
        taxon: the column of `by` that names the taxon to score; None: macro averages.
    """
    names = SCORES if taxon is None else (*SCORES, BALANCED)
    parts = [pd.DataFrame(columns=[*by, "fold", *names])]
    for key, part in predictions.groupby(by, sort=False):
        task = dict(zip(by, key, strict=True))
        weights = each_fold(part["fold"])
        scores = score(part["given"], part["predicted"], weights, task.get(taxon))
        parts.append(pd.DataFrame({**task, "fold": np.unique(part["fold"]), **scores}))
    return pd.concat(parts[1:] or parts, ignore_index=True)[parts[0].columns]


def interval_scores(
    predictions: pd.DataFrame, by: list[str], taxon: str | None = None, *, seed: int = 89
) -> pd.DataFrame:
    """Score each task as a whole, with 95 % intervals that resample the column `group`.

    Args and tasks are those of `fold_scores`. Returns one row a task and score: the columns `by`,
    `score`, `value`, `low`, `high`.
    """
    rows = []
    for key, part in predictions.groupby(by, sort=False):
        named = dict(zip(by, key, strict=True)).get(taxon)
        names = part["given"], part["predicted"]
        score_of = partial(score, *names, taxon=named)
        values, draws = score_of(), Resampling(part["group"], seed).scores(score_of)
        rows += [(*key, name, float(values[name][0]), *interval(draws[name])) for name in values]
    return pd.DataFrame(rows, columns=[*by, "score", "value", "low", "high"])


BY_LOT = "by lot"
"""The contestant that looks at no sheet and answers in any way, all being as likely."""

COMMONEST = "always the commonest"
"""The baseline that looks at no sheet, and calls all by the commonest name it has learnt."""


def always_commonest(named: pd.DataFrame, teachers: pd.DataFrame) -> pd.DataFrame:
    """Return what `COMMONEST` would answer to every question that `named` answers, as rows of its kind.

    Args:
        named: `network`, `rank`, `image_id`, `predicted` and whatever else tells the questions apart.
        teachers: the specimens that the names were learnt from.
    """
    one = named[named["network"] == named["network"].iloc[0]] if len(named) else named
    commonest = {rank: teachers[rank].mode().iloc[0] for rank in one["rank"].unique()}
    return one.assign(network=COMMONEST, predicted=one["rank"].map(commonest))


def name_scores(named: pd.DataFrame, teachers: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Score every network at every rank, and the commonest name beside them, with 95 % intervals.

    Args:
        named: `network`, `rank`, `image_id`, `group`, `given`, `predicted`.
        teachers: the specimens that the names were learnt from, whose commonest is the baseline.
        seed: of the intervals, which resample gatherings.

    Returns `network`, `rank`, `score`, `value`, `low`, `high`, `sheets`, `taxa`.
    """
    everyone = pd.concat([named, always_commonest(named, teachers)], ignore_index=True)
    by = ["network", "rank"]
    counts = everyone.groupby(by)["given"].agg(sheets="size", taxa="nunique").reset_index()
    return interval_scores(everyone, by, seed=seed).merge(counts, on=by, how="left")
