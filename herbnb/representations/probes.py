"""Probes: what straight borders through the features can tell.

Walker, Tucker and Nicolson (2022) asked every representation the same question with the same simple
model, a logistic regression: whatever it can name, the features must have made plain.
"""

import warnings
from types import ModuleType

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from herbnb.devices import LARGE
from herbnb.representations.folds import FOLDS, deal, large_enough

STRENGTHS = 10.0 ** np.arange(-3, 3)
"""Values of C to choose from: the larger, the more a logistic regression may lean on what it sees."""

LEAST = 1e-15
"""Of a probability whose logarithm is taken."""

CHOOSING = 3
"""Folds to choose C by: two thirds of the training sheets are enough for that."""

ROUGHLY = 100
"""How many times `regression.CLOSE` will do to choose C: the log loss is right to a thousandth then, or to
some hundredths at the least C, where a search begins."""


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


def fitted(features: np.ndarray, labels: np.ndarray, *, balanced: bool = True, c: float = 1.0):
    """Fit the model to sheets: `probe`, or of `LARGE` sheets and more the same as a `Regression`.

    By one thread, at C = 0.1 and 1280 wide, a fit to 2000 sheets of 60 genera took either of them 3 s, and
    one to 4800 of 80 took scikit-learn 13 s and `Regression` 8 s.

    Args:
        features: float32 [n, d].
        labels: [n], of two taxa at least.
        balanced: as for `probe`.
        c: as for `probe`.

    Returns what has `predict`, `predict_proba` and `classes_`.
    """
    model = probe(balanced, c) if len(labels) < LARGE else regression().Regression(c, balanced)
    return model.fit(features, labels)


def regression() -> ModuleType:
    """Return the module of the regression of many sheets, which needs PyTorch."""
    from herbnb.representations import regression

    return regression


def limited(sheets: int) -> threadpool_limits:
    """Keep products to one thread for as long as it lasts, if it is about fewer sheets than `LARGE`.

    A matrix so small is sooner multiplied than handed to threads.
    """
    return threadpool_limits(1 if sheets < LARGE else None)


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
    `STRENGTHS` by the log loss of a cross-validation of the sheets given; of `LARGE` sheets and more
    by that of one third of them: see `choose_along`.

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
    if len(rows) >= LARGE:
        return choose_along(x, given, fold == 0, balanced)

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

    with limited(len(rows)), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # as in `out_of_fold`
        of_folds = [losses(k) for k in range(CHOOSING)]
    return float(STRENGTHS[np.mean(of_folds, axis=0).argmin()])


def choose_along(features: np.ndarray, labels: np.ndarray, unseen: np.ndarray, balanced: bool) -> float:
    """Choose C among `STRENGTHS` by the log loss of sheets held out, the least C first.

    As C grows the loss falls, and from some C on it rises. So where it has risen once nothing larger is
    tried, for the larger C is, the longer a search takes.

    Args:
        features: float32 [n, d].
        labels: [n].
        unseen: whether a sheet is held out, bool [n].
        balanced: as for `probe`.
    """
    of_many = regression()
    model = of_many.Regression(balanced=balanced, close=ROUGHLY * of_many.CLOSE)
    chosen, least = 1.0, np.inf
    for c in model.path(features[~unseen], labels[~unseen], STRENGTHS):
        loss = log_loss(labels[unseen], model.predict_proba(features[unseen]), model)
        if loss > least:
            break
        chosen, least = float(c), loss
    return chosen


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
    of_many, model = regression() if len(labels) >= LARGE else None, None
    axes = of_many.axes_of(features) if of_many else None
    probabilities = np.zeros((len(labels), len(taxa)))
    with limited(len(labels)):
        for k in range(folds):
            taught, asked = fold != k, fold == k
            model = of_many.Regression(c, balanced, axes, start=model) if of_many else probe(balanced, c)
            with np.errstate(invalid="ignore"):  # a collapsed network gives all sheets the same features
                model.fit(features[taught], codes[taught])
            probabilities[np.ix_(asked, model.classes_)] = model.predict_proba(features[asked])
    return probabilities, taxa, fold
