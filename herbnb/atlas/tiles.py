"""Tiles: thumbnails of the sheets that may be shown, many in one picture, which the page loads as needed."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from herbnb.figures.sprite import opened
from herbnb.files import whole
from herbnb.specimens import may_show

WIDTH, HEIGHT = 150, 210
"""Of a thumbnail, in pixels; the sheet stands in its middle, in its own proportions."""

ACROSS, DOWN = 8, 8
"""Thumbnails of a tile."""

QUALITY, METHOD = 55, 2
"""Of a tile, a WebP picture: how good it is, and how long is tried to make it small, from 0 to 6."""


def thumbnails(sheets: pd.DataFrame) -> np.ndarray:
    """Number the sheets whose licence lets a page show them, in their order; -1 for the others, int32 [n].

    Of a collection that was handed on without its images, none is numbered.
    """
    allowed = may_show(sheets["licence"].astype(str))
    of_collection = sheets[allowed].groupby("collection")["file"]
    with_images = [name for name, files in of_collection if any(map(os.path.exists, files))]
    shown = (allowed & sheets["collection"].isin(with_images)).to_numpy(bool)
    return np.where(shown, shown.cumsum() - 1, -1).astype("int32")


def write_tiles(files: Sequence[str | Path], folder: Path) -> int:
    """Write thumbnails of `files`, in their order, as `<folder>/0.webp` and so on; return how many tiles.

    Raises:
        BadInput: an image is missing or is not whole.
    """
    each = ACROSS * DOWN
    starts = range(0, len(files), each)
    with ThreadPoolExecutor() as threads:  # Pillow works outside Python's lock
        for number, start in enumerate(starts):
            small = list(threads.map(thumbnail, files[start : start + each]))
            with whole(folder / f"{number}.webp") as temporary:
                tile(small).save(temporary, "webp", quality=QUALITY, method=METHOD)
    return len(starts)


def thumbnail(path: str | Path) -> Image.Image:
    """Return the picture at `path`, no larger than a thumbnail."""
    return opened(path, (WIDTH, HEIGHT))


def tile(pictures: Sequence[Image.Image]) -> Image.Image:
    """Set pictures in rows of `ACROSS`; what a picture leaves of its place is transparent."""
    across = min(len(pictures), ACROSS)
    page = Image.new("RGBA", (across * WIDTH, -(-len(pictures) // across) * HEIGHT))
    for place, small in enumerate(pictures):
        left, top = place % across * WIDTH, place // across * HEIGHT
        page.paste(small, (left + (WIDTH - small.width) // 2, top + (HEIGHT - small.height) // 2))
    return page
