"""Passes: encoders look at sheets, batch after batch, and a sheet is read once for all that see it alike."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader

from herbnb.data.images.cache import Cache
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import SheetImages
from herbnb.devices import device
from herbnb.following import read_for
from herbnb.networks.encoder import AT_ONCE, Encoder
from herbnb.networks.folding import folded
from herbnb.networks.maps import keep_maps, maps_of
from herbnb.networks.precision import looking


class Representation(Protocol):
    """Anything that turns images, uint8 [n, 3, h, h], into features, float32 [n, width].

    The images are squares of its `geometry`. Another `fingerprint` means other features. `begun` keeps what
    encoders that begin alike have made of the images, for the next of them.
    """

    width: int
    geometry: Geometry
    fingerprint: str

    def encode(self, images: torch.Tensor, begun: dict | None = None) -> torch.Tensor: ...


def together(
    encoders: dict[str, Representation], rows: dict[str, np.ndarray]
) -> Iterator[tuple[dict[str, Representation], np.ndarray]]:
    """Yield encoders that have one geometry and the same sheets to see, made quick, and the rows of these."""
    groups = {}
    for name, encoder in encoders.items():
        if len(rows[name]):
            groups.setdefault((encoder.geometry, rows[name].tobytes()), {})[name] = encoder
    for alike in groups.values():
        yield {name: quick(encoder) for name, encoder in alike.items()}, rows[next(iter(alike))]


def look(
    encoders: dict[str, Representation],
    specimens: pd.DataFrame,
    folder: str | Path,
    squares: Cache | None,
    maps: dict[str, Cache],
    batch_size: int,
    num_workers: int,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield what encoders of one geometry see in batch after batch of sheets, float32 [b, width] by name."""
    geometry = next(iter(encoders.values())).geometry
    if geometry is None:  # made elsewhere
        yield {name: each.of(specimens) for name, each in encoders.items()}
        return
    sheets = SheetImages(specimens, folder, geometry, cache=squares, once=True)
    rows = {b: kept.rows(specimens["path"]) for b, kept in maps.items()}
    reading = {"batch_size": batch_size, "num_workers": num_workers}
    reading["worker_init_fn"] = partial(read_for, os.getpid())
    reading["pin_memory"] = device().type == "cuda"
    start = 0
    for images, _ in DataLoader(sheets, **reading):
        part = slice(start, start := start + len(images))
        begun = {b: kept[rows[b][part]] for b, kept in maps.items()}
        yield encoded(encoders, images, begun)


def quick(representation: Representation) -> Representation:
    """Return what looks as a representation does, in less time if it is an encoder or has one."""
    encoder = getattr(representation, "encoder", representation)
    return folded(encoder) if isinstance(encoder, Encoder) else representation


def squares_and_maps(
    encoders: dict[str, Representation],
    specimens: pd.DataFrame,
    folder: str | Path,
    cache: Path | None,
    num_workers: int,
) -> tuple[Cache | None, dict[str, Cache]]:
    """Return the cache of resized sheets, and the maps of each trunk that training stood on, by beginning."""
    geometry = next(iter(encoders.values())).geometry
    if cache is None or geometry is None:
        return None, {}
    squares = keep_sheets(specimens, folder, cache, geometry, num_workers)
    trunks = {e.beginning: e for e in encoders.values() if isinstance(e, Encoder) and e.frozen and e.learning}
    stood_on = {b: encoder for b, encoder in trunks.items() if maps_of(squares, encoder).path.exists()}
    return squares, {b: keep_maps(specimens, folder, squares, encoder) for b, encoder in stood_on.items()}


def encoded(
    encoders: dict[str, Representation], images: torch.Tensor, maps: dict[str, torch.Tensor] | None = None
) -> dict[str, np.ndarray]:
    """Return the features of a batch by every encoder, as float32 [n, width].

    `maps` holds what encoders have begun to make of the images already, by their beginning.
    """
    images = images.to(device(), non_blocking=True)
    at_once = len(images) if images.is_cuda else AT_ONCE
    parts = {name: [] for name in encoders}
    with looking(images.device.type):
        for start in range(0, len(images), at_once):
            few = slice(start, start + at_once)
            begun = {beginning: of_batch[few].float() for beginning, of_batch in (maps or {}).items()}
            for name, encoder in encoders.items():
                parts[name].append(encoder.encode(images[few], begun).float().cpu())
    return {name: torch.cat(of_encoder).numpy() for name, of_encoder in parts.items()}
