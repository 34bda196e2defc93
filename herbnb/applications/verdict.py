"""Verdict: every network's place on every task, and whether the paper's claim holds in this run.

The claim of Walker, Tucker and Nicolson (2022) that can be checked here: the triplet network
"produced representations that transferred the best across all applications".
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binom

from herbnb.applications import discrimination, identification, mislabels
from herbnb.applications.mislabels import rate_draws
from herbnb.applications.scores import score
from herbnb.resampling import Resampling, interval, whole_set
from herbnb.specimens import HELD_OUT, RANKS


class Kind(NamedTuple):
    """A kind of task: what tells its tasks apart, and how a network is scored on one."""

    by: list[str]
    """Columns that tell one task from another, beside the network."""

    label: str
    """What a figure calls a task, with those columns as fields."""

    draws: Callable[[pd.DataFrame, Resampling], tuple[float, np.ndarray]]
    """The score of one network's rows, and its score in each resample [r]."""


def mean_silhouette(rows, resampling):
    values = rows["silhouette"].to_numpy(float)
    return values.mean(), resampling.means(values)


def macro_f1(rows, resampling):
    names = rows["given"], rows["predicted"]
    return score(*names)["f1"][0], score(*names, resampling.weights)["f1"]


def f1_of_the_first(rows, resampling):
    names, first = (rows["given"], rows["predicted"]), rows["genus1"].iloc[0]
    return score(*names, taxon=first)["f1"][0], score(*names, resampling.weights, first)["f1"]


def average_precision(rows, resampling):
    once = rate_draws(rows, whole_set(len(resampling.member)))["average_precision"]
    return once[0], rate_draws(rows, resampling.weights)["average_precision"]


KINDS = {
    "silhouettes": Kind(["split", "rank"], "{rank}, {split}", mean_silhouette),
    "identification": Kind(identification.TASK[1:], "{rank} by {taught}, {split}", macro_f1),
    "discrimination": Kind(discrimination.TASK[1:], "{genus1}, {genus2}", f1_of_the_first),
    "mislabels": Kind(mislabels.RATE[1:], "{genus1}, {genus2}, {mislabel_frac:g}", average_precision),
}
"""The kinds of task, each called as the table that its chapter writes."""

APPLICATIONS = ("identification", "discrimination", "mislabels")

PLACES = ["kind", "task", "network", "score", "low", "high", "place"]
LEADS = ["kind", "task", "network", "rival", "lead", "low", "high"]


def compare(
    tables: dict[str, pd.DataFrame],
    networks: list[str],
    mislabel_frac: float = 0.1,
    seed: int = 89,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place the networks on every task that the earlier chapters scored, and measure their leads.

    A task's score is the mean silhouette, the macro-F1 of identification, the F1 of discrimination,
    or the average precision of the search for mislabels at the rate nearest to `mislabel_frac`. All
    networks of a task are scored on the same bootstrap resamples, so that a lead has an interval of
    its own.

    Args:
        tables: what the chapters of `KINDS` wrote, by kind: every network's row for every sheet.
        networks: those to compare.
        mislabel_frac: share of swapped labels.
        seed: of the resampling.

    Returns:
        The verdict: `kind`, `task`, `network`, `score`, `low`, `high`, `place` (1 is best; equal
        scores share the better place); and the leads: `kind`, `task`, `network`, `rival`, `lead`,
        `low`, `high`, one row for every ordered pair.
    """
    places, leads = [], []
    for kind, task, rows in tasks(tables, networks, mislabel_frac):
        resampling, scored = Resampling(groups_of(rows), seed), {}
        for name, part in rows.groupby("network"):
            scored[name] = KINDS[kind].draws(part, resampling)
        for name, (value, draws) in scored.items():
            place = 1 + sum(other > value for other, _ in scored.values())
            row = {"kind": kind, "task": task, "network": name}
            low, high = interval(draws)
            scores = {"score": value, "low": low, "high": high}
            places.append({**row, **scores, "place": place})
            for rival, (less, of_rival) in scored.items():
                if rival == name:
                    continue
                low, high = interval(draws - of_rival)
                lead = {"lead": value - less, "low": low, "high": high}
                leads.append({**row, "rival": rival, **lead})
    places = pd.DataFrame(places, columns=PLACES)
    return places, pd.DataFrame(leads, columns=LEADS)


def tasks(
    tables: dict[str, pd.DataFrame], networks: list[str], mislabel_frac: float
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield each task: its kind, what a figure calls it, and the rows of all networks, by image id."""
    for kind, table in tables.items():
        rows = table[table["network"].isin(networks)]
        if kind == "silhouettes":
            rows = rows[rows["split"].isin(HELD_OUT)]
        if kind == "identification":
            rows = rows[distinct(rows)]
        if kind == "mislabels" and len(rows):
            rates = rows["mislabel_frac"].unique()
            rows = rows[rows["mislabel_frac"] == rates[np.abs(rates - mislabel_frac).argmin()]]
        for key, part in rows.groupby(KINDS[kind].by, sort=False):
            task = name_task(kind, dict(zip(KINDS[kind].by, key, strict=True)))
            yield kind, task, part.sort_values("image_id", kind="stable")


def distinct(rows: pd.DataFrame) -> pd.Series:
    """Say which answers of identification count: what training sheets taught, and the family by other genera.

    The others ask nearly the same again: by another method, of the order above the family, or as published,
    where the held-out set itself has taught.
    """
    family = RANKS[identification.GENUS]
    return rows["taught"].eq("train") | (rows["taught"].eq("others") & rows["rank"].eq(family))


def name_task(kind: str, about: dict) -> str:
    """Return what a figure calls a task: its kind, and what tells it from the others of its kind."""
    return f"{kind}: {KINDS[kind].label.format(**about)}"


def groups_of(rows: pd.DataFrame) -> pd.Series:
    """Return what is resampled on a task: the group of each sheet, once."""
    sheets = rows[rows["network"] == rows["network"].iloc[0]]
    return sheets.drop_duplicates("image_id")["group"]


def check_claim(
    leads: pd.DataFrame, networks: list[str], claimed: str = "triplet"
) -> tuple[str, pd.DataFrame]:
    """Say whether `claimed` transferred best among `networks` on every application.

    Returns:
        "holds" if it leads every other network on every task by more than chance (the interval of
        each lead lies above zero); "does not hold" if on some task another leads it by more than
        chance; otherwise "cannot be told". And its leads: `task`, `rival`, `lead`, `low`, `high`,
        `outcome` (ahead, behind, or level: the interval holds zero). "cannot be told" too when
        nothing was scored.
    """
    wanted = leads["kind"].isin(APPLICATIONS) & (leads["network"] == claimed)
    duels = leads[wanted & leads["rival"].isin(networks)].drop(columns=["kind", "network"])
    outcome = np.where(duels["low"] > 0, "ahead", np.where(duels["high"] < 0, "behind", "level"))
    duels = duels.assign(outcome=outcome).reset_index(drop=True)
    if (outcome == "behind").any():
        return "does not hold", duels
    return ("holds" if len(duels) and (outcome == "ahead").all() else "cannot be told"), duels


def chance_of_firsts(tasks: int, networks: int, firsts: int) -> float:
    """The chance that a network picked blindly comes first on at least `firsts` of `tasks` tasks.

    It is exact if tasks were independent and all networks equal; tasks that share sheets and
    features are not independent, and then runs of first places are more common than this says.
    """
    return float(binom.sf(firsts - 1, tasks, 1 / networks))
