"""Embedding: a map of the training sheets, and the held-out sheets placed on it."""

import warnings

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.metrics import euclidean_distances

from herbnb.devices import parts
from herbnb.errors import BadInput, in_short
from herbnb.results import RUN

try:
    from umap import UMAP
except RuntimeError as error:  # it keeps what it compiles beside the package, or else at home
    raise BadInput(
        f"UMAP can keep nowhere what it compiles ({in_short(error)}): set NUMBA_CACHE_DIR to a folder that "
        "can be written."
    ) from error

NEIGHBOURS = 15
"""Published setting: how many sheets around a sheet the map tries to keep around it."""

STARTS = ("pca", "spectral")
"""From where a layout starts: the plane in which features vary most, or UMAP's own and the published one.

The latter is not defined where islands of sheets share no neighbour; UMAP then lays each out by itself.
"""

FEWEST = 5
"""Training sheets without which there is no map."""

COMPARED = 4096
"""Training sheets of which UMAP compares all pairs, and not only likely neighbours. It would do so pair by
pair; here the distances are there before it begins: the same neighbours, in a third of the time."""

LAID_OUT = 100_000
"""Training sheets that decide where things lie, at most: of more, so many are drawn by lot."""

PLACED = 5000
"""Sheets placed at a time, so that memory does not grow with them. Over 10,000 UMAP takes less care."""


def neighbours(sheets: int) -> int:
    """Return how many neighbours a map of so many sheets uses: the published 15, or all others."""
    return min(NEIGHBOURS, sheets - 1)


def embed(
    specimens: pd.DataFrame,
    features: np.ndarray,
    seed: int,
    start: str = "pca",
) -> pd.DataFrame:
    """Fit UMAP (McInnes et al. 2018) on the training sheets, and place all others on their map.

    Of more than `LAID_OUT` training sheets the map is made of so many, drawn by lot; the rest is placed on it
    as the others are.

    Args:
        specimens: n rows with `image_id` and `split`, and `collection` where there is more than
            one.
        features: [n, d], aligned.
        seed: of the draw, the fit and the placing; the same seed gives the same map on the same machine.
        start: one of `STARTS`.

    Returns `collection`, `split`, `image_id`, `x`, `y`, row for row.

    Raises:
        BadInput: an unknown start, too few training sheets, or features that are the same for all of them.
    """
    check_start(start)
    teach = laid_out((specimens["split"] == "train").to_numpy(), seed)
    taught = features[teach]
    check_variety(taught)
    few = len(taught) < COMPARED

    def given(sheets: np.ndarray) -> np.ndarray:
        return euclidean_distances(sheets, taught) if few else sheets

    plane = PCA(2, random_state=seed).fit_transform(taught)
    mapper = UMAP(
        n_neighbors=neighbours(len(taught)),
        min_dist=0.1,
        metric="precomputed" if few else "euclidean",
        random_state=seed,
        n_jobs=1,  # a seeded layout is made one sheet after another
        init=plane if start == "pca" else start,
    )
    points = np.empty((len(specimens), 2), dtype=np.float32)
    with warnings.catch_warnings():
        # that there is no way back from such a map
        ours = ".*precomputed metric"
        warnings.filterwarnings("ignore", ours, UserWarning)
        points[teach] = mapper.fit_transform(given(taught))
        others = np.flatnonzero(~teach)
        for part in parts(len(others), PLACED):
            sheets = others[part]
            points[sheets] = mapper.transform(given(features[sheets]))
    table = specimens[["split", "image_id"]].reset_index(drop=True)
    collection = specimens.get("collection", RUN)
    table.insert(0, "collection", np.broadcast_to(collection, len(table)))
    return table.assign(x=points[:, 0], y=points[:, 1])


def laid_out(train: np.ndarray, seed: int) -> np.ndarray:
    """Return which of the training sheets the map is made of, bool [n]: at most `LAID_OUT`."""
    if train.sum() <= LAID_OUT:
        return train
    drawn = np.random.default_rng(seed).choice(np.flatnonzero(train), LAID_OUT, replace=False)
    return np.isin(np.arange(len(train)), drawn)


def embed_beside(
    taught: tuple[pd.DataFrame, np.ndarray | None],
    yours: tuple[pd.DataFrame, np.ndarray],
    name: str,
    seed: int,
) -> pd.DataFrame:
    """Place the sheets of a collection on the map of the training sheets, or on one of their own.

    Args:
        taught: the training specimens, and their features, or None where these eyes have not seen them.
        yours: the specimens of the collection, and their features.
        name: of the collection.
        seed: as in `embed`.

    Returns all specimens with `collection`, `x` and `y`; no row when there are too few for a map.
    """
    (trained_on, learnt), (specimens, features) = taught, yours
    if learnt is not None:
        both = [trained_on.assign(collection=RUN), specimens.assign(collection=name)]
        sheets, of_sheets = pd.concat(both, ignore_index=True), np.concatenate([learnt, features])
    else:
        sheets, of_sheets = specimens.assign(collection=name, split="train"), features
    if len(sheets) < FEWEST:
        return sheets.head(0).assign(x=0.0, y=0.0)
    return sheets.join(embed(sheets, of_sheets, seed)[["x", "y"]])


def check_start(start: str) -> None:
    """Raise BadInput when a layout cannot start so."""
    if start not in STARTS:
        raise BadInput(f"start is {start!r}: choose one of {', '.join(STARTS)}.")


def check_variety(features: np.ndarray) -> None:
    """Raise BadInput when the training sheets are too few for a map, or all have the same features."""
    if len(features) < FEWEST:
        raise BadInput(f"The split 'train' has {len(features)} sheets: a map needs at least {FEWEST}.")
    if np.ptp(features, axis=0).max() == 0:
        raise BadInput(
            "All training sheets have the same features, so there is nothing to map: train the network again."
        )


def noise_like(features: np.ndarray, seed: int) -> np.ndarray:
    """Shuffle each feature by itself: every number stays, what sheets have in common goes."""
    return np.random.default_rng(seed).permuted(features, axis=0)
