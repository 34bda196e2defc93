"""Resizing: the sheets of a cache, decoded in parallel and written to its file as they come."""

import os
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from herbnb.data.images.sheets import read_sheet
from herbnb.errors import BadInput
from herbnb.files import write_table

CHUNK = 32  # sheets that a process resizes at a time
SAVED_EVERY = 30.0  # seconds of work that a kill can cost


class Chunks(Dataset):
    """The rows of a cache in chunks: whoever asks for chunk i resizes its sheets into the file.

    The answer is (i, "") or, when that cannot be done, (i, the sentence that says why).

    Args:
        cache: whose file it is.
        paths: the image of each row.
        rows: those to resize, an array for each chunk.
    """

    def __init__(self, cache, paths: list[Path], rows: list[np.ndarray]):
        self.cache, self.paths, self.rows = cache, paths, rows
        self.start = cache.array.offset

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, chunk):
        try:
            # written, not assigned to a mapped array: a full disk is then an error and not a crash
            with open(self.cache.path, "r+b") as file:
                for row in self.rows[chunk]:
                    sheet = read_sheet(self.paths[row], self.cache.geometry)
                    file.seek(self.start + row * self.cache.bytes)
                    file.write(sheet.contiguous().numpy())
        except BadInput as error:
            return chunk, str(error)
        except OSError as error:
            return chunk, unwritable(self.cache.path, error)
        return chunk, ""


def fill(cache, index: pd.DataFrame, missing: np.ndarray, folder: Path, num_workers: int) -> None:
    """Resize the sheets of the rows `missing` into the file, and note in the index what is done.

    Raises:
        BadInput: an image cannot be read, or the file cannot be written.
    """
    try:
        if not cache.path.exists():
            shape = (len(index), 3, cache.geometry.height, cache.geometry.height)
            np.lib.format.open_memmap(cache.path, "w+", np.uint8, shape)
        save(cache, index)
        saved = time.monotonic()
        rows = np.split(missing, range(CHUNK, len(missing), CHUNK))
        chunks = Chunks(cache, [folder / path for path in index["path"]], rows)
        try:
            with tqdm(total=len(missing), unit="sheet", desc="resizing", disable=None) as bar:
                follow = partial(end_with, os.getpid()) if num_workers else None
                for chunk, fault in DataLoader(chunks, None, num_workers=num_workers, worker_init_fn=follow):
                    if fault:
                        raise BadInput(fault)
                    index.loc[rows[chunk], "done"] = True
                    bar.update(len(rows[chunk]))
                    if time.monotonic() - saved > SAVED_EVERY:
                        save(cache, index)
                        saved = time.monotonic()
        finally:
            save(cache, index)
    except OSError as error:
        raise BadInput(unwritable(cache.path, error)) from error


def end_with(parent: int, worker: int) -> None:
    """End this worker when the process `parent` is gone, which torch overlooks in a worker's first moment."""

    def watch():
        while os.getppid() == parent:
            time.sleep(0.1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def save(cache, index: pd.DataFrame) -> None:
    """Write the index: first the sheets must be on the disk, then the word that they are done."""
    with open(cache.path, "r+b") as file:
        os.fsync(file.fileno())
    index.attrs = cache.card
    write_table(index, cache.index)


def unwritable(path: Path, error: OSError) -> str:
    """Say that the file of a cache cannot be written, and what to do."""
    return f"{path} cannot be written ({error.strerror}): make room, or set the parameter cache to false."
