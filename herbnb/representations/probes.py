"""Probes: what straight borders through the features can tell.

Walker, Tucker and Nicolson (2022) asked every representation the same question with the same simple
model, a logistic regression: whatever it can name, the features must have made plain.
"""

import warnings

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from herbnb.representations.folds import FOLDS, deal, large_enough

STRENGTHS = 10.0 ** np.arange(-3, 3)
"""Values of C to choose from: the larger, the more a logistic regression may lean on what it sees."""

LEAST = 1e-15
"""Of a probability whose logarithm is taken."""

CHOOSING = 3
"""Folds to choose C by: two thirds of the training sheets are enough for that."""


def probe(balanced: bool = True, c: float = 1.0):
    """Make the published model: standardise, then logistic regression, with C = 1 as published.

    The scaler is a step of the model, so that it learns from the training folds alone. Two things
    only save time: the features are turned onto their own axes, which changes no prediction of a
    model whose penalty is the same in all directions, and Newton's method is used, which finds the
    one optimum in fewer steps where features are as alike as those of an untrained network.
    """
    regression = LogisticRegression(
        C=c,
        class_weight="balanced" if balanced else None,
        max_iter=5000,
        solver="newton-cg",
    )
    return make_pipeline(StandardScaler(), PCA(), regression)


def choose_c(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    seed: int = 89,
    *,
    balanced: bool = True,
) -> float:
    """Choose C for a representation: the one that gives unseen sheets the likeliest names.

    One value does not suit all: representations differ in width and in spread. It is chosen among
    `STRENGTHS` by the log loss of a cross-validation of the sheets given.

    Args:
        features: float32 [n, d].
        labels: [n].
        groups: [n], what must stay in one fold together.
        seed: of the deal into folds.
        balanced: as for `probe`.

    Returns 1, the published value, where fewer than two taxa fill every fold.
    """
    rows = np.flatnonzero(large_enough(labels, groups, CHOOSING))
    if not len(rows):
        return 1.0
    x, given = features[rows], labels[rows]
    fold = deal(given, groups[rows], CHOOSING, seed)

    def losses(k: int) -> list[float]:
        *prepare, regression = probe(balanced).named_steps.values()
        regression.set_params(warm_start=True)
        prepare = make_pipeline(*prepare)
        taught = prepare.fit_transform(x[fold != k])
        others = prepare.transform(x[fold == k])
        found = []
        for c in STRENGTHS:
            regression.set_params(C=c).fit(taught, given[fold != k])
            probabilities = regression.predict_proba(others)
            found.append(log_loss(given[fold == k], probabilities, regression))
        return found

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # as in `out_of_fold`
        of_folds = [losses(k) for k in range(CHOOSING)]
    return float(STRENGTHS[np.mean(of_folds, axis=0).argmin()])


def log_loss(given: np.ndarray, probabilities: np.ndarray, model) -> float:
    """Return the mean of minus the logarithm of what a fitted model gives to the names on the labels.

    A name that the model has not learnt has the least probability, which scikit-learn's loss refuses.
    """
    place = pd.Index(model.classes_).get_indexer(pd.Index(given))
    of_given = np.where(place < 0, LEAST, probabilities[np.arange(len(given)), place])
    return float(-np.log(of_given.clip(LEAST)).mean())


def out_of_fold(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    folds: int = FOLDS,
    seed: int = 89,
    balanced: bool = True,
    c: float = 1.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predict every specimen by a model that saw neither it nor another of its group.

    Args:
        features: float32 [n, d].
        labels: [n], every taxon in at least `folds` groups (see `large_enough`).
        groups: [n], what must stay in one fold together; all different: plain stratified folds.
        folds: how many.
        seed: shuffles the specimens before they are dealt into folds.
        balanced: as for `probe`.
        c: as for `probe`.

    Returns:
        Probabilities float64 [n, k]; the taxa [k] that their columns stand for; the fold [n] of
        each specimen.
    """
    taxa, codes = np.unique(labels, return_inverse=True)
    fold = deal(labels, groups, folds, seed)

    def predict(k: int) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(invalid="ignore"):  # a collapsed network gives all sheets the same features
            model = probe(balanced, c).fit(features[fold != k], codes[fold != k])
        return model.predict_proba(features[fold == k]), model.classes_

    probabilities = np.zeros((len(labels), len(taxa)))
    with threadpool_limits(1):  # a matrix so small is sooner multiplied than handed to threads
        for k in range(folds):
            of_each, known = predict(k)
            probabilities[np.ix_(fold == k, known)] = of_each
    return probabilities, taxa, fold
