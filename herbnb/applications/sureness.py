"""Sureness: a sheet is named at the finest rank of which a regression is sure enough.

A regression that names genera names families and orders as well, by adding up what it gives to their genera.
How sure is enough follows from what a mistake is worth: a coarse name leaves something to be done, a wrong
one something to be undone as well (after Deng et al. 2012, who count what a name tells, and not steps).
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from herbnb.applications.hierarchy import Answers, heights
from herbnb.applications.identification import units
from herbnb.errors import BadInput
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS, lineages

NOTHING = "nothing"
"""What a sheet is called that is named at no rank."""

ANY = "any"
"""The sheets that are named at any rank, taken together."""

WRONG_STEP = 4.0
"""Missing steps that a wrong one is worth, unless somebody says otherwise: one must be sure at .8."""


def least_sure(wrong_step: float) -> float:
    """Return how sure one must be of a name, so that `name_as_far` names at the least expected cost.

    The cost of a name is counted in steps through the tree, from the name to the genus that it should have
    been. Every step up, to the first taxon that holds both, was a wrong one and costs `wrong_step`; every
    step down from there was a missing one and costs 1. So the right family costs 1, no name as much as there
    are ranks, and a wrong genus of the right family `wrong_step` and 1. To go down one step more is then
    worth its while where the finer name has more than the probability returned; that is a half or more, so
    no two names of a rank can have it.

    Raises:
        BadInput: `wrong_step` is below 1, or no number.
    """
    if not 1 <= wrong_step < math.inf:
        raise BadInput(f"wrong_step is {wrong_step}: it is at least 1, for a wrong step costs a missing one.")
    return wrong_step / (1 + wrong_step)


def name_as_far(
    probabilities: np.ndarray,
    lineage: pd.DataFrame,
    sure: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Name each sheet at the finest rank of which a regression is sure enough.

    Args:
        probabilities: of each genus [n, g].
        lineage: of these genera, see `specimens.lineages`.
        sure: the least probability that a name must have.

    Returns the ranks [n], of `RANKS` or `NOTHING`, the names [n], "" where there is none, and the
    probabilities of these [n], 1 where there is none.
    """
    ranks = np.full(len(probabilities), NOTHING, object)
    names = np.full(len(probabilities), "", object)
    of_names = np.ones(len(probabilities))
    for rank in reversed(RANKS):  # a finer name replaces a coarser
        taxa, of = np.unique(lineage[rank], return_inverse=True)
        summed = probabilities @ np.eye(len(taxa))[of]  # [n, taxa]
        likeliest = summed.max(axis=1)
        enough = likeliest >= sure
        ranks[enough], of_names[enough] = rank, likeliest[enough]
        names[enough] = taxa[summed.argmax(axis=1)][enough]
    return ranks, names, of_names


def named_sheets(
    probabilities: np.ndarray, lineage: pd.DataFrame, given: np.ndarray, sure: float
) -> pd.DataFrame:
    """Name each sheet as far as a regression is sure, and count the steps to the genus on its label.

    Args:
        probabilities: of each genus [n, g].
        lineage: of these genera, see `specimens.lineages`.
        given: the genus on each label [n], one of them.
        sure: the least probability that a name must have.

    Returns one row a sheet, in order: `named_at` (of `RANKS`, or `NOTHING`), `named`, `sure` (the probability
    of that name), `wrong` (steps up), `missing` (steps down from there: see `least_sure`), `right`.
    """
    ranks, names, of_names = name_as_far(probabilities, lineage, sure)
    apart = heights(lineage)
    own = pd.Index(lineage["genus"]).get_indexer(given)
    wrong, missing = np.zeros(len(ranks), int), np.full(len(ranks), len(RANKS))
    for height, rank in enumerate(RANKS):
        rows = np.flatnonzero(ranks == rank)
        first = lineage[rank].drop_duplicates()  # any genus of a taxon says how far another is
        inside = first.index[pd.Index(first).get_indexer(names[rows])]
        meet = np.maximum(apart[inside, own[rows]], height)
        wrong[rows], missing[rows] = meet - height, meet
    right = (wrong == 0) & (ranks != NOTHING)
    table = {"named_at": ranks, "named": names, "sure": of_names, "wrong": wrong, "missing": missing}
    return pd.DataFrame({**table, "right": right})


def count_ranks(named: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Count how many sheets are named at each rank, and how many rightly.

    Args:
        named: `named_at`, `right`, and `group`, which an interval resamples.
        seed: of the intervals.

    Returns one row for each of `RANKS`, for `ANY` and for `NOTHING`: `rank`, `sheets` (named at it), `share`
    (of all), `right` (of those named); for `ANY` also `low` and `high` (95 %). Where no sheet is named the
    last three are not numbers. No row without a sheet.
    """
    rows = []
    for rank in (*RANKS, ANY, NOTHING) if len(named) else ():
        part = named[named["named_at"].ne(NOTHING) if rank == ANY else named["named_at"].eq(rank)]
        right, between = np.nan, (np.nan, np.nan)
        if len(part) and rank != NOTHING:
            right = part["right"].mean()
        if len(part) and rank == ANY:
            between = mean_interval(part["right"], part["group"], seed)
        rows.append((rank, len(part), len(part) / len(named), right, *between))
    return pd.DataFrame(rows, columns=["rank", "sheets", "share", "right", "low", "high"])


def sure_names(
    specimens: pd.DataFrame, answers: dict[str, Answers], levels: Sequence[float], seed: int = 89
) -> pd.DataFrame:
    """Count, for several levels of sureness, what becomes of the held-out sheets: see `count_ranks`.

    Args:
        specimens: the table that the answers' rows are of.
        answers: of each representation, see `hierarchy.name_all`.
        levels: the least probabilities to try, each from 0 to 1.
        seed: of the intervals, which resample what those of identification do.

    Returns the rows of `count_ranks` for each `network`, `split` and `sure` (the level).

    Raises:
        BadInput: a level that is no probability.
    """
    if not all(0 <= sure <= 1 for sure in levels):
        raise BadInput(f"The levels are {list(levels)}: each is a probability, from 0 to 1.")
    columns = ["network", "split", "sure", "rank", "sheets", "share", "right", "low", "high"]
    parts = [pd.DataFrame(columns=columns)]
    train = specimens[specimens["split"] == "train"]
    for network, of_each in answers.items():
        sheets, lineage = specimens.iloc[of_each.rows], lineages(train, of_each.genera)
        of_sheets = {"split": sheets["split"], "group": units(specimens, "train")[of_each.rows]}
        for sure in levels if len(sheets) else []:
            named = named_sheets(of_each.probabilities, lineage, sheets["genus"].to_numpy(object), sure)
            named = named.assign(**{name: np.asarray(values) for name, values in of_sheets.items()})
            for split, part in named.groupby("split", sort=False):
                key = {"network": network, "split": split, "sure": sure}
                parts.append(count_ranks(part, seed).assign(**key))
    return pd.concat(parts[1:] or parts, ignore_index=True)[columns]


def mean_costs(named: pd.DataFrame, wrong_step: float, seed: int = 89) -> pd.DataFrame:
    """Average what names have cost (see `least_sure`), and what they would have cost without the choice.

    Args:
        named: `wrong`, `missing`, `height` (steps up, and down again, from the likeliest genus), and `group`,
            which an interval resamples.
        wrong_step: missing steps that a wrong one is worth.
        seed: of the intervals.

    Returns one row each for sheets named "as far as it is sure", "always by a genus" and "not at all":
    `names`, `cost` (the mean, in missing steps), `low`, `high` (95 %). No row without a sheet.
    """
    costs = {
        "as far as it is sure": wrong_step * named["wrong"] + named["missing"],
        "always by a genus": (wrong_step + 1) * named["height"],
        "not at all": pd.Series(len(RANKS), index=named.index),
    }
    rows = [
        (names, cost.mean(), *mean_interval(cost, named["group"], seed))
        for names, cost in costs.items()
        if len(named)
    ]
    return pd.DataFrame(rows, columns=["names", "cost", "low", "high"])
