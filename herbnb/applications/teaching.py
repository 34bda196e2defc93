"""Teaching: what the names of held-out sheets are learnt from, and which sheets can then be asked about.

The published probe (Walker, Tucker and Nicolson 2022) is taught within each held-out set, so that sheets of
the new species and of the other institutions teach it. Here are three ways that learn from training sheets
alone. A sheet can be asked about when its name is among those learnt.
"""

import numpy as np
import pandas as pd

from herbnb.applications.neighbours import name_by_training
from herbnb.representations.folds import FOLDS
from herbnb.representations.probes import fitted, limited

COLUMNS = ["row", "fold", "given", "predicted", "probability", "recall"]
"""Of what the ways return: the place of a sheet in the table, the fold of its model, the name on its label,
the name predicted, the probability of the name given, which is not a number where sheets vote, and the recall
of the search for voters (see `search.Nearest`), which is not a number where there was no such search."""


def by_training(features, specimens, rank: str, c: float, seed: int):
    """Name the held-out sheets by a regression on all training sheets.

    Args:
        features: float32 [n, d].
        specimens: the n specimens, with their splits.
        rank: that is asked for.
        c: of the regression.
        seed: not used, since nothing is drawn.

    Returns a table of `COLUMNS`.
    """
    train, asked = askable(specimens, rank, "train")
    return answered(features, specimens[rank], [(train, asked)], c)


def by_others(features, specimens, rank: str, c: float, seed: int):
    """Name the held-out sheets of a genus by a regression on the training sheets of other genera.

    The genera are dealt into folds, and those of one family (or order) into different ones, so that each is
    named by a model which knows its family from other genera only. Arguments and table are those of
    `by_training`; the seed is that of the deal.
    """
    train, asked = askable(specimens, rank, "others")
    fold = specimens["genus"].map(deal_genera(specimens[train], rank, seed))
    # of a genus that no training sheet bears, all may teach
    fold = fold.fillna(FOLDS).to_numpy()
    folds = range(FOLDS + 1)
    parts = [(train & (fold != k), asked & (fold == k)) for k in folds]
    return answered(features, specimens[rank], parts, c)


def by_nearest(features, specimens, rank: str, c: float, seed: int):
    """Name the held-out sheets by the vote of the five training sheets that lie nearest, by cosine.

    Arguments and table are those of `by_training`; nothing is fitted, and nothing is drawn.
    """
    train, asked = askable(specimens, rank, "nearest")
    if not asked.any():
        return pd.DataFrame(columns=COLUMNS)
    voted = name_by_training(features[train], specimens[train], features[asked], specimens[asked])
    voted = voted[voted["rank"] == rank]
    place = pd.Series(np.flatnonzero(asked), specimens["image_id"][asked])
    rows = place.loc[voted["image_id"]].to_numpy()
    return voted.assign(row=rows, fold=0, probability=np.float32("nan"))[COLUMNS]


def askable(specimens: pd.DataFrame, rank: str, taught: str) -> tuple[np.ndarray, np.ndarray]:
    """Say of each specimen whether it is a training sheet, and whether it can be asked about.

    A held-out sheet can be where a training sheet bears its name; and, taught by "others", where one of
    another genus does.
    """
    train = (specimens["split"] == "train").to_numpy()
    names, genera = specimens[rank], specimens.loc[train, "genus"]
    if taught == "others":
        kin = genera.groupby(names[train]).nunique()
        own = specimens["genus"].isin(genera)
        return train, ~train & (names.map(kin).fillna(0) - own > 0).to_numpy()
    return train, ~train & names.isin(names[train]).to_numpy()


def deal_genera(train: pd.DataFrame, rank: str, seed: int) -> dict[str, int]:
    """Deal genera into folds, those of one taxon of `rank` one after another."""
    rng = np.random.default_rng(seed)
    genera = [genus for _, part in train.groupby(rank) for genus in rng.permutation(part["genus"].unique())]
    return {genus: place % FOLDS for place, genus in enumerate(genera)}


def answered(
    features: np.ndarray, names: pd.Series, parts: list[tuple[np.ndarray, np.ndarray]], c: float
) -> pd.DataFrame:
    """Fit a regression for each of the parts, and name the sheets that it is asked about.

    Args:
        features: float32 [n, d].
        names: on the labels [n].
        parts: pairs of boolean arrays [n]: the sheets that teach, and those that are asked about.
        c: of the regression.
    """
    names = names.to_numpy(object)

    def answer(fold: int, teachers: np.ndarray, asked: np.ndarray) -> pd.DataFrame:
        if not asked.any() or len(np.unique(names[teachers])) < 2:
            return pd.DataFrame(columns=COLUMNS)
        rows = np.flatnonzero(asked)
        with limited(np.count_nonzero(teachers)):
            model = fitted(features[teachers], names[teachers], c=c)
            probabilities, taxa = model.predict_proba(features[rows]), model.classes_
        own = probabilities[np.arange(len(rows)), np.searchsorted(taxa, names[rows])]
        predicted = taxa[probabilities.argmax(axis=1)]
        of_given = own.astype("float32")
        values = (rows, fold, names[rows], predicted, of_given, np.nan)
        return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))

    tables = [answer(k, *part) for k, part in enumerate(parts)]
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
