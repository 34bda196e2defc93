"""Pictures: of each sheet on the page a JPEG that a browser opens at once, made when it is missing."""

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from tqdm import tqdm

from herbnb.data.images.decoding import Unreadable, decoded
from herbnb.errors import BadInput
from herbnb.files import whole

LARGE, SMALL = 1600, 400
"""Pixels along the longer side: to look at the plant, and to lay beside another."""

QUALITY = 85


class Picture(NamedTuple):
    """What the page shows of a sheet: a file in the folder of pictures, or why there is none."""

    file: str = ""
    fault: str = ""


def make_pictures(images: Iterable[tuple[Path, int]], folder: Path) -> dict[tuple[Path, int], Picture]:
    """Make the pictures that are not there yet, in parallel; a sheet smaller than the picture stays so.

    A picture is called after its image's path, size and date and after its own size, so that one whose
    image has changed is made again. Every file is whole; stopped at any moment, the work goes on where it
    was.

    Args:
        images: files, each with the size of the picture wanted.
        folder: where the pictures go.

    Returns:
        A picture for each. An image that cannot be read is no error: a person may still go to the sheet.

    Raises:
        BadInput: the folder cannot be written to.
    """
    wanted = list(dict.fromkeys(images))
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow decodes outside Python's lock
        made = threads.map(lambda each: make_picture(*each, folder), wanted)
        shown = tqdm(made, "pictures", len(wanted), unit="", disable=None, leave=False)
        return dict(zip(wanted, shown, strict=True))


def make_picture(image: Path, size: int, folder: Path) -> Picture:
    """Make one picture, unless it is there."""
    try:
        known = image.stat()
    except OSError:
        return Picture(fault=f"{image.name} is missing")
    described = f"{image}\n{known.st_size}\n{known.st_mtime_ns}\n{size}\n{QUALITY}"
    target = folder / f"{hashlib.sha256(described.encode(errors='surrogateescape')).hexdigest()[:20]}.jpg"
    if target.exists():
        return Picture(target.name)
    try:
        small = decoded(image, size)
    except Unreadable as error:
        return Picture(fault=f"{image.name} is {error.fault}")
    small.thumbnail((size, size), Image.Resampling.LANCZOS)
    try:
        with whole(target) as temporary:
            small.save(temporary, "jpeg", quality=QUALITY)
    except OSError as error:
        raise BadInput(
            f"{target} cannot be written ({error.strerror or error}): make room or name another folder."
        ) from error
    return Picture(target.name)
