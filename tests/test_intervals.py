"""Intervals: width, seed, groups, and what they refuse."""

import numpy as np
import pytest

from herbnb.errors import BadInput
from herbnb.representations.intervals import bootstrap


def test_width_is_that_of_the_standard_error():
    values = np.random.default_rng(0).normal(3, 2, size=400)
    low, high = bootstrap(values, seed=89)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.15)


def test_covers_the_truth_about_as_often_as_promised():
    rng = np.random.default_rng(1)
    ends = [bootstrap(rng.normal(size=60), seed=i, resamples=300) for i in range(200)]
    assert 0.88 <= np.mean([low < 0 < high for low, high in ends]) <= 0.99


def test_seed_decides():
    values = np.random.default_rng(2).normal(size=50)
    assert bootstrap(values, seed=1) == bootstrap(values, seed=1)
    assert bootstrap(values, seed=1) != bootstrap(values, seed=2)


def test_groups_widen_what_moves_together():
    rng = np.random.default_rng(3)
    genus = np.repeat([f"g{i}" for i in range(20)], 30)
    values = np.repeat(rng.normal(size=20), 30) + 0.1 * rng.normal(size=600)
    alone, together = bootstrap(values, seed=89), bootstrap(values, seed=89, groups=genus)
    assert together[1] - together[0] > 3 * (alone[1] - alone[0])


def test_a_group_each_changes_nothing():
    values = np.random.default_rng(4).normal(size=30)
    groups = [f"{i:03d}" for i in range(30)]
    assert bootstrap(values, seed=89, groups=groups) == pytest.approx(bootstrap(values, seed=89))


def test_one_value_is_its_own_interval():
    assert bootstrap([0.25], seed=89) == (0.25, 0.25)


@pytest.mark.parametrize("values", [[], [1.0, np.nan], [np.inf]])
def test_refuses_what_has_no_mean(values):
    with pytest.raises(BadInput, match="finite"):
        bootstrap(values, seed=89)
