"""Retrieval: a sheet is laid against all sheets of a herbarium, and the nearest are looked at first.

Nothing is learnt here and nothing named: a list is good if sheets of the right genus stand at its top.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import gammaln
from sklearn.preprocessing import normalize

from herbnb.applications.identification import units
from herbnb.applications.scores import BY_LOT
from herbnb.devices import parts
from herbnb.representations.scorebook import Keep, anew
from herbnb.resampling import Resampling, lead_intervals, mean_interval
from herbnb.specimens import gatherings

DEPTHS = (1, 5, 20)
"""How far down the list a curator looks for a sheet of the right genus."""

QUERIES = ("institutions", "species")
"""The sets whose sheets look for their genus among the training sheets."""

SLICE = 256
"""Queries that list a gallery at once, at most."""

HELD = 2**22
"""Places of their lists together, at most; each takes some 50 bytes while it is scored."""

SCORES = ("average_precision", *(f"recall_at_{depth}" for depth in DEPTHS))

ANSWER = ["image_id", "genus", "group", "candidates", "relevant", "first", *SCORES]
"""Of a table of queries."""

PLACE = ["image_id", "place", "neighbour", "similarity", "right"]
"""Of a table of the places of their lists."""


def average_precision(right: np.ndarray) -> np.ndarray:
    """Score lists by the share of right sheets down to each right sheet, averaged over these.

    Args:
        right: whether a place of a list holds a right sheet, bool [n, m], nearest first.

    Returns [n], at best 1; not a number where a list has no right sheet.
    """
    found = right.cumsum(axis=1)
    places = np.arange(1, right.shape[1] + 1)
    precision = np.where(right, found / places, 0)
    with np.errstate(invalid="ignore"):
        return precision.sum(axis=1) / right.sum(axis=1)


def retrieve(
    features: np.ndarray,
    specimens: pd.DataFrame,
    queries: np.ndarray,
    gallery: np.ndarray,
    seed: int = 89,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the sheets of a gallery for each query, nearest by cosine first, and look for its genus.

    Duplicates of the query are taken out of the gallery first. Sheets that lie equally near are listed in an
    order that is drawn, so that a network which gives all sheets the same features gains nothing.

    A list has every sheet of the gallery, as its score needs all of a genus: so each query sorts the gallery,
    and no approximate search will do. Memory does not grow with the queries; time does, with queries times
    gallery: 5,000 queries among 100,000 sheets take some three minutes, among a million an hour.

    Args:
        features: float32 [n, d].
        specimens: the n specimens, with `genus` and `gathering`.
        queries: rows of these that ask.
        gallery: rows among which they look.
        seed: of the order of equals.

    Returns two tables. One row a query whose genus the gallery has: `image_id`, `genus`, `group` (what an
    interval resamples), `candidates` (sheets listed), `relevant` (of the genus), `first` (the place of the
    first of these), `average_precision` and whether there is one at each of `DEPTHS`. And one row a query and
    place, down to the last depth: `image_id`, `place`, `neighbour`, `similarity`, `right`.
    """
    genera = specimens["genus"].to_numpy(object)
    genus, gathering = pd.factorize(genera)[0], pd.factorize(gatherings(specimens))[0]
    ids, group = specimens["image_id"].to_numpy(object), units(specimens, "train")
    shelf = np.random.default_rng(seed).permutation(gallery)
    directions = normalize(features)
    of_shelf = directions[shelf]
    deep, lists, tops = min(max(DEPTHS), len(shelf)), [], []
    at_once = min(SLICE, max(HELD // max(len(shelf), 1), 1))
    for part in parts(len(queries) if len(shelf) else 0, at_once):
        asked = queries[part]
        cosine = directions[asked] @ of_shelf.T
        cosine[gathering[asked, None] == gathering[shelf]] = -np.inf
        order = np.argsort(-cosine, axis=1, kind="stable")
        listed = np.isfinite(np.take_along_axis(cosine, order, axis=1))
        right = (genus[shelf][order] == genus[asked, None]) & listed
        kept = right.any(axis=1)
        order, listed, right, asked, cosine = (a[kept] for a in (order, listed, right, asked, cosine))
        counts = {"candidates": listed.sum(axis=1), "relevant": right.sum(axis=1)}
        counts |= {"first": right.argmax(axis=1) + 1, "average_precision": average_precision(right)}
        counts |= {f"recall_at_{depth}": right[:, :depth].any(axis=1) for depth in DEPTHS}
        lists.append(
            pd.DataFrame({"image_id": ids[asked], "genus": genera[asked], "group": group[asked]} | counts)
        )
        row, place = np.nonzero(listed[:, :deep])
        top = {"image_id": ids[asked[row]], "place": place + 1, "neighbour": ids[shelf[order[row, place]]]}
        top |= {"similarity": cosine[row, order[row, place]], "right": right[row, place]}
        tops.append(pd.DataFrame(top))
    return tuple(
        pd.concat([t for t in parts if len(t)] or [pd.DataFrame(columns=of)], ignore_index=True)
        for parts, of in ((lists, ANSWER), (tops, PLACE))
    )


def retrieve_all(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    most: int,
    seed: int = 89,
    keep: Keep = anew,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let the sheets of each set of `QUERIES` look among the training sheets, by every representation.

    Args:
        specimens: n rows, with their splits.
        features: float32 [n, d] by representation.
        most: at most so many sheets of a set ask, drawn at random.
        seed: of that draw, and of the order of equals.
        keep: reads the parts that are kept: a representation and set each.

    Returns the two tables of `retrieve`, with `network` and `split`.
    """
    answers, tops, rng = [], [], np.random.default_rng(seed)
    gallery = np.flatnonzero(specimens["split"] == "train")

    def searched(network: str, split: str, asked: np.ndarray) -> pd.DataFrame:
        of_sheets = features[network]
        found, near = retrieve(of_sheets, specimens, asked, gallery, seed)
        # every query has a first place: one table holds both
        return near.merge(found, on="image_id").assign(network=network, split=split)

    for split in QUERIES:
        rows = np.flatnonzero(specimens["split"] == split)
        asked = np.sort(rng.permutation(rows)[:most])
        for network in features:
            both = keep(partial(searched, network, split, asked), network, split, most=most, seed=seed)
            answers.append(both.drop_duplicates("image_id")[[*ANSWER, "network", "split"]])
            tops.append(both[[*PLACE, "network", "split"]])
    return tuple(
        pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)
        for tables in (answers, tops)
    )


def expected_precision(relevant: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return the average precision that a list in any order comes to in the mean.

    The first place is right with probability r/m; at place k, beside a right sheet, each of the k - 1 before
    it is right with probability (r - 1)/(m - 1). Averaged over places this gives the harmonic number H of m:
    (H + (r - 1)/(m - 1) (m - H)) / m.

    Args:
        relevant: r, how many sheets of a list are right, at least 1 [n].
        candidates: m, how many it has [n].
    """
    r, m = np.asarray(relevant, float), np.asarray(candidates, int)
    harmonic = np.concatenate([[0], np.cumsum(1 / np.arange(1, m.max(initial=0) + 1))])[m]
    others = (r - 1) / np.maximum(m - 1, 1)
    return (harmonic + others * (m - harmonic)) / m


def expected_recall(relevant: np.ndarray, candidates: np.ndarray, depth: int) -> np.ndarray:
    """Return how likely a list in any order has a right sheet among its first `depth`.

    It has none with probability C(m - r, k) / C(m, k). Arguments as for `expected_precision`.
    """
    r, m = np.asarray(relevant, float), np.asarray(candidates, float)
    k = np.minimum(depth, m)
    wrong = m - r
    with np.errstate(invalid="ignore"):
        log = gammaln(wrong + 1) - gammaln(wrong - k + 1) - gammaln(m + 1) + gammaln(m - k + 1)
    return np.where(wrong < k, 1.0, 1 - np.exp(log))


def by_lot(answers: pd.DataFrame) -> pd.DataFrame:
    """Return what a list in any order would come to in the mean, as rows of `answers` with that network."""
    one = answers[answers["network"] == answers["network"].iloc[0]] if len(answers) else answers
    sizes = one["relevant"].to_numpy(int), one["candidates"].to_numpy(int)
    expected = {"average_precision": expected_precision(*sizes)}
    expected |= {f"recall_at_{depth}": expected_recall(*sizes, depth) for depth in DEPTHS}
    return one.assign(network=BY_LOT, **expected)


def retrieval_scores(answers: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Average the lists of each representation and set, and those by lot, with 95 % intervals.

    Args:
        answers: what `retrieve_all` returned first.
        seed: of the intervals, which resample the column `group`.

    Returns `network`, `split`, `score` (one of `SCORES`), `value`, `low`, `high`, `queries`. The mean of the
    average precision is the mAP.
    """
    rows = []
    everyone = pd.concat([answers, by_lot(answers)], ignore_index=True)
    for (network, split), part in everyone.groupby(["network", "split"], sort=False):
        for name in SCORES:
            values = part[name].to_numpy(float)
            between = mean_interval(values, part["group"], seed)
            rows.append((network, split, name, values.mean(), *between, len(part)))
    columns = ["network", "split", "score", "value", "low", "high", "queries"]
    return pd.DataFrame(rows, columns=columns)


def precision_leads(
    answers: pd.DataFrame, networks: list[str], rivals: list[str], seed: int = 89
) -> pd.DataFrame:
    """Compare the mAP of each network with that of each rival, query by query.

    Returns `network`, `rival`, `split`, `lead`, `low`, `high` (95 %), `clear` (whether it lies above zero).
    """
    rows = []
    for split, part in answers.groupby("split", sort=False):
        wide = part.pivot(index="image_id", columns="network", values="average_precision").astype(float)
        group = part.drop_duplicates("image_id").set_index("image_id")["group"].loc[wide.index]
        resampling = Resampling(group, seed)
        draws = {name: resampling.means(values) for name, values in wide.items()}
        for network, rival, *lead in lead_intervals(wide.mean(), draws, networks, rivals):
            rows.append((network, rival, split, *lead, lead[1] > 0))
    return pd.DataFrame(rows, columns=["network", "rival", "split", "lead", "low", "high", "clear"])


def asked_about(specimens: pd.DataFrame) -> pd.DataFrame:
    """Count who asks, and how many sheets of their genus the training sheets have.

    Returns one row a set of `QUERIES` that has a sheet: `queries_from`, `sheets`, `genus_not_there` (of
    these), and of the others the `fewest`, `middling` and `most` sheets that can be found.
    """
    sizes, rows = specimens.loc[specimens["split"] == "train", "genus"].value_counts(), []
    for split in QUERIES:
        genera = specimens.loc[specimens["split"] == split, "genus"]
        found = genera.map(sizes).dropna().astype(float)
        if len(genera):
            counts = len(genera), len(genera) - len(found)
            rows.append((split, *counts, found.min(), found.median(), found.max()))
    columns = ["queries_from", "sheets", "genus_not_there", "fewest", "middling", "most"]
    return pd.DataFrame(rows, columns=columns)


def examples(near: pd.DataFrame, depth: int = 5, seed: int = 89) -> pd.DataFrame:
    """Choose two lists to look at, by lot: one whose first sheet is right, and one whose first is wrong.

    Args:
        near: of one representation and set.
        depth: how far down they are shown.
        seed: of the choice.

    Returns one row a sheet to show, each query before its list: `image_id`, `role` (the query, or the
    cosine). A list that there is not is left out.
    """
    firsts = near[near["place"] == 1].sample(frac=1, random_state=seed).drop_duplicates("right")
    rows = []
    for query in firsts.sort_values("right", ascending=False)["image_id"]:
        listed = near[near["image_id"].eq(query) & near["place"].le(depth)].sort_values("place")
        rows.append((query, "the query"))
        rows += [(each.neighbour, f"{each.similarity:.2f}") for each in listed.itertuples()]
    return pd.DataFrame(rows, columns=["image_id", "role"])
