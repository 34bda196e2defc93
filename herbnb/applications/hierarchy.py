"""Hierarchy: how far off is a wrong genus, and how far down the ranks may a sheet be named?

Genera, families and orders make a tree, and a mistake is as large as the step up to the first taxon that
holds both the genus given and the genus named (Bertinetto et al. 2020). A regression that names genera names
families and orders as well, by adding up what it gives to their genera.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from herbnb.applications import teaching
from herbnb.applications.identification import units
from herbnb.errors import BadInput
from herbnb.representations.probes import probe
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS

LINEAGE = RANKS[RANKS.index("genus") :]
"""The ranks from the genus upwards: what a genus is part of."""

NOTHING = "nothing"
"""What a sheet is called that is named at no rank."""

ANY = "any"
"""The sheets that are named at any rank, taken together."""

MADE, LOT = "made", "by lot"
"""Who made a mistake: the regression, or somebody who draws one of the other genera."""


class Answers(NamedTuple):
    """What a regression says of the sheets that it was asked about."""

    rows: np.ndarray
    """Of the specimens table [n]."""

    probabilities: np.ndarray
    """Of each genus, [n, g]."""

    genera: np.ndarray
    """That the columns stand for [g]."""


def name_genera(features: np.ndarray, specimens: pd.DataFrame, c: float) -> Answers:
    """Name the held-out sheets by a regression on all training sheets, as identification taught by "train".

    Args:
        features: float32 [n, d].
        specimens: the n specimens, with their splits.
        c: of the regression.

    Returns answers without a row where the training sheets are of one genus or nothing can be asked.
    """
    train, asked = teaching.askable(specimens, "genus", "train")
    genera = specimens["genus"].to_numpy(object)
    if not asked.any() or len(np.unique(genera[train])) < 2:
        return Answers(np.zeros(0, int), np.zeros((0, 0)), np.zeros(0, object))
    model = probe(c=c).fit(features[train], genera[train])
    rows = np.flatnonzero(asked)
    return Answers(rows, model.predict_proba(features[rows]), model.classes_)


def name_all(
    specimens: pd.DataFrame, features: dict[str, np.ndarray], c: dict[str, float]
) -> dict[str, Answers]:
    """Let the regression of each representation name the held-out sheets: see `name_genera`."""
    with threadpool_limits(1):
        each = (delayed(name_genera)(features[name], specimens, c[name]) for name in features)
        return dict(zip(features, Parallel(n_jobs=-1, prefer="threads")(each), strict=True))


def lineages(specimens: pd.DataFrame, genera: Sequence[str]) -> pd.DataFrame:
    """Say of each genus which family and order it is of: one row each, with the columns of `LINEAGE`.

    Where sheets of one genus disagree, the commonest opinion counts.
    """
    of_genus = specimens[specimens["genus"].isin(list(genera))].groupby("genus")
    above = {rank: of_genus[rank].agg(lambda names: names.mode().iloc[0]) for rank in LINEAGE[1:]}
    table = pd.DataFrame(above, columns=list(LINEAGE[1:])).reindex(list(genera)).rename_axis("genus")
    return table.reset_index()[list(LINEAGE)]


def heights(lineage: pd.DataFrame) -> np.ndarray:
    """Measure how far up the tree two genera meet, int [g, g].

    0 for a genus and itself, 1 for two of one family, 2 for two of one order, 3 for all others.
    """
    names = lineage.to_numpy(object)
    return (names[:, None] != names[None]).sum(axis=2)


def mistakes(specimens: pd.DataFrame, answers: dict[str, Answers]) -> pd.DataFrame:
    """Measure each answer: how far is the likeliest genus from the one on the label?

    Args:
        specimens: the table that the answers' rows are of.
        answers: of each representation, see `name_all`.

    Returns one row a representation and sheet: `network`, `image_id`, `split`, `group` (what an interval
    resamples), `given`, `predicted`, `height` (0: right), and what a wrong genus drawn by lot would come to:
    `lot_height`, and `lot_family` and so on, the share of the other genera that are of the right family.
    """
    columns = ["network", "image_id", "split", "group", "given", "predicted", "height", "lot_height"]
    columns += [f"lot_{rank}" for rank in LINEAGE[1:]]
    parts = [
        measured(specimens, of_each).assign(network=network)
        for network, of_each in answers.items()
        if len(of_each.rows)
    ]
    return pd.concat(parts or [pd.DataFrame(columns=columns)], ignore_index=True)[columns]


def measured(specimens: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Measure the answers of one representation: see `mistakes`."""
    sheets, genera = specimens.iloc[answers.rows], answers.genera
    apart = heights(lineages(specimens[specimens["split"] == "train"], genera))
    given = pd.Index(genera).get_indexer(sheets["genus"])
    named = answers.probabilities.argmax(axis=1)
    others = len(genera) - 1
    table = sheets[["image_id", "split"]].assign(group=units(specimens, "train")[answers.rows])
    table = table.assign(given=genera[given], predicted=genera[named], height=apart[given, named])
    table["lot_height"] = apart.sum(axis=1)[given] / others
    for step, rank in enumerate(LINEAGE[1:], start=1):
        table[f"lot_{rank}"] = ((apart <= step).sum(axis=1)[given] - 1) / others
    return table


def mistake_scores(table: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Average the mistakes of each network and set, beside mistakes drawn by lot for the same sheets.

    Args:
        table: what `mistakes` returned.
        seed: of the intervals, which resample the column `group`.

    Returns one row each: `network`, `split`, `measure` ("height", the mean over misnamed sheets; "family" and
    so on, the share of them named within the right one), `by` ("made" or "by lot"), `value`, `low`, `high`
    (95 %; none by lot), `misnamed`, `sheets`. A set without a mistake has no row.
    """
    rows = []
    for (network, split), part in table.groupby(["network", "split"], sort=False):
        wrong = part[part["height"] > 0]
        if not len(wrong):
            continue
        made = {"height": wrong["height"]}
        made |= {rank: wrong["height"] <= step for step, rank in enumerate(LINEAGE[1:], start=1)}
        counts = len(wrong), len(part)
        for measure, values in made.items():
            between = mean_interval(values, wrong["group"], seed)
            lot = wrong[f"lot_{measure}"].mean()
            rows.append((network, split, measure, MADE, values.mean(), *between, *counts))
            rows.append((network, split, measure, LOT, lot, np.nan, np.nan, *counts))
    columns = ["network", "split", "measure", "by", "value", "low", "high", "misnamed", "sheets"]
    return pd.DataFrame(rows, columns=columns)


def rank_accuracy(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share of sheets named rightly at each rank: `network`, `split`, a column a rank, `height`.

    Args:
        table: what `mistakes` returned; in the result `height` is the mean over all sheets.
    """
    steps = {rank: table["height"] <= step for step, rank in enumerate(LINEAGE)}
    measured = table.assign(**steps, height=table["height"].astype(float))
    by = measured.groupby(["network", "split"], sort=False)
    return by[[*LINEAGE, "height"]].mean().reset_index()


def name_as_far(
    probabilities: np.ndarray,
    lineage: pd.DataFrame,
    sure: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Name each sheet at the finest rank of which a regression is sure enough.

    Args:
        probabilities: of each genus [n, g].
        lineage: of these genera, see `lineages`.
        sure: the least probability that a name must have.

    Returns the ranks [n], of `LINEAGE` or `NOTHING`, and the names [n]; "" where there is none.
    """
    ranks = np.full(len(probabilities), NOTHING, object)
    names = np.full(len(probabilities), "", object)
    for rank in reversed(LINEAGE):  # a finer name replaces a coarser
        taxa, of = np.unique(lineage[rank], return_inverse=True)
        summed = probabilities @ np.eye(len(taxa))[of]  # [n, taxa]
        enough = summed.max(axis=1) >= sure
        ranks[enough] = rank
        names[enough] = taxa[summed.argmax(axis=1)][enough]
    return ranks, names


def sure_names(
    specimens: pd.DataFrame, answers: dict[str, Answers], levels: Sequence[float], seed: int = 89
) -> pd.DataFrame:
    """Count, for several levels of sureness, how many sheets are named at each rank, and how many rightly.

    Args:
        specimens: the table that the answers' rows are of.
        answers: of each representation, see `name_all`.
        levels: the least probabilities to try, each from 0 to 1.
        seed: of the intervals, which resample what those of identification do.

    Returns one row a `network`, `split`, `sure` and `rank` (of `LINEAGE`, or `ANY`, or `NOTHING`): `sheets`
    (named at it), `share` (of all that were asked about), `right` (of those named); for `ANY` also `low` and
    `high` (95 %). Where no sheet is named the last three are not numbers.

    Raises:
        BadInput: a level that is no probability.
    """
    if not all(0 <= sure <= 1 for sure in levels):
        raise BadInput(f"The levels are {list(levels)}: each is a probability, from 0 to 1.")
    rows = []
    for network, of_each in answers.items():
        for sure in levels if len(of_each.rows) else []:
            for split, part in named_sheets(specimens, of_each, sure).groupby("split", sort=False):
                for rank in (*LINEAGE, ANY, NOTHING):
                    named = part[part["rank"].ne(NOTHING) if rank == ANY else part["rank"].eq(rank)]
                    right, between = np.nan, (np.nan, np.nan)
                    if len(named) and rank != NOTHING:
                        right = named["right"].mean()
                    if len(named) and rank == ANY:
                        between = mean_interval(named["right"], named["group"], seed)
                    count = len(named), len(named) / len(part)
                    rows.append((network, split, sure, rank, *count, right, *between))
    columns = ["network", "split", "sure", "rank", "sheets", "share", "right", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def named_sheets(specimens: pd.DataFrame, answers: Answers, sure: float) -> pd.DataFrame:
    """Say of each sheet at which rank it is named, and whether rightly: `split`, `group`, `rank`, `right`."""
    sheets = specimens.iloc[answers.rows]
    lineage = lineages(specimens[specimens["split"] == "train"], answers.genera)
    ranks, names = name_as_far(answers.probabilities, lineage, sure)
    own = lineage.set_index("genus", drop=False).loc[sheets["genus"]]
    right = np.any([(ranks == rank) & (names == own[rank].to_numpy(object)) for rank in LINEAGE], axis=0)
    group = units(specimens, "train")[answers.rows]
    return pd.DataFrame({"split": sheets["split"].to_numpy(), "group": group, "rank": ranks, "right": right})
