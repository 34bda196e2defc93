"""Cells: a gallery parted into cells of sheets that lie together, so that a search needs to look into few.

An inverted file with product quantisation (Jégou, Douze and Schmid 2011), as in FAISS (Douze et al. 2024).
"""

from collections.abc import Iterator

import numpy as np

from herbnb.devices import parts

RECALL = 0.99
"""The share of the nearest that a search in cells should find."""

TAUGHT = 40
"""Sheets for each cell, at most, from which the middles of the cells are learnt."""

ROUNDS = 5
"""How often these middles are moved."""

AT_ONCE = 50_000
"""Sheets added, or asked about, at a time."""


class Cells:
    """A gallery in cells: four times as many as the root of its sheets, where these are enough to fill them.

    Every two features of a sheet are kept in four bits, so two million sheets of 512 features need 0.3 GB.

    Args:
        gallery: features [n, d].
        seed: of the draw of the sheets that make the cells, and of where their middles begin.
    """

    def __init__(self, gallery: np.ndarray, seed: int):
        import faiss  # brings a second OpenMP, which only those who need it should meet

        n, width = gallery.shape
        self.count = max(min(int(4 * np.sqrt(n)), n // TAUGHT), 1)
        pairs = -(-width // 2)
        self.index = faiss.index_factory(2 * pairs, f"IVF{self.count},PQ{pairs}x4fs")
        self.index.cp.seed = self.index.pq.cp.seed = seed
        self.index.cp.niter = ROUNDS
        drawn = np.random.default_rng(seed).permutation(n)[: TAUGHT * self.count]
        self.index.train(in_pairs(gallery[np.sort(drawn)]))
        for part in parts(n, AT_ONCE):
            self.index.add(in_pairs(gallery[part]))

    def steps(self) -> Iterator[int]:
        """Yield numbers of cells, from four to all, each some one and a half times the last."""
        steps = np.geomspace(min(4, self.count), self.count, 2 * self.count.bit_length())
        return map(int, np.unique(steps.astype(int)))

    def near(
        self, reach: int, queries: np.ndarray, codes: np.ndarray, kin: np.ndarray, cells: int
    ) -> np.ndarray:
        """Return rows of what is likely near to each query, likeliest first, int [q, reach]; -1 is none.

        Args:
            reach: how many sheets to look at; kin are taken out of these.
            queries: features [q, d].
            codes: of the queries, int [q, some].
            kin: the codes of the gallery, int [n, some]: sheets that share one with a query are left out.
            cells: how many to look into, the nearest first.
        """
        self.index.nprobe = cells
        found = np.empty((len(queries), reach), int)
        for part in parts(len(queries), AT_ONCE):
            _, rows = self.index.search(in_pairs(queries[part]), reach)
            alike = (kin[rows] == codes[part, None]).any(axis=2) | (rows < 0)
            order = np.argsort(alike, axis=1, kind="stable")
            found[part] = np.take_along_axis(np.where(alike, -1, rows), order, axis=1)
        return found


def in_pairs(features: np.ndarray) -> np.ndarray:
    """Return features as float32 [n, an even number], with a nought added to an odd number."""
    return np.pad(np.asarray(features, np.float32), ((0, 0), (0, features.shape[1] % 2)))
