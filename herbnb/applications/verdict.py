"""Verdict: every network's place on every task, and whether the paper's claim holds in this run.

The claim of Walker, Tucker and Nicolson (2022) that can be checked here: the triplet network
"produced representations that transferred the best across all applications".
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

from herbnb.applications.mislabels import rate_draws
from herbnb.applications.scores import interval, resample, score, whole_set
from herbnb.files import read_table
from herbnb.specimens import HELD_OUT

APPLICATIONS = ("identification", "discrimination", "mislabels")


def compare(
    results: str | Path, networks: list[str], mislabel_frac: float = 0.1, seed: int = 89
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place the networks on every task that the earlier chapters could score, and measure their
    leads.

    A task's score is the mean silhouette, the macro-F1 of identification, the F1 of discrimination,
    or the average precision of the search for mislabels at the rate nearest to `mislabel_frac`. All
    networks of a task are scored on the same bootstrap resamples, so that a lead has an interval of
    its own.

    Returns:
        The verdict: `task`, `network`, `score`, `low`, `high`, `place` (1 is best; equal scores
        share the better place); and the leads: `task`, `network`, `rival`, `lead`, `low`, `high`,
        one row for every ordered pair.
    """
    places, leads = [], []
    for task, rows in tasks(Path(results), mislabel_frac):
        by_network = {name: part for name, part in rows.groupby("network") if name in networks}
        groups = sheets_of(next(iter(by_network.values())))["group"] if by_network else []
        values = {name: draws(part, whole_set(len(groups)))[0] for name, part in by_network.items()}
        weights = resample(groups, seed) if by_network else None
        drawn = {name: draws(part, weights) for name, part in by_network.items()}
        for name, value in values.items():
            place = 1 + sum(other > value for other in values.values())
            places.append((task, name, float(value), *interval(drawn[name]), place))
            for rival in values.keys() - {name}:
                lead = float(value - values[rival])
                leads.append((task, name, rival, lead, *interval(drawn[name] - drawn[rival])))
    verdict = pd.DataFrame(places, columns=["task", "network", "score", "low", "high", "place"])
    return verdict, pd.DataFrame(
        leads, columns=["task", "network", "rival", "lead", "low", "high"]
    ).sort_values(["task", "network", "rival"], ignore_index=True)


def tasks(results: Path, mislabel_frac: float) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each task's name and the rows, of every network and sheet, that decide its score."""
    silhouettes = read_table(results / "silhouettes.parquet", "silhouettes")
    silhouettes = silhouettes[silhouettes["split"].isin(HELD_OUT)].assign(group=silhouettes["taxon"])
    for (split, rank), rows in silhouettes.groupby(["split", "rank"], sort=False):
        yield f"silhouettes: {rank}, {split}", rows
    named = read_table(results / "identification.parquet", "identification")
    for (split, rank), rows in named.groupby(["split", "rank"], sort=False):
        yield f"identification: {rank}, {split}", rows
    told = read_table(results / "discrimination.parquet", "discrimination")
    for (first, second), rows in told.groupby(["genus1", "genus2"], sort=False):
        yield f"discrimination: {first}, {second}", rows
    found = read_table(results / "mislabels.parquet", "mislabels")
    for (first, second), rows in found.groupby(["genus1", "genus2"], sort=False):
        rates = rows["mislabel_frac"].unique()
        nearest = rates[np.abs(rates - mislabel_frac).argmin()]
        rows = rows[rows["mislabel_frac"] == nearest]
        yield f"mislabels: {first}, {second}, {nearest:g}", rows


def sheets_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a sheet by image id: for mislabels, those of the first repeat."""
    once = rows[rows["repeat"] == rows["repeat"].min()] if "repeat" in rows else rows
    return once.sort_values("image_id", kind="stable")


def draws(rows: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Score one network on one task under each row of `weights` [r, n], its sheets by image id."""
    rows = rows.sort_values("image_id", kind="stable")
    if "silhouette" in rows:
        return weights @ rows["silhouette"].to_numpy("float32") / weights.sum(axis=1)
    if "swapped" in rows:
        return rate_draws(rows, weights)["average_precision"]
    taxon = rows["genus1"].iloc[0] if "genus1" in rows else None
    return score(rows["given"], rows["predicted"], weights, taxon)["f1"]


def is_application(task: pd.Series) -> pd.Series:
    """Say for each task's name whether it is an application, which the claim is about."""
    return task.str.split(":").str[0].isin(APPLICATIONS)


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
    wanted = is_application(leads["task"]) & (leads["network"] == claimed)
    duels = leads[wanted & leads["rival"].isin(networks)].drop(columns="network")
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
