"""Calibration: a model that keeps its word, one that does not, and how little a small bin can say."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.calibration import EDGES, SHARES, calibration, coverage


def named(confidence, right, group=None):
    given = np.array(["Poa"] * len(right))
    predicted = np.where(right, "Poa", "Rosa")
    group = np.arange(len(right)) if group is None else group
    columns = {"given": given, "predicted": predicted, "confidence": confidence, "group": group}
    return pd.DataFrame(columns)


def test_a_model_that_keeps_its_word_lies_within_the_intervals():
    rng = np.random.default_rng(2)
    confidence = rng.uniform(0.2, 1, 4000)
    table = calibration(named(confidence, rng.random(4000) < confidence))
    assert list(table["from"]) == list(EDGES) and table["sheets"].sum() == 4000
    assert ((table["low"] < table["said"]) & (table["said"] < table["high"])).all()


def test_one_that_promises_too_much_does_not():
    rng = np.random.default_rng(2)
    table = calibration(named(np.full(300, 0.99), rng.random(300) < 0.7))
    assert table.loc[0, "high"] < table.loc[0, "said"] == pytest.approx(0.99)


def test_few_sheets_say_little_and_duplicates_no_more():
    few = calibration(named([0.95] * 3, [True] * 3)).iloc[0]
    assert few["right"] == 1 and few["low"] < 0.5 and few["high"] > 0.99
    copies = calibration(named([0.95] * 30, [True] * 30, np.repeat(list("abc"), 10))).iloc[0]
    assert copies["sheets"] == 30 and copies["gatherings"] == 3
    assert copies["low"] == pytest.approx(few["low"])


def test_certainty_and_doubt_have_a_bin_and_an_empty_one_is_not_listed():
    table = calibration(named([0.0, 1.0, 0.9, 0.75], [False, True, True, False]))
    assert list(table["from"]) == [0.0, 0.75, 0.9] and list(table["sheets"]) == [1, 1, 2]
    assert calibration(named([], [])).empty
    assert calibration(pd.DataFrame(columns=["given", "predicted", "confidence", "group"])).empty


def test_the_surest_are_named_first_and_their_names_are_counted():
    rng = np.random.default_rng(2)
    confidence = rng.permutation(np.linspace(0.01, 1, 200))
    table = named(confidence, confidence > 0.6).assign(image_id=[f"{n:03d}" for n in range(200)])
    curve = coverage(table)
    assert list(curve["share"]) == list(SHARES) and list(curve["sheets"]) == list(range(20, 201, 20))
    assert (curve["right"][:4] == 1).all() and curve["right"].is_monotonic_decreasing
    assert curve["right"].iloc[-1] == pytest.approx((confidence > 0.6).mean())
    assert curve.loc[4, "sure"] == pytest.approx(np.sort(confidence)[100])
    assert ((curve["low"] <= curve["right"]) & (curve["right"] <= curve["high"])).all()
    pd.testing.assert_frame_equal(curve, coverage(table.sample(frac=1, random_state=1)))


def test_a_few_sheets_have_a_short_curve_and_none_has_none():
    few = named([0.9, 0.5, np.nan], [True, False, True]).assign(image_id=list("abc"))
    assert coverage(few)[["share", "right", "sheets"]].to_numpy()[-1].tolist() == [1.0, 0.5, 2]
    assert coverage(few.head(0)).empty and coverage(few.tail(1)).empty
