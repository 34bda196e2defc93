"""Search: which sheets of a gallery lie nearest to a sheet, of all of them or, of too many, the likely ones.

Near is near in a straight line. Near by cosine is the same among features of length 1, whose squared distance
is two minus twice their cosine.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from herbnb.devices import LARGE, parts
from herbnb.errors import BadInput
from herbnb.representations.cells import RECALL, Cells

EXACT = 200_000
"""Sheets of which all pairs are compared. A search that needed more pairs looks into cells: see `Cells`."""

SPARE = 4
"""Sheets found beyond those asked for: float32 finds them all, exact distances say which are the nearest."""

DOUBTFUL = 3
"""Sheets found in cells for each that is asked for, as they are only roughly known there."""

FARTHEST = 400
"""Sheets that a query is shown in cells, at most, before it is compared with all."""

SAMPLE = 1000
"""Queries for which a search in cells is compared with an exact one."""

HELD = 2**24
"""Numbers held at a time while sheets are ranked."""

FEW = 32
"""Sheets of a group, at most, whose differences are taken at once; larger groups are searched in tiles."""

LARGEST = 1e15
"""Beyond this the square of a feature leaves float32 without digits for the others."""


class Nearest(NamedTuple):
    """The nearest sheets of each query, nearest first; of equals, the earlier row first."""

    rows: np.ndarray
    """Of the gallery, int [queries, k]; -1 where there are fewer."""

    distances: np.ndarray
    """Euclidean, float64 [queries, k]; infinite where there are fewer."""

    recall: float
    """The share of the k nearest that the search finds, measured on a sample; not a number where all pairs
    were compared."""


class Asked(NamedTuple):
    """What is asked of a gallery of n sheets."""

    queries: np.ndarray
    """Features, float [q, d]."""

    codes: np.ndarray
    """Of the queries, int [q, some]."""

    kin: np.ndarray
    """The codes of the gallery, int [n, some]: a query finds no sheet with which it shares one."""

    def some(self, rows: np.ndarray) -> "Asked":
        """Return some of the queries."""
        return Asked(self.queries[rows], self.codes[rows], self.kin)


class Search:
    """A search for the nearest sheets of a gallery.

    All pairs are compared: of few sheets by NumPy, see `closest_of_few`, and of many a tile at a time, on
    the device that `devices.device` chooses, see `closest.closest`. Where these are more than the pairs of
    `EXACT` sheets, only sheets of near cells are: see `cells.Cells`. Every way the differences to the sheets
    found are taken one by one, in the precision of the features, and their squares summed in float64, so two
    copies of a sheet are at 0.

    Args:
        gallery: features, float [n, d].
        seed: of the cells, and of the sample on which a search in them is measured.
        large: from so many sheets or queries on they are many.

    Raises:
        BadInput: a feature is not a finite number, or larger than `LARGEST`.
    """

    def __init__(self, gallery: np.ndarray, seed: int = 89, large: int = LARGE):
        self.gallery, self.seed, self.large = checked(gallery), seed, large

    def __len__(self) -> int:
        return len(self.gallery)

    @cached_property
    def cells(self) -> Cells:
        """The cells of the gallery, made when they are first needed."""
        return Cells(self.gallery, self.seed)

    def nearest(self, k: int, queries: np.ndarray) -> Nearest:
        """Find the k sheets nearest to each query [q, d].

        Raises:
            BadInput: as for the gallery.
        """
        strangers = np.empty((len(queries), 0), int), np.empty((len(self), 0), int)
        return self.find(k, Asked(checked(queries), *strangers))

    def others(self, k: int, kin: np.ndarray | None = None) -> Nearest:
        """Find the k others nearest to each sheet of the gallery.

        Args:
            k: how many.
            kin: codes of each sheet, int [n, some]: those with whom it shares one are not found, nor is it
                itself; None: it alone is not.
        """
        kin = np.arange(len(self))[:, None] if kin is None else kin
        return self.find(k, Asked(self.gallery, kin, kin))

    def alike(self, k: int, group: np.ndarray, kin: np.ndarray | None = None) -> Nearest:
        """Find the k others of its group nearest to each sheet of the gallery.

        Args:
            k: how many.
            group: of each sheet, int from 0 [n].
            kin: a code of each sheet, int [n]: those with whom it shares it are not found, nor is it itself;
                None: it alone is not.
        """
        kin = np.arange(len(self)) if kin is None else kin
        rows, distances = np.full((len(self), k), -1), np.full((len(self), k), np.inf)
        order, sizes = np.argsort(group, kind="stable"), np.bincount(group)
        for size in np.unique(sizes[sizes > 1]):
            groups = order[sizes[group[order]] == size].reshape(-1, size)
            if size <= FEW:
                asked = groups.ravel()
                others = groups[:, [np.delete(np.arange(size), place) for place in range(size)]]
                others = others.reshape(len(asked), -1)
                others = np.where(kin[others] == kin[asked, None], -1, others)
                others = np.pad(others, ((0, 0), (0, max(k - size + 1, 0))), constant_values=-1)
                rows[asked], distances[asked] = self.ranked(k, self.gallery[asked], others)
                continue
            for members in groups:
                found = Search(self.gallery[members], self.seed, self.large).others(k, kin[members, None])
                rows[members] = np.where(found.rows < 0, -1, members[found.rows])
                distances[members] = found.distances
        return Nearest(rows, distances, np.nan)

    def find(self, k: int, asked: Asked) -> Nearest:
        """Find the k sheets nearest to each query, exactly or in cells."""
        if len(asked.queries) * len(self) <= EXACT**2:
            return Nearest(*self.exact(k, asked), np.nan)
        looked_into, recall = self.tuned(k, asked)
        return Nearest(*self.likely(k, asked, looked_into), recall)

    def exact(self, k: int, asked: Asked) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and distances of the nearest of all, [q, k] each."""
        if max(len(self), len(asked.queries)) < self.large:
            return self.ranked(k, asked.queries, closest_of_few(self.gallery, k + SPARE, *asked))
        from herbnb.representations.closest import closest  # PyTorch, where it is wanted only

        return self.ranked(k, asked.queries, closest(self.gallery, k + SPARE, *asked))

    def likely(self, k: int, asked: Asked, looked_into: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and distances of the nearest in so many cells, [q, k] each.

        A query that meets too few but kin is shown more and more, and at last all.
        """
        rows, distances = np.empty((len(asked.queries), k), int), np.empty((len(asked.queries), k))
        left, reach, some = np.arange(len(rows)), DOUBTFUL * (k + 1), asked
        while len(left) and reach <= max(FARTHEST, DOUBTFUL * (k + 1)):
            found = self.cells.near(reach, *some, looked_into)[:, : DOUBTFUL * (k + 1)]
            rows[left], distances[left] = self.ranked(k, some.queries, found)
            left = left[rows[left, -1] < 0]
            some, reach = asked.some(left), 4 * reach
        if len(left):
            rows[left], distances[left] = self.exact(k, some)
        return rows, distances

    def tuned(self, k: int, asked: Asked) -> tuple[int, float]:
        """Return how many cells to look into, the fewest that reach `cells.RECALL`, and the recall then.

        Some queries choose the number and others measure the recall, so that it is not flattered. A sheet as
        near as the k-th counts as found.
        """
        drawn = np.random.default_rng(self.seed).permutation(len(asked.queries))
        half = min(SAMPLE, -(-len(drawn) // 2))
        choice, measure = asked.some(drawn[:half]), asked.some(drawn[-half:])
        _, nearest = self.exact(k, choice)
        for looked_into in self.cells.steps():
            if share_found(self.likely(k, choice, looked_into)[1], nearest) >= RECALL:
                break
        return looked_into, share_found(self.likely(k, measure, looked_into)[1], self.exact(k, measure)[1])

    def ranked(self, k: int, queries: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the nearest k of the sheets found, and their distances, [q, k] each.

        Args:
            k: how many.
            queries: features [q, d].
            found: rows of the gallery, at least k for each query [q, some]; -1 is none.
        """
        rows, distances = np.empty((len(queries), k), int), np.empty((len(queries), k))
        for part in parts(len(queries), max(HELD // (found.shape[1] * queries.shape[1]), 1)):
            there = np.sort(found[part], axis=1)
            apart = (self.gallery[there] - queries[part, None]).astype(np.float64)
            away = np.sqrt(np.vecdot(apart, apart))
            away[there < 0] = np.inf
            order = np.argsort(away, axis=1, kind="stable")[:, :k]
            rows[part] = np.take_along_axis(there, order, axis=1)
            distances[part] = np.take_along_axis(away, order, axis=1)
        return rows, distances


def closest_of_few(
    gallery: np.ndarray, k: int, queries: np.ndarray, own: np.ndarray, kin: np.ndarray
) -> np.ndarray:
    """Return the rows of the k sheets that lie closest to each query, in no order: see `closest.closest`."""
    mean, found = gallery.mean(axis=0, dtype=np.float64), np.full((len(queries), k), -1)
    sheets, few = (gallery - mean).astype(np.float32), min(k, len(gallery))
    for part in parts(len(queries), max(HELD // len(gallery), 1)):
        asked = (queries[part] - mean).astype(np.float32)
        away = np.square(sheets).sum(axis=1) - 2 * (asked @ sheets.T)  # and the square of the query
        for mine, theirs in zip(own[part].T, kin.T, strict=True):
            away[mine[:, None] == theirs] = np.inf
        rows = np.argpartition(away, few - 1, axis=1)[:, :few]
        strangers = np.take_along_axis(away, rows, axis=1) < np.inf
        found[part, :few] = np.where(strangers, rows, -1)
    return found


def share_found(found: np.ndarray, nearest: np.ndarray) -> float:
    """Return the share of the k nearest that were found, by the distances of both [q, k]."""
    return float((found <= nearest[:, -1:]).mean())


def checked(features: np.ndarray) -> np.ndarray:
    """Return features that can be squared in float32, or raise BadInput."""
    if features.size and not max(-features.min(), features.max()) < LARGEST:  # also what is not a number
        raise BadInput("A feature is not a finite number, or far too large: make the features again.")
    return features
