"""Suspicion: how little the features of a sheet suit the name on its label.

Two measures, which both ask sheets of other gatherings alone. One learns: a regression gives the name a
probability, and suspicion is what is left of it (Northcutt and others 2021). The other learns nothing: it
sets the way to the nearest sheet of the same name against the way to the nearest of another, which is the
nonconformity of a nearest neighbour (Vovk, Gammerman and Shafer 2005) as a share, and so judges any name
that two gatherings bear. Both lie between 0 and 1, and mean the same beyond a half: see `DOUBTED`.
"""

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from sklearn.preprocessing import normalize

from herbnb.applications.hierarchy import Answers
from herbnb.representations.folds import FOLDS, large_enough
from herbnb.representations.probes import choose_c, out_of_fold
from herbnb.representations.search import Search

MEASURES = ("probability", "distance", "both")
"""What a sheet may be judged by: the regression, the ratio of distances, or the mean of the two."""

DOUBTED = 0.5
"""Beyond this suspicion another name fits better, and a name is doubted."""

NOISE = 1e-12
"""Squared distances below this are round-off, between vectors of length 1."""


def likely_c(features: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int = 89) -> float:
    """Choose the C of a judge, by the labels as they are given, right and wrong: see `probes.choose_c`."""
    return choose_c(features, labels, groups, seed, balanced=False)


def name_by_others(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    folds: int = FOLDS,
    seed: int = 89,
    c: float | None = None,
) -> Answers:
    """Let a regression, without class weights, name every sheet after learning from those of other folds.

    Its C is chosen, by `likely_c`, unless it is given. Every name has at least `folds` gatherings.
    """
    data = features, labels, groups
    c = c or likely_c(*data, seed)
    options = {"folds": folds, "seed": seed, "balanced": False}
    probabilities, taxa, _ = out_of_fold(*data, c=c, **options)
    return Answers(np.arange(len(labels)), probabilities, taxa)


def name_large_taxa(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, folds: int = FOLDS, seed: int = 89
) -> Answers:
    """Let a regression name the sheets of all taxa of at least `folds` gatherings, as `name_by_others` does.

    It learns from these sheets alone, and `rows` says which they are: none where fewer than two taxa have as
    many gatherings.
    """
    large = large_enough(labels, groups, folds)
    if not large.any():
        taxa = np.unique(labels)
        return Answers(np.zeros(0, int), np.zeros((0, len(taxa))), taxa)
    named = name_by_others(features[large], labels[large], groups[large], folds=folds, seed=seed)
    return named._replace(rows=np.flatnonzero(large))


def by_answers(labels: np.ndarray, answers: Answers) -> pd.DataFrame:
    """Judge every label by what a regression calls its sheet.

    Returns one row a sheet, in order: `suspicion`, which is one minus the probability of the name
    given; `flagged`, whether confident learning counts the label as an issue
    (`prune_by_noise_rate`); `suggested`, the likeliest other name; and `support`, its probability.
    """
    _, probabilities, taxa = answers
    codes = np.searchsorted(taxa, labels)
    flagged = find_label_issues(
        codes,
        probabilities,
        filter_by="prune_by_noise_rate",
        n_jobs=1,
    )
    own = np.arange(len(codes)), codes
    others = probabilities.copy()
    others[own] = -1
    return pd.DataFrame(
        {
            "suspicion": 1 - probabilities[own],
            "flagged": flagged,
            "suggested": taxa[others.argmax(axis=1)],
            "support": others.max(axis=1),
        }
    )


def suspect_by_distance(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
) -> pd.DataFrame:
    """Judge every label by the nearest sheets of other gatherings, one of its own name and one of
    another.

    Nothing is trained. Near is near by cosine, as for `neighbours.find_neighbours`: the squared
    distance of two vectors of length 1 is two minus twice their cosine. Not judged is a label that
    no other gathering bears, and any label where all others are the same. In a very large collection the
    nearest is looked for where it is likely: see `search.Search`.

    Args:
        features: float32 [n, d].
        labels: the names given [n].
        groups: the gathering of each sheet [n].

    Returns:
        One row a sheet, in order: `suspicion`, d²(same) / (d²(same) + d²(other)), from 0 to 1, and 0
        where it is not judged; `flagged`, whether another name is nearer; `suggested`, the nearest
        other name; `judged`; `recall` (of the search for that name: see `search.Nearest`).
    """
    taxa, codes = np.unique(labels, return_inverse=True)
    group = np.unique(groups, return_inverse=True)[1]
    units = normalize(features.astype(float))
    search = Search(units)
    found = search.others(1, np.stack([codes, group], axis=1))
    rival, other = found.rows[:, 0], found.distances[:, 0] ** 2
    same = search.alike(1, codes, group).distances[:, 0] ** 2
    judged = np.isfinite(same) & np.isfinite(other)
    same, other = np.where(judged, np.maximum([same, other], NOISE), 1)
    ratio = np.where(judged, same / (same + other), 0)
    return pd.DataFrame(
        {
            "suspicion": ratio,
            "flagged": ratio > DOUBTED,
            "suggested": taxa[codes[rival]],
            "judged": judged,
            "recall": found.recall,
        }
    )


def suspect_by_both(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, folds: int = FOLDS, seed: int = 89
) -> tuple[pd.DataFrame, Answers]:
    """Judge every label by both measures, each as far as it can.

    The regression is asked about the names with at least `folds` gatherings, if there are two of
    them, and learns from their sheets alone.

    Returns:
        One row a sheet, in order: `judged_by`, "both", "distance" where the regression cannot judge,
        or "" where neither can; `suspicion` and `flagged` by the regression, 0 and False without it;
        `ratio`, the suspicion by distance; `suggested`, the likeliest other name or, without the
        regression, the nearest; `support`, the probability of that name, NaN without the regression;
        `recall` (see `suspect_by_distance`).
        And what the regression calls the sheets that it was asked about; no row without it.
    """
    near = suspect_by_distance(features, labels, groups)
    named = name_large_taxa(features, labels, groups, folds=folds, seed=seed)
    table = pd.DataFrame({"judged_by": np.where(near["judged"], "distance", "").astype(object)})
    table = table.assign(suspicion=0.0, flagged=False, ratio=near["suspicion"])
    table = table.assign(suggested=near["suggested"].astype(object), support=np.nan)
    table = table.assign(recall=near["recall"])
    if len(named.rows):
        found = by_answers(labels[named.rows], named)
        table.loc[named.rows, "judged_by"] = "both"
        table.loc[named.rows, [*found]] = found.to_numpy(object)
    return table.astype({"suspicion": float, "flagged": bool, "support": float}), named


def seen_by(judged: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return `judged` (`suspicion`, `flagged`, `ratio`, `judged_by`) with the `suspicion` of one of
    `MEASURES`, and `flagged` accordingly.

    "both" is the mean of the two where both could judge, and else the one that could. A sheet that a
    measure cannot judge has the suspicion 0: it is at the end of a list.
    """
    if measure == "probability":
        return judged
    mean = judged[["suspicion", "ratio"]].mean(axis=1)
    alone = (measure == "distance") | (judged["judged_by"] != "both")
    suspicion = judged["ratio"].where(alone, mean)
    return judged.assign(suspicion=suspicion, flagged=suspicion > DOUBTED)
