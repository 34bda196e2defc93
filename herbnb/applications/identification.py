"""Identification: can a specimen be named from its features, and by whom taught?

The published probe (Walker, Tucker and Nicolson 2022) is a logistic regression within each held-out set,
cross-validated. Beside it stand three that learn from training sheets alone, so that no sheet of a new
species or of another institution has taught them. Every score has an interval, and each network's lead over
each baseline is taken on the same resampled specimens.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from herbnb.applications import teaching
from herbnb.applications.scores import score
from herbnb.representations.folds import FOLDS, large_enough
from herbnb.representations.probes import choose_c, out_of_fold
from herbnb.representations.scorebook import Keep, anew
from herbnb.resampling import Resampling, lead_intervals
from herbnb.specimens import HELD_OUT, RANKS, gatherings

TASK = ["network", "taught", "split", "rank"]
"""The columns that tell one task of identification from another."""

COLUMNS = [*TASK, "image_id", "group", "fold", "given", "predicted", "probability", "recall"]
"""Of a table of predictions."""

WAYS = {"train": teaching.by_training, "nearest": teaching.by_nearest, "others": teaching.by_others}
"""The ways to name the held-out sheets from training sheets, by what `taught` calls them."""

GENUS = RANKS.index("genus") + 1

ASKED = {"train": RANKS[:GENUS], "nearest": RANKS[:GENUS], "others": RANKS[GENUS:], "within": RANKS}
"""The ranks that are asked for in each way. Taught by "train", a family would be the genus again, since every
genus has one family; taught by "others", a genus has no teacher. "within" is the published way."""


def identify(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
    folds: int = FOLDS,
    seed: int = 89,
    c: float = 1.0,
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
        c: of the regressions.

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
    found = out_of_fold(x, given, kept, folds=folds, seed=seed, c=c)
    probabilities, taxa, fold = found
    predicted = taxa[probabilities.argmax(axis=1)]
    own = np.arange(len(rows)), np.searchsorted(taxa, given)
    of_given = probabilities[own].astype("float32")
    parts = (rows, kept, fold, given, predicted, of_given)
    return pd.DataFrame(dict(zip(columns, parts, strict=True)))


def identify_all(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    seed: int = 89,
    c: dict[str, float] | None = None,
    keep: Keep = anew,
) -> pd.DataFrame:
    """Name the specimens of every held-out set, in every way and rank of `ASKED`, by every network.

    Args:
        specimens: n rows, with their splits.
        features: float32 [n, d] of each network, by its name.
        seed: of the deals into folds.
        c: of each network's regressions, except "within"; None: see `strengths`.
        keep: reads the parts that are kept: a network, way and rank each.

    Returns one row a specimen and task: the columns of `TASK`, `image_id`, `group` (what an interval
    resamples: see `units`), `fold`, `given`, `predicted`, `probability`, `recall` (see `teaching.COLUMNS`).
    Sets with too few specimens give no row.
    """
    parts = [pd.DataFrame(columns=COLUMNS)]
    c = c or strengths(specimens, features, seed, keep)
    for network in features:
        for taught, ranks in ASKED.items():
            for rank in ranks:
                settings = {"seed": seed, "c": 1.0 if taught == "within" else c[network]}
                make = partial(identify_in_one_way, specimens, features, network, taught, rank, **settings)
                parts.append(keep(make, network, taught, rank, **settings))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def identify_in_one_way(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    network: str,
    taught: str,
    rank: str,
    seed: int,
    c: float,
) -> pd.DataFrame:
    """Name the specimens of every held-out set in one way and at one rank, by one network."""
    if taught == "within":
        named = within(features[network], specimens, rank, seed, c)
    else:
        named = WAYS[taught](features[network], specimens, rank, c, seed)
    rows = named["row"].to_numpy(int)
    about = specimens.iloc[rows][["image_id", "split"]].reset_index(drop=True)
    task = {"network": network, "taught": taught, "rank": rank, "group": units(specimens, taught)[rows]}
    return pd.concat([about, named.reset_index(drop=True)], axis=1).assign(**task)[COLUMNS]


def strengths(
    specimens: pd.DataFrame, features: Mapping[str, np.ndarray], seed: int = 89, keep: Keep = anew
) -> dict[str, float]:
    """Choose the C of each network's regressions, from the training sheets alone: see `probes.choose_c`."""
    train = (specimens["split"] == "train").to_numpy()
    genera, groups = specimens["genus"].to_numpy(object)[train], gatherings(specimens[train])

    def strength(network: str) -> pd.DataFrame:
        return pd.DataFrame({"c": [choose_c(features[network][train], genera, groups, seed)]})

    chosen = {network: keep(partial(strength, network), network, "c", seed=seed) for network in features}
    return {network: float(table["c"].iloc[0]) for network, table in chosen.items()}


def within(features: np.ndarray, specimens: pd.DataFrame, rank: str, seed: int, c: float) -> pd.DataFrame:
    """Name the sheets of each held-out set from others of the set, as published: see `identify`."""
    parts = []
    for split in HELD_OUT:
        rows = np.flatnonzero(specimens["split"] == split)
        sheets = specimens.iloc[rows]
        labels = sheets[rank].to_numpy(object)
        named = identify(features[rows], labels, gatherings(sheets), seed=seed, c=c)
        parts.append(named.assign(row=rows[named["row"].to_numpy(int)]))
    return pd.concat(parts).reindex(columns=teaching.COLUMNS)


def units(specimens: pd.DataFrame, taught: str) -> np.ndarray:
    """Say for each specimen what an interval resamples: what the question is about.

    Of families learnt from other genera it is the genus. Of new species it is the species, unless some of
    their sheets have taught. Otherwise it is the gathering.
    """
    if taught == "others":
        return specimens["genus"].to_numpy(object)
    groups = gatherings(specimens)
    if taught == "within":
        return groups
    return np.where(specimens["split"] == "species", specimens["species"], groups)


def askable(specimens: pd.DataFrame) -> pd.DataFrame:
    """Count, for each way, held-out set and rank, what can be asked about and what is left out.

    Returns one row each: `taught`, `split`, `rank`, `specimens` and `taxa` that can be scored,
    `specimens_left_out`, `left_out` (taxa).
    """
    rows = []
    for taught, ranks in ASKED.items():
        for split in HELD_OUT:
            of_split = (specimens["split"] == split).to_numpy()
            part = specimens[of_split]
            for rank in ranks:
                if taught == "within":
                    asked = large_enough(part[rank].to_numpy(), gatherings(part))
                else:
                    asked = teaching.askable(specimens, rank, taught)[1][of_split]
                taxa = part.loc[asked, rank].nunique()
                counts = asked.sum(), taxa, (~asked).sum(), part[rank].nunique() - taxa
                rows.append((taught, split, rank, *map(int, counts)))
    columns = ["taught", "split", "rank", "specimens", "taxa", "specimens_left_out", "left_out"]
    return pd.DataFrame(rows, columns=columns)


def leads(predictions: pd.DataFrame, networks: list[str], rivals: list[str], seed: int = 89) -> pd.DataFrame:
    """Compare the macro F1 of each network with that of each rival on the same resampled specimens.

    Returns `network`, `rival`, `taught`, `split`, `rank`, `lead` (difference of macro F1), `low`, `high`
    (95 % bootstrap interval) and `clear` (whether the interval lies above zero).
    """
    rows = []
    for task, part in predictions.groupby(TASK[1:], sort=False):
        by_network = {name: p.sort_values("image_id") for name, p in part.groupby("network")}
        resampling = Resampling(next(iter(by_network.values()))["group"], seed)
        values, draws = {}, {}
        for name, p in by_network.items():
            score_of = partial(score, p["given"], p["predicted"])
            values[name] = score_of()["f1"][0]
            draws[name] = resampling.scores(score_of)["f1"]
        for network, rival, *lead in lead_intervals(values, draws, networks, rivals):
            rows.append((network, rival, *task, *lead, lead[1] > 0))
    columns = ["network", "rival", *TASK[1:], "lead", "low", "high", "clear"]
    return pd.DataFrame(rows, columns=columns)


def beside_duplicates(predictions: pd.DataFrame, duplicates: pd.Series) -> pd.DataFrame:
    """Compare how often pieces of a gathering that teaches are named rightly, and how often other sheets are.

    Args:
        predictions: of one way and one rank.
        duplicates: the image ids of such pieces.

    Returns `network`, `split`, `sheets` (the pieces), and the shares named rightly: `duplicates`, `others`. A
    set without such pieces, or with nothing else, has no row.
    """
    of_piece = predictions["image_id"].isin(duplicates)
    right = (predictions["given"] == predictions["predicted"]).astype(float)
    parts = {"duplicates": right.where(of_piece), "others": right.where(~of_piece)}
    by = predictions.assign(**parts).groupby(["network", "split"], sort=False)
    table = by.agg(
        sheets=("duplicates", "count"), duplicates=("duplicates", "mean"), others=("others", "mean")
    )
    return table.dropna().reset_index()
