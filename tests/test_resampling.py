"""Resampling: whole groups, one seed, intervals of the right width, and what they refuse."""

from functools import partial

import numpy as np
import pytest

import herbnb.resampling
from herbnb.applications.scores import score
from herbnb.errors import BadInput
from herbnb.resampling import Resampling, each_fold, interval, mean_interval, whole_set


def alone(values):
    """Each value as a group of its own."""
    return [f"{i:04d}" for i in range(len(values))]


def test_width_is_that_of_the_standard_error():
    values = np.random.default_rng(0).normal(3, 2, size=400)
    low, high = mean_interval(values, alone(values))
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.15)


def test_covers_the_truth_about_as_often_as_promised():
    rng = np.random.default_rng(1)
    groups = np.arange(60)
    ends = [interval(Resampling(groups, i, resamples=300).means(rng.normal(size=60))) for i in range(200)]
    assert 0.88 <= np.mean([low < 0 < high for low, high in ends]) <= 0.99


def test_seed_decides():
    values = np.random.default_rng(2).normal(size=50)
    assert mean_interval(values, alone(values), 1) == mean_interval(values, alone(values), 1)
    assert mean_interval(values, alone(values), 1) != mean_interval(values, alone(values), 2)


def test_groups_widen_what_moves_together():
    rng = np.random.default_rng(3)
    genus = np.repeat([f"g{i}" for i in range(20)], 30)
    values = np.repeat(rng.normal(size=20), 30) + 0.1 * rng.normal(size=600)
    apart, together = mean_interval(values, alone(values)), mean_interval(values, genus)
    assert together[1] - together[0] > 3 * (apart[1] - apart[0])


def test_groups_are_drawn_whole():
    resampling = Resampling(np.array(["x", "x", "y", "z", "z", "z"]), seed=5)
    (weights,) = resampling.weights()
    assert weights.shape == (1000, 6) and weights.dtype == np.float32
    assert (weights[:, 0] == weights[:, 1]).all() and (weights[:, 3] == weights[:, 5]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert (weights == next(Resampling(["x", "x", "y", "z", "z", "z"], seed=5).weights())).all()


def test_the_same_groups_draw_the_same_resamples_in_any_order_and_number():
    """Rows may be sorted, repeated or left out: a group comes as often, so scores are paired."""
    once = next(Resampling(["b", "a", "c"], 7).weights())[:, [1, 0, 2]]
    again = next(Resampling(["a", "c", "c", "b", "a"], 7).weights())[:, [0, 3, 1]]
    assert (once == again).all()


def test_groups_that_are_numbers_are_told_apart_as_text():
    numbers, words = Resampling([10, 9, 8]), Resampling(["10", "9", "8"])
    assert (next(numbers.weights()) == next(words.weights())).all()


def test_means_are_those_of_the_weights():
    rng = np.random.default_rng(6)
    values, groups = rng.normal(size=40), rng.integers(0, 7, 40)
    resampling = Resampling(groups, 3)
    weights = next(resampling.weights()).astype(float)
    np.testing.assert_allclose(resampling.means(values), weights @ values / weights.sum(axis=1))


@pytest.mark.parametrize("megabytes", [0.05, 1e-6])
def test_blocks_of_resamples_are_the_same_resamples_and_score_the_same(monkeypatch, megabytes):
    rng = np.random.default_rng(8)
    groups = rng.integers(0, 30, 200)
    given, predicted = rng.choice(["a", "b", "c"], (2, 200))
    resampling, score_of = Resampling(groups, 3), partial(score, given, predicted)
    (whole,), (again,) = resampling.weights(), resampling.weights()
    assert again is whole
    scores = resampling.scores(score_of)
    monkeypatch.setattr(herbnb.resampling, "WEIGHTS_MEGABYTES", megabytes)
    resampling = Resampling(groups, 3)
    blocks = list(resampling.weights())
    assert len(blocks) > 10 and max(block.nbytes for block in blocks) <= max(megabytes * 2**20, 800)
    np.testing.assert_array_equal(np.concatenate(blocks), whole)
    for name, draws in resampling.scores(score_of).items():
        assert draws.shape == (1000,)
        np.testing.assert_array_equal(draws, scores[name])


def test_one_value_is_its_own_interval():
    assert mean_interval([0.25], ["only"]) == (0.25, 0.25)
    assert mean_interval([0.5, 0.0], ["one", "one"]) == (0.25, 0.25)


@pytest.mark.parametrize("values", [[], [1.0, np.nan], [np.inf]])
def test_refuses_what_has_no_mean(values):
    with pytest.raises(BadInput, match="finite"):
        mean_interval(values, alone(values))


def test_an_interval_leaves_out_what_is_not_defined():
    draws = np.linspace(0, 1, 1001)
    assert interval(np.concatenate([draws, [np.nan] * 500])) == pytest.approx((0.025, 0.975))
    assert np.isnan(interval(np.array([np.nan, np.nan]))).all()
    assert np.isnan(interval(np.array([]))).all()


def test_a_whole_set_and_its_folds_are_weights_too():
    assert whole_set(4).tolist() == [[1, 1, 1, 1]]
    folds = each_fold(np.array([2, 0, 2, 5]))
    assert folds.tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]] and folds.dtype == np.float32
