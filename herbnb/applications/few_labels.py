"""Few labels: how well are sheets named by a regression that has learnt from a few of each name?

The regression is that of identification. What changes is how many sheets teach it, and which: every number
of sheets is drawn several times, since with one sheet a genus it matters much which one.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from herbnb.applications import identification
from herbnb.applications.scores import BY_LOT, score
from herbnb.errors import BadInput
from herbnb.representations.probes import choose_c, fitted, limited
from herbnb.specimens import HELD_OUT, gatherings

COLUMNS = ["network", "rank", "split", "sheets", "all", "draw", "f1"]
"""Of a table of lessons: who learnt what, where it was asked, from how many sheets a name, and the score."""


class Lesson(NamedTuple):
    """Which sheets teach, and which are asked about."""

    sheets: float
    """That teach each name; in the mean, where all of them do."""

    all: bool
    draw: int
    teach: np.ndarray
    """Rows of the specimens table."""

    asked: np.ndarray
    """Rows, too."""


def lessons(
    names: np.ndarray,
    teachers: np.ndarray,
    asked: np.ndarray | None = None,
    sizes: Sequence[int] = (1, 2, 5, 10),
    draws: int = 5,
    seed: int = 89,
) -> list[Lesson]:
    """Draw sheets that teach, so many of each name; those of a smaller lesson are among those of a larger.

    The names are the same in every lesson: those with enough sheets for the largest. Without `asked` the
    teachers' own set is asked about, as far as its sheets teach in no lesson of the draw, and every name
    must have one such sheet.

    Args:
        names: on the labels [n].
        teachers: whether a sheet may teach, bool [n].
        asked: whether a sheet is asked about, bool [n], if its name is learnt; None: see above.
        sizes: sheets of a name that teach.
        draws: how often each size is drawn.
        seed: of the draws.

    Returns the lessons by draw and size, and one more in which all may teach, unless `asked` is None; none
    where fewer than two names have enough sheets, or nothing can be asked.

    Raises:
        BadInput: no size, a size or a number of draws below 1.
    """
    if not len(sizes) or min(sizes) < 1 or draws < 1:
        raise BadInput(f"There are {draws} draws of {list(sizes)} sheets a name: give one of each at least.")
    most = max(sizes)
    counted = pd.Series(names[teachers]).value_counts()
    known = counted.index[counted >= most + (asked is None)]
    learnt = np.isin(names, known.to_numpy(object))
    pool = np.flatnonzero(teachers & learnt)
    held_out = None if asked is None else np.flatnonzero(asked & learnt)
    if len(known) < 2 or (held_out is not None and not len(held_out)):
        return []
    drawn, rng = [], np.random.default_rng(seed)
    for draw in range(draws):
        rows = rng.permutation(pool)
        place = pd.Series(rows).groupby(names[rows]).cumcount().to_numpy()
        left = rows[place >= most] if held_out is None else held_out
        drawn += [Lesson(size, False, draw, rows[place < size], left) for size in sorted(set(sizes))]
    if held_out is not None:
        drawn.append(Lesson(len(pool) / len(known), True, 0, pool, held_out))
    return drawn


def strengths(
    features: dict[str, np.ndarray], specimens: pd.DataFrame, drawn: list[Lesson], seed: int = 89
) -> dict[str, float]:
    """Choose the C of each representation's regressions, from the sheets of the largest small lesson.

    Chosen from all training sheets, as in identification, it would have seen names that the small lessons do
    not have. Where nothing is learnt from few, it is chosen so.

    Args:
        features: float32 [n, d] by representation.
        specimens: the n specimens.
        drawn: what `lessons` returned for their genera; the first draw counts.
        seed: of the deal into folds.

    Returns C by representation: 1, as published, where no genus has enough sheets to choose by.
    """
    first = [lesson.teach for lesson in drawn if lesson.draw == 0 and not lesson.all]
    if not first:
        return identification.strengths(specimens, features, seed)
    rows = np.sort(first[-1])
    genera, groups = specimens["genus"].to_numpy(object)[rows], gatherings(specimens.iloc[rows])
    return {name: choose_c(of_sheets[rows], genera, groups, seed) for name, of_sheets in features.items()}


def learn(
    features: dict[str, np.ndarray],
    specimens: pd.DataFrame,
    drawn: list[Lesson],
    rank: str,
    c: dict[str, float],
    seed: int = 89,
) -> pd.DataFrame:
    """Fit a regression for each representation and lesson, and score it on each set that it is asked about.

    Args:
        features: float32 [n, d] by representation.
        specimens: the n specimens, with their splits.
        drawn: what `lessons` returned for the names of these.
        rank: of the names.
        c: of the regressions, by representation.
        seed: of the names given by lot.

    Returns a table of `COLUMNS`, one row a representation, lesson and split; `f1` is the macro F1. The
    contestant `BY_LOT` gives each sheet one of the names that were learnt, each as likely as another.
    """
    names = specimens[rank].to_numpy(object)

    def answer(network: str, lesson: Lesson) -> np.ndarray:
        x = features[network]
        with limited(len(lesson.teach)):
            model = fitted(x[lesson.teach], names[lesson.teach], c=c[network])
            return model.predict(x[lesson.asked])

    pairs = [(network, lesson) for network in features for lesson in drawn]
    with warnings.catch_warnings():
        # one sheet a name is the point here
        few = "The number of unique classes"
        warnings.filterwarnings("ignore", few, UserWarning)
        # a collapsed network gives all sheets the same features
        warnings.simplefilter("ignore", RuntimeWarning)
        named = [answer(*pair) for pair in pairs]
    rng = np.random.default_rng(seed)
    for lesson in drawn:
        learnt = np.unique(names[lesson.teach])
        pairs.append((BY_LOT, lesson))
        named.append(rng.choice(learnt, len(lesson.asked)))
    return marked(specimens, pairs, named, rank)


def marked(
    specimens: pd.DataFrame, pairs: list[tuple[str, Lesson]], named: list[np.ndarray], rank: str
) -> pd.DataFrame:
    """Score what each contestant answered in each lesson, set by set."""
    names, split, rows = specimens[rank].to_numpy(object), specimens["split"].to_numpy(object), []
    for (network, lesson), answers in zip(pairs, named, strict=True):
        for held_out in HELD_OUT:
            here = split[lesson.asked] == held_out
            if here.any():
                f1 = float(score(names[lesson.asked][here], answers[here])["f1"][0])
                rows.append((network, rank, held_out, lesson.sheets, lesson.all, lesson.draw, f1))
    return pd.DataFrame(rows, columns=COLUMNS)


def curve(learnt: pd.DataFrame) -> pd.DataFrame:
    """Average the draws: `f1` is their mean, `low` and `high` the worst and the best, `draws` how many.

    Args:
        learnt: of `COLUMNS`.
    """
    by = ["network", "rank", "split", "sheets", "all"]
    draws = learnt.groupby(by, sort=False)["f1"]
    table = draws.agg(f1="mean", low="min", high="max", draws="size").reset_index()
    return table.astype({"all": bool})


def enough(curves: pd.DataFrame, share: float = 0.9) -> pd.DataFrame:
    """Find the fewest sheets a name that bring a network to a share of what all sheets bring it to.

    Args:
        curves: what `curve` returned.
        share: of the score with all sheets.

    Returns `network`, `rank`, `split`, `few` (the sheets; not a number where none of the sizes will do), `f1`
    (with these), `sheets` and `f1_all` (with all).
    """
    key = ["network", "rank", "split"]
    whole = curves[curves["all"]].rename(columns={"f1": "f1_all"})
    few = curves[~curves["all"]].rename(columns={"sheets": "few"})
    both = few[[*key, "few", "f1"]].merge(whole[[*key, "f1_all"]], on=key)
    will_do = both[both["f1"] >= share * both["f1_all"]].sort_values("few").drop_duplicates(key)
    return whole[[*key, "sheets", "f1_all"]].merge(will_do[[*key, "few", "f1"]], on=key, how="left")
