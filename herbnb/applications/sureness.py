"""Sureness: a sheet is named at the finest rank of which a regression is sure enough.

A regression that names genera names families and orders as well, by adding up what it gives to their genera.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from herbnb.applications.hierarchy import Answers
from herbnb.applications.identification import units
from herbnb.errors import BadInput
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS, lineages

NOTHING = "nothing"
"""What a sheet is called that is named at no rank."""

ANY = "any"
"""The sheets that are named at any rank, taken together."""


def name_as_far(
    probabilities: np.ndarray,
    lineage: pd.DataFrame,
    sure: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Name each sheet at the finest rank of which a regression is sure enough.

    Args:
        probabilities: of each genus [n, g].
        lineage: of these genera, see `specimens.lineages`.
        sure: the least probability that a name must have.

    Returns the ranks [n], of `RANKS` or `NOTHING`, and the names [n]; "" where there is none.
    """
    ranks = np.full(len(probabilities), NOTHING, object)
    names = np.full(len(probabilities), "", object)
    for rank in reversed(RANKS):  # a finer name replaces a coarser
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
        answers: of each representation, see `hierarchy.name_all`.
        levels: the least probabilities to try, each from 0 to 1.
        seed: of the intervals, which resample what those of identification do.

    Returns one row a `network`, `split`, `sure` and `rank` (of `RANKS`, or `ANY`, or `NOTHING`): `sheets`
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
                for rank in (*RANKS, ANY, NOTHING):
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
    right = np.any([(ranks == rank) & (names == own[rank].to_numpy(object)) for rank in RANKS], axis=0)
    group = units(specimens, "train")[answers.rows]
    return pd.DataFrame({"split": sheets["split"].to_numpy(), "group": group, "rank": ranks, "right": right})
