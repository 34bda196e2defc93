"""Neighbours: the sheets that lie nearest to a sheet, what they would call it, and what else they share."""

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from herbnb.devices import LARGE
from herbnb.errors import BadInput
from herbnb.representations.search import Nearest, Search
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS, gatherings

SHARED = ("genus", "family", "order", "institution")
"""What neighbours may have in common."""


def find_neighbours(
    features: np.ndarray, specimens: pd.DataFrame, neighbours: int = 5, large: int = LARGE
) -> pd.DataFrame:
    """Find the nearest sheets of every sheet, by cosine, until `neighbours` of them are of other
    gatherings.

    Duplicates of the sheet that are met on the way are listed too, and marked: at most as many as
    there are neighbours. A collection with too few gatherings gives a sheet fewer neighbours. All pairs are
    compared, or in a very large collection the likely ones: see `search.Search`.

    Args:
        features: float32 [n, d].
        specimens: the n specimens, with `image_id` and `gathering`.
        neighbours: how many, at least 1.
        large: as for `search.Search`.

    Returns:
        One row a sheet and neighbour, nearest first: `image_id`, `place` (from 1), `neighbour` (its
        image id), `similarity` (the cosine, at best 1), `duplicate`, `recall` (of the search: see
        `search.Nearest`).

    Raises:
        BadInput: `neighbours` is less than 1, or a feature is not finite.
    """
    if neighbours < 1:
        raise BadInput(f"neighbours is {neighbours}: ask for one at least.")
    group = np.unique(gatherings(specimens), return_inverse=True)[1]
    ids, units = specimens["image_id"].to_numpy(), normalize(features)
    search = Search(units, large=large)
    found, duplicates = search.others(neighbours, group[:, None]), search.alike(neighbours, group)
    last = found.distances[:, -1]
    table = pd.concat([paired(found, False), paired(duplicates, True)])
    table = table.sort_values(["row", "distance", "found"], ignore_index=True)
    table = table[~table["duplicate"] | (table["distance"] < last[table["row"]])]
    columns = ["image_id", "place", "neighbour", "similarity", "duplicate", "recall"]
    near = {"image_id": ids[table["row"]], "neighbour": ids[table["found"]], "recall": found.recall}
    near["place"] = table.groupby("row").cumcount() + 1
    near["similarity"] = 1 - table["distance"] ** 2 / 2  # of vectors of length 1
    return table.assign(**near)[columns].reset_index(drop=True)


def paired(nearest: Nearest, duplicate: bool) -> pd.DataFrame:
    """Return the pairs that a search found: `row`, `found`, `distance`, `duplicate`."""
    place = np.nonzero(nearest.rows >= 0)
    pairs = {"row": place[0], "found": nearest.rows[place], "distance": nearest.distances[place]}
    return pd.DataFrame(pairs | {"duplicate": duplicate})


def vote(names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let each row of `names` [n, k], nearest first, elect its commonest name; at a tie, the nearest
    of those.

    Returns the names elected [n] and their shares of the votes [n].
    """
    codes = pd.factorize(names.ravel())[0].reshape(names.shape)
    agreeing = (codes[:, :, None] == codes[:, None, :]).sum(axis=2)
    row, elected = np.arange(len(names)), agreeing.argmax(axis=1)
    return names[row, elected], agreeing[row, elected] / names.shape[1]


def used_by_training(specimens: pd.DataFrame, trained_on: pd.DataFrame) -> np.ndarray:
    """Say for each specimen whether training used it: a sheet of its image id and species is there."""
    same = ["image_id", "species"]
    return pd.MultiIndex.from_frame(specimens[same]).isin(pd.MultiIndex.from_frame(trained_on[same]))


def name_by_training(
    learnt: np.ndarray,
    trained_on: pd.DataFrame,
    features: np.ndarray,
    specimens: pd.DataFrame,
    neighbours: int = 5,
) -> pd.DataFrame:
    """Name every sheet at each rank by the vote of the training sheets that lie nearest, by cosine.

    A sheet that training used itself is left out: it would find itself, and be right for nothing.

    Args:
        learnt: features of the training sheets, float32 [m, d].
        trained_on: the m training specimens.
        features: float32 [n, d].
        specimens: the n specimens to be named.
        neighbours: how many vote; all, if training had fewer sheets.

    Returns:
        One row a sheet and rank: `rank`, `image_id`, `group` (its gathering), `given`, `known`
        (whether any training sheet bears the name given), `predicted`, `confidence` (its share of
        the votes), `recall` (of the search for voters: see `search.Nearest`).

    Raises:
        BadInput: a feature is not finite.
    """
    columns = ["rank", "image_id", "group", "given", "known", "predicted", "confidence", "recall"]
    asked = ~used_by_training(specimens, trained_on)
    if not asked.any():
        return pd.DataFrame(columns=columns).astype({"known": bool})
    k = min(neighbours, len(learnt))
    voters = Search(normalize(learnt)).nearest(k, normalize(features[asked]))
    sheets = specimens[asked].assign(group=gatherings(specimens[asked]))
    parts = []
    for rank in RANKS:
        predicted, confidence = vote(trained_on[rank].to_numpy(object)[voters.rows])
        known = sheets[rank].isin(trained_on[rank])
        named = sheets.assign(rank=rank, given=sheets[rank], known=known)
        named = named.assign(predicted=predicted, confidence=confidence, recall=voters.recall)
        parts.append(named[columns])
    return pd.concat(parts, ignore_index=True)


def names_by_training(
    learnt: dict[str, np.ndarray],
    trained_on: pd.DataFrame,
    features: dict[str, np.ndarray],
    specimens: pd.DataFrame,
    neighbours: int = 5,
) -> pd.DataFrame:
    """Name every sheet by each representation that has seen training sheets: see `name_by_training`.

    Args:
        learnt: features of the training sheets by representation; it may have none.
        trained_on: the m training specimens.
        features: of the specimens by representation.
        specimens: the n specimens to be named.
        neighbours: how many vote.

    Returns what `name_by_training` does, and `network`; no row where no training sheets were seen.
    """
    columns = ["rank", "image_id", "group", "given", "known", "predicted", "confidence", "recall", "network"]
    parts = [pd.DataFrame(columns=columns).astype({"known": bool})]
    for name in learnt:
        named = name_by_training(learnt[name], trained_on, features[name], specimens, neighbours)
        parts.append(named.assign(network=name))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def shared_by_neighbours(near: pd.DataFrame, specimens: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Compare how often neighbours share a name with how often any two sheets would by chance.

    Duplicates are left out on both sides, and so is a name that all sheets bear.

    Args:
        near: what `find_neighbours` returned for `specimens`.
        specimens: with the columns of `SHARED`.
        seed: of the intervals, which resample gatherings.

    Returns:
        Two rows for each of `SHARED`: `shared`, `by` (neighbours or chance), `share`, and for the
        neighbours the 95 % interval `low`, `high`. No row when there are no neighbours.
    """
    sheets = specimens.assign(group=gatherings(specimens)).set_index("image_id")
    pairs = near[~near["duplicate"]]
    groups = sheets.loc[pairs["image_id"], "group"]
    elsewhere = len(sheets) - sheets.groupby("group")["group"].transform("size")
    rows = []
    for name in SHARED:
        if len(pairs) and sheets[name].nunique() > 1:
            of_sheet, of_neighbour = (sheets.loc[pairs[c], name] for c in ("image_id", "neighbour"))
            same = of_sheet.to_numpy() == of_neighbour.to_numpy()
            everywhere = sheets.groupby(name)[name].transform("size")
            alike = everywhere - sheets.groupby([name, "group"])[name].transform("size")
            interval = mean_interval(same, groups, seed)
            rows.append((name, "neighbours", same.mean(), *interval))
            rows.append((name, "chance", (alike / elsewhere)[pairs["image_id"]].mean(), np.nan, np.nan))
    return pd.DataFrame(rows, columns=["shared", "by", "share", "low", "high"])
