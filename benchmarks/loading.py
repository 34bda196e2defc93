"""Time the ways to load sheets, side by side: as published, from files, and from the cache."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from herbnb.data.images import sheets as images
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.resizing import keep_sheets
from herbnb.pocket import accession
from herbnb.pocket.herbarium import draw

SHEETS = 192
HEIGHT = 256
WORKERS = (0, 2)
BATCH = 32
ROUNDS = 4
LEAST = 0.5
"""Seconds that a loader is timed for in each round."""

TITLE = f"Loading {SHEETS} sheets of 750 to 1000 px as squares of {HEIGHT}"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the title and the table.

    Its columns: `loader`, `workers` (processes beside the main one), `images_a_second`, and how many
    times the published loader's rate that is, with its none and with its two workers.

    Every round times all loaders in turn, so that they meet the same machine; a loader's rate is its
    best. Batches end as float32 in 0..1. A lone process of ours decodes a batch in threads.
    """
    threads, kept = torch.get_num_threads(), images.KEPT_BYTES
    torch.set_num_threads(1)
    images.KEPT_BYTES = 0  # "from files" means that each pass reads them
    try:
        with tempfile.TemporaryDirectory() as name:
            return [(TITLE, measured(Path(name)))]
    finally:
        images.KEPT_BYTES = kept
        torch.set_num_threads(threads)


def measured(folder: Path) -> pd.DataFrame:
    """Draw sheets into `folder`, and time each loader on them."""
    specimens = large_sheets(folder)
    started = time.perf_counter()
    geometry = Geometry(HEIGHT)
    cache = keep_sheets(specimens, folder, folder / "cache", geometry, num_workers=WORKERS[-1])
    made = len(specimens) / (time.perf_counter() - started)
    ways = {
        "published": Published(specimens, folder),
        "from files": images.SheetImages(specimens, folder, geometry),
        "from the cache": images.SheetImages(specimens, folder, geometry, cache=cache),
    }
    loaders = {
        (way, workers): DataLoader(
            sheets, BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0
        )
        for way, sheets in ways.items()
        # a sheet comes faster from the cache than from another process
        for workers in (WORKERS if way != "from the cache" else WORKERS[:1])
    }
    rounds = [{way: rate(loader) for way, loader in loaders.items()} for _ in range(ROUNDS)]
    rates = pd.DataFrame(rounds).max()
    rates.index = pd.MultiIndex.from_tuples(rates.index, names=["loader", "workers"])
    table = rates.round().astype(int).reset_index(name="images_a_second")
    for workers in WORKERS:
        table[f"times_published_{workers}"] = (rates / rates["published", workers]).round(1).to_numpy()
    making = {"loader": "making the cache, once", "workers": WORKERS[-1], "images_a_second": round(made)}
    return pd.concat([table, pd.DataFrame([making])])


def rate(loader: DataLoader) -> float:
    """Return the images a second of whole passes over `loader`."""
    seen, started = 0, time.perf_counter()
    while time.perf_counter() - started < LEAST:
        for sheets, _ in loader:
            seen += len(sheets.float().div_(255))
    return seen / (time.perf_counter() - started)


class Published(Dataset):
    """The published loader's steps, which were fastai's: decode it all, cut the middle, resize.

    The overhead of fastai's own machinery is left out.
    """

    def __init__(self, specimens: pd.DataFrame, folder: Path):
        self.paths = [folder / path for path in specimens["path"]]

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        image = Image.open(self.paths[index])
        image.load()
        image = image.convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.crop((left, top, left + side, top + side))
        square = square.resize((HEIGHT, HEIGHT), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(square)).permute(2, 0, 1), 0


def large_sheets(folder: Path) -> pd.DataFrame:
    """Draw sheets of the pocket herbarium, and enlarge them to 750 to 1000 px with a scanner's grain."""
    rng = np.random.default_rng(89)
    accessions = accession.plan_half_earth(89, 2200)
    paths = []
    for number in rng.choice(len(accessions), SHEETS, replace=False):
        sheet = accessions[number]
        path = folder / sheet.path
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(folder, 89, sheet)
        with Image.open(path) as small:
            scale = rng.integers(750, 1001) / max(small.size)
            size = [round(side * scale) for side in small.size]
            pixels = np.asarray(small.resize(size, Image.Resampling.LANCZOS), np.float32)
        # as many bytes a pixel as a real sheet of this size has
        grain = pixels + rng.normal(0, 3, (*pixels.shape[:2], 1))
        Image.fromarray(grain.clip(0, 255).astype(np.uint8)).save(path, "JPEG", quality=86)
        paths.append(sheet.path)
    return pd.DataFrame({"path": paths})
