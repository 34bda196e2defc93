"""Trust: scikit-learn's trustworthiness, in tiles, and of very many sheets by a draw."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from herbnb.devices import device
from herbnb.representations import distances
from herbnb.representations import trust as module
from herbnb.representations.trust import trust, trust_of_each


@pytest.fixture
def herbarium():
    """Features of 300 sheets, and a map that has kept a part of what they say."""
    features = np.random.default_rng(2).normal(size=(300, 20)) * np.linspace(3, 0.1, 20)
    return features, features[:, :2]


@pytest.mark.parametrize("tile", [(7, 11), (64, 300), (512, 1024)])
@pytest.mark.parametrize("far", [0, 1e4])
def test_is_that_of_scikit_learn(monkeypatch, herbarium, tile, far):
    features, points = herbarium
    monkeypatch.setitem(distances.TILE, device().type, tile)
    found, expected = trust(features + far, points), trustworthiness(features, points, n_neighbors=15)
    assert 0.6 < expected < 0.95 and found.trustworthiness == pytest.approx(expected, abs=1e-9)
    assert found[1:] == (found.trustworthiness, found.trustworthiness, 300)


@pytest.mark.parametrize("sheets", [5, 20])
def test_few_sheets_have_fewer_neighbours(herbarium, sheets):
    features, points = herbarium[0][:sheets], herbarium[0][:sheets, 2:4]
    expected = trustworthiness(features, points, n_neighbors=(sheets - 1) // 2)
    assert trust(features, points).trustworthiness == pytest.approx(expected, abs=1e-9)


def test_is_perfect_where_the_map_is_the_features_and_where_sheets_are_the_same(herbarium):
    features, points = herbarium
    assert trust(points, points).trustworthiness == 1
    assert trust(features, features).trustworthiness == 1
    assert trust(np.ones((40, 3)), points[:40]).trustworthiness == 1


def test_a_draw_of_sheets_tells_of_all_within_its_interval(monkeypatch, herbarium):
    features, points = herbarium
    whole = trust(features, points).trustworthiness
    each = trust_of_each(features, points, np.arange(300))
    assert each.mean() == whole and each.std() > 0
    monkeypatch.setattr(module, "ASKED", 100)
    held = []
    for seed in range(20):
        value, low, high, asked = trust(features, points, seed)
        assert asked == 100 and low < value < high
        held.append(low <= whole <= high)
    assert np.mean(held) >= 0.9  # 95 %, and more as the draw is a third of all
    assert trust(features, points, 3) == trust(features, points, 3) != trust(features, points, 4)
