"""Time the silhouettes of all ranks beside scikit-learn's, and beside the products that no way is without."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import silhouette_samples

from herbnb.devices import parts
from herbnb.representations.distances import Distances
from herbnb.representations.silhouettes import silhouettes
from herbnb.specimens import RANKS

SHEETS, WIDTH, GENERA = 20_000, 512, 1000
ROUNDS = 3

TITLE = f"Silhouettes of {SHEETS:,} sheets, {WIDTH} features, {GENERA:,} genera and {len(RANKS)} ranks"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the title and the table."""
    features, taxa = herbarium(SHEETS)
    ways: dict[str, Callable[[], object]] = {
        "the products alone": lambda: multiply(Distances(features)),
        "herbnb": lambda: silhouettes(features, taxa),
    }
    seconds = {name: [] for name in ways}
    for _ in range(ROUNDS):  # in turn, as another program may begin at any time
        for name, way in ways.items():
            seconds[name].append(timed(way)[0])
    theirs = {rank: timed(lambda rank=rank: silhouette_samples(features, taxa[rank])) for rank in RANKS}
    ours = silhouettes(features, taxa)
    apart = max(np.abs(scores - ours[rank]).max() for rank, (_, scores) in theirs.items())
    best = {name: min(of_way) for name, of_way in seconds.items()}
    best["scikit-learn, a call for each rank"] = sum(of_rank for of_rank, _ in theirs.values())
    table = pd.DataFrame(best.items(), columns=["silhouettes", "seconds"]).round(1)
    table["times herbnb's"] = (table["seconds"] / best["herbnb"]).round(2)
    return [(f"{TITLE}; the largest difference is {apart:.0e}", table)]


def herbarium(sheets: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Return features that lie about their genera, float32 [sheets, width], and the taxa of each sheet."""
    rng = np.random.default_rng(89)
    genus = rng.integers(GENERA, size=sheets)
    middles = rng.normal(size=(GENERA, WIDTH)) / 2
    features = np.float32(middles[genus]) + rng.standard_normal((sheets, WIDTH), dtype=np.float32)
    taxa = {rank: (genus // shared).astype(str) for rank, shared in zip(RANKS, (1, 10, 50), strict=True)}
    return features, pd.DataFrame(taxa)


def multiply(away: Distances) -> None:
    """Make all products of features, and nothing of them."""
    for sheets in parts(len(away), away.sheets_at_once):
        for others in parts(len(away), away.others_at_once):
            away.about_mean[others] @ away.about_mean[sheets].T
    if away.device.type == "cuda":
        torch.cuda.synchronize()


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds that `run` takes, and what it returns."""
    started = time.perf_counter()
    made = run()
    return time.perf_counter() - started, made
