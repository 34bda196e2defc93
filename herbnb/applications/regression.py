"""Regression: the published probe, an L2 logistic regression on standardised features,
cross-validated.

Walker, Tucker and Nicolson (2022) asked every representation the same question with the same simple
model: whatever the regression can name, the features must have made plain.
"""

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits


def probe(balanced: bool = True):
    """Make the published model: standardise, then logistic regression with C = 1.

    The scaler is a step of the model, so that it learns from the training folds alone. Two things
    only save time: the features are turned onto their own axes, which changes no prediction of a
    model whose penalty is the same in all directions, and Newton's method is used, which finds the
    one optimum in fewer steps where features are as alike as those of an untrained network.
    """
    weights = "balanced" if balanced else None
    regression = LogisticRegression(C=1.0, class_weight=weights, max_iter=5000, solver="newton-cg")
    return make_pipeline(StandardScaler(), PCA(), regression)


def gatherings(specimens: pd.DataFrame) -> np.ndarray:
    """Say for each specimen what it must not be parted from: its gathering, or itself if that is
    unknown.

    Duplicates of one gathering are near-copies; one in the training folds gives the other away.
    """
    return specimens["gathering"].where(specimens["gathering"] != "", specimens["image_id"]).to_numpy()


def large_enough(labels: np.ndarray, groups: np.ndarray, folds: int = 5) -> np.ndarray:
    """Say for each specimen whether its taxon fills every fold: with at least `folds` groups.

    Returns a boolean array [n]; all False when fewer than two taxa do, for then there is nothing to
    tell apart.
    """
    sizes = pd.Series(groups).groupby(np.asarray(labels)).nunique()
    enough = sizes.index[sizes >= folds]
    return np.isin(labels, enough) & (len(enough) > 1)


def out_of_fold(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    folds: int = 5,
    seed: int = 89,
    balanced: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predict every specimen by a model that saw neither it nor another of its group.

    Args:
        features: float32 [n, d].
        labels: [n], every taxon in at least `folds` groups (see `large_enough`).
        groups: [n], what must stay in one fold together; all different: plain stratified folds.
        folds: how many.
        seed: shuffles the specimens before they are dealt into folds.
        balanced: whether a taxon's weight is inverse to its size.

    Returns:
        Probabilities float64 [n, k]; the taxa [k] that their columns stand for; the fold [n] of
        each specimen.
    """
    taxa, codes = np.unique(labels, return_inverse=True)
    alone = len(np.unique(groups)) == len(groups)
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    deal = kind(folds, shuffle=True, random_state=seed)
    folded = list(deal.split(features, codes, None if alone else groups))

    def predict(seen: np.ndarray, unseen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(invalid="ignore"):  # a collapsed network gives all sheets the same features
            model = probe(balanced).fit(features[seen], codes[seen])
        return model.predict_proba(features[unseen]), model.classes_

    probabilities, fold = np.zeros((len(labels), len(taxa))), np.empty(len(labels), int)
    with threadpool_limits(1):  # a matrix so small is sooner multiplied than handed to threads
        predicted = Parallel(n_jobs=-1, prefer="threads")(delayed(predict)(*k) for k in folded)
    for k, ((_, unseen), (of_each, known)) in enumerate(zip(folded, predicted, strict=True)):
        probabilities[np.ix_(unseen, known)] = of_each
        fold[unseen] = k
    return probabilities, taxa, fold
