"""Families: wrong names as they happen, one genus under the name of another of its family.

The published experiment (Walker, Tucker and Nicolson 2022) swaps the names of two genera, and one of
its pairs is far apart. Here every genus of a held-out set takes part, and a wrong name comes from the
same family: of the thirty names that a judge must choose among, the wrong one is among the likeliest.
"""

import numpy as np
import pandas as pd

from herbnb.applications.mislabels import to_swap
from herbnb.applications.suspicion import suspect_by_both
from herbnb.specimens import HELD_OUT, gatherings

RATE = ["network", "split", "mislabel_frac"]
"""The columns that tell one task from another: a held-out set, and how many of its names are wrong."""

REPEAT = [*RATE, "repeat"]


def swap(labels: np.ndarray, families: np.ndarray, mislabel_frac: float, seed: list[int]) -> np.ndarray:
    """Give a share of the sheets, at least one, the name on another sheet of their family.

    The name is that of a sheet drawn from the other genera of the family, so that a genus with many
    sheets lends its name often. Families with one genus are left alone; the share is of the sheets
    of the others.

    Args:
        labels: genera [n].
        families: theirs [n].
        mislabel_frac: the share.
        seed: of the draws.

    Returns:
        The names given [n]; `labels` themselves when no family has two genera.
    """
    rng = np.random.default_rng(seed)
    given = np.array(labels, dtype=object)
    genera = pd.Series(given).groupby(np.asarray(families))
    several = np.flatnonzero(genera.transform("nunique") > 1)
    if not len(several):
        return given
    rows = genera.indices
    for sheet in rng.choice(several, to_swap(len(several), mislabel_frac), replace=False):
        names = labels[rows[families[sheet]]]
        given[sheet] = rng.choice(names[names != labels[sheet]])
    return given


def search(
    specimens: pd.DataFrame,
    features: dict[str, np.ndarray],
    mislabel_frac: list[float],
    repeats: int,
    seed: int = 89,
) -> pd.DataFrame:
    """Swap names within the families of every held-out set, and search for them in the features of
    each network.

    The same names are swapped for every network. A sheet that a measure cannot judge stays in the
    search, with the suspicion 0.

    Args:
        specimens: n rows, with `image_id`, `genus`, `family`, `split` and `gathering`.
        features: float32 [n, d] of each network, by its name.
        mislabel_frac: the rates, as shares of the sheets that can be swapped.
        repeats: how often names are swapped at each rate.
        seed: of the swaps and of the deal into folds.

    Returns one row a sheet, network, held-out set, rate and repeat: `network`, `split`,
    `mislabel_frac`, `repeat`, `image_id`, `group`, `swapped`, and `flagged`, `suspicion`, `ratio`,
    `judged_by` as `suspicion.suspect_by_both` has them; no row for a set without a family of two
    genera.
    """
    judgement = ["flagged", "suspicion", "ratio", "judged_by"]
    columns = [*REPEAT, "image_id", "group", "swapped", *judgement]
    parts = [pd.DataFrame(columns=columns)]
    for split in HELD_OUT:
        held_out = (specimens["split"] == split).to_numpy()
        sheets = specimens[held_out]
        labels, families = (sheets[rank].to_numpy(object) for rank in ("genus", "family"))
        groups = gatherings(sheets)
        for rate in mislabel_frac:
            for repeat in range(repeats):
                given = swap(labels, families, rate, [seed, repeat, round(rate * 1e6)])
                if (given == labels).all():
                    continue
                sheet = {"image_id": sheets["image_id"].to_numpy(), "group": groups}
                for network, of_sheets in features.items():
                    judged, _ = suspect_by_both(of_sheets[held_out], given, groups, seed=seed + repeat)
                    key = dict(zip(REPEAT, (network, split, rate, repeat), strict=True))
                    parts.append(judged.assign(**key, **sheet, swapped=given != labels))
    return pd.concat(parts[1:] or parts, ignore_index=True)[columns]
