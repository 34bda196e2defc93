"""Search: the neighbours of scikit-learn, whatever the tiles; and beyond a size in cells, with a recall that is
measured and true."""

import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from herbnb import figures
from herbnb.applications.neighbours import find_neighbours
from herbnb.devices import LARGE, device
from herbnb.errors import BadInput
from herbnb.representations import closest, search
from herbnb.representations.search import Search, share_found


def herbarium(sheets, width=64):
    """Features of many genera, which vary in a few directions as those of networks do, float32."""
    rng = np.random.default_rng(7)
    genera = rng.normal(size=(40, 16))[rng.integers(40, size=sheets)]
    latent = genera + rng.normal(size=(sheets, 16))
    return np.maximum(latent @ rng.normal(size=(16, width)) + 1, 0).astype("float32")


def by_scikit_learn(gallery, k, queries=None):
    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(gallery.astype(float))
    return found.kneighbors(None if queries is None else queries.astype(float))


def share_reached(found, distances):
    """The share of the neighbours found that are as near as the last of the nearest, but for rounding."""
    return share_found(found.distances, distances * (1 + 1e-6))


@pytest.fixture(params=[LARGE, 0], ids=["few", "many"])
def searched(request):
    """A search among sheets that count as few, which they are, or as many."""
    return partial(Search, large=request.param)


@pytest.mark.parametrize("tile", [64, 192, 2048])
@pytest.mark.parametrize(("sheets", "k"), [(500, 7), (64, 63), (65, 3), (130, 100)])
def test_neighbours_are_those_of_scikit_learn(searched, monkeypatch, tile, sheets, k):
    monkeypatch.setitem(closest.TILE, device().type, tile)
    monkeypatch.setattr(search, "HELD", tile * sheets)
    gallery, queries = herbarium(sheets), herbarium(sheets + 150)[sheets:]
    for found, expected in (
        (searched(gallery).others(k), by_scikit_learn(gallery, k)),
        (searched(gallery).nearest(k, queries), by_scikit_learn(gallery, k, queries)),
    ):
        np.testing.assert_array_equal(found.rows, expected[1])
        np.testing.assert_allclose(found.distances, expected[0], rtol=1e-5)
        assert np.isnan(found.recall)


def test_sheets_far_from_the_origin_are_told_apart(searched):
    gallery = herbarium(300)
    found, expected = searched(gallery + np.float32(1000)).others(5), by_scikit_learn(gallery + 1000.0, 5)
    np.testing.assert_allclose(found.distances, expected[0], rtol=1e-4)


def test_equals_come_in_the_order_of_their_rows_and_copies_lie_at_nought(searched):
    found = searched(np.repeat(herbarium(30), 4, axis=0)).others(3)
    assert (found.distances == 0).all()
    assert list(found.rows[5]) == [4, 6, 7] and list(found.rows[119]) == [116, 117, 118]


@pytest.mark.parametrize("exact", [10**6, 1])
def test_kin_are_not_found_and_where_none_is_left_nothing_is(searched, monkeypatch, exact):
    monkeypatch.setattr(search, "EXACT", exact)
    gallery, rng = herbarium(700), np.random.default_rng(1)
    kin = np.stack([rng.integers(5, size=700), rng.integers(60, size=700)], axis=1)
    found = searched(gallery).others(4, kin)
    assert (kin[found.rows] != kin[:, None]).all()
    apart = np.linalg.norm(gallery[:, None] - gallery.astype(float), axis=2)
    apart[(kin[:, None] == kin).any(axis=2)] = np.inf
    right = share_reached(found, np.sort(apart, axis=1)[:, :4])
    assert right == 1 if exact > 1 else right > 0.95
    alone = searched(gallery).others(4, np.zeros((700, 1), int))
    assert (alone.rows == -1).all() and np.isinf(alone.distances).all()


def test_fewer_sheets_than_asked_for_leave_places_empty(searched):
    found = searched(herbarium(3)).others(4)
    assert (found.rows[:, 2:] == -1).all() and (found.rows[:, :2] >= 0).all()
    assert searched(herbarium(1)).others(2).rows.tolist() == [[-1, -1]]
    assert searched(herbarium(5)).nearest(2, herbarium(5)[:0]).rows.shape == (0, 2)


@pytest.fixture
def many(monkeypatch):
    """Two thousand sheets, which are too many to compare all pairs."""
    monkeypatch.setattr(search, "EXACT", 1000)
    monkeypatch.setattr(search, "SAMPLE", 500)
    return herbarium(2000)


def test_a_search_in_cells_finds_nearly_all_and_says_how_many(monkeypatch, many):
    here = Search(many)
    found = here.others(5)
    looked_into, _ = here.tuned(5, search.Asked(many, *[np.arange(2000)[:, None]] * 2))
    assert 4 <= looked_into < here.cells.count == 50
    expected, _ = by_scikit_learn(many, 5)
    true = share_reached(found, expected)
    assert found.recall >= 0.97 and true == pytest.approx(found.recall, abs=0.01)
    np.testing.assert_allclose(
        found.distances, np.linalg.norm(many[:, None] - many[found.rows], axis=2), rtol=1e-5
    )
    again = Search(many).others(5)
    np.testing.assert_array_equal(found.rows, again.rows)
    assert found.recall == again.recall


def test_a_search_in_cells_that_misses_some_admits_it(monkeypatch, many):
    monkeypatch.setattr(search, "RECALL", 0.5)
    found, expected = Search(many).nearest(5, many), by_scikit_learn(many, 5, many)[0]
    true = share_reached(found, expected)
    assert 0.5 < found.recall < 0.97 and true == pytest.approx(found.recall, abs=0.03)


def test_where_all_sheets_are_the_same_every_one_is_near(monkeypatch, many):
    found = Search(np.ones_like(many)).others(5)
    assert (found.distances == 0).all() and found.recall == 1
    assert (np.sort(found.rows, axis=1)[:, 1:] > np.sort(found.rows, axis=1)[:, :-1]).all()


def test_an_odd_number_of_features_is_searched_too(monkeypatch, many):
    found = Search(many[:, :33]).others(5)
    assert share_reached(found, by_scikit_learn(many[:, :33], 5)[0]) > 0.95


def test_what_an_approximate_search_finds_is_said_and_of_an_exact_one_nothing(many):
    table = pd.DataFrame({"image_id": np.arange(2000).astype(str), "gathering": ""})
    near = find_neighbours(many, table, 5)
    assert near["recall"].nunique() == 1 and 0.95 < near["recall"].iloc[0] <= 1
    exact = near.assign(recall=np.nan)
    said = figures.recalled(exact, near.assign(recall=0.98712)).data
    assert "too many pairs" in said and "98.7%" in said
    assert figures.recalled(exact, exact.head(0)) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_what_cannot_be_squared_is_refused(searched, bad):
    features = herbarium(8)
    features[3, 2] = bad
    with pytest.raises(BadInput, match="not a finite number, or far too large"):
        searched(features)
    with pytest.raises(BadInput, match="not a finite number, or far too large"):
        searched(herbarium(8)).nearest(2, features)


BOTH = """
import numpy as np, torch
from herbnb.representations import search
torch.set_num_threads(2)
import faiss
faiss.omp_set_num_threads(2)
features = np.random.default_rng(0).normal(size=(1500, 16)).astype("float32")
search.EXACT, here = 100, search.Search(features)
for _ in range(3):
    found = here.others(3)
    weights = torch.nn.Linear(16, 8)
    weights(torch.from_numpy(features)).square().mean().backward()
print(found.recall > 0.5)
"""


def test_faiss_and_torch_share_a_process_with_threads_of_their_own():
    ran = subprocess.run([sys.executable, "-c", BOTH], capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and ran.stdout.strip() == "True", ran.stdout + ran.stderr
    assert not ran.stderr, ran.stderr


@pytest.mark.parametrize("few", [1, 4, 32])
def test_the_nearest_of_a_group_are_found_in_groups_of_any_size(searched, monkeypatch, few):
    monkeypatch.setattr(search, "FEW", few)
    rng = np.random.default_rng(3)
    gallery, group, kin = herbarium(120), rng.integers(30, size=120), rng.integers(60, size=120)
    group[:20] = 30  # one is large
    found = searched(gallery).alike(3, group, kin)
    assert np.isnan(found.recall)
    for row in range(len(gallery)):
        others = np.flatnonzero((group == group[row]) & (kin != kin[row]))
        away = np.linalg.norm(gallery[others].astype(float) - gallery[row], axis=1)
        nearest = np.argsort(away, kind="stable")[:3]
        missing = 3 - len(nearest)
        assert found.rows[row].tolist() == [*others[nearest], *[-1] * missing]
        np.testing.assert_allclose(found.distances[row], [*away[nearest], *[np.inf] * missing], rtol=1e-6)
