"""Hubs: sheets that come up in everybody's list, whatever is asked.

Radovanović, Nanopoulos and Ivanović (2010) found them wherever features have many dimensions.
"""

import numpy as np
import pandas as pd
from scipy.stats import skew

from herbnb.applications.scores import BY_LOT
from herbnb.resampling import Resampling, interval
from herbnb.specimens import gatherings

HUB = 10
"""Places of a list that count towards the popularity of a sheet."""

BY_GENUS = "by genus"
"""The contestant that knows the genus of every sheet and nothing else, and lists its sheets in any order."""


def popularity(near: pd.DataFrame, gallery: np.ndarray, k: int = HUB) -> np.ndarray:
    """Count in how many lists each sheet of a gallery is among the first `k`, int [m].

    Args:
        near: `place` and `neighbour`, of the lists of one representation and set.
        gallery: the image ids [m].
        k: places that count.
    """
    listed = near.loc[near["place"] <= k, "neighbour"].value_counts()
    return listed.reindex(gallery, fill_value=0).to_numpy(int)


def expected_skewness(lists: int, k: int, sheets: int) -> float:
    """Return the skewness of popularity by lot: of a binomial count, as each list holds a sheet with k/m."""
    share = min(k / sheets, 1)
    spread = np.sqrt(lists * share * (1 - share))
    return (1 - 2 * share) / spread if spread > 0 else float("nan")


def listed_by_genus(answers: pd.DataFrame, gallery: pd.DataFrame, k: int, rng) -> np.ndarray:
    """Count how often each sheet comes up if every list begins with sheets of its genus, by lot, int [m].

    Even so the counts are uneven, as some genera are asked for more often and some have fewer sheets.
    """
    shelves = gallery.reset_index(drop=True).groupby("genus").indices
    counts = np.zeros(len(gallery), int)
    for genus in answers["genus"]:
        shelf = shelves[genus]
        counts[rng.choice(shelf, min(k, len(shelf)), replace=False)] += 1
    return counts


def hubness(
    answers: pd.DataFrame, near: pd.DataFrame, gallery: pd.DataFrame, k: int = HUB, seed: int = 89
) -> pd.DataFrame:
    """Measure how uneven the popularity of the gallery's sheets is (Radovanović et al. 2010).

    Args:
        answers: what `retrieval.retrieve_all` returned first.
        near: what it returned second.
        gallery: the specimens among which was looked.
        k: places of a list that count.
        seed: of the intervals, which resample the gatherings of the gallery, and of the lists of `BY_GENUS`.

    Returns `network`, `split`, `skewness`, `low`, `high` (95 %), `never` (the share of sheets that no list
    has), `busiest` (the most lists that one sheet is in), `lists`. Where all sheets are equally popular the
    skewness is 0. Two rows a set have no interval: `BY_LOT`, in the mean of all draws, and `BY_GENUS`, one
    draw of lists that know the genus and nothing else.
    """
    ids, rows = gallery["image_id"].to_numpy(object), []
    draw, rng = Resampling(gatherings(gallery), seed), np.random.default_rng(seed)
    for split, of_split in near.groupby("split", sort=False):
        lists = of_split["image_id"].nunique()
        share = min(k / len(ids), 1)
        lot = expected_skewness(lists, k, len(ids)), np.nan, np.nan, (1 - share) ** lists, np.nan
        rows.append((BY_LOT, split, *lot, lists))
        asked = answers[answers["split"] == split].drop_duplicates("image_id")
        of_genus = uneven(listed_by_genus(asked, gallery, k, rng))
        rows.append((BY_GENUS, split, of_genus[0], np.nan, np.nan, *of_genus[1:], lists))
        for network, part in of_split.groupby("network", sort=False):
            counts = popularity(part, ids, k)
            value, *others = uneven(counts)
            one, two, three = (draw.means(counts.astype(float) ** power) for power in (1, 2, 3))
            variance = two - one**2
            with np.errstate(invalid="ignore", divide="ignore"):
                draws = (three - 3 * one * variance - one**3) / variance**1.5
            rows.append((network, split, value, *interval(draws), *others, lists))
    columns = ["network", "split", "skewness", "low", "high", "never", "busiest", "lists"]
    return pd.DataFrame(rows, columns=columns)


def uneven(counts: np.ndarray) -> tuple[float, float, int]:
    """Return the skewness of popularity, the share of sheets that never come up, and the largest count."""
    value = float(skew(counts)) if counts.std() else 0.0
    return value, float((counts == 0).mean()), int(counts.max())
