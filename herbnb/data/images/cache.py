"""Cache: what is made of the sheets of a table, in one file, so that none is decoded or begun twice.

The file is a plain numpy array, which several processes fill and read at once. Of 6,000 sheets of 160 px it
gives 28,000 a second in random order; zarr 3.1 gives 1,800 (a file a sheet) or 900 (in shards), and HDF5, as
fast as numpy, has one writer only and may not open again when that is killed.
"""

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from tokenize import TokenError

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from herbnb import parquet
from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.files import BROKEN, alone, writable, write_table

VERSION = 2
"""Of the resizing: sheets resized by another version are other sheets, and are made again."""

SAVED_EVERY = 30.0
"""Seconds of work that a kill can cost."""

STAMP = ["bytes", "mtime_ns"]  # tell whether a file has changed


class Cache:
    """One array with a row for each file of a table: a squared sheet, or what an encoder began to see in it.

    Beside the array at `path` lies a parquet file, whose row i says which file row i is of (`path`), what
    that file was like (`bytes`, `mtime_ns`) and whether it is `done`.

    Args:
        path: of the array, which ends in `.npy`.
        shape: of a row.
        dtype: of a row.
        geometry: of the squares.
        card: what else decides the numbers in a row; rows with another card are made again.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: type, geometry: Geometry, **card):
        self.path, self.index = path, path.with_suffix(".parquet")
        self.shape, self.dtype, self.geometry = shape, np.dtype(dtype), geometry
        self.bytes = math.prod(shape) * self.dtype.itemsize
        self.card = {"version": VERSION, **geometry.square, **card}

    @cached_property
    def array(self) -> np.memmap:
        return mapped(self.path)

    def __getstate__(self):
        # a worker process maps the file for itself: a mapped array would be sent to it whole
        return {name: value for name, value in vars(self).items() if name != "array"}

    def __getitem__(self, row: int | list[int]) -> torch.Tensor:
        """Return what is in a row, or in several."""
        return torch.from_numpy(np.array(self.array[row]))

    def rows(self, paths: Iterable[str]) -> list[int]:
        """Find the row of each path, as the specimens table has it.

        Raises:
            BadInput: the cache was made of a table without that path.
        """
        index, paths = read_index(self.index), list(paths)
        rows = pd.Index(index["path"]).get_indexer(paths)
        absent = (rows < 0) | ~index["done"].to_numpy()[rows]
        if absent.any():
            raise BadInput(
                f"{self.path} does not hold {paths[absent.argmax()]}: "
                "make the cache of all sheets that are to be read from it."
            )
        return rows.tolist()

    def write(self, rows: Iterable[int], values: Iterable[torch.Tensor]) -> None:
        """Fill rows, on the processor and of the cache's shape and type."""
        # written, not assigned to a mapped array: a full disk is then an error and not a crash
        with open(self.path, "r+b") as file:
            for row, value in zip(rows, values, strict=True):
                file.seek(self.array.offset + row * self.bytes)
                file.write(value.contiguous().numpy())


Maker = Callable[[Cache, pd.Series, np.ndarray], Iterator[np.ndarray]]
"""Given a cache, the path of each row and the rows to make, writes them, and yields those it has written."""


def keep(cache: Cache, specimens: pd.DataFrame, folder: str | Path, make: Maker) -> Cache:
    """Let `make` fill the rows of a cache that are not there yet, and return the cache.

    What is there already stays, if it was made in the same way from files that have not changed since, and
    sheets that are new get rows at the end. Rows of sheets that no table has any more stay until the file is
    deleted. It goes on where it was interrupted, and when another process is at it, waits.

    Raises:
        BadInput: an image that cannot be read, or too little space on the disk.
    """
    with writable(cache.path):
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
            check_room(cache, len(missing))
            try:
                fill(cache, index, make(cache, index["path"], missing), len(missing))
            except OSError as error:
                raise BadInput(unwritable(cache.path, error)) from error
    return cache


def fill(cache: Cache, index: pd.DataFrame, written: Iterator[np.ndarray], missing: int) -> None:
    """Note in the index what is done, as it is written."""
    if not cache.path.exists():
        np.lib.format.open_memmap(cache.path, "w+", cache.dtype, (len(index), *cache.shape))
    lengthen(cache, len(index))
    save(cache, index)
    saved = time.monotonic()
    try:
        with tqdm(total=missing, unit="sheet", desc=cache.path.stem, disable=None) as bar:
            for rows in written:
                index.loc[rows, "done"] = True
                bar.update(len(rows))
                if time.monotonic() - saved > SAVED_EVERY:
                    save(cache, index)
                    saved = time.monotonic()
    finally:
        save(cache, index)


def lengthen(cache: Cache, rows: int) -> None:
    """Let the file have so many rows at least; who has it open still sees those that it had."""
    array = mapped(cache.path)
    if len(array) < rows:
        # numpy leaves room in the header of an array for its first side to grow
        header = {"descr": np.lib.format.dtype_to_descr(cache.dtype), "fortran_order": False}
        with open(cache.path, "r+b") as file:
            file.truncate(array.offset + rows * cache.bytes)
            np.lib.format.write_array_header_1_0(file, header | {"shape": (rows, *cache.shape)})


def mapped(path: Path) -> np.memmap:
    """Open the array of a cache; one in an archive, or of Python's objects, is none."""
    return np.lib.format.open_memmap(path, mode="r")


def save(cache: Cache, index: pd.DataFrame) -> None:
    """Write the index: first the rows must be on the disk, then the word that they are done."""
    with open(cache.path, "r+b") as file:
        os.fsync(file.fileno())
    index.attrs = cache.card
    write_table(index, cache.index)


def read_index(path: Path) -> pd.DataFrame:
    """Read what `save` has written, or raise one of `files.BROKEN`."""
    table = parquet.read(path)
    index = table.to_pandas()
    index.attrs = json.loads(table.schema.metadata[b"PANDAS_ATTRS"])  # as pandas' own reader does
    return index


def unwritable(path: Path, error: OSError) -> str:
    """Say that the file of a cache cannot be written, and what to do."""
    return f"{path} cannot be written ({error.strerror}): make room, or set the parameter cache to false."


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
    """Return the index of what is there and, after it, of what is `wanted` besides; None for no such cache.

    What has changed since, and what is new, is not `done`. A table that has lost a few sheets is still read
    from the cache of the larger one.
    """
    try:
        index, array = read_index(cache.index), mapped(cache.path)
        alike = array.shape[1:] == cache.shape and array.dtype == cache.dtype and len(array) >= len(index)
        if not alike or index.attrs != cache.card or list(index) != ["path", *STAMP, "done"]:
            return None
    except (*BROKEN, SyntaxError, TokenError):  # numpy takes the head of an array for a line of Python
        return None
    rows = pd.Index(index["path"]).get_indexer(wanted["path"])
    there, new = wanted[rows >= 0], wanted[rows < 0]
    rows = rows[rows >= 0]
    index.loc[rows, "done"] &= (index.loc[rows, STAMP].to_numpy() == there[STAMP].to_numpy()).all(axis=1)
    index.loc[rows, STAMP] = there[STAMP].to_numpy()
    return pd.concat([index, new.assign(done=False)], ignore_index=True)


def check_room(cache: Cache, rows: int) -> None:
    """Raise BadInput when the disk has no room for so many rows more."""
    needed, free = rows * cache.bytes, shutil.disk_usage(cache.path.parent).free
    print(f"{cache.path.name}: {rows:,} sheets to make, {needed:,} bytes.", flush=True)
    if needed > free:
        raise BadInput(
            f"{cache.path.parent} has room for {free:,} bytes, and {rows:,} sheets in "
            f"{cache.path.name} need {needed:,}: make room, or set the parameter cache to false."
        )
