"""Silhouettes: how much closer a specimen lies to its own taxon than to the next, at every rank."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import torch

from herbnb.representations.distances import Distances, parts
from herbnb.representations.scorebook import Keep, anew
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS

COLUMNS = ["network", "split", "rank", "image_id", "group", "taxon", "silhouette"]
"""Of a table of silhouettes."""

SUMS_MEGABYTES = 64
"""Sums of distances held at a time: 64-bit, so 64 MB are a thousand sheets beside 8,000 genera."""


def silhouettes(
    features: np.ndarray,
    taxa: pd.DataFrame,
    ranks: Sequence[str] = RANKS,
) -> pd.DataFrame:
    """Score each specimen at each of `ranks` from a single pass over the Euclidean distances.

    With a the mean distance to the other specimens of one's taxon, and b the smallest mean distance
    to the specimens of another, the silhouette is (b - a) / max(a, b), from -1 to 1 (Rousseeuw
    1987). The only specimen of its taxon scores 0, as in scikit-learn, with whose scores these agree to 1e-4:
    distances are of float32, their sums of float64.

    Distances are summed once, over the finest groups of specimens that share every rank; the sums
    for a taxon are the sums of its groups, so a rank costs an addition and not a pass. Ranks need
    not be nested.

    Args:
        features: [n, d].
        taxa: n rows, a column for each of `ranks`.
        ranks: columns of `taxa`.

    Returns a table of n rows with a column for each rank that can be scored: a rank with a single
    taxon has no other taxon to be far from, and its column is left out.

    Raises:
        BadInput: features that are not finite.
    """
    scored = [rank for rank in ranks if taxa[rank].nunique() > 1]
    if not scored:
        return pd.DataFrame(index=range(len(taxa)))
    away = Distances(features)
    finest = taxa.groupby(list(scored), sort=False).ngroup().to_numpy()
    first = np.unique(finest, return_index=True)[1]  # a specimen of each
    group = torch.tensor(finest, device=away.device)
    own = {rank: codes(taxa[rank], away.device) for rank in scored}
    scores = {rank: np.empty(len(taxa)) for rank in scored}
    for sheets in parts(len(taxa), at_once(len(first), away)):
        of_groups = summed(away, sheets, group)  # [groups, sheets]
        for rank in scored:
            of_taxa = added(of_groups, own[rank][first])  # [taxa, sheets]
            found = against_next(of_taxa, own[rank], sheets)
            scores[rank][sheets] = found.numpy(force=True)
    return pd.DataFrame(scores)


def codes(names: pd.Series, device: torch.device) -> torch.Tensor:
    """Return a number from 0 for each name [n]."""
    return torch.tensor(pd.factorize(names)[0], device=device)


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


def score_splits(
    specimens: pd.DataFrame, features: Mapping[str, np.ndarray], keep: Keep = anew
) -> pd.DataFrame:
    """Score every split of `specimens` by itself, at every rank, by the features of every network.

    Args:
        specimens: n rows, with their splits.
        features: float32 [n, d] of each network, by its name.
        keep: reads the parts that are kept: a network and split each, since one pass serves all ranks.

    Returns `network`, `split`, `rank`, `image_id`, `group` (the genus), `taxon`, `silhouette`, one row a
    specimen and rank. A rank of which a split shows a single taxon cannot be scored and has no rows.
    """
    tables = [pd.DataFrame(columns=COLUMNS)]
    for network in features:
        for split in specimens["split"].unique():
            rows = np.flatnonzero(specimens["split"] == split)
            found = keep(partial(score_split, specimens, features, network, split, rows), network, split)
            tables += [found] if len(found) else []
    return pd.concat(tables[1:] or tables, ignore_index=True)


def score_split(
    specimens: pd.DataFrame, features: Mapping[str, np.ndarray], network: str, split: str, rows: np.ndarray
) -> pd.DataFrame:
    """Score one split, whose `rows` are given, by the features of one network."""
    part = specimens.iloc[rows]
    scores = silhouettes(features[network][rows], part)
    sheet = {"image_id": part["image_id"].to_numpy(), "group": part["genus"].to_numpy()}
    tables = [pd.DataFrame(columns=COLUMNS)]
    for rank in scores:
        of_rank = {"taxon": part[rank].to_numpy(), "silhouette": scores[rank].to_numpy(dtype=np.float32)}
        tables.append(pd.DataFrame({"network": network, "split": split, "rank": rank, **sheet, **of_rank}))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def mean_silhouettes(scores: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Average the silhouettes of each network, split and rank.

    Returns `network`, `split`, `rank`, `mean`, `low`, `high`, `specimens`, `taxa`. The interval
    resamples genera, at every rank: sheets of a genus lie together or astray together, so the
    question it answers is how the mean would move if the herbarium had drawn other genera of the
    kind.
    """
    columns = ["network", "split", "rank", "mean", "low", "high", "specimens", "taxa"]
    rows = []
    for key, part in scores.groupby(["network", "split", "rank"], sort=False):
        low, high = mean_interval(part["silhouette"], part["group"], seed)
        mean = part["silhouette"].astype(float).mean()
        rows.append((*key, mean, low, high, len(part), part["taxon"].nunique()))
    return pd.DataFrame(rows, columns=columns)


def silhouette_lead(
    scores: pd.DataFrame, network: str, rival: str, seed: int = 89
) -> tuple[float, float, float]:
    """Return how far the mean silhouette of a network is ahead of a rival's, and the 95 % interval of that.

    Args:
        scores: what `score_splits` returned, of one split and one rank.
        network: whose lead.
        rival: over whom, on the same specimens.
        seed: of the interval, which resamples genera.
    """
    wide = scores.pivot(index="image_id", columns="network", values="silhouette")
    group = scores.drop_duplicates("image_id").set_index("image_id")["group"].loc[wide.index]
    ahead = (wide[network] - wide[rival]).to_numpy(float)
    return ahead.mean(), *mean_interval(ahead, group, seed)
