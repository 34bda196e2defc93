"""Trust: how far neighbours on a map are neighbours among the features too."""

from typing import NamedTuple

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

from herbnb.devices import parts
from herbnb.representations.distances import Distances
from herbnb.representations.embedding import NEIGHBOURS
from herbnb.resampling import mean_interval

ASKED = 5000
"""Sheets whose neighbours are looked up, at most: of more, so many are drawn by lot."""

TIE = 1e-9
"""Squared distances that differ by less than this share of them are taken for equal."""


class Trust(NamedTuple):
    """The trustworthiness of a map, at best 1."""

    trustworthiness: float

    low: float
    """With `high` the 95 % interval of what all sheets would give; the same number where all were asked."""

    high: float

    asked: int
    """How many sheets were asked."""


def trust(features: np.ndarray, points: np.ndarray, seed: int = 89) -> Trust:
    """Return how far neighbours on the map are neighbours among the features too.

    The trustworthiness of Venna and Kaski (2001), over as many neighbours as the map was made with. It is a
    mean over sheets. Of more than `ASKED` so many are drawn by lot, and each is compared with all others, so
    their mean leans to neither side; it has an interval that resamples them.

    Args:
        features: [n, d].
        points: the map [n, 2].
        seed: of the draw, and of the interval.
    """
    sheets = np.arange(len(points))
    if len(points) > ASKED:
        sheets = np.sort(np.random.default_rng(seed).choice(sheets, ASKED, replace=False))
    each = trust_of_each(features, points, sheets)
    mean = float(each.mean())
    low, high = mean_interval(each, sheets, seed) if len(sheets) < len(points) else (mean, mean)
    return Trust(mean, low, high, len(sheets))


def trust_of_each(features: np.ndarray, points: np.ndarray, sheets: np.ndarray) -> np.ndarray:
    """Return the trustworthiness of some sheets [sheets]: the mean over all sheets is that of the map.

    Of the k neighbours of a sheet on the map, each that is only the r-th nearest by the features, r > k,
    costs r - k. What they cost together is divided by the most that they can, and taken from 1.

    Args:
        features: [n, d].
        points: the map [n, 2].
        sheets: rows of both, the sheets to ask.
    """
    n = len(points)
    k = min(NEIGHBOURS, (n - 1) // 2)
    near = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)[sheets]
    cost = np.maximum(places(Distances(features), sheets, near) - k, 0).sum(axis=1)
    return 1 - 2 * cost / (k * (2 * n - 3 * k - 1))


def places(away: Distances, sheets: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return the place of each neighbour among all others of a sheet, the nearest being 1, int [sheets, k].

    Args:
        away: the distances between n sheets.
        sheets: some of them.
        near: the neighbours of each [sheets, k].
    """
    found = np.zeros(near.shape, int)
    for part in parts(len(sheets), away.sheets_at_once):
        asked = away.exact(sheets[part])
        steps = [(asked - away.exact(of_all)).square().sum(dim=1) for of_all in near[part].T]
        for others in parts(len(away), away.others_at_once):
            squared = away.squared(others, sheets[part])
            nearer = [(squared < (1 - TIE) * step).sum(dim=0) for step in steps]
            found[part] += torch.stack(nearer, dim=1).numpy(force=True)
    return found  # the sheet itself is nearer, too, so the count is the place
