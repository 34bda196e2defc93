"""Costs: what a step of the analysis takes on this machine, and what it would take with more sheets.

A step is timed with some sheets and again with twice as many. Its law says with which power of their number
its work grows, so the smaller size predicts the larger one, and by how much that fails is shown beside every
forecast.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from herbnb.applications.neighbours import find_neighbours
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.representations import passes
from herbnb.representations.silhouettes import silhouettes

POWERS = {"sheets": 1, "pairs of sheets": 2}
"""The laws: with what the work of a step grows, and the power of the number of sheets that this is."""

SPENT = ["seconds", "core_seconds", "watt_hours"]
COLUMNS = ["step", "grows", "sheets", *SPENT]

METERS = Path("/sys/class/powercap")
"""Where Linux shows the energy that processors of Intel and AMD have drawn, to those who may read it."""

HOUR = 3600
DAY = 24 * HOUR


class Step(NamedTuple):
    """A step of the analysis, to be timed."""

    name: str

    grows: str
    """With what, of `POWERS`."""

    work: Callable[[int], object]
    """Does it, for so many sheets."""


def by_sheet(
    encoders: dict[str, passes.Representation],
    specimens: pd.DataFrame,
    folder: Path,
) -> list[Step]:
    """Return the steps that meet each sheet by itself, for encoders of one geometry.

    Args:
        encoders: by their short names.
        specimens: as many as will be timed.
        folder: where the images live.

    Raises:
        BadInput: an image that cannot be read.
    """
    geometry = next(iter(encoders.values())).geometry
    images = SheetImages(specimens, folder, geometry, once=True)
    squares = torch.stack([images[i][0] for i in range(len(images))])
    quick = {name: passes.quick(each) for name, each in encoders.items()}

    def opening(n: int) -> list:
        return [images[i] for i in range(n)]

    def looking(n: int) -> dict:
        return passes.encoded(quick, squares[:n])

    steps = {"opening a sheet": opening, "looking at it": looking}
    return [Step(name, "sheets", work) for name, work in steps.items()]


def by_pair(width: int, specimens: pd.DataFrame, seed: int) -> list[Step]:
    """Return the steps that compare each sheet with all others, whose features are drawn by lot.

    They are compared as many sheets are, however few they are, since they stand for many.

    Args:
        width: of the features.
        specimens: as many as will be timed, with the names that they bear.
        seed: of the features.
    """
    shape = len(specimens), width
    made_up = np.random.default_rng(seed).normal(size=shape).astype(np.float32)

    def scoring(n: int) -> pd.DataFrame:
        return silhouettes(made_up[:n], specimens.head(n), large=0)

    def searching(n: int) -> pd.DataFrame:
        return find_neighbours(made_up[:n], specimens.head(n), large=0)

    steps = {"silhouettes": scoring, "neighbours, all pairs": searching}
    return [Step(name, "pairs of sheets", work) for name, work in steps.items()]


def timed(steps: Iterable[Step], sheets: int, watts: float, repeats: int = 3) -> pd.DataFrame:
    """Time each step with half of `sheets` and with all of them.

    A size is timed several times, and the quickest counts: what disturbs only ever adds. The work is done
    once before, because the first time pays for what is loaded and prepared.

    Args:
        steps: what to time.
        sheets: the larger number, at least 2.
        watts: what a busy core draws, where no meter can be read.
        repeats: how often.

    Returns one row a step and size: `step`, `grows`, `sheets`, `seconds`, `core_seconds` (of all cores
    together), `watt_hours`.

    Raises:
        BadInput: fewer than 2 sheets, no repeats, or a power that is not positive.
    """
    if sheets < 2 or repeats < 1 or watts <= 0:
        raise BadInput(
            f"Nothing can be timed with {sheets} sheets, {repeats} repeats and {watts} watts a core: ask for "
            "at least 2, 1 and something."
        )
    rows = []
    for step in steps:
        step.work(sheets // 2)
        for some in (sheets // 2, sheets):
            spent = min(spending(step.work, some, watts) for _ in range(repeats))
            rows.append((step.name, step.grows, some, *spent))
    return pd.DataFrame(rows, columns=COLUMNS)


def spending(work: Callable[[int], object], sheets: int, watts: float) -> tuple[float, float, float]:
    """Do some work and return the seconds, the seconds of all cores and the watt-hours that it took."""
    meter, of_cores, clock = joules(), time.process_time(), time.perf_counter()
    work(sheets)
    seconds, core_seconds = time.perf_counter() - clock, time.process_time() - of_cores
    drawn = joules() - meter if meter is not None else core_seconds * watts
    return seconds, core_seconds, drawn / HOUR


def joules() -> float | None:
    """Return what the processors' meters show, or None where there is no meter that may be read.

    A processor's meter begins again at nought after some hours; whoever reads it then sees too little.
    """
    meters = [each / "energy_uj" for each in METERS.glob("intel-rapl:?")]
    if not meters or not all(os.access(meter, os.R_OK) for meter in meters):
        return None
    return sum(int(meter.read_text()) for meter in meters) / 1e6


def trainings(cards: dict[str, dict], epochs: int, watts: float) -> pd.DataFrame:
    """Return what `epochs` of each network's training take, by its card: rows like those of `timed`.

    There is one size, the sheets that teach. The cores are those of the first process of a training,
    without those that only read images.
    """
    rows = []
    for network, card in cards.items():
        passes = epochs / card["epochs"]
        # the card of an older herbnb does not say how busy the cores were
        seconds, cores = card["seconds"] * passes, card.get("core_seconds", float("nan")) * passes
        spent = seconds, cores, cores * watts / HOUR
        rows.append((f"{network}: training", "sheets", card["sheets"]["train"], *spent))
    return pd.DataFrame(rows, columns=COLUMNS)


def predictions(measured: pd.DataFrame) -> pd.DataFrame:
    """Predict the larger size of each step from the smaller one.

    Args:
        measured: what `timed` returns.

    Returns one row a step: `step`, `grows`, `sheets`, `predicted` and `seconds`, and the second as so many
    `times` the first.
    """
    sizes = measured.groupby("step", sort=False)
    small, large = sizes.first().reset_index(), sizes.last().reset_index()
    table = large[["step", "grows", "sheets"]]
    table = table.assign(predicted=grown(small, large["sheets"])["seconds"], seconds=large["seconds"])
    return table.assign(times=table["seconds"] / table["predicted"])


def forecast(measured: pd.DataFrame, sizes: list[int]) -> pd.DataFrame:
    """Say what every step would take with each of `sizes` sheets, by its law and its largest measurement.

    Args:
        measured: what `timed` and `trainings` return.
        sizes: numbers of sheets.

    Returns the columns of `measured`, one row a step and size.
    """
    largest = measured.groupby("step", sort=False).last().reset_index()
    return pd.concat([grown(largest, size) for size in sizes], ignore_index=True)


def grown(measured: pd.DataFrame, sheets: int | pd.Series) -> pd.DataFrame:
    """Return the rows of `measured` as their laws have them with `sheets` sheets, a number or one a row."""
    factor = (sheets / measured["sheets"]) ** measured["grows"].map(POWERS)
    spent = measured[SPENT].mul(factor, axis=0)
    return measured.assign(sheets=sheets, **spent)


def weighed(kinds: dict[str, Iterable[Path]], sheets: int | None = None) -> pd.DataFrame:
    """Weigh files and folders by kind.

    Args:
        kinds: the files and folders of each kind; some may not be there.
        sheets: how many they grow with; None: with none.

    Returns one row a kind that there is: `kind`, `megabytes` and `kilobytes_a_sheet`.
    """
    sizes = {kind: sum(map(size, paths)) for kind, paths in kinds.items()}
    found = pd.DataFrame(sizes.items(), columns=["kind", "bytes"]).query("bytes > 0")
    a_sheet = found["bytes"] / 1e3 / (sheets or float("nan"))
    weights = {"megabytes": found["bytes"] / 1e6, "kilobytes_a_sheet": a_sheet}
    return found[["kind"]].assign(**weights).reset_index(drop=True)


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder and below; 0 where there is neither."""
    found = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in found if file.is_file())
