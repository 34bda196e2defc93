"""Time an extraction into parts beside bare inference, measure its memory at two sizes, and add a few sheets.

All sheets of a collection share one small image, so that what is measured is the extraction itself. Rates
are those of a process that keeps freed memory as a kernel of the book does: in any other, each layer asks the
system for its memory again, and bare inference may be slower than an extraction, or faster, by a third.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pandas as pd
import torch
from PIL import Image

from herbnb.book.runner import ALLOCATION
from herbnb.data.images.geometry import Geometry
from herbnb.networks.cards import Beginning
from herbnb.networks.encoder import AT_ONCE, Encoder
from herbnb.networks.folding import folded
from herbnb.networks.precision import looking
from herbnb.representations.baselines import Colour, untrained
from herbnb.representations.extraction import keep_features, load_encoders
from herbnb.results import Results

SHEETS = 1_024
ROUNDS = 5

SIZES = (5_000, 100_000)
SMALL = Beginning("test_resnet", "none", Geometry(32), "all")
"""What looks at the many sheets: the smallest model of timm, and colours, on the smallest squares."""

HELD, ADDED = 20_000, 100

RATE = f"Extraction into parts by one encoder, {SHEETS} sheets, against bare inference of the same model"
MEMORY = "The most memory that extraction into parts takes, by the size of the collection"
MORE = f"{ADDED} sheets added to {HELD:,} whose features are kept: what it takes beyond looking at these"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titles and the tables."""
    rates = pd.DataFrame([in_process(f"rate({encoder!r})") for encoder in ("imagenet", "untrained")])
    memory = pd.DataFrame([{"sheets": size, "megabytes": in_process(f"peak({size})")} for size in SIZES])
    with tempfile.TemporaryDirectory() as name:
        more = pd.DataFrame([added(Path(name))])
    return [(RATE, rates.round(2)), (MEMORY, memory), (MORE, more.round(2))]


def rate(name: str) -> dict:
    """Time one encoder in turns, bare and into parts from resized sheets, and compare the medians."""
    bare, kept = [], []
    with tempfile.TemporaryDirectory() as folder:
        here = collection(Path(folder), SHEETS)
        encoders = load_encoders([name], here)
        reading = {"cache": here.path("resized", collection="many")}
        keep_features(here, "many", encoders, here.folder, **reading)
        for _ in range(ROUNDS):
            bare.append(infer(encoders[name]))
            for part in here.folder.rglob("part-*.parquet"):
                part.unlink()
            started = time.perf_counter()
            keep_features(here, "many", encoders, here.folder, **reading)
            kept.append(time.perf_counter() - started)
    row = {"encoder": name, "bare, sheets a second": SHEETS / median(bare)}
    return row | {"extraction": SHEETS / median(kept), "ratio": median(bare) / median(kept)}


@torch.inference_mode()
def infer(encoder: Encoder) -> float:
    """Return the seconds that a model takes for sheets in memory, as quick as it can be made."""
    quick, device = folded(encoder), encoder.mean.device.type
    at_once = 64 if device == "cuda" else AT_ONCE
    images = torch.zeros(at_once, 3, *2 * [encoder.geometry.height], dtype=torch.uint8)
    started = time.perf_counter()
    with looking(device):
        for _ in range(0, SHEETS, at_once):
            quick.encode(images).cpu()
    return time.perf_counter() - started


def in_process(call: str) -> object:
    """Return what a call of this module gives in a process that keeps its memory as a kernel does."""
    code = f"import json; from benchmarks import extraction; print(json.dumps(extraction.{call}))"
    command, around = [sys.executable, "-c", code], os.environ | ALLOCATION
    ran = subprocess.run(command, env=around, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def peak(sheets: int) -> int:
    """Extract a collection, and return the megabytes that this process has taken at most."""
    with tempfile.TemporaryDirectory() as folder:
        here = collection(Path(folder), sheets)
        encoders = {"untrained": untrained(SMALL, 89), "colour": Colour(SMALL, 89)}
        keep_features(here, "many", encoders, here.folder)
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def added(folder: Path) -> dict:
    """Time the extraction of a collection, of the same with a few sheets more, and of these by themselves."""
    seconds = {}
    for name, run, sheets in (
        ("all", "many", HELD),
        ("with the added", "many", HELD + ADDED),
        ("the added alone", "few", ADDED),
    ):
        here = collection(folder / run, sheets)
        encoders = {"untrained": untrained(SMALL, 89), "colour": Colour(SMALL, 89)}
        started = time.perf_counter()
        keep_features(here, "many", encoders, here.folder)
        seconds[f"{name}, seconds"] = time.perf_counter() - started
    return seconds | {"beyond": seconds["with the added, seconds"] - seconds["the added alone, seconds"]}


def collection(folder: Path, sheets: int) -> Results:
    """Return a run with the collection "many", whose sheets all have one image."""
    here = Results(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "sheet.png").exists():  # one that was written anew would be looked at again
        Image.new("RGB", (48, 64), "beige").save(folder / "sheet.png")
    rows = pd.DataFrame({"image_id": [f"S{number}" for number in range(sheets)]})
    names = dict(species="Poa annua", genus="Poa", family="Poaceae", order="Poales", institution="K")
    here.write("collection", rows.assign(path="sheet.png", split="collection", **names), collection="many")
    return here
