"""Time the nearest neighbours of every sheet, exact and in cells, beside scikit-learn's brute force."""

import numpy as np
import pandas as pd
import torch
from sklearn.neighbors import NearestNeighbors

from benchmarks.silhouettes import timed
from herbnb.devices import device, parts
from herbnb.representations import closest
from herbnb.representations.search import Search

WIDTH, GENERA, LATENT, K = 512, 1000, 64, 10
COMPARED, MANY = 100_000, 250_000
ASKED = 4000
"""Sheets that scikit-learn is asked about; what all would take is reckoned from these."""

KEYS = ["neighbours of all sheets", "seconds"]


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titles and the tables."""
    return [compared(), in_cells()]


def compared() -> tuple[str, pd.DataFrame]:
    """Compare all pairs."""
    features = herbarium(COMPARED)
    seconds = {"the products alone": timed(lambda: multiply(features))[0]}
    seconds["herbnb"], ours = timed(lambda: Search(features).others(K))
    seconds["scikit-learn"], away, near = by_scikit_learn(features)
    apart = np.abs(ours.distances[:ASKED] / away - 1).max()
    same = (ours.rows[:ASKED] == near).mean()
    title = f"{K} neighbours of {COMPARED:,} sheets of {WIDTH} features, of all pairs"
    return f"{title}: {same:.3%} the same, distances within {apart:.0e} of themselves", beside(seconds)


def in_cells() -> tuple[str, pd.DataFrame]:
    """Look into cells."""
    features = herbarium(MANY)
    here = Search(features)
    made, cells = timed(lambda: here.cells)
    looked, ours = timed(lambda: here.others(K))
    seconds = {"herbnb": made + looked, "of these, to make the cells": made}
    seconds["scikit-learn"], *_ = by_scikit_learn(features)
    title = f"{K} neighbours of {MANY:,} sheets of {WIDTH} features, in {cells.count:,} cells"
    return f"{title}: a recall of {ours.recall:.3f}", beside(seconds)


def herbarium(sheets: int) -> np.ndarray:
    """Return features that vary about their genera in `LATENT` directions, less and less, float32 [n, width].

    Of two thousand sheets the nearest thin out as in some 15 dimensions (Levina and Bickel 2004), and so do
    those of the book's networks.
    """
    rng = np.random.default_rng(89)
    spread = np.arange(1, LATENT + 1) ** -0.5
    middles, genus = rng.normal(size=(GENERA, LATENT)), rng.integers(GENERA, size=sheets)
    mixing = rng.normal(size=(LATENT, WIDTH)) / np.linalg.norm(spread)
    features = np.empty((sheets, WIDTH), np.float32)
    for part in parts(sheets, 10_000):
        latent = spread * (middles[genus[part]] + rng.normal(size=(part.stop - part.start, LATENT)))
        features[part] = np.maximum(latent @ mixing + 0.5, 0)
    return features


def multiply(features: np.ndarray) -> None:
    """Make the products that an exact search makes, and nothing of them."""
    where, at_once = device(), closest.TILE[device().type]
    sheets = torch.from_numpy(features).to(where)
    for asked in parts(len(sheets), at_once):
        for others in parts(len(sheets), at_once):
            if others.start >= asked.start:
                sheets[asked] @ sheets[others].T
    if where.type == "cuda":
        torch.cuda.synchronize()


def by_scikit_learn(features: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the seconds that all sheets would take, and distances and rows of `ASKED` [asked, k] each."""
    search = NearestNeighbors(n_neighbors=K + 1, algorithm="brute").fit(features)
    seconds, (away, near) = timed(lambda: search.kneighbors(features[:ASKED]))
    return seconds * len(features) / ASKED, away[:, 1:], near[:, 1:]


def beside(seconds: dict[str, float]) -> pd.DataFrame:
    """Return the table of a comparison."""
    table = pd.DataFrame(seconds.items(), columns=KEYS).round(1)
    return table.assign(**{"times herbnb's": (table["seconds"] / seconds["herbnb"]).round(2)})
