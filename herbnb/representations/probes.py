"""Probes: what straight borders and lines through the features can tell, of the plant and of its paper.

Walker, Tucker and Nicolson (2022) asked every representation the same question with the same simple
model: whatever a regression can name, the features must have made plain. The published probe is a
logistic regression; the others are ridge regressions, for numbers and for many names at once.
"""

import warnings
from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV, RidgeCV
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import PredefinedSplit, StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from herbnb.resampling import mean_interval

PENALTIES = 10.0 ** np.arange(0, 6)
"""Ridge penalties to choose from; features are standardised first."""

STRENGTHS = 10.0 ** np.arange(-3, 3)
"""Values of C to choose from: the larger, the more a logistic regression may lean on what it sees."""

LEAST = 1e-15
"""Of a probability whose logarithm is taken."""

FOLDS = 5

CHOOSING = 3
"""Folds to choose C by: two thirds of the training sheets are enough for that."""

TRAITS = ("length", "ratio", "lobe_depth", "leaf_angle", "branching", "flower_size", "tint", "fading")
"""Of the traits of a drawn plant, some to read: of its leaves, its habit, its flowers, and its age."""


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


def large_enough(labels: np.ndarray, groups: np.ndarray, folds: int = FOLDS) -> np.ndarray:
    """Say for each specimen whether its taxon fills every fold: with at least `folds` groups.

    Returns a boolean array [n]; all False when fewer than two taxa do, for then there is nothing to
    tell apart.
    """
    sizes = pd.Series(groups).groupby(np.asarray(labels)).nunique()
    enough = sizes.index[sizes >= folds]
    return np.isin(labels, enough) & (len(enough) > 1)


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
