"""Time what it costs each of some encoders to look at a thousand sheets, as squares that are there already.

The weights are random: they cost what trained ones do.
"""

import os
import subprocess
import sys
import time

import pandas as pd
import torch

from herbnb.book.runner import ALLOCATION
from herbnb.networks.encoder import AT_ONCE
from herbnb.networks.folding import folded
from herbnb.networks.precision import has_bfloat16
from herbnb.representations import Spec
from herbnb.representations.visitors import visitor

LOOKING = {
    "EfficientNet-Lite0": ("timm", "tf_efficientnet_lite0"),
    "ResNet-50": ("timm", "resnet50"),
    "DINOv2 small, ViT-S/14": ("timm", "vit_small_patch14_dinov2"),
    "DINOv3 small, ViT-S/16": ("timm", "vit_small_patch16_dinov3"),
    "OpenCLIP, ViT-B/32": ("open_clip", "ViT-B-32"),
    "BioCLIP 2, ViT-L/14": ("open_clip", "ViT-L-14"),
}
"""Encoders by their names in the book, and a library's model of that shape."""

SHEETS = 1000
ROUNDS = 5

TITLE = f"Looking at {SHEETS} sheets: encoders with random weights, {AT_ONCE} sheets at once"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the title and the table.

    Its columns: `encoder`, `square` (its side in pixels), `width` (of a feature vector), and `minutes` for
    that many sheets in each precision that the processor has. A time is the best of some rounds.
    """
    rows = []
    for name, (scheme, model) in LOOKING.items():
        encoder = folded(visitor(Spec("looking", scheme, model, "none")).cpu())  # as it is asked in the book
        row = {"encoder": name, "square": encoder.geometry.height, "width": encoder.width}
        precisions = {"float32": False} | ({"bfloat16": True} if has_bfloat16() else {})
        rows.append(
            row | {f"minutes, {each}": round(minutes(encoder, half), 1) for each, half in precisions.items()}
        )
    return [(f"{TITLE}, {torch.get_num_threads()} threads", pd.DataFrame(rows)), allocation()]


def allocation() -> tuple[str, pd.DataFrame]:
    """Time the first of them in a process like any other, and in one that keeps freed memory as a kernel."""
    code = "from benchmarks import visitors; print(visitors.seconds_of_first())"
    rows = []
    for process, kept in (("any", {}), ("a kernel of the book", ALLOCATION)):
        command, around = [sys.executable, "-c", code], os.environ | kept
        ran = subprocess.run(command, env=around, stdout=subprocess.PIPE, text=True, check=True)
        rows.append({"process": process, "seconds": float(ran.stdout)})
    return f"The same, {next(iter(LOOKING))}, by how memory is kept", pd.DataFrame(rows)


def seconds_of_first() -> float:
    """Return the seconds that the first of `LOOKING` takes for all sheets, in float32."""
    scheme, model = next(iter(LOOKING.values()))
    return 60 * minutes(folded(visitor(Spec("looking", scheme, model, "none")).cpu()), False)


def minutes(encoder: torch.nn.Module, half: bool) -> float:
    """Time an encoder at one batch, after one that warms up, and return its minutes for all sheets."""
    images = torch.randint(0, 256, (AT_ONCE, 3, *2 * [encoder.geometry.height]), dtype=torch.uint8)
    seconds = []
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        for _ in range(ROUNDS + 1):
            started = time.perf_counter()
            encoder.encode(images)
            seconds.append(time.perf_counter() - started)
    return min(seconds[1:]) * SHEETS / AT_ONCE / 60
