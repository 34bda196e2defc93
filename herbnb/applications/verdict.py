"""Verdict: every network's place on every task, and whether the paper's claim holds in this run.

The claim of Walker, Tucker and Nicolson (2022) that can be checked here: the triplet network
"produced representations that transferred the best across all applications". It is one question, and so
it has one answer: what a network transfers is its mean score over the applications, each kind counting the
same, and leads are judged by simultaneous intervals and a margin of equivalence. A network that was trained
once or twice has no answer: another training may be another network.
"""

from collections import Counter

import numpy as np
import pandas as pd

from herbnb.applications.tasks import Scored
from herbnb.resampling import interval, lead_intervals

APPLICATIONS = ("identification", "relatives", "discrimination", "mislabels")
"""The kinds that the claim is about. They differ in what is asked, and each counts the same in it."""

TRAININGS = 3
"""The fewest of a network that have an answer. By two, networks that are equal but for the luck of their
trainings are told apart in more than one case of ten; by three in fewer than one of twenty
(`benchmarks/verdict.py`)."""

TINY = 1e-12
"""Of a spread that is divided by: two equal networks have none."""

PLACES = ["kind", "task", "network", "score", "low", "high", "place"]
LEADS = ["kind", "task", "network", "rival", "lead", "low", "high"]


def place(scored: list[Scored]) -> pd.DataFrame:
    """Place the networks on every task.

    Returns `kind`, `task`, `network`, `score`, `low`, `high`, `place` (1 is best; equal scores share the
    better place).
    """
    rows = []
    for each in scored:
        values = each.values
        for name, value in values.items():
            better = 1 + sum(other > value for other in values.values())
            rows.append((each.kind, each.task, name, value, *interval(each.draws[name]), better))
    return pd.DataFrame(rows, columns=PLACES)


def lead(scored: list[Scored]) -> pd.DataFrame:
    """Measure every network's lead over every other on every task.

    Returns `kind`, `task`, `network`, `rival`, `lead`, `low`, `high`, one row for every ordered pair.
    """
    rows = []
    for each in scored:
        names = sorted(each.values)
        found = lead_intervals(each.values, each.draws, names, names)
        rows += [(each.kind, each.task, *lead) for lead in found]
    return pd.DataFrame(rows, columns=LEADS).sort_values(LEADS[:4], kind="stable", ignore_index=True)


def trainings(scored: list[Scored]) -> pd.DataFrame:
    """List what every training of every network scored on every task.

    Returns `kind`, `task`, `network`, `training` (1 is the run itself, the others its replicates), `score`.
    """
    rows = [
        (each.kind, each.task, name, number, score)
        for each in scored
        for name, scores in each.trainings.items()
        for number, score in enumerate(scores, start=1)
    ]
    return pd.DataFrame(rows, columns=["kind", "task", "network", "training", "score"])


def luck(scored: list[Scored]) -> pd.DataFrame:
    """Say how far what a network transfers strays from one training to the next.

    Returns `network`, `mean`, `std`, which is not a number where there was one training.
    """
    rows = [
        (name, *pd.Series(of_trainings).agg(["mean", "std"]))
        for name, (of_trainings, _) in transferred(scored).items()
    ]
    return pd.DataFrame(rows, columns=["network", "mean", "std"])


def transferred(
    scored: list[Scored],
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return what each network transfers: its mean score in each training, and in each resample.

    The mean is over the tasks of a kind and then over the kinds of `APPLICATIONS`, so that no kind counts
    more for having more tasks. A network that lacks a task has none.
    """
    applied = [each for each in scored if each.kind in APPLICATIONS]
    of_kind = Counter(each.kind for each in applied)
    weights = [1 / len(of_kind) / of_kind[each.kind] for each in applied]
    shared = [set(each.draws) for each in applied] or [set()]
    mean = {}
    for name in sorted(set.intersection(*shared)):
        of_trainings = [each.trainings[name] for each in applied]
        draws = [each.draws[name] for each in applied]
        mean[name] = np.dot(weights, of_trainings), np.dot(weights, draws)
    return mean


def duel(
    scored: list[Scored],
    claimed: str,
    rivals: list[str],
    margin: float,
) -> pd.DataFrame:
    """Let one network meet each rival in what they transfer.

    Two whose mean scores differ by less than the `margin` are equivalent: by .02, about one sheet in fifty.

    The intervals are simultaneous (max-T: Romano and Wolf 2005): all of them hold at once in 95 % of cases,
    however many rivals there are.

    Returns one row a rival: `rival`, `lead`, `low`, `high`, and `outcome`: "equivalent" when the interval
    lies within the margin, else "better" or "worse" when it excludes nought, else "cannot be told".
    """
    mean = transferred(scored)
    rivals = [name for name in rivals if name in mean and name != claimed]
    columns = ["rival", "lead", "low", "high", "outcome"]
    if claimed not in mean or not rivals:
        return pd.DataFrame(columns=columns)
    ours, our_draws = mean[claimed]
    leads = np.array([ours.mean() - mean[rival][0].mean() for rival in rivals])
    draws = np.stack([our_draws - mean[rival][1] for rival in rivals])
    draws = draws[:, np.isfinite(draws).all(axis=0)]
    spread = draws.std(axis=1)
    strayed = np.abs(draws - draws.mean(axis=1, keepdims=True))
    in_spreads = strayed / np.maximum(spread, TINY)[:, None]
    reach = np.quantile(in_spreads.max(axis=0), 0.95) * spread
    low, high = leads - reach, leads + reach
    alike = (low > -margin) & (high < margin)
    cases = [alike, low > 0, high < 0]
    words = ["equivalent", "better", "worse"]
    outcome = np.select(cases, words, "cannot be told")
    values = rivals, leads, low, high, outcome
    return pd.DataFrame(dict(zip(columns, values, strict=True)))


def answer(duels: pd.DataFrame, trainings: int) -> str:
    """Say whether a network transferred best among its rivals.

    Returns "cannot be told" where nothing was scored or there are too few `trainings`; "does not hold"
    where it is worse than some rival; "holds" where it is better than all; "shares the first place" where
    it is better than some, or none, and equivalent to the others; else "cannot be told".
    """
    outcomes = set(duels["outcome"])
    if not outcomes or trainings < TRAININGS:
        return "cannot be told"
    if "worse" in outcomes:
        return "does not hold"
    if outcomes == {"better"}:
        return "holds"
    return "shares the first place" if outcomes <= {"better", "equivalent"} else "cannot be told"
