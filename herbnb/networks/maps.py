"""Maps: what a frozen trunk sees in every sheet, kept in a file beside the resized sheets."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset

from herbnb.data.images.cache import Cache, keep
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.networks.encoder import AT_ONCE, Encoder, scaled
from herbnb.networks.folding import folded


def keep_maps(specimens: pd.DataFrame, folder: str | Path, sheets: Cache, encoder: Encoder) -> Cache:
    """Let the trunk of `encoder` look at every sheet, once for all encoders that begin alike.

    Its maps are kept in half precision, float16 [n, c, s, s], in a file beside the `sheets`: see `keep`.

    Args:
        specimens: rows with `path`, relative to `folder` or absolute.
        folder: where the images live.
        sheets: the cache of the resized sheets.
        encoder: whose trunk is frozen, on the device that is to compute.

    Raises:
        BadInput: too little space on the disk, or maps beyond half precision.
    """
    return keep(maps_of(sheets, encoder), specimens, folder, partial(look, encoder, sheets))


def maps_of(sheets: Cache, encoder: Encoder) -> Cache:
    """Return where the maps are that the trunk of `encoder` makes of resized sheets, or will be."""
    beginning = hashlib.sha256(encoder.beginning.encode()).hexdigest()[:8]
    height = encoder.geometry.height
    (maps,) = looked_at(encoder, torch.zeros(1, 3, height, height, dtype=torch.uint8))
    path = sheets.path.with_name(f"{sheets.path.stem}-maps-{beginning}.npy")
    return Cache(path, tuple(maps.shape), np.float16, encoder.geometry, beginning=encoder.beginning)


def look(
    encoder: Encoder, sheets: Cache, cache: Cache, paths: pd.Series, rows: np.ndarray
) -> Iterator[np.ndarray]:
    """Write the maps of the sheets of `rows` into the cache, and yield those rows as they are written."""
    resized = SheetImages(paths.iloc[rows].to_frame(), "", sheets.geometry, cache=sheets)
    images, quick = DataLoader(resized, AT_ONCE), folded(encoder)
    for few, (seen, _) in zip(np.split(rows, range(AT_ONCE, len(rows), AT_ONCE)), images, strict=True):
        with every_core():
            maps = looked_at(quick, seen).half().cpu()
        if not maps.isfinite().all():
            raise BadInput(
                "What the frozen stages make of a sheet is too large to be kept in half precision: "
                "set the parameter cache to false."
            )
        cache.write(few, maps)
        yield few


@contextmanager
def every_core() -> Iterator[None]:
    """Compute on all cores: those who train side by side, each on its share of them, wait for the maps."""
    share = torch.get_num_threads()
    torch.set_num_threads(max(share, os.cpu_count() or 1))
    try:
        yield
    finally:
        torch.set_num_threads(share)


@torch.inference_mode()
def looked_at(encoder: Encoder, images: torch.Tensor) -> torch.Tensor:
    """Return the maps that the trunk makes of images, uint8 [n, 3, h, h]."""
    return encoder.trunk(scaled(images.to(encoder.mean.device)))


class SheetsWithMaps(Dataset):
    """Sheets that do not change, and the maps that are kept of them: item i is (image, label, maps).

    Args:
        sheets: n sheets.
        specimens: their rows.
        maps: what `keep_maps` made of a table with all of them.
    """

    def __init__(self, sheets: SheetImages, specimens: pd.DataFrame, maps: Cache):
        self.sheets, self.maps, self.rows = sheets, maps, maps.rows(specimens["path"])

    def __len__(self):
        return len(self.sheets)

    def __getitem__(self, index):
        return *self.sheets[index], self.maps[self.rows[index]]
