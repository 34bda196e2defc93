"""Identification: can a specimen be named from its features, at three ranks, on three held-out
sets?

The published probe (Walker, Tucker and Nicolson 2022): a logistic regression within each held-out
set, cross-validated. What it adds: intervals, and each network's lead over each baseline on the
same resampled specimens.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from herbnb.applications.regression import gatherings, large_enough, out_of_fold
from herbnb.applications.scores import by_fold, interval, resample, score, whole_set, with_intervals
from herbnb.representations.features import read_features
from herbnb.specimens import HELD_OUT, RANKS

TASK = ["network", "split", "rank"]


def identify(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
    folds: int = 5,
    seed: int = 89,
) -> pd.DataFrame:
    """Name every specimen by a regression that has not seen it.

    Taxa with fewer than `folds` specimens (or groups of them) cannot be in every fold and are left
    out; when fewer than two taxa remain, the table has no row.

    Args:
        features: float32 [n, d].
        labels: the names given [n].
        groups: what must stay in one fold together [n]; None parts every specimen from every other.
        folds: how many.
        seed: of the deal into folds.

    Returns:
        One row a specimen that took part: `row` (its place in `features`), `group`, `fold`,
        `given`, `predicted`, `probability` (of the name given).
    """
    labels = np.asarray(labels)
    groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
    rows = np.flatnonzero(large_enough(labels, groups, folds))
    columns = ["row", "group", "fold", "given", "predicted", "probability"]
    if not len(rows):
        return pd.DataFrame(columns=columns)
    given = labels[rows]
    probabilities, taxa, fold = out_of_fold(features[rows], given, groups[rows], folds=folds, seed=seed)
    predicted = taxa[probabilities.argmax(axis=1)]
    of_given = probabilities[np.arange(len(rows)), np.searchsorted(taxa, given)]
    parts = (rows, groups[rows], fold, given, predicted, of_given.astype("float32"))
    return pd.DataFrame(dict(zip(columns, parts, strict=True)))


def identify_all(results: str | Path, networks: list[str], seed: int = 89) -> pd.DataFrame:
    """Name the specimens of every held-out set at every rank from the features of each network.

    Returns one row a specimen, network, split and rank: `network`, `split`, `rank`, `image_id`,
    `group`, `fold`, `given`, `predicted`, `probability`. Sets with too few specimens give no row.
    """
    parts = []
    for network in networks:
        for split in HELD_OUT:
            specimens, features = read_features(results, network, "half_earth", split)
            groups = gatherings(specimens)
            for rank in RANKS:
                named = identify(features, specimens[rank].to_numpy(), groups, seed=seed)
                task = dict(zip(TASK, (network, split, rank), strict=True))
                images = specimens["image_id"].to_numpy()[named["row"].to_numpy(int)]
                parts.append(named.drop(columns="row").assign(image_id=images, **task))
    columns = [*TASK, "image_id", "group", "fold", "given", "predicted", "probability"]
    return pd.concat(parts, ignore_index=True)[columns]


def census(specimens: pd.DataFrame, folds: int = 5) -> pd.DataFrame:
    """Count, for each held-out set and rank, what fills every fold and what is left out.

    Returns one row a split and rank: `split`, `rank`, `specimens` and `taxa` that can be scored,
    `specimens_left_out`, `left_out` (taxa).
    """
    rows = []
    for split in HELD_OUT:
        part = specimens[specimens["split"] == split]
        groups = gatherings(part)
        for rank in RANKS:
            kept = part[large_enough(part[rank].to_numpy(), groups, folds)]
            taxa = kept[rank].nunique()
            counts = len(kept), taxa, len(part) - len(kept), part[rank].nunique() - taxa
            rows.append((split, rank, *counts))
    columns = ["split", "rank", "specimens", "taxa", "specimens_left_out", "left_out"]
    return pd.DataFrame(rows, columns=columns)


def fold_scores(predictions: pd.DataFrame) -> pd.DataFrame:
    """Score each fold: `network`, `split`, `rank`, `fold` and the four scores (macro averages)."""
    parts = [
        by_fold(part).assign(**dict(zip(TASK, key, strict=True)))
        for key, part in predictions.groupby(TASK, sort=False)
    ]
    columns = [*TASK, "fold", "accuracy", "precision", "recall", "f1"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def set_scores(predictions: pd.DataFrame, counted: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Score each held-out set as a whole, with 95 % intervals, beside what `census` counted.

    Returns `network`, `split`, `rank`, `score`, `value`, `low`, `high`, `specimens`, `taxa`,
    `specimens_left_out`, `left_out`.
    """
    parts = [
        with_intervals(part, seed=seed).assign(**dict(zip(TASK, key, strict=True)))
        for key, part in predictions.groupby(TASK, sort=False)
    ]
    columns = [*TASK, "score", "value", "low", "high"]
    scores = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    return scores.merge(counted, on=["split", "rank"], how="left")


def leads(predictions: pd.DataFrame, networks: list[str], rivals: list[str], seed: int = 89) -> pd.DataFrame:
    """Compare the macro-F1 of each network with that of each rival on the same resampled specimens.

    Returns `network`, `rival`, `split`, `rank`, `lead` (difference of macro-F1), `low`, `high` (95
    % bootstrap interval) and `clear` (whether the interval lies above zero).
    """
    rows = []
    for (split, rank), part in predictions.groupby(["split", "rank"], sort=False):
        by_network = {name: p.sort_values("image_id") for name, p in part.groupby("network")}
        weights = resample(next(iter(by_network.values()))["group"], seed)
        values, draws = {}, {}
        for name, p in by_network.items():
            values[name] = score(p["given"], p["predicted"], whole_set(len(p)))["f1"][0]
            draws[name] = score(p["given"], p["predicted"], weights)["f1"]
        for network in networks:
            for rival in rivals:
                low, high = interval(draws[network] - draws[rival])
                lead = float(values[network] - values[rival])
                rows.append((network, rival, split, rank, lead, low, high, low > 0))
    columns = ["network", "rival", "split", "rank", "lead", "low", "high", "clear"]
    return pd.DataFrame(rows, columns=columns)
