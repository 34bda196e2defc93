"""Embedding: a seeded map of the training sheets, and the rest placed on it."""

import importlib.util
import inspect
import sys
import types
import warnings

import numpy as np
import pandas as pd
import pytest
from umap import UMAP

from herbnb.errors import BadInput
from herbnb.representations import embedding
from herbnb.representations.embedding import embed, neighbours, noise_like
from herbnb.representations.trust import trust

pytestmark = pytest.mark.slow


def table_of(count, train):
    split = np.where(np.arange(count) % 4 < 4 * train, "train", "random")
    return pd.DataFrame({"image_id": [str(i) for i in range(count)], "split": split})


@pytest.fixture(scope="module")
def maps(toy):
    """Two maps of the same features with the same seed, made with every warning an error."""
    features, _ = toy
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [embed(table_of(240, 0.75), features, seed=89) for _ in range(2)]


@pytest.mark.parametrize(("given", "start"), [({}, "pca"), ({"start": "spectral"}, "spectral")])
def test_the_settings_are_the_published_ones_and_the_start_is_if_asked(monkeypatch, toy, given, start):
    made, features = [], toy[0]
    monkeypatch.setattr(embedding, "UMAP", lambda **settings: made.append(settings) or UMAP(**settings))
    points = embed(table_of(240, 0.75), features, seed=89, **given)
    (settings,) = made
    begins = settings.pop("init")
    assert settings.pop("metric") == "precomputed"  # the Euclidean distances, UMAP's own
    assert settings == {"n_neighbors": 15, "min_dist": 0.1, "random_state": 89, "n_jobs": 1}
    if start == "pca":
        taught = features[np.arange(240) % 4 < 3]
        plane = taught - taught.mean(0)
        plane = np.abs(plane @ np.linalg.svd(plane)[2][:2].T)
        np.testing.assert_allclose(np.abs(begins), plane, atol=1e-3)
    else:
        assert begins == start
    known = inspect.signature(UMAP).parameters
    assert known["init"].default == "spectral" and known["n_components"].default == 2
    assert np.isfinite(points[["x", "y"]]).all(axis=None)


class Mapper:
    """Stands in for UMAP, whose search for likely neighbours is minutes in compiling."""

    def __init__(self, **settings):
        self.settings = settings

    def fit_transform(self, given):
        assert self.settings["metric"] == "euclidean" and given.shape == (180, 512)
        return given[:, :2]

    def transform(self, given):
        assert given.shape == (60, 512)
        return given[:, :2]


def test_of_many_sheets_umap_is_given_the_features_themselves(monkeypatch, toy):
    monkeypatch.setattr(embedding, "COMPARED", 180)
    monkeypatch.setattr(embedding, "UMAP", Mapper)
    points = embed(table_of(240, 0.75), toy[0], seed=89)
    np.testing.assert_array_equal(points[["x", "y"]], toy[0][:, :2])


def test_a_map_of_very_many_sheets_is_made_of_a_draw_and_the_rest_is_placed_on_it(monkeypatch, toy):
    specimens, fitted, placed = table_of(240, 0.75), [], []

    class Drawn(Mapper):
        def fit_transform(self, given):
            fitted.append(given)
            return given[:, :2]

        def transform(self, given):
            placed.append(given)
            return given[:, :2]

    monkeypatch.setattr(embedding, "COMPARED", 10)
    monkeypatch.setattr(embedding, "LAID_OUT", 100)
    monkeypatch.setattr(embedding, "PLACED", 60)
    monkeypatch.setattr(embedding, "UMAP", Drawn)
    points = embed(specimens, toy[0], seed=89)
    np.testing.assert_array_equal(points[["x", "y"]], toy[0][:, :2])
    assert [len(part) for part in placed] == [60, 60, 20] and len(fitted[0]) == 100
    train = {row.tobytes() for row in toy[0][specimens["split"] == "train"]}
    drawn = {row.tobytes() for row in fitted[0]}
    assert len(drawn) == 100 and drawn < train
    embed(specimens, toy[0], seed=89)
    np.testing.assert_array_equal(fitted[0], fitted[1])
    embed(specimens, toy[0], seed=90)
    assert not np.array_equal(fitted[0], fitted[2])


def test_islands_have_a_map_from_either_start():
    rng = np.random.default_rng(89)
    islands = rng.normal(size=(160, 8)) + 1000 * (np.arange(160) % 2)[:, None]
    for start in ("pca", "spectral"):
        points = embed(table_of(160, 1), islands, seed=89, start=start)[["x", "y"]].to_numpy()
        assert np.isfinite(points).all() and np.linalg.norm(points[::2].mean(0) - points[1::2].mean(0)) > 1
    with pytest.raises(BadInput, match="start is 'chance': choose one of pca, spectral"):
        embed(table_of(160, 1), islands, seed=89, start="chance")


def test_every_sheet_has_a_place(maps):
    table = maps[0]
    assert list(table) == ["collection", "split", "image_id", "x", "y"] and len(table) == 240
    assert np.isfinite(table[["x", "y"]]).all(axis=None)
    assert table["x"].dtype == np.float32 and set(table["collection"]) == {"half_earth"}


def test_the_seed_decides(maps):
    pd.testing.assert_frame_equal(*maps)


def test_held_out_sheets_land_among_their_genus(maps, toy):
    _, taxa = toy
    points = maps[0][["x", "y"]].to_numpy()
    train = (maps[0]["split"] == "train").to_numpy()
    away = np.linalg.norm(points[~train][:, None] - points[train][None], axis=2)
    nearest = taxa.loc[train, "genus"].to_numpy()[away.argmin(axis=1)]
    assert (nearest == taxa.loc[~train, "genus"].to_numpy()).mean() > 0.9


def test_held_out_sheets_do_not_move_the_map(maps, toy):
    features, _ = toy
    train = (maps[0]["split"] == "train").to_numpy()
    alone = embed(table_of(240, 0.75)[train], features[train], seed=89)
    expected = maps[0].loc[train, ["x", "y"]].to_numpy()
    np.testing.assert_array_equal(alone[["x", "y"]].to_numpy(), expected)


def test_trust_tells_structure_from_noise(maps, toy):
    features, _ = toy
    points = maps[0][["x", "y"]].to_numpy()
    assert trust(features, points)[0] > trust(noise_like(features, 89), points)[0] + 0.1


def test_noise_keeps_every_number_and_no_pattern(toy):
    features, _ = toy
    noise = noise_like(features, seed=89)
    np.testing.assert_array_equal(np.sort(noise, axis=0), np.sort(features, axis=0))
    assert abs(np.corrcoef(features.T[:2])[0, 1] - np.corrcoef(noise.T[:2])[0, 1]) > 0.1


def test_few_sheets_use_the_neighbours_there_are(toy):
    features, _ = toy
    assert neighbours(8) == 7 and neighbours(240) == 15
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = embed(table_of(8, 1), features[::30], seed=89)
    assert np.isfinite(table[["x", "y"]]).all(axis=None)


def test_collections_are_kept_apart(toy):
    features, _ = toy
    specimens = table_of(40, 0.5).assign(collection=["half_earth"] * 30 + ["kew"] * 10)
    table = embed(specimens, features[::6], seed=89)
    assert list(table["collection"]) == list(specimens["collection"])


def test_too_few_or_identical_sheets_are_refused(toy):
    features, _ = toy
    with pytest.raises(BadInput, match="has 4 sheets"):
        embed(table_of(4, 1), features[:4], seed=89)
    with pytest.raises(BadInput, match="same features"):
        embed(table_of(20, 1), np.ones((20, 512), dtype=np.float32), seed=89)


def test_where_umap_can_keep_nothing_that_it_compiles_a_sentence_says_what_to_set(monkeypatch):
    class Unwritable(types.ModuleType):
        def __getattr__(self, name):
            raise RuntimeError("cannot cache function 'rdist': no locator available for file 'layouts.py'")

    monkeypatch.setitem(sys.modules, "umap", Unwritable("umap"))
    spec = importlib.util.spec_from_file_location("anew", embedding.__file__)
    with pytest.raises(BadInput, match=r"no locator available.*: set NUMBA_CACHE_DIR to a folder"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
