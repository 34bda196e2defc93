"""Families: wrong names as they happen, one genus under the name of another of its family.

The published experiment (Walker, Tucker and Nicolson 2022) swaps the names of two genera, and one of
its pairs is far apart. Here every genus of a held-out set takes part, and a wrong name comes from the
same family: of the thirty names that a judge must choose among, the wrong one is among the likeliest.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from herbnb.applications.mislabels import to_swap
from herbnb.applications.suspicion import suspect_by_both
from herbnb.representations.scorebook import Keep, anew
from herbnb.specimens import HELD_OUT, gatherings

RATE = ["network", "split", "mislabel_frac"]
"""The columns that tell one task from another: a held-out set, and how many of its names are wrong."""

REPEAT = [*RATE, "repeat"]

COLUMNS = [*REPEAT, "image_id", "group", "swapped", "flagged", "suspicion", "ratio", "judged_by"]
"""Of a table of searches."""


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
    features: Mapping[str, np.ndarray],
    mislabel_frac: list[float],
    repeats: int,
    seed: int = 89,
    keep: Keep = anew,
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
        keep: reads the parts that are kept: a network, held-out set and rate each.

    Returns one row a sheet, network, held-out set, rate and repeat: `network`, `split`,
    `mislabel_frac`, `repeat`, `image_id`, `group`, `swapped`, and `flagged`, `suspicion`, `ratio`,
    `judged_by` as `suspicion.suspect_by_both` has them; no row for a set without a family of two
    genera.
    """
    parts = [pd.DataFrame(columns=COLUMNS)]
    settings = {"repeats": repeats, "seed": seed}
    for network in features:
        for split in HELD_OUT:
            for rate in mislabel_frac:
                make = partial(search_one_set, specimens, features, network, split, rate, **settings)
                found = keep(make, network, "families", split, rate, **settings)
                parts += [found] if len(found) else []
    return pd.concat(parts[1:] or parts, ignore_index=True)


def search_one_set(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    network: str,
    split: str,
    mislabel_frac: float,
    repeats: int,
    seed: int,
) -> pd.DataFrame:
    """Swap names at one rate in one held-out set, and search for them in the features of one network."""
    held_out = (specimens["split"] == split).to_numpy()
    sheets, parts = specimens[held_out], [pd.DataFrame(columns=COLUMNS)]
    labels, families = (sheets[rank].to_numpy(object) for rank in ("genus", "family"))
    groups = gatherings(sheets)
    sheet = {"image_id": sheets["image_id"].to_numpy(), "group": groups}
    for repeat in range(repeats):
        given = swap(labels, families, mislabel_frac, [seed, repeat, round(mislabel_frac * 1e6)])
        if (given == labels).all():
            continue
        judged, _ = suspect_by_both(features[network][held_out], given, groups, seed=seed + repeat)
        key = dict(zip(REPEAT, (network, split, mislabel_frac, repeat), strict=True))
        parts.append(judged.assign(**key, **sheet, swapped=given != labels))
    return pd.concat(parts[1:] or parts, ignore_index=True)[COLUMNS]
