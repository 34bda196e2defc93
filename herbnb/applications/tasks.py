"""Tasks: what the chapters before have asked of every network, and its scores in the same resamples."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from herbnb.applications import discrimination, identification, mislabels
from herbnb.applications.mislabels import rate_draws, rate_near
from herbnb.applications.scores import score
from herbnb.errors import BadInput
from herbnb.resampling import RESAMPLES, Resampling, whole_set
from herbnb.specimens import HELD_OUT, RANKS


class Kind(NamedTuple):
    """A kind of task: where its rows are, what tells its tasks apart, and how a network is scored on one."""

    table: str
    """The artefact that holds every network's row for every sheet."""

    by: list[str]
    """Columns that tell one task from another, beside the network."""

    label: str
    """What a figure calls a task, with those columns as fields."""

    draws: Callable[[pd.DataFrame, Resampling], tuple[float, np.ndarray]]
    """The score of one network's rows, and its score in each resample [r]."""

    wanted: Callable[[pd.DataFrame], pd.Series] | None = None
    """Which rows of the table count; by default all."""


def mean_silhouette(rows, resampling):
    values = rows["silhouette"].to_numpy(float)
    return values.mean(), resampling.means(values)


def macro_f1(rows, resampling):
    score_of = partial(score, rows["given"], rows["predicted"])
    return score_of()["f1"][0], resampling.scores(score_of)["f1"]


def balanced_accuracy(rows, resampling):
    """The mean recall of the two genera: whoever always names one of them gets a half."""
    score_of = partial(score, rows["given"], rows["predicted"])
    return score_of()["recall"][0], resampling.scores(score_of)["recall"]


def average_precision(rows, resampling):
    score_of, once = partial(rate_draws, rows), whole_set(len(resampling.member))
    return score_of(once)["average_precision"][0], resampling.scores(score_of)["average_precision"]


def on_held_out(rows):
    return rows["split"].isin(HELD_OUT)


def by_training_sheets(rows):
    return rows["taught"].eq("train")


def of_the_family(rows):
    """The order above it asks nearly the same again."""
    return rows["taught"].eq("others") & rows["rank"].eq(RANKS[identification.GENUS])


NAMED = identification.TASK[2:]
PAIR = discrimination.TASK[1:]

KINDS = {
    "silhouettes": Kind("silhouettes", ["split", "rank"], "{rank}, {split}", mean_silhouette, on_held_out),
    "identification": Kind("identification", NAMED, "{rank}, {split}", macro_f1, by_training_sheets),
    "relatives": Kind("identification", NAMED, "{rank}, {split}", macro_f1, of_the_family),
    "discrimination": Kind("discrimination", PAIR, "{genus1}, {genus2}", balanced_accuracy),
    "mislabels": Kind(
        "mislabels", mislabels.RATE[1:], "{genus1}, {genus2}, {mislabel_frac:g}", average_precision
    ),
}
"""The kinds of task. The published way of identification is none of them: the held-out set itself teaches."""

TABLES = tuple(dict.fromkeys(kind.table for kind in KINDS.values()))


class Scored(NamedTuple):
    """A task and every network's scores on it."""

    kind: str
    task: str
    trainings: dict[str, list[float]]
    """The score in each run."""

    draws: dict[str, np.ndarray]
    """The score in each resample of runs and sheets [r]."""

    @property
    def values(self) -> dict[str, float]:
        """The mean over the runs."""
        return {name: float(np.mean(scores)) for name, scores in self.trainings.items()}


def score_tasks(
    runs: list[dict[str, pd.DataFrame]], networks: list[str], mislabel_frac: float = 0.1, seed: int = 89
) -> list[Scored]:
    """Score the networks on every task, in the sheets as they are and in resamples of sheets and runs.

    A task's score is the mean silhouette, the macro F1 of identification and of relatives, the balanced
    accuracy of discrimination, or the average precision of the search for mislabels at the rate nearest to
    `mislabel_frac`. All networks of a task are scored on the same bootstrap resamples, so that a lead has
    an interval of its own. Where there are several runs, a resample draws for each network one of its
    trainings, the same on all tasks, and then the sheets.

    Args:
        runs: what the chapters wrote, by `TABLES`: this run, and others on the same specimens.
        networks: those to compare.
        mislabel_frac: share of swapped labels.
        seed: of the resampling.

    Raises:
        BadInput: the runs did not ask all of the networks the same.
    """
    found: dict[tuple[str, str], dict[str, list]] = {}
    for tables in runs:
        for kind, task, rows in tasks(tables, networks, mislabel_frac):
            resampling, of_task = Resampling(groups_of(rows), seed), found.setdefault((kind, task), {})
            for name, part in rows.groupby("network"):
                of_task.setdefault(name, []).append(KINDS[kind].draws(part, resampling))
    rng = np.random.default_rng(seed)
    drawn = {name: rng.integers(len(runs), size=RESAMPLES) for name in networks}
    scored = []
    for (kind, task), of_task in found.items():
        trainings, draws = {}, {}
        for name, of_runs in of_task.items():
            if len(of_runs) != len(runs):
                raise BadInput(f"Only {len(of_runs)} of {len(runs)} runs asked {name} about {task}: run all.")
            trainings[name] = [float(value) for value, _ in of_runs]
            draws[name] = np.stack([each for _, each in of_runs])[drawn[name], np.arange(RESAMPLES)]
        scored.append(Scored(kind, task, trainings, draws))
    return scored


def tasks(
    tables: dict[str, pd.DataFrame], networks: list[str], mislabel_frac: float
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield each task: its kind, what a figure calls it, and the rows of all networks, by image id."""
    for kind, about in KINDS.items():
        if about.table not in tables:
            continue
        rows = tables[about.table]
        rows = rows[rows["network"].isin(networks)]
        if about.wanted:
            rows = rows[about.wanted(rows)]
        if kind == "mislabels" and len(rows):
            nearest = rate_near(rows["mislabel_frac"].unique(), mislabel_frac)
            rows = rows[rows["mislabel_frac"] == nearest]
        for key, part in rows.groupby(about.by, sort=False):
            task = name_task(kind, dict(zip(about.by, key, strict=True)))
            yield kind, task, part.sort_values("image_id", kind="stable")


def name_task(kind: str, about: dict) -> str:
    """Return what a figure calls a task: its kind, and what tells it from the others of its kind."""
    return f"{kind}: {KINDS[kind].label.format(**about)}"


def groups_of(rows: pd.DataFrame) -> pd.Series:
    """Return what is resampled on a task: the group of each sheet, once."""
    sheets = rows[rows["network"] == rows["network"].iloc[0]]
    return sheets.drop_duplicates("image_id")["group"]
