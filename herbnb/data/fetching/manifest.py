"""Manifest: what was asked for, what came of it, and so what need not be asked for again.

Two files in a folder: `manifest.parquet`, written whole, and beside it, until all have been asked for,
`manifest.jsonl`, to which each image adds a line once its file has its name. A process may be killed
at any moment: a line that was torn by it means no more than that its image is asked for again.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from herbnb import parquet
from herbnb.data.fetching.scratch import scratch
from herbnb.errors import BadInput, in_short
from herbnb.files import alone, check_plain, json_of, whole, writable
from herbnb.tables import BROKEN, check_at_hand

COLUMNS = {
    "image_id": "str",
    "path": "str",
    "url": "str",
    "status": "int64",
    "bytes": "int64",
    "sha256": "str",
    "width": "int64",
    "height": "int64",
    "licence": "str",
    "rights_holder": "str",
    "tries": "int64",
    "time": "str",
    "reason": "str",
}
"""One row an image: `path` is relative to the folder, `url` the address that answered or the last that
was tried, `status` its answer (0: none), `time` in UTC, `reason` why there is no image ("": it is whole)."""

ADVICE = "make room and start again; what came is kept"
"""What to do where rows or images cannot be written."""

BATCH = 10_000
"""Rows that are in memory at once."""

SCHEMA = pa.schema([(name, pa.int64() if kind == "int64" else pa.string()) for name, kind in COLUMNS.items()])

INDEX = "CREATE TABLE images (place INTEGER PRIMARY KEY, image_id TEXT UNIQUE, line TEXT)"

UPDATE = """INSERT INTO images (image_id, line) VALUES (?, ?)
    ON CONFLICT (image_id) DO UPDATE SET line = excluded.line"""
"""The last row of an image counts, in the place of the first."""


class Manifest:
    """The manifest of `folder`, for one process at a time; a context manager.

    While it is open its rows can be looked up on the disk, so it takes no more memory when it is long.
    A block that ends well makes one file of the two; after one that does not, the lines stay.

    Raises:
        BadInput: another process is fetching into `folder`, or its manifest cannot be read.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.file, self.journal = self.folder / "manifest.parquet", self.folder / "manifest.jsonl"
        self.adding = threading.Lock()

    def __enter__(self) -> "Manifest":
        with writable(self.folder, ADVICE), ExitStack() as stack:
            stack.enter_context(alone(self.folder / "manifest", wait=False))
            for left in self.folder.glob(".manifest.*.parquet"):  # of a process killed while it wrote
                left.unlink()
            self.index = stack.enter_context(scratch(self.folder / ".manifest.index", INDEX))
            cut_torn_line(self.journal)
            stored = ((row["image_id"], json.dumps(row)) for row in stored_rows(self.folder))
            self.index.executemany(UPDATE, stored)
            self.log = stack.enter_context(self.journal.open("a", encoding="utf-8"))
            self.closing = stack.pop_all()
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        with writable(self.folder, ADVICE), self.closing:
            self.log.close()
            if kind is None and self.journal.stat().st_size:
                self.compact()
            if kind is None or not self.journal.stat().st_size:
                self.journal.unlink()

    def add(self, row: dict) -> None:
        """Append `row`, which has the columns of `COLUMNS`; any thread may."""
        line = json.dumps(row)
        with self.adding, writable(self.folder, ADVICE):
            self.log.write(line + "\n")
            self.log.flush()
            self.index.execute(UPDATE, (row["image_id"], line))

    def row(self, image_id: str) -> dict | None:
        """Return the last row of an image, or None if there is none; any thread may."""
        with self.adding:
            found = self.index.execute("SELECT line FROM images WHERE image_id = ?", (image_id,)).fetchone()
        return found and json.loads(found[0])

    def compact(self) -> None:
        """Write all rows as parquet, one an image, in the order they were first asked for."""
        lines = self.index.execute("SELECT line FROM images ORDER BY place")
        with whole(self.file) as temporary, pq.ParquetWriter(temporary, SCHEMA) as table:
            while some := lines.fetchmany(BATCH):
                table.write_table(pa.Table.from_pylist([json.loads(line) for (line,) in some], SCHEMA))


def read_manifest(folder: str | Path) -> pd.DataFrame:
    """Read the manifest of `folder`, one row an image, also while it is being filled or after a kill.

    Raises:
        BadInput: it is not one.
    """
    both = as_table(stored_rows(Path(folder)))
    last = both.drop_duplicates("image_id", keep="last").set_index("image_id")
    return last.loc[both["image_id"].drop_duplicates()].reset_index()


def came_whole(specimens: pd.DataFrame, folder: str | Path) -> np.ndarray:
    """Say of each specimen whether its image was decoded when it was fetched, and is as long as it was then.

    Args:
        specimens: n rows with `path`, relative to `folder`.
        folder: where the images live; nothing was fetched into a folder without a manifest.

    Returns a boolean array [n].

    Raises:
        BadInput: the folder has a manifest that cannot be read.
    """
    manifest = read_manifest(folder)
    whole_then = manifest[manifest["reason"] == ""].drop_duplicates("path", keep="last")
    then = specimens["path"].map(whole_then.set_index("path")["bytes"])

    def length(path: str) -> int:
        try:
            return os.stat(os.path.join(folder, path)).st_size
        except OSError:
            return -1

    known = np.flatnonzero(then.notna())
    same = np.zeros(len(specimens), bool)
    same[known] = [length(path) for path in specimens["path"].iloc[known]] == then.iloc[known]
    return same


def stored_rows(folder: Path) -> Iterator[dict]:
    """Yield the rows of both files of `folder`, in the order they were written, a few in memory at once."""
    file, journal = folder / "manifest.parquet", folder / "manifest.jsonl"
    if file.exists():
        try:
            check_plain(file)
            for batch in parquet.batches(file, BATCH, [*COLUMNS]):
                yield from batch.select([*COLUMNS]).cast(SCHEMA).to_pylist()
        except BROKEN as error:
            check_at_hand(error)
            raise BadInput(
                f"{file} is not a readable manifest ({in_short(error)}): delete it, and its images are "
                "fetched again."
            ) from error
    if journal.exists():
        with journal.open("rb") as lines:
            yield from filter(None, map(row_of, lines))


def cut_torn_line(journal: Path) -> None:
    """Cut off what a kill has left of the last line of a file, if it is there."""
    if not journal.exists():
        return
    with journal.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 4096)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        file.truncate(end)


def as_table(rows: Iterable[dict]) -> pd.DataFrame:
    """Return rows as a table with the columns, and the types, of a manifest."""
    return pd.DataFrame(rows, columns=[*COLUMNS]).astype(COLUMNS)


def row_of(line: bytes) -> dict | None:
    """Return the row in a line of `manifest.jsonl`, or None for a line that was torn."""
    try:
        row = json_of(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or row.keys() != COLUMNS.keys():
        return None
    return row if all(fits(row[name], kind) for name, kind in COLUMNS.items()) else None


def fits(value: object, kind: str) -> bool:
    """Say whether a value is of a kind of `COLUMNS`."""
    return isinstance(value, str) if kind == "str" else type(value) is int and abs(value) < 2**63
