"""Silhouettes: how much closer a specimen lies to its own taxon than to the next, at every rank."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.metrics import pairwise_distances_chunked

from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS

CHUNK_MEGABYTES = 128
"""Distances held at a time: 64-bit, so 128 MB are 7,600 rows of a split of 2,200 sheets."""


def silhouettes(
    features: np.ndarray,
    taxa: pd.DataFrame,
    ranks: Sequence[str] = RANKS,
) -> pd.DataFrame:
    """Score each specimen at each of `ranks` from a single pass over the Euclidean distances.

    With a the mean distance to the other specimens of one's taxon, and b the smallest mean distance
    to the specimens of another, the silhouette is (b - a) / max(a, b), from -1 to 1 (Rousseeuw
    1987). The only specimen of its taxon scores 0, as in scikit-learn.

    Distances are summed once, over the finest groups of specimens that share every rank; the sums
    for a taxon are the sums of its groups, so a rank costs an addition and not a pass. Ranks need
    not be nested.

    Args:
        features: [n, d].
        taxa: n rows, a column for each of `ranks`.
        ranks: columns of `taxa`.

    Returns a table of n rows with a column for each rank that can be scored: a rank with a single
    taxon has no other taxon to be far from, and its column is left out.
    """
    scored = [rank for rank in ranks if taxa[rank].nunique() > 1]
    if not scored:
        return pd.DataFrame(index=range(len(taxa)))
    finest = taxa.groupby(list(scored), sort=False).ngroup().to_numpy()
    groups = indicator(finest)  # [n, groups]
    own = {rank: pd.factorize(taxa[rank], sort=True)[0] for rank in scored}
    first = np.unique(finest, return_index=True)[1]  # a specimen of each
    joins = {rank: indicator(own[rank][first]) for rank in scored}
    sizes = {rank: np.bincount(own[rank]) for rank in scored}

    def scores(distances, start):
        sums = distances @ groups  # [chunk, groups]
        rows, columns = slice(start, start + len(distances)), []
        for rank in scored:
            of_taxa = sums @ joins[rank]  # [chunk, taxa]
            own_taxon = own[rank][rows]
            columns.append(against_next(of_taxa, own_taxon, sizes[rank]))
        return np.column_stack(columns)

    chunks = pairwise_distances_chunked(
        features,
        reduce_func=scores,
        metric="euclidean",
        working_memory=CHUNK_MEGABYTES,
    )
    return pd.DataFrame(np.concatenate(list(chunks)), columns=scored)


def indicator(codes: np.ndarray) -> csr_array:
    """Return a sparse [n, codes] matrix with a one where row i has code j."""
    n = len(codes)
    return csr_array((np.ones(n), (np.arange(n), codes)), shape=(n, codes.max() + 1))


def against_next(sums: np.ndarray, own: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the silhouettes of a chunk of specimens.

    Args:
        sums: [chunk, taxa], distances to the specimens of each taxon, summed.
        own: [chunk], the specimens' taxa.
        sizes: [taxa], how many specimens each taxon has.
    """
    row = np.arange(len(own))
    others = sizes[own] - 1
    a = sums[row, own] / np.maximum(others, 1)
    means = sums / sizes
    means[row, own] = np.inf
    b = means.min(axis=1)
    spread = np.maximum(a, b)
    return np.divide(b - a, spread, out=np.zeros(len(own)), where=(others > 0) & (spread > 0))


def score_splits(network: str, specimens: pd.DataFrame, features: np.ndarray) -> pd.DataFrame:
    """Score every split of `specimens` by itself, at every rank.

    Returns `network`, `split`, `rank`, `image_id`, `group` (the genus), `taxon`, `silhouette`, one row a
    specimen and rank. A rank of which a split shows a single taxon cannot be scored and has no rows.
    """
    tables = []
    for split, part in specimens.reset_index(drop=True).groupby("split", sort=False):
        scores = silhouettes(features[part.index], part)
        tables += [
            pd.DataFrame(
                {
                    "network": network,
                    "split": split,
                    "rank": rank,
                    "image_id": part["image_id"].to_numpy(),
                    "group": part["genus"].to_numpy(),
                    "taxon": part[rank].to_numpy(),
                    "silhouette": scores[rank].to_numpy(dtype=np.float32),
                }
            )
            for rank in scores
        ]
    columns = ["network", "split", "rank", "image_id", "group", "taxon", "silhouette"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


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
