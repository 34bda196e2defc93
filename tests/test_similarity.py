"""Similarity: the same for turned features, nought for strangers, whatever the widths."""

import numpy as np
import pytest

from herbnb.representations.similarity import centred_likeness, similarities, training_similarities

RNG = np.random.default_rng(89)
SHEETS = RNG.normal(size=(60, 8))


def between(one, other):
    table = similarities({"one": one, "other": other}).set_index(["network", "to"])["similarity"]
    assert table["one", "other"] == pytest.approx(table["other", "one"], nan_ok=True)
    return table["one", "other"]


def test_a_turn_a_scale_and_a_shift_change_nothing():
    turn, _ = np.linalg.qr(RNG.normal(size=(8, 8)))
    assert between(SHEETS, 3 * SHEETS @ turn + 7) == pytest.approx(1)
    assert between(SHEETS, np.c_[SHEETS, np.zeros((60, 30))]) == pytest.approx(1)


def test_strangers_have_nothing_in_common_however_many_channels_they_have():
    by_lot = [between(RNG.normal(size=(40, 500)), RNG.normal(size=(40, 700))) for _ in range(20)]
    assert abs(np.mean(by_lot)) < 0.02
    usual = [centred(RNG.normal(size=(40, 500)), RNG.normal(size=(40, 700))) for _ in range(3)]
    assert min(usual) > 0.8, "the usual estimate takes them for alike"


def centred(one, other):
    one, other = one - one.mean(0), other - other.mean(0)
    across = np.linalg.norm(one.T @ other) ** 2
    return across / np.linalg.norm(one.T @ one) / np.linalg.norm(other.T @ other)


def test_with_many_sheets_it_is_what_the_usual_estimate_is():
    sheets = RNG.normal(size=(2000, 5))
    other = np.c_[sheets[:, :2], RNG.normal(size=(2000, 3))]
    assert between(sheets, other) == pytest.approx(centred(sheets, other), abs=0.01)
    assert 0.3 < between(sheets, other) < 0.5


def test_rows_and_columns_of_what_is_compared_add_up_to_nought():
    likeness = centred_likeness(SHEETS)
    assert np.allclose(likeness.sum(axis=0), 0) and np.allclose(likeness.sum(axis=1), 0)
    assert not likeness.diagonal().any()


def test_what_says_the_same_of_every_sheet_cannot_be_compared():
    assert np.isnan(between(SHEETS, np.ones((60, 3))))


def test_of_three_sheets_there_is_no_estimate():
    assert similarities({"one": SHEETS[:3], "other": SHEETS[:3]}).empty


def test_a_network_is_compared_with_its_other_trainings_and_not_with_itself():
    turned = SHEETS @ np.linalg.qr(RNG.normal(size=(8, 8)))[0]
    noise, other = RNG.normal(size=(2, 60, 8))
    runs = [{"one": SHEETS, "two": noise}, {"one": turned, "two": other}]
    mean = training_similarities(runs).set_index(["network", "to"])["similarity"]
    assert mean["one", "one"] == pytest.approx(1)
    assert mean["two", "two"] == pytest.approx(between(noise, other))
    four = [between(ours, theirs) for ours in (SHEETS, turned) for theirs in (noise, other)]
    assert mean["one", "two"] == mean["two", "one"] == pytest.approx(np.mean(four))


def test_one_training_says_nothing_of_others():
    once = training_similarities([{"one": SHEETS, "two": SHEETS[:, :2]}]).set_index(["network", "to"])
    assert np.isnan(once.loc[("one", "one"), "similarity"]) and once.loc[("one", "two"), "similarity"] > 0
    assert training_similarities([{"one": SHEETS[:3], "two": SHEETS[:3]}]).empty
