"""Naming: what the sheets of a new collection would be called, by what training showed and by each
other.
"""

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from herbnb.applications.mislabels import suspect
from herbnb.applications.neighbours import vote
from herbnb.applications.regression import gatherings, large_enough
from herbnb.applications.scores import with_intervals
from herbnb.specimens import RANKS

COMMONEST = "always the commonest"
"""The baseline that looks at no sheet, and calls all by the commonest name it has learnt."""


def used_by_training(specimens: pd.DataFrame, trained_on: pd.DataFrame) -> np.ndarray:
    """Say for each specimen whether training used it: a sheet of its image id and species is there."""
    same = ["image_id", "species"]
    return pd.MultiIndex.from_frame(specimens[same]).isin(pd.MultiIndex.from_frame(trained_on[same]))


def by_training(
    learnt: np.ndarray,
    trained_on: pd.DataFrame,
    features: np.ndarray,
    specimens: pd.DataFrame,
    neighbours: int = 5,
) -> pd.DataFrame:
    """Name every sheet at each rank by the vote of the training sheets that lie nearest, by cosine.

    A sheet that training used itself is left out: it would find itself, and be right for nothing.

    Args:
        learnt: features of the training sheets, float32 [m, d].
        trained_on: the m training specimens.
        features: float32 [n, d].
        specimens: the n specimens to be named.
        neighbours: how many vote; all, if training had fewer sheets.

    Returns:
        One row a sheet and rank: `rank`, `image_id`, `group` (its gathering), `given`, `known`
        (whether any training sheet bears the name given), `predicted`, `confidence` (its share of
        the votes).
    """
    columns = ["rank", "image_id", "group", "given", "known", "predicted", "confidence"]
    asked = ~used_by_training(specimens, trained_on)
    if not asked.any():
        return pd.DataFrame(columns=columns).astype({"known": bool})
    search = NearestNeighbors(n_neighbors=min(neighbours, len(learnt))).fit(normalize(learnt))
    voters = search.kneighbors(normalize(features[asked]), return_distance=False)
    sheets = specimens[asked].assign(group=gatherings(specimens[asked]))
    parts = []
    for rank in RANKS:
        predicted, confidence = vote(trained_on[rank].to_numpy(object)[voters])
        known = sheets[rank].isin(trained_on[rank])
        named = sheets.assign(rank=rank, given=sheets[rank], known=known)
        parts.append(named.assign(predicted=predicted, confidence=confidence)[columns])
    return pd.concat(parts, ignore_index=True)


def by_own_labels(
    features: np.ndarray, specimens: pd.DataFrame, *, folds: int = 5, seed: int = 89
) -> pd.DataFrame:
    """Name the genus of every sheet by a regression on the others, duplicates excepted.

    Genera with fewer than `folds` gatherings cannot be in every fold and are left out; with fewer
    than two genera left there is no row.

    Returns:
        One row a sheet that took part: `image_id`, `group` (its gathering), `given`, `predicted`,
        `confidence` (its probability), `probability` (of the name given), `suggested` (the likeliest
        other name), `support` (its probability).
    """
    labels, groups = specimens["genus"].to_numpy(object), gatherings(specimens)
    judged = large_enough(labels, groups, folds)
    sheets = specimens.loc[judged, ["image_id"]].assign(group=groups[judged], given=labels[judged])
    columns = ["predicted", "confidence", "probability", "suggested", "support"]
    if sheets.empty:
        return sheets.reindex(columns=[*sheets, *columns])
    found = suspect(features[judged], labels[judged], groups[judged], folds=folds, seed=seed)
    found = found.set_index(sheets.index)
    probability = 1 - found["suspicion"]
    trusted = probability >= found["support"]
    sheets["predicted"] = sheets["given"].where(trusted, found["suggested"])
    sheets["confidence"] = probability.where(trusted, found["support"])
    return sheets.assign(
        probability=probability, suggested=found["suggested"], support=found["support"]
    ).reset_index(drop=True)


def always_commonest(named: pd.DataFrame, teachers: pd.DataFrame) -> pd.DataFrame:
    """Name the sheets of `named` (`rank`, `image_id`) at each rank as most of the `teachers` are."""
    once = named.drop_duplicates(["rank", "image_id"])
    commonest = {rank: teachers[rank].mode().iloc[0] for rank in RANKS}
    return once.assign(predicted=once["rank"].map(commonest), network=COMMONEST)


def name_scores(named: pd.DataFrame, teachers: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Score every network at every rank, and the commonest name beside them, with 95 % intervals.

    Args:
        named: `network`, `rank`, `image_id`, `group`, `given`, `predicted`.
        teachers: the specimens that the names were learnt from, whose commonest is the baseline.
        seed: of the intervals, which resample gatherings.

    Returns `network`, `rank`, `score`, `value`, `low`, `high`, `sheets`, `taxa`.
    """
    columns = ["network", "rank", "score", "value", "low", "high", "sheets", "taxa"]
    if named.empty:
        return pd.DataFrame(columns=columns)
    parts = []
    everyone = pd.concat([named, always_commonest(named, teachers)])
    for (network, rank), part in everyone.groupby(["network", "rank"], sort=False):
        counts = {"sheets": len(part), "taxa": part["given"].nunique()}
        parts.append(with_intervals(part, seed=seed).assign(network=network, rank=rank, **counts))
    return pd.concat(parts, ignore_index=True)[columns]
