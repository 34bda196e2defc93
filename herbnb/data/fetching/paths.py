"""Paths: the files that names from data may stand for, all of them inside one folder."""

import os
import sqlite3
from collections.abc import Collection
from pathlib import Path, PurePath

from herbnb.errors import BadInput

LONGEST = 255
"""Bytes of a name that every file system of today can hold."""

SEEN = """CREATE TABLE seen (number INTEGER PRIMARY KEY, image_id TEXT, target TEXT);
    CREATE UNIQUE INDEX once ON seen (image_id); CREATE UNIQUE INDEX alone ON seen (target)"""


class Paths:
    """The ids and paths of all images that are to be written into `folder`, each only once.

    Args:
        folder: the one that no path may leave.
        suffixes: what a path may end in, in small letters.
        seen: a database with the tables of `SEEN`, so that they take no memory.
    """

    def __init__(self, folder: str | Path, suffixes: Collection[str], seen: sqlite3.Connection):
        self.home, self.suffixes, self.seen = os.path.realpath(folder), suffixes, seen
        self.folders = {}

    def check(self, row: int, image_id: str, path: str) -> None:
        """Check the id and the path of an image, the `row`-th.

        Raises:
            BadInput: with the row: a path that leaves the folder, also through a link, that is hidden, too
                long or not an image's; an id or a path that occurs twice, in capitals or not.
        """
        parent, name = os.path.split(path)
        if parent not in self.folders:  # looked at once: millions of images lie in few folders
            self.folders[parent] = real_folder(self.home, parent)
        real, fault = self.folders[parent]
        fault = fault or misnamed(name)
        if not fault and os.path.splitext(name)[1].lower() not in self.suffixes:
            fault = "has not the suffix of an image"
        target = os.path.join(real, name).casefold()  # many file systems do not tell capitals apart
        try:
            if not fault:
                self.seen.execute("INSERT INTO seen VALUES (?, ?, ?)", (row, image_id, target))
        except sqlite3.IntegrityError as error:
            if self.seen.execute("SELECT 1 FROM seen WHERE image_id = ?", (image_id,)).fetchone():
                raise BadInput(
                    f"Row {row} of the images to fetch: image_id {image_id!r} occurs twice; "
                    "every image needs an id of its own."
                ) from error
            first = self.seen.execute("SELECT number FROM seen WHERE target = ?", (target,)).fetchone()
            fault = f"is also that of row {first[0]}"
        if fault:
            raise BadInput(
                f"Row {row} of the images to fetch: the path {path!r} {fault}; "
                "give it a path of its own inside the folder, such as 'images/K000123.jpg'."
            )


def misnamed(name: str) -> str:
    """Say what is wrong with the name of a file or a folder, or nothing."""
    if not name.isprintable() or len(name.encode()) > LONGEST:
        return "has a name that no file can have"
    return "is hidden" if name.startswith(".") and name not in (".", "..") else ""


def real_folder(home: str, parent: str) -> tuple[str, str]:
    """Return the real folder that `parent` means inside `home`, and what is wrong with it, or nothing."""
    fault = next(filter(None, map(misnamed, PurePath(parent).parts)), "")
    real = home if fault else os.path.realpath(os.path.join(home, parent))
    return real, fault or ("" if os.path.commonpath([home, real]) == home else "leads out of the folder")
