"""Folds: specimens are dealt so that no one is named by a model that has seen it or its like."""

from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

FOLDS = 5


def large_enough(labels: np.ndarray, groups: np.ndarray, folds: int = FOLDS) -> np.ndarray:
    """Say for each specimen whether its taxon fills every fold: with at least `folds` groups.

    Returns a boolean array [n]; all False when fewer than two taxa do, for then there is nothing to
    tell apart.
    """
    sizes = pd.Series(groups).groupby(np.asarray(labels)).nunique()
    enough = sizes.index[sizes >= folds]
    return np.isin(labels, enough) & (len(enough) > 1)


def deal(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deal specimens into folds: groups stay together, and every fold gets its share of every taxon.

    Args:
        labels: [n].
        groups: [n]; where all differ the folds are plain stratified ones.
        folds: how many.
        seed: of the deal.

    Returns the fold of each specimen [n], from 0.
    """
    codes, members = (np.unique(of, return_inverse=True)[1].astype(np.int64) for of in (labels, groups))
    return dealt(codes.tobytes(), members.tobytes(), folds, seed)


@lru_cache(maxsize=64)
def dealt(codes: bytes, members: bytes, folds: int, seed: int) -> np.ndarray:
    """Deal as `deal` does, once for all representations: with groups it takes longer than a regression."""
    codes, members = np.frombuffer(codes, np.int64), np.frombuffer(members, np.int64)
    alone = len(np.unique(members)) == len(members)
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    parts = kind(folds, shuffle=True, random_state=seed).split(codes, codes, None if alone else members)
    fold = np.empty(len(codes), int)
    for k, (_, unseen) in enumerate(parts):
        fold[unseen] = k
    fold.setflags(write=False)  # all share it
    return fold
