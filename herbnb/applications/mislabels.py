"""Mislabels: can sheets that bear the wrong name be found, and what does the search cost a curator?

The published experiment (Walker, Tucker and Nicolson 2022): swap the labels of a share of the
sheets of two genera, and ask confident learning (Northcutt and others 2021) which labels look
wrong. Rates of true and false positives, as published, hide what a curator feels: how many of the
sheets that she fetches are worth the walk. Precision says that, and stands beside them.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from herbnb.applications.discrimination import TASK as PAIR
from herbnb.applications.discrimination import pairs_in
from herbnb.applications.suspicion import (
    MEASURES,
    by_answers,
    likely_c,
    name_by_others,
    seen_by,
    suspect_by_distance,
)
from herbnb.representations.folds import large_enough
from herbnb.representations.scorebook import Keep, anew
from herbnb.resampling import Resampling, interval, whole_set
from herbnb.specimens import gatherings

CURATOR_SCORES = ("tpr", "fpr", "precision", "average_precision", "precision_at_20")
RATE = [*PAIR, "mislabel_frac"]
"""The columns that tell one task from another: a pair of genera, and how many labels are swapped."""

REPEAT = [*RATE, "repeat"]

COLUMNS = [*REPEAT, "image_id", "group", "swapped", "flagged", "suspicion", "ratio", "judged_by"]
"""Of a table of searches."""


def swap(labels: np.ndarray, mislabel_frac: float, seed: list[int]) -> np.ndarray:
    """Choose the sheets whose labels are swapped, in each of the two genera: see `to_swap`.

    Returns a boolean array [n].
    """
    rng = np.random.default_rng(seed)
    swapped = np.zeros(len(labels), bool)
    for genus in np.unique(labels):
        sheets = np.flatnonzero(labels == genus)
        swapped[rng.choice(sheets, to_swap(len(sheets), mislabel_frac), replace=False)] = True
    return swapped


def to_swap(sheets: int | pd.Series, mislabel_frac: float) -> np.ndarray:
    """Say how many of so many sheets are swapped: the share, and at least one."""
    return np.maximum(1, np.round(mislabel_frac * sheets)).astype(int)


def rate_near(rates: Iterable[float], mislabel_frac: float = 0.1) -> float:
    """Return that of the `rates` which is nearest to `mislabel_frac`; of two as near, the first."""
    return min(rates, key=lambda rate: abs(rate - mislabel_frac))


def search(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    genus1: str,
    genus2: list[str],
    mislabel_frac: list[float],
    repeats: int,
    seed: int = 89,
    keep: Keep = anew,
) -> pd.DataFrame:
    """Swap labels at each rate, `repeats` times, and search for them in the features of each network.

    The same labels are swapped for every network. The C of its regressions is chosen in the first search
    of a rate, by the labels as they are then.

    Args:
        specimens: n rows, with `image_id`, `genus` and `gathering`.
        features: float32 [n, d] of each network, by its name.
        genus1: one genus of each pair.
        genus2: the others.
        mislabel_frac: the rates, as shares of the labels of each genus.
        repeats: how often labels are swapped at each rate.
        seed: of the swaps and of the deal into folds.
        keep: reads the parts that are kept: a network, pair and rate each.

    Returns one row a sheet, network, pair, rate and repeat: `network`, `genus1`, `genus2`,
    `mislabel_frac`, `repeat`, `image_id`, `group`, `swapped`; `flagged` and `suspicion`, by the
    regression; `ratio`, the suspicion by distance, and `judged_by`, which is "both"; no row for a pair
    with too few gatherings.
    """
    parts = [pd.DataFrame(columns=COLUMNS)]
    settings = {"repeats": repeats, "seed": seed}
    for network in features:
        for pair in pairs_in(specimens, genus1, genus2):
            for rate in mislabel_frac:
                make = partial(search_one_pair, specimens, features, network, pair, rate, **settings)
                found = keep(make, network, *pair, rate, **settings)
                parts += [found] if len(found) else []
    return pd.concat(parts[1:] or parts, ignore_index=True)


def search_one_pair(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    network: str,
    pair: tuple[str, str],
    mislabel_frac: float,
    repeats: int,
    seed: int,
) -> pd.DataFrame:
    """Swap the labels of two genera at one rate, and search for them in the features of one network."""
    chosen = specimens["genus"].isin(pair).to_numpy()
    sheets, parts = specimens[chosen], [pd.DataFrame(columns=COLUMNS)]
    labels, groups = sheets["genus"].to_numpy(), gatherings(sheets)
    if not large_enough(labels, groups).all():
        return parts[0]
    x, c = features[network][chosen], None
    sheet = {"image_id": sheets["image_id"].to_numpy(), "group": groups}
    for repeat in range(repeats):
        swapped = swap(labels, mislabel_frac, [seed, repeat, round(mislabel_frac * 1e6)])
        given = np.where(swapped, np.where(labels == pair[0], *pair[::-1]), labels)
        c = c or likely_c(x, given, groups, seed)
        judged = by_answers(given, name_by_others(x, given, groups, seed=seed + repeat, c=c))
        ratio = suspect_by_distance(x, given, groups)["suspicion"]
        judged = judged.assign(ratio=ratio, judged_by="both")
        key = dict(zip(REPEAT, (network, *pair, mislabel_frac, repeat), strict=True))
        parts.append(judged.assign(**key, **sheet, swapped=swapped))
    return pd.concat(parts[1:] or parts, ignore_index=True)[COLUMNS]


def repeat_scores(found: pd.DataFrame) -> pd.DataFrame:
    """Score every search: `network`, the pair, `mislabel_frac`, `repeat` and the five scores."""
    rows = []
    for key, part in by_image(found).groupby(REPEAT, sort=False):
        scores = curator_scores(part, whole_set(len(part)))
        rows.append((*key, *(float(scores[name][0]) for name in CURATOR_SCORES)))
    return pd.DataFrame(rows, columns=[*REPEAT, *CURATOR_SCORES])


def by_image(found: pd.DataFrame) -> pd.DataFrame:
    """Return `found` by image id, which decides between sheets that are equally suspect."""
    return found.sort_values("image_id", kind="stable")


def rate_draws(found: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Score the repeats of one network, pair and rate under each row of `weights`, and average
    them.

    A repeat whose score is not defined (a resample without a swapped label, nothing flagged) is
    left out of its average.
    """
    parts = [curator_scores(part, weights) for _, part in found.groupby("repeat")]
    averages = {}
    for name in CURATOR_SCORES:
        values = np.stack([part[name] for part in parts])
        defined = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            averages[name] = np.where(defined, values, 0).sum(0) / defined.sum(0)
    return averages


def measure_scores(
    found: pd.DataFrame, seed: int = 89, by: Sequence[str] = RATE, measures: Sequence[str] = MEASURES
) -> pd.DataFrame:
    """Average the scores over the repeats, as each measure sees them, with intervals of 95 %.

    The intervals resample gatherings, the same for all measures.

    Args:
        found: what a search returned.
        seed: of the resampling.
        by: the columns that tell one task from another.
        measures: of `suspicion.MEASURES`.

    Returns `measure`, `network`, `genus1`, `genus2`, `mislabel_frac` (or the columns of `by`), `score`,
    `value`, `low`, `high`.
    """
    rows = []
    for key, part in by_image(found).groupby([*by], sort=False):
        groups = part.loc[part["repeat"] == part["repeat"].iloc[0], "group"]
        once, resampling = whole_set(len(groups)), Resampling(groups, seed)
        for measure in measures:
            score_of = partial(rate_draws, seen_by(part, measure))
            values, draws = score_of(once), resampling.scores(score_of)
            scores = [(name, float(values[name][0]), *interval(draws[name])) for name in CURATOR_SCORES]
            rows += [(measure, *key, *score) for score in scores]
    return pd.DataFrame(rows, columns=["measure", *by, "score", "value", "low", "high"])


def curator_scores(found: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Score one search (`swapped`, `flagged`, `suspicion`) under each row of `weights` [r, n].

    Returns for each of `CURATOR_SCORES` an array [r]; a precision is NaN when nothing was flagged.
    The order of suspicion makes `average_precision` and `precision_at_20`, the share of swapped
    labels among the twenty most suspect sheets.
    """
    order = np.argsort(-found["suspicion"].to_numpy(), kind="stable")
    swapped = found["swapped"].to_numpy(bool)[order]
    flagged = found["flagged"].to_numpy(bool)[order]
    weights = weights[:, order]
    wrong, looked_at = weights * swapped, weights.cumsum(axis=1)
    first = np.clip(20 - (looked_at - weights), 0, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(looked_at > 0, wrong.cumsum(axis=1) / looked_at, 0)
        return {
            "tpr": wrong[:, flagged].sum(1) / wrong.sum(1),
            "fpr": (weights * ~swapped)[:, flagged].sum(1) / (weights * ~swapped).sum(1),
            "precision": wrong[:, flagged].sum(1) / weights[:, flagged].sum(1),
            "average_precision": (precision * wrong).sum(1) / wrong.sum(1),
            "precision_at_20": (first * swapped).sum(1) / first.sum(1),
        }
