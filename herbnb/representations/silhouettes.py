"""Silhouettes: how much closer a specimen lies to its own taxon than to the next, at every rank."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from sklearn.metrics import silhouette_samples
from sklearn.metrics.pairwise import euclidean_distances

from herbnb.devices import LARGE
from herbnb.errors import BadInput
from herbnb.representations.scorebook import Keep, anew
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS

COLUMNS = ["network", "split", "rank", "image_id", "group", "taxon", "silhouette"]
"""Of a table of silhouettes."""


def silhouettes(
    features: np.ndarray,
    taxa: pd.DataFrame,
    ranks: Sequence[str] = RANKS,
    large: int = LARGE,
) -> pd.DataFrame:
    """Score each specimen at each of `ranks` from a single pass over the Euclidean distances.

    With a the mean distance to the other specimens of one's taxon, and b the smallest mean distance
    to the specimens of another, the silhouette is (b - a) / max(a, b), from -1 to 1 (Rousseeuw
    1987). The only specimen of its taxon scores 0. Ranks need not be nested.

    Few specimens are scored by scikit-learn. Of many, which it cannot hold, distances are made in tiles:
    see `sums.of_many`, whose scores agree with scikit-learn's to 1e-4.

    Args:
        features: [n, d].
        taxa: n rows, a column for each of `ranks`.
        ranks: columns of `taxa`.
        large: from so many specimens on they are many.

    Returns a table of n rows with a column for each rank that can be scored: a rank with a single
    taxon has no other taxon to be far from, and its column is left out.

    Raises:
        BadInput: features that are not finite.
    """
    scored = [rank for rank in ranks if taxa[rank].nunique() > 1]
    if not scored:
        return pd.DataFrame(index=range(len(taxa)))
    own = {rank: pd.factorize(taxa[rank])[0] for rank in scored}
    if len(taxa) >= large:
        from herbnb.representations.sums import of_many  # by PyTorch

        return pd.DataFrame(of_many(features, own))
    away = held_distances(features)
    scores = {rank: np.zeros(len(taxa)) for rank in scored}
    for rank, taxon in own.items():
        if taxon.max() + 1 < len(taxa):  # else each is alone in its taxon
            found = silhouette_samples(away, taxon, metric="precomputed")
            scores[rank] = found
    return pd.DataFrame(scores)


def held_distances(features: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances between few sheets, all at once, float64 [n, n].

    Raises:
        BadInput: features [n, d] that are not finite.
    """
    about_mean = features - features.mean(axis=0, dtype=np.float64)
    if not np.isfinite(about_mean).all():
        raise BadInput("A feature is not a finite number: make the features again.")
    return euclidean_distances(about_mean)


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
