"""Manifest: what was asked for, what came of it, and so what need not be asked for again.

Two files in a folder: `manifest.parquet`, written whole, and beside it, while images are fetched,
`manifest.jsonl`, to which each image adds a line once its file has its name. A process may be killed
at any moment: a line that was torn by it means no more than that its image is asked for again.
"""

import json
import threading
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from herbnb.errors import BadInput
from herbnb.files import write_table

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


class Manifest:
    """The manifest of `folder`, for one process at a time; a context manager, or `close` it.

    Raises:
        BadInput: another process is fetching into `folder`, or its manifest cannot be read.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file, self.journal = self.folder / "manifest.parquet", self.folder / "manifest.jsonl"
        self.adding = threading.Lock()
        self.owner = FileLock(self.folder / ".manifest.lock", timeout=0)
        try:
            self.owner.acquire()
        except Timeout as error:
            raise BadInput(
                f"{folder} is being filled by another process: wait for it, or name another folder."
            ) from error
        try:
            self.read()
        except BaseException:
            self.owner.release()
            raise

    def read(self) -> None:
        """Read both files, and make one of them."""
        for left in self.folder.glob(".manifest.*.parquet"):  # of a process killed while it wrote
            left.unlink()
        self.rows = []
        if self.journal.exists():
            with self.journal.open("rb") as lines:
                self.rows = [row for line in lines if (row := values_of(line))]
        self.earlier = read_manifest(self.file) if self.file.exists() else as_table([])
        self.fold()
        whole = self.earlier[self.earlier["reason"] == ""]
        self.kept = dict(zip(whole["image_id"], zip(whole["path"], whole["bytes"], strict=True), strict=True))
        self.log = self.journal.open("a", encoding="utf-8")

    def fold(self) -> None:
        """Write all rows as parquet, and only then remove the journal that held the newest."""
        if self.rows:
            self.earlier, self.rows = self.table(), []
            write_table(self.earlier, self.file)
        self.journal.unlink(missing_ok=True)

    def has(self, image_id: str, path: str) -> bool:
        """Say whether the image was kept as `path`, and its file still has as many bytes."""
        where, size = self.kept.get(image_id, (None, 0))
        try:
            return where == path and (self.folder / path).stat().st_size == size
        except OSError:
            return False

    def add(self, row: dict) -> None:
        """Append `row`, which has the columns of `COLUMNS`; any thread may."""
        line = json.dumps(row) + "\n"
        with self.adding:
            self.log.write(line)
            self.log.flush()
            self.rows.append(tuple(row[name] for name in COLUMNS))

    def table(self) -> pd.DataFrame:
        """Return one row an image, in the order they were first asked for; its last row counts."""
        both = pd.concat([self.earlier, as_table(self.rows)], ignore_index=True)
        last = both.drop_duplicates("image_id", keep="last").set_index("image_id")
        return last.loc[both["image_id"].drop_duplicates()].reset_index()

    def close(self) -> None:
        """Write the parquet file, remove the journal and let others in."""
        self.log.close()
        try:
            self.fold()
        finally:
            self.owner.release()

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_manifest(path: str | Path) -> pd.DataFrame:
    """Read the parquet file of a manifest.

    Raises:
        BadInput: it is not one.
    """
    try:
        return pd.read_parquet(path)[list(COLUMNS)].astype(COLUMNS)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{path} is not a readable manifest ({error}): delete it, and its images are fetched again."
        ) from error


def as_table(rows: list[tuple]) -> pd.DataFrame:
    """Return the values of rows as a table with the columns, and the types, of a manifest."""
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def values_of(line: bytes) -> tuple | None:
    """Return the values of a line of the journal, or None for a line that was torn."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    known = isinstance(row, dict) and row.keys() == COLUMNS.keys()
    return tuple(row[name] for name in COLUMNS) if known else None
