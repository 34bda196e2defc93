"""Measure for which share of its time a step of training waits for its sheets, by where they come from."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.loading import SHEETS, large_sheets
from herbnb.networks import training
from herbnb.results import Results

GENERA = 8
HEIGHT = 224
WORKERS = (0, 2)

SETTINGS = {"seed": 89, "max_epochs": 1, "batch_size": 16, "learning_rate": 1e-3, "input_height": HEIGHT}
SETTINGS |= {"encoder": "tf_efficientnet_lite0", "weights": "none", "precision": "32-true"}
WAYS = {
    "from files": {"trainable": "all", "augment": False},
    "from files, varied": {"trainable": "all", "augment": True},
    "from the cache": {"trainable": "all", "augment": False},
    "from the cache, varied": {"trainable": "all", "augment": True},
    "from the cache, with maps": {"trainable": "blocks.6", "augment": False},
}
"""Where a step's sheets come from, and what learns from them."""

TITLE = f"A step of training on {SHEETS} sheets of 750 to 1000 px as squares of {HEIGHT}"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the title and the table.

    Its columns: `sheets` (where they come from), `workers` (processes that read them beside the one that
    learns), `seconds` (of an epoch) and `waits_percent` (of the time of training, validation left out). What
    is kept in the cache is made before the clock starts.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheets = named(large_sheets(folder))
        rows = [measured(folder, sheets, way, workers) for workers in WORKERS for way in WAYS]
    return [(f"{TITLE}, {torch.get_num_threads()} threads", pd.DataFrame(rows))]


def measured(folder: Path, sheets: pd.DataFrame, way: str, workers: int) -> dict:
    """Train once in a run of its own, and return a row of the table."""
    here = Results(folder / f"{way}, {workers}")
    here.write("specimens", sheets)
    reading = {"num_workers": workers, "cache": folder / "cache" if "cache" in way else None}
    card = training.train("classifier", folder, here, **reading, **SETTINGS, **WAYS[way])
    row = {"sheets": way, "workers": workers, "seconds": card["seconds"]}
    return row | {"waits_percent": round(100 * card["waits"], 1)}


def named(sheets: pd.DataFrame) -> pd.DataFrame:
    """Give sheets names by turns, and let all of them teach."""
    genera = np.char.add("Genus ", (np.arange(len(sheets)) % GENERA).astype(str))
    ids = [f"S{number}" for number in range(len(sheets))]
    table = sheets.assign(image_id=ids, genus=genera, species="sp.", family="F", order="O")
    return table.assign(institution="K", split="train")
