"""Closest: all queries against all sheets, a tile at a time, of which only the closest are kept."""

import numpy as np
import torch

from herbnb.devices import device, parts

TILE = {"cpu": 2048, "cuda": 8192}
"""Queries and sheets of a tile, on each kind of device."""

CHUNK = 64
"""Sheets of which first only the closest is looked at: a tile is a multiple of it."""


def closest(gallery: np.ndarray, k: int, queries: np.ndarray, own: np.ndarray, kin: np.ndarray) -> np.ndarray:
    """Return the rows of the k sheets of a gallery that lie closest to each query, in no order, int [q, k].

    Where there are fewer, -1 stands for none. Products are made in float32, of features about the mean of the
    gallery; where the queries are the gallery itself, every product serves both of its sheets.

    A tile is read once: of each `CHUNK` of it the closest sheet is compared with the farthest that the query
    has kept so far, and only where it is closer are the others looked at. So products are most of the work,
    and k costs little. Memory: a tile, the features once more, and some k numbers for each query.

    Args:
        gallery: features [n, d].
        k: how many.
        queries: features [q, d], or the very `gallery`.
        own: the codes of the queries, int [q, some].
        kin: the codes of the gallery, which are not found by a query that has one of them, int [n, some].
    """
    where = device()
    mean, at_once = gallery.mean(axis=0, dtype=np.float64), TILE[where.type]
    sheets, kin = lifted(gallery, mean, where), torch.from_numpy(kin).to(where, torch.int32)
    blocks = list(parts(len(gallery), at_once))

    def tile(asked: torch.Tensor, codes: torch.Tensor, block: slice) -> torch.Tensor:
        close = asked @ sheets[block.start : block.start + at_once].T
        for mine, theirs in zip(codes.T, kin[block].T, strict=True):
            if mine.amin() <= theirs.amax() and theirs.amin() <= mine.amax():
                close[: len(mine), : len(theirs)].masked_fill_(mine[:, None] == theirs, -torch.inf)
        return close

    if queries is gallery:
        kept = [Kept(len(kin[block]), k, where) for block in blocks]
        for step in range(len(blocks)):  # from the diagonal outwards: neighbours in the table are often near
            for i, j in zip(range(len(blocks)), range(step, len(blocks)), strict=False):
                asked = facing(sheets[blocks[i].start : blocks[i].start + at_once])
                close = tile(asked, kin[blocks[i]], blocks[j])
                kept[i].look(close, blocks[j].start)
                if i != j:
                    kept[j].look(close.T, blocks[i].start)
        return np.concatenate([each.rows() for each in kept] or [np.empty((0, k), int)])
    found = np.empty((len(queries), k), int)
    for part in parts(len(queries), at_once):
        asked, codes = (
            facing(lifted(queries[part], mean, where)),
            torch.from_numpy(own[part]).to(where, torch.int32),
        )
        kept = Kept(len(codes), k, where)
        for block in blocks:
            kept.look(tile(asked, codes, block), block.start)
        found[part] = kept.rows()
    return found


def lifted(features: np.ndarray, mean: np.ndarray, where: torch.device) -> torch.Tensor:
    """Return features about a mean, float32 [n, d + 2], so that products with those `facing` say how close.

    Before each x stands 1, and after it -|x|²/2; `facing` changes places of these two. So the product of x
    and y is xy - |x|²/2 - |y|²/2, which is -|x - y|²/2. Rows are added until they are whole chunks, each
    infinitely far from all.
    """
    n, d = features.shape
    rows = torch.zeros(-(-n // CHUNK) * CHUNK, d + 2, device=where)
    rows[:, 0], rows[n:, -1] = 1, -torch.inf
    for part in parts(n, TILE[where.type]):
        about = torch.from_numpy(features[part] - mean).to(where)
        rows[part, 1:-1] = about
        rows[part, -1] = about.square().sum(dim=1) / -2
    return rows


def facing(rows: torch.Tensor) -> torch.Tensor:
    """Return some of the `lifted` rows, with their first and last columns in each other's place."""
    return torch.cat([rows[:, -1:], rows[:, 1:-1], rows[:, :1]], dim=1)


class Kept:
    """The sheets that are closest to each of some queries, so far.

    Args:
        queries: how many these are.
        k: how many sheets are kept for each.
        where: the device.
    """

    def __init__(self, queries: int, k: int, where: torch.device):
        self.closeness = torch.full((queries, k), -torch.inf, device=where)
        self.sheets = torch.full((queries, k), -1, device=where)
        self.met, self.waiting = [], 0

    def look(self, tile: torch.Tensor, first: int) -> None:
        """Note which sheets of a tile are closer than the farthest kept.

        Args:
            tile: how close they are [queries, sheets]; rows beyond the queries were added by `lifted`.
            first: the row of the first sheet.
        """
        tile = tile[: len(self.sheets)]
        farthest = self.closeness[:, -1:]
        if farthest.amin() == -torch.inf:
            closeness, sheets = tile.topk(min(self.closeness.shape[1], tile.shape[1]))
            return self.merge(closeness, first + sheets)
        chunks = tile.unflatten(1, (-1, CHUNK))
        query, chunk = (highest(chunks) > farthest).nonzero(as_tuple=True)
        inside = chunks[query, chunk]
        hit, place = (inside > farthest[query]).nonzero(as_tuple=True)
        self.met.append((query[hit], inside[hit, place], first + CHUNK * chunk[hit] + place))
        self.waiting += len(hit)
        if self.waiting > self.sheets.numel():
            self.settle()
        return None

    def settle(self) -> None:
        """Sort those met among those kept."""
        query, closeness, sheets = (torch.cat(part) for part in zip(*self.met, strict=True))
        self.met, self.waiting = [], 0
        order = query.argsort(stable=True)
        query, counts = query[order], query.bincount(minlength=len(self.sheets))
        place = torch.arange(len(query), device=query.device) - (counts.cumsum(0) - counts)[query]
        beside = len(counts), int(counts.max())
        of_each, which = self.closeness.new_full(beside, -torch.inf), self.sheets.new_full(beside, -1)
        of_each[query, place], which[query, place] = closeness[order], sheets[order]
        self.merge(of_each, which)

    def merge(self, closeness: torch.Tensor, sheets: torch.Tensor) -> None:
        """Keep the closest of those kept and of these others [queries, others]."""
        closeness = torch.cat([self.closeness, closeness], dim=1)
        sheets = torch.cat([self.sheets, sheets], dim=1)
        self.closeness, best = closeness.topk(self.sheets.shape[1])
        self.sheets = sheets.gather(1, best)

    def rows(self) -> np.ndarray:
        """Return the rows of those kept, int [queries, k]; -1 where there are fewer."""
        if self.met:
            self.settle()
        return self.sheets.where(self.closeness > -torch.inf, -1).numpy(force=True)


def highest(chunks: torch.Tensor) -> torch.Tensor:
    """Return the highest number of each chunk, [queries, chunks], read in the order in which they lie."""
    if chunks.stride(0) > chunks.stride(2):
        return chunks.amax(dim=2)
    return chunks.permute(1, 2, 0).amax(dim=1).T  # of a tile turned round: 30 times as fast
