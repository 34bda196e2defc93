"""Time a reader's own scans through the eyes of chapter Your herbarium, and what looking costs by itself."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import SheetImages
from herbnb.networks.encoder import AT_ONCE, scaled
from herbnb.networks.precision import has_bfloat16
from herbnb.pocket import accession
from herbnb.pocket.herbarium import draw
from herbnb.representations import with_baselines
from herbnb.representations.extraction import extract, load_encoders
from herbnb.results import Results

SCANS = 60
"""What a thousand scans take is reckoned from so many."""

MEGAPIXELS = (5, 20)
ROUNDS = 3

WHOLE = f"A thousand scans of {MEGAPIXELS[0]} to {MEGAPIXELS[1]} megapixels, reckoned from {SCANS}"
BARE = "A visitor's extraction from resized sheets, against bare inference of the same model"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titles and the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specimens = scans(folder)
        encoders = load_encoders(with_baselines(["imagenet"]), Results(folder / "none"))
        geometry = encoders["imagenet"].geometry
        steps = {
            "opened and made small": lambda: read_all(SheetImages(specimens, folder, geometry)),
            "and seen by imagenet": lambda: extract(only(encoders, "imagenet"), specimens, folder),
            "and by the baselines": lambda: extract(encoders, specimens, folder),
        }
        rows = [(step, timed(run, 1) * 1000 / SCANS) for step, run in steps.items()]
        whole = pd.DataFrame(rows, columns=["scans are", "seconds"]).round(1)
        cache = keep_sheets(specimens, folder, folder / "cache", geometry)
        kept = dict(specimens=specimens, folder=folder, cache=cache.path.parent)
        visiting = timed(lambda: extract(only(encoders, "imagenet"), **kept))
        squares = SheetImages(specimens, folder, geometry, cache=cache)
        bare = timed(lambda: infer(encoders["imagenet"].backbone, squares))
    row = {"bare, sheets a second": SCANS / bare, "extraction": SCANS / visiting, "ratio": bare / visiting}
    return [(WHOLE, whole), (BARE, pd.DataFrame([row]).round(2))]


def only(encoders: dict, name: str) -> dict:
    """Return one of the encoders, as `extract` takes them."""
    return {name: encoders[name]}


def read_all(sheets: SheetImages) -> None:
    """Open every sheet, as a batch at a time."""
    for start in range(0, len(sheets), AT_ONCE):
        sheets.__getitems__(range(start, min(start + AT_ONCE, len(sheets))))


@torch.inference_mode()
def infer(model: torch.nn.Module, sheets: SheetImages) -> None:
    """Send sheets that are already in memory through a model, as few at a time as suits a processor."""
    images = torch.stack([sheet for sheet, _ in sheets])
    started = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
        for few in images.split(AT_ONCE):
            model(scaled(few))
    return time.perf_counter() - started


def timed(run: Callable[[], float | None], rounds: int = ROUNDS) -> float:
    """Return the fewest seconds of `rounds`, by the clock of `run` itself where it has one."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        own = run()
        seconds.append(own if isinstance(own, float) else time.perf_counter() - started)
    return min(seconds)


def scans(folder: Path) -> pd.DataFrame:
    """Draw sheets of the pocket herbarium into `folder`, as large and as grainy as a scanner makes them."""
    rng = np.random.default_rng(89)
    accessions = accession.plan_half_earth(89, 2200)
    grain = rng.normal(0, 3, (1000, 1000, 1))
    paths = []
    for number in rng.choice(len(accessions), SCANS, replace=False):
        sheet = accessions[number]
        path = folder / sheet.path
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(folder, 89, sheet)
        with Image.open(path) as small:
            scale = (rng.uniform(*MEGAPIXELS) * 1e6 / (small.width * small.height)) ** 0.5
            pixels = np.asarray(small.resize([round(side * scale) for side in small.size]), np.float32)
        tall, wide = pixels.shape[:2]
        repeated = np.tile(grain, (tall // 1000 + 1, wide // 1000 + 1, 1))[:tall, :wide]
        # as many bytes a pixel as a real sheet has
        Image.fromarray((pixels + repeated).clip(0, 255).astype(np.uint8)).save(path, "JPEG", quality=86)
        paths.append(sheet.path)
    return pd.DataFrame({"image_id": paths, "path": paths})
