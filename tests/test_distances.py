"""Distances: exact in every tile, on the device that is asked for."""

import numpy as np
import pytest
import torch
from sklearn.metrics import euclidean_distances

from herbnb.devices import device, parts
from herbnb.errors import BadInput
from herbnb.representations import distances
from herbnb.representations.distances import Distances


def together(away):
    """All pairs, [n, n], from the tiles."""
    whole = np.empty((len(away), len(away)))
    for sheets in parts(len(away), away.sheets_at_once):
        for others in parts(len(away), away.others_at_once):
            whole[others, sheets] = away.between(others, sheets).numpy(force=True)
    return whole


def test_parts_cover_every_place_once():
    assert [list(range(10))[part] for part in parts(10, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert list(parts(0, 4)) == []


@pytest.mark.parametrize("tile", [(7, 11), (300, 40), (512, 1024)])
def test_tiles_of_any_size_make_the_same_distances(monkeypatch, toy, tile):
    monkeypatch.setitem(distances.TILE, device().type, tile)
    found = together(Distances(toy[0]))
    np.testing.assert_allclose(found, euclidean_distances(toy[0].astype(float)), rtol=1e-5, atol=1e-6)
    assert (np.diag(found) == 0).all()


def test_close_pairs_are_as_exact_as_others(monkeypatch):
    monkeypatch.setitem(distances.TILE, device().type, (32, 32))
    rng = np.random.default_rng(4)
    features = rng.normal(size=(100, 64)).astype(np.float32)
    features[50:60] = features[40:50]
    features[60:70] = features[40:50] + np.float32(1e-3) * rng.normal(size=(10, 64)).astype(np.float32)
    found, expected = together(Distances(features)), euclidean_distances(features.astype(float))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)
    plain = torch.cdist(*[torch.from_numpy(features)] * 2, compute_mode="use_mm_for_euclid_dist")
    assert np.abs(plain.numpy() - expected).max() > 1e-4  # so there was something to mend


def test_squared_distances_are_of_any_sheets(toy):
    features, some = toy[0], np.array([5, 3, 200])
    expected = euclidean_distances(features.astype(float), features[some].astype(float), squared=True)
    found = Distances(features).squared(slice(0, 240), some).numpy(force=True)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_environment_chooses_the_device(monkeypatch, toy):
    monkeypatch.setenv("HERBNB_DEVICE", "cpu")
    assert device() == torch.device("cpu") and Distances(toy[0]).device.type == "cpu"
    monkeypatch.delenv("HERBNB_DEVICE")
    assert device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["cuda:77", "toaster"])
def test_a_device_that_is_not_there_is_refused(monkeypatch, name):
    monkeypatch.setenv("HERBNB_DEVICE", name)
    with pytest.raises(BadInput, match=f"HERBNB_DEVICE is '{name}', and there is no such device here"):
        device()
