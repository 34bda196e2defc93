"""Scores, against scikit-learn, and their intervals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from herbnb.applications.scores import (
    SCORES,
    by_fold,
    each_fold,
    interval,
    resample,
    score,
    whole_set,
    with_intervals,
)


@pytest.fixture
def names():
    rng = np.random.default_rng(1)
    given = np.repeat(np.array(["Acer", "Carex", "Poa", "Rosa"], object), [50, 30, 12, 8])
    other = rng.permutation(given)
    return given, np.where(rng.random(100) < 0.6, given, other)


def test_scores_are_those_of_scikit_learn(names):
    ours = score(*names, whole_set(100))
    theirs = precision_recall_fscore_support(*names, average="macro", zero_division=0)
    for name, value in zip(SCORES[1:], theirs, strict=False):
        assert ours[name][0] == pytest.approx(value, abs=1e-6)
    assert ours["accuracy"][0] == pytest.approx(accuracy_score(*names))


def test_scores_of_one_taxon_are_those_of_scikit_learn(names):
    ours = score(*names, whole_set(100), taxon="Carex")
    theirs = precision_recall_fscore_support(*names, labels=["Carex"], zero_division=0)
    for name, value in zip(SCORES[1:], theirs, strict=False):
        assert ours[name][0] == pytest.approx(value[0], abs=1e-6)


def test_a_weight_of_two_is_a_specimen_twice(names):
    given, predicted = names
    weights = resample(np.arange(100), seed=3, resamples=2)
    times = weights[0].astype(int)
    ours = score(given, predicted, weights)["f1"][0]
    theirs = score(given.repeat(times), predicted.repeat(times), whole_set(times.sum()))["f1"][0]
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_a_taxon_never_predicted_has_no_precision():
    given = np.array(["a", "a", "b"])
    scores = score(given, np.array(["a", "a", "a"]), whole_set(3))
    assert scores["precision"][0] == pytest.approx(1 / 3)
    assert scores["recall"][0] == pytest.approx(0.5)


def test_folds_are_scored_by_themselves(names):
    fold = np.arange(100) % 5
    table = pd.DataFrame({"given": names[0], "predicted": names[1], "fold": fold})
    scores = by_fold(table)
    second = table[table["fold"] == 1]
    expected = score(second["given"], second["predicted"], whole_set(20))
    assert scores.loc[1, "f1"] == pytest.approx(expected["f1"][0])
    assert each_fold(fold).sum() == 100


def test_groups_are_drawn_whole():
    groups = np.array(["x", "x", "y", "z", "z", "z"])
    weights = resample(groups, seed=5)
    assert (weights[:, 0] == weights[:, 1]).all() and (weights[:, 3] == weights[:, 5]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert (weights == resample(groups, seed=5)).all()


def test_an_interval_holds_the_value_and_narrows_with_more_specimens(names):
    small = pd.DataFrame({"given": names[0], "predicted": names[1], "group": np.arange(100)})
    large = pd.concat([small] * 9).assign(group=np.arange(900))
    widths = []
    for table in (small, large):
        row = with_intervals(table).set_index("score").loc["accuracy"]
        assert row["low"] < row["value"] < row["high"]
        widths.append(row["high"] - row["low"])
    assert widths[1] == pytest.approx(widths[0] / 3, rel=0.15)


def test_duplicates_widen_an_interval(names):
    twice = pd.DataFrame({"given": names[0].repeat(4), "predicted": names[1].repeat(4)})
    alone = with_intervals(twice.assign(group=np.arange(400))).set_index("score")
    together = with_intervals(twice.assign(group=np.arange(400) // 4)).set_index("score")
    spread = [t.loc["accuracy", "high"] - t.loc["accuracy", "low"] for t in (alone, together)]
    assert spread[1] > 1.6 * spread[0]


def test_an_interval_of_nothing_is_not_a_number():
    assert np.isnan(interval(np.array([np.nan, np.nan]))).all()
