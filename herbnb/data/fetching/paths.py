"""Paths: the files that names from data may stand for, all of them inside one folder."""

import os
from pathlib import Path, PurePath

import pandas as pd

from herbnb.data.images.decoding import SUFFIXES
from herbnb.errors import BadInput

LONGEST = 255
"""Bytes of a name that every file system of today can hold."""


def check_paths(wanted: pd.DataFrame, folder: str | Path) -> None:
    """Check the columns `image_id` and `path` of images that are to be written into `folder`.

    Raises:
        BadInput: with the row: a path that leaves the folder, also through a link, that is hidden,
            too long or not an image's; an id or a path that occurs twice, in capitals or not.
    """
    for row, twice in enumerate(wanted["image_id"].duplicated()):
        if twice:
            raise BadInput(
                f"Row {row} of the images to fetch: image_id {wanted['image_id'].iloc[row]!r} occurs twice; "
                "every image needs an id of its own."
            )
    home, folders, taken = os.path.realpath(folder), {}, {}
    for row, path in enumerate(wanted["path"]):
        parent, name = os.path.split(path)
        if parent not in folders:  # looked at once: half a million images lie in few folders
            folders[parent] = real_folder(home, parent)
        real, fault = folders[parent]
        target = os.path.join(real, name).casefold()  # many file systems do not tell capitals apart
        fault = fault or misnamed(name)
        if not fault and os.path.splitext(name)[1].lower() not in SUFFIXES:
            fault = "has not the suffix of an image"
        if not fault and target in taken:
            fault = f"is also that of row {taken[target]}"
        if fault:
            raise BadInput(
                f"Row {row} of the images to fetch: the path {path!r} {fault}; "
                "give it a path of its own inside the folder, such as 'images/K000123.jpg'."
            )
        taken[target] = row


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
