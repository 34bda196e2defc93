"""Hierarchy: how far off is a wrong genus?

Genera, families and orders make a tree, and a mistake is as large as the step up to the first taxon that
holds both the genus given and the genus named (Bertinetto et al. 2020).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from herbnb.applications import teaching
from herbnb.applications.identification import units
from herbnb.applications.scores import BY_LOT
from herbnb.errors import BadInput
from herbnb.representations.probes import fitted, limited
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS, lineages

MADE = "made"
"""The mistakes of a regression; `BY_LOT` are those of somebody who draws one of the other genera."""


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
    rows = np.flatnonzero(asked)
    with limited(np.count_nonzero(train)):
        model = fitted(features[train], genera[train], c=c)
        return Answers(rows, model.predict_proba(features[rows]), model.classes_)


def name_all(
    specimens: pd.DataFrame, features: dict[str, np.ndarray], c: Mapping[str, float]
) -> dict[str, Answers]:
    """Let the regression of each representation name the held-out sheets: see `name_genera`.

    Raises:
        BadInput: there is no C for one of them.
    """
    if strange := [name for name in features if name not in c]:
        raise BadInput(f"No C is known for {strange[0]}: run chapter identification with it first.")
    return {name: name_genera(of_sheets, specimens, c[name]) for name, of_sheets in features.items()}


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
    columns += [f"lot_{rank}" for rank in RANKS[1:]]
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
    for step, rank in enumerate(RANKS[1:], start=1):
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
        made |= {rank: wrong["height"] <= step for step, rank in enumerate(RANKS[1:], start=1)}
        counts = len(wrong), len(part)
        for measure, values in made.items():
            between = mean_interval(values, wrong["group"], seed)
            lot = wrong[f"lot_{measure}"].mean()
            rows.append((network, split, measure, MADE, values.mean(), *between, *counts))
            rows.append((network, split, measure, BY_LOT, lot, np.nan, np.nan, *counts))
    columns = ["network", "split", "measure", "by", "value", "low", "high", "misnamed", "sheets"]
    return pd.DataFrame(rows, columns=columns)


def rank_accuracy(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share of sheets named rightly at each rank: `network`, `split`, a column a rank, `height`.

    Args:
        table: what `mistakes` returned; in the result `height` is the mean over all sheets.
    """
    steps = {rank: table["height"] <= step for step, rank in enumerate(RANKS)}
    measured = table.assign(**steps, height=table["height"].astype(float))
    by = measured.groupby(["network", "split"], sort=False)
    return by[[*RANKS, "height"]].mean().reset_index()
