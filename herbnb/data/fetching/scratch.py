"""Scratch: a table on the disk of what is too much for the memory, thrown away when it has served."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;"
"""Settings of what need not survive, with a cache of 16 MB."""


@contextmanager
def scratch(file: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Yield a database with the tables of `schema`, made anew in `file`, and remove it in the end.

    It survives no kill and need not: what it holds is read again from where it came. So nothing is
    committed, and of all that it holds a few megabytes are in memory at once. Any thread may use it, one
    at a time.
    """
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        database.executescript(FAST + schema)
        database.execute("BEGIN")
        yield database
    finally:
        database.close()
        file.unlink(missing_ok=True)
