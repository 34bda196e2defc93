"""Resizing: every sheet becomes a square once, in parallel, in a cache that all who look at it read."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from torch.utils.data import DataLoader, Dataset, get_worker_info

from herbnb.data.images.cache import ADVICE, Cache, keep
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.sheets import read_sheet
from herbnb.errors import BadInput, stopped_by
from herbnb.files import writable
from herbnb.following import READERS, counting_on, read_for

CHUNK = 32  # sheets that a process resizes at a time


@counting_on(*READERS)
def keep_sheets(
    specimens: pd.DataFrame,
    folder: str | Path,
    to: str | Path,
    geometry: Geometry,
    num_workers: int = 0,
) -> Cache:
    """Resize the images of `specimens` into one file, uint8 [n, 3, height, height]: see `keep`.

    Args:
        specimens: rows with `path`, relative to `folder` or absolute.
        folder: where the images live.
        to: the folder of the cache, one for each collection.
        geometry: of the squares.
        num_workers: processes that resize, beside this one.

    Raises:
        BadInput: an image that cannot be read, too little space on the disk, or a process that has been ended
            from outside.
    """
    height = geometry.height
    path = Path(to) / f"{geometry.file}.npy"
    cache = Cache(path, (3, height, height), np.uint8, geometry)
    return keep(cache, specimens, folder, partial(resize, Path(folder), num_workers))


def resize(
    folder: Path, num_workers: int, cache: Cache, paths: pd.Series, rows: np.ndarray
) -> Iterator[np.ndarray]:
    """Resize the sheets of `rows` into the cache, and yield those rows as they are written."""
    images = [folder / path for path in paths]
    chunks = Chunks(cache, images, np.split(rows, range(CHUNK, len(rows), CHUNK)))
    for chunk, fault in DataLoader(
        chunks, None, num_workers=num_workers, worker_init_fn=partial(read_for, os.getpid())
    ):
        if fault:
            raise BadInput(fault)
        yield chunks.rows[chunk]


class Chunks(Dataset):
    """The rows of a cache in chunks: whoever asks for chunk i resizes its sheets into the file.

    The answer is (i, "") or, when that cannot be done, (i, the sentence that says why).

    Args:
        cache: whose file it is.
        paths: the image of each row.
        rows: those to resize, an array for each chunk.
    """

    def __init__(self, cache: Cache, paths: list[Path], rows: list[np.ndarray]):
        self.cache, self.paths, self.rows = cache, paths, rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, chunk):
        rows, threads = self.rows[chunk], 1 if get_worker_info() else os.cpu_count()
        try:
            # as `SheetImages`: a lone process reads in threads
            with writable(self.cache.path, ADVICE), ThreadPoolExecutor(threads) as readers:
                sheets = readers.map(lambda row: read_sheet(self.paths[row], self.cache.geometry), rows)
                self.cache.write(rows, sheets)
        except BadInput as error:
            return chunk, str(error)
        except (OSError, MemoryError) as error:  # of which torch would keep the text alone
            if not (fault := stopped_by(error)):
                raise
            return chunk, fault
        return chunk, ""
