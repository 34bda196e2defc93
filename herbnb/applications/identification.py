"""Identification: can a specimen be named from its features, at every rank, on three held-out sets?

The published probe (Walker, Tucker and Nicolson 2022): a logistic regression within each held-out
set, cross-validated. What it adds: intervals, and each network's lead over each baseline on the
same resampled specimens.
"""

import numpy as np
import pandas as pd

from herbnb.applications.scores import score
from herbnb.representations.probes import large_enough, out_of_fold
from herbnb.resampling import Resampling, interval
from herbnb.specimens import HELD_OUT, RANKS, gatherings

TASK = ["network", "split", "rank"]
"""The columns that tell one task of identification from another."""


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
    x, given, kept = features[rows], labels[rows], groups[rows]
    found = out_of_fold(x, given, kept, folds=folds, seed=seed)
    probabilities, taxa, fold = found
    predicted = taxa[probabilities.argmax(axis=1)]
    own = np.arange(len(rows)), np.searchsorted(taxa, given)
    of_given = probabilities[own].astype("float32")
    parts = (rows, kept, fold, given, predicted, of_given)
    return pd.DataFrame(dict(zip(columns, parts, strict=True)))


def identify_all(specimens: pd.DataFrame, features: dict[str, np.ndarray], seed: int = 89) -> pd.DataFrame:
    """Name the specimens of every held-out set at every rank, from every network's features.

    Args:
        specimens: n rows, with their splits.
        features: float32 [n, d] of each network, by its name.
        seed: of the deal into folds.

    Returns one row a specimen, network, split and rank: `network`, `split`, `rank`, `image_id`,
    `group` (its gathering), `fold`, `given`, `predicted`, `probability`. Sets with too few specimens
    give no row.
    """
    columns = [*TASK, "image_id", "group", "fold", "given", "predicted", "probability"]
    parts = [pd.DataFrame(columns=columns)]
    for network, of_sheets in features.items():
        for split in HELD_OUT:
            held_out = (specimens["split"] == split).to_numpy()
            sheets = specimens[held_out]
            for rank in RANKS:
                labels = sheets[rank].to_numpy(object)
                named = identify(of_sheets[held_out], labels, gatherings(sheets), seed=seed)
                images = sheets["image_id"].to_numpy()[named["row"].to_numpy(int)]
                task = dict(zip(TASK, (network, split, rank), strict=True))
                parts.append(named.drop(columns="row").assign(image_id=images, **task))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[columns]


def askable(specimens: pd.DataFrame, folds: int = 5) -> pd.DataFrame:
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


def leads(predictions: pd.DataFrame, networks: list[str], rivals: list[str], seed: int = 89) -> pd.DataFrame:
    """Compare the macro-F1 of each network with that of each rival on the same resampled specimens.

    Returns `network`, `rival`, `split`, `rank`, `lead` (difference of macro-F1), `low`, `high` (95
    % bootstrap interval) and `clear` (whether the interval lies above zero).
    """
    rows = []
    for (split, rank), part in predictions.groupby(["split", "rank"], sort=False):
        by_network = {name: p.sort_values("image_id") for name, p in part.groupby("network")}
        weights = Resampling(next(iter(by_network.values()))["group"], seed).weights
        values, draws = {}, {}
        for name, p in by_network.items():
            values[name] = score(p["given"], p["predicted"])["f1"][0]
            draws[name] = score(p["given"], p["predicted"], weights)["f1"]
        for network in networks:
            for rival in rivals:
                low, high = interval(draws[network] - draws[rival])
                lead = float(values[network] - values[rival])
                rows.append((network, rival, split, rank, lead, low, high, low > 0))
    columns = ["network", "rival", "split", "rank", "lead", "low", "high", "clear"]
    return pd.DataFrame(rows, columns=columns)
