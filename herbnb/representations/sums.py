"""Sums: how far each specimen lies from all those of a group together, and the silhouettes that follow.

All distances between very many specimens can be made but not held. So they are made a tile at a time, and
of each tile only its sums are kept.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from herbnb.devices import parts
from herbnb.representations.distances import Distances

SUMS_MEGABYTES = 64
"""Sums of distances held at a time: 64-bit, so 64 MB are a thousand sheets beside 8,000 genera."""


def of_many(features: np.ndarray, own: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Score specimens at each rank, float64 [n]: see `silhouettes.silhouettes`.

    Distances are of float32, their sums of float64. They are summed once, over the finest groups of
    specimens that share every rank; the sums for a taxon are the sums of its groups, so a rank costs an
    addition and not a pass.

    Args:
        features: [n, d].
        own: of each rank, the taxon of every specimen, from 0 [n].

    Raises:
        BadInput: features that are not finite.
    """
    away = Distances(features)
    finest = pd.DataFrame(own).groupby([*own], sort=False).ngroup().to_numpy()
    first = np.unique(finest, return_index=True)[1]  # a specimen of each
    group = torch.tensor(finest, device=away.device)
    taxa = {rank: torch.tensor(taxon, device=away.device) for rank, taxon in own.items()}
    scores = {rank: np.empty(len(features)) for rank in own}
    for sheets in parts(len(features), at_once(len(first), away)):
        of_groups = summed(away, sheets, group)  # [groups, sheets]
        for rank, taxon in taxa.items():
            of_taxa = added(of_groups, taxon[first])  # [taxa, sheets]
            found = against_next(of_taxa, taxon, sheets)
            scores[rank][sheets] = found.numpy(force=True)
    return scores


def at_once(groups: int, away: Distances) -> int:
    """Return of how many sheets to sum the distances at once: a tile, or fewer beside very many groups."""
    return min(max(int(SUMS_MEGABYTES * 2**20) // (8 * groups), 1), away.sheets_at_once)


def summed(away: Distances, sheets: slice, group: torch.Tensor) -> torch.Tensor:
    """Return the distances from `sheets` to all specimens of each group, summed: float64 [groups, sheets].

    Args:
        away: the distances between n specimens.
        sheets: some of them.
        group: of each specimen, from 0 [n].
    """
    shape = int(group.max()) + 1, sheets.stop - sheets.start
    sums = torch.zeros(shape, dtype=torch.float64, device=away.device)
    for others in parts(len(away), away.others_at_once):
        sums.index_add_(0, group[others], away.between(others, sheets).double())
    return sums


def added(sums: torch.Tensor, taxon: torch.Tensor) -> torch.Tensor:
    """Return sums over taxa [taxa, sheets] of those over groups [groups, sheets], each of one `taxon`."""
    of_taxa = sums.new_zeros(int(taxon.max()) + 1, sums.shape[1])
    return of_taxa.index_add_(0, taxon, sums)


def against_next(sums: torch.Tensor, own: torch.Tensor, sheets: slice) -> torch.Tensor:
    """Return the silhouettes of some specimens, float64 [sheets].

    Args:
        sums: distances from them to the specimens of each taxon, summed [taxa, sheets].
        own: the taxon of every specimen [n].
        sheets: which of these they are.
    """
    sizes, taxon = own.bincount(), own[sheets]
    others = sizes[taxon] - 1
    a = sums.gather(0, taxon[None])[0] / others.clamp(min=1)
    means = sums / sizes[:, None]
    b = means.scatter_(0, taxon[None], torch.inf).amin(dim=0)
    spread = torch.maximum(a, b)
    return torch.where((others > 0) & (spread > 0), (b - a) / spread, 0)
