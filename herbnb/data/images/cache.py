"""Cache: the resized sheets of a table in one file, made once, so that none is decoded twice.

The file is a plain numpy array, which several processes fill and read at once. Of 6,000 sheets of 160 px it
gives 28,000 a second in random order; zarr 3.1 gives 1,800 (a file a sheet) or 900 (in shards), and HDF5, as
fast as numpy, has one writer only and may not open again when that is killed.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from filelock import FileLock, Timeout

from herbnb.data.images.geometry import Geometry
from herbnb.data.images.resizing import fill
from herbnb.errors import BadInput

VERSION = 1
"""Of the resizing: sheets resized by another version are other sheets, and are made again."""

STAMP = ["bytes", "mtime_ns"]  # tell whether a file has changed


class Cache:
    """The file that `keep_sheets` made: one uint8 array [n, 3, height, height], and its index.

    Beside the array `<height>-<fit>.npy` lies `<height>-<fit>.parquet`, whose row i says which file
    sheet i is of (`path`), what that file was like (`bytes`, `mtime_ns`) and whether it is `done`.
    """

    def __init__(self, folder: str | Path, geometry: Geometry):
        self.path = Path(folder) / f"{geometry.height}-{geometry.fit}.npy"
        self.index = self.path.with_suffix(".parquet")
        self.geometry = geometry
        self.bytes = 3 * geometry.height * geometry.height
        self.card = {"version": VERSION, **geometry.square}

    @cached_property
    def array(self) -> np.memmap:
        return np.load(self.path, mmap_mode="r")

    def __getstate__(self):
        # a worker process maps the file for itself: a mapped array would be sent to it whole
        return {name: value for name, value in vars(self).items() if name != "array"}

    def __getitem__(self, row: int) -> torch.Tensor:
        """Return the sheet in `row`, uint8 [3, height, height]."""
        return torch.from_numpy(np.array(self.array[row]))

    def rows(self, paths: Iterable[str]) -> list[int]:
        """Find the row of each path, as the specimens table has it.

        Raises:
            BadInput: the cache was made of a table without that path.
        """
        index, paths = pd.read_parquet(self.index), list(paths)
        rows = pd.Index(index["path"]).get_indexer(paths)
        absent = (rows < 0) | ~index["done"].to_numpy()[rows]
        if absent.any():
            raise BadInput(
                f"{self.path} does not hold {paths[absent.argmax()]}: "
                "make the cache of all sheets that are to be read from it."
            )
        return rows.tolist()


def keep_sheets(
    specimens: pd.DataFrame,
    folder: str | Path,
    to: str | Path,
    geometry: Geometry,
    num_workers: int = 0,
) -> Cache:
    """Resize the images of `specimens` into one file in the folder `to`, where that is not done yet.

    What is there already stays, if it was resized in the same way from files that have not changed
    since. It goes on where it was interrupted, and when another process is at it, waits.

    Args:
        specimens: rows with `path`, relative to `folder` or absolute.
        folder: where the images live.
        to: the folder of the cache, one for each collection.
        geometry: of the squares.
        num_workers: processes that resize, beside this one.

    Raises:
        BadInput: an image that cannot be read, or too little space on the disk.
    """
    cache = Cache(to, geometry)
    cache.path.parent.mkdir(parents=True, exist_ok=True)
    with alone(cache.path):
        wanted = stamps(specimens["path"], Path(folder))
        index = known(cache, wanted)
        if index is None:
            cache.index.unlink(missing_ok=True)
            cache.path.unlink(missing_ok=True)  # a process that reads the old file keeps it
            index = wanted.assign(done=False)
        missing = np.flatnonzero(index["path"].isin(wanted["path"]) & ~index["done"])
        if len(missing):
            check_room_for_sheets(cache, len(missing))
            fill(cache, index, missing, Path(folder), num_workers)
    return cache


def alone(path: Path):
    """Hold the lock of the cache at `path` until the block ends; wait for it if need be."""
    lock = FileLock(path.with_suffix(".lock"))
    with suppress(Timeout):
        return lock.acquire(timeout=0)
    print(f"{path.name}: another process is making it; this one waits.", flush=True)
    return lock.acquire()


def stamps(paths: Iterable[str], folder: Path) -> pd.DataFrame:
    """List each file once, sorted: `path`, `bytes`, `mtime_ns`; -1 for a file that is missing."""
    rows = []
    for path in sorted(set(paths)):
        try:
            status = os.stat(folder / path)
            rows.append((path, status.st_size, status.st_mtime_ns))
        except OSError:
            rows.append((path, -1, -1))  # reading it will say what is wrong
    return pd.DataFrame(rows, columns=["path", *STAMP])


def known(cache: Cache, wanted: pd.DataFrame) -> pd.DataFrame | None:
    """Return the index of what is there, its changed files no longer `done`, or None.

    None is for no cache, one resized in another way, and one that lacks a `wanted` path: a table that
    has lost a few sheets is still read from the cache of the larger one.
    """
    try:
        index = pd.read_parquet(cache.index)
        whole = cache.card == index.attrs and len(np.load(cache.path, mmap_mode="r")) == len(index)
    except (OSError, ValueError):
        return None
    rows = pd.Index(index["path"]).get_indexer(wanted["path"])
    if not whole or (rows < 0).any():
        return None
    index.loc[rows, "done"] &= (index.loc[rows, STAMP].to_numpy() == wanted[STAMP].to_numpy()).all(axis=1)
    index.loc[rows, STAMP] = wanted[STAMP].to_numpy()
    return index


def check_room_for_sheets(cache: Cache, sheets: int) -> None:
    """Raise BadInput when the disk has no room for so many sheets more."""
    needed, free = sheets * cache.bytes, shutil.disk_usage(cache.path.parent).free
    print(f"{cache.path.name}: {sheets:,} sheets to resize, {needed:,} bytes.", flush=True)
    if needed > free:
        raise BadInput(
            f"{cache.path.parent} has room for {free:,} bytes, and {sheets:,} sheets of "
            f"{cache.geometry.height} px need {needed:,}: make room, or set the parameter cache to false."
        )
