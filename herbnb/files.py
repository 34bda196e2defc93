"""Files: each whole or not there at all, made by one process at a time, and where relative paths begin."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from herbnb.errors import BadInput


def located(path: str | Path) -> Path:
    """Resolve a relative `path` against the book's folder: the nearest one upwards that has a
    `_toc.yml`.

    So `results/pocket` is one place, whether a chapter runs from the book's folder, from
    `chapters/` in JupyterLab, or from a folder of one's own (then: that folder).
    """
    here = Path.cwd()
    home = next((folder for folder in (here, *here.parents) if (folder / "_toc.yml").exists()), here)
    return home / path


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name beside `path` to write to, and rename it to `path` when the block
    succeeds.

    A file that exists is therefore a whole file: when the block raises, nothing is left.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def alone(path: Path):
    """Hold the lock of what is made at `path` until the block ends; wait for it if need be.

    The lock is a hidden file beside it, which stays: whoever deleted it might delete another's.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    with suppress(Timeout):
        return lock.acquire(timeout=0)
    print(f"{path.name}: another process is making it; this one waits.", flush=True)
    return lock.acquire()


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write `table`, without its index, as CSV or parquet: the suffix of `path` says which."""
    path = Path(path)
    with whole(path) as temporary:
        if path.suffix == ".csv":
            table.to_csv(temporary, index=False, lineterminator="\n")
        else:
            table.to_parquet(temporary, index=False)
    return path


def read_table(path: str | Path) -> pd.DataFrame:
    """Read the table at `path`, `.csv` or `.parquet`; image ids are text.

    Raises:
        BadInput: the file is missing, or it is no such table.
    """
    path = Path(path)
    try:
        if path.suffix == ".csv":
            return pd.read_csv(path, dtype={"image_id": str})
        return pd.read_parquet(path)
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing: name a file that is there.") from error
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path} is not a readable {path.suffix[1:]} table ({error}): delete it and make it again."
        ) from error


def spread(name: str) -> str:
    """Return three folders, one in the other, that `name` alone decides, such as "3/f/a".

    There are 4,096 of them, so two million files lie five hundred to a folder.
    """
    return "/".join(hashlib.sha256(name.encode()).hexdigest()[:3])


def fingerprint(*paths: str | Path) -> str:
    """Sixteen hexadecimal digits of SHA-256 over the contents of the files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
