"""Pictures: of each sheet on the page a JPEG that a browser opens at once, made when it is missing."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from tqdm import tqdm

from herbnb.data.images.decoding import Unreadable, decoded
from herbnb.files import whole

LARGE, SMALL = 1600, 400
"""Pixels along the longer side: to look at the plant, and to lay beside another."""

QUALITY = 85


class Picture(NamedTuple):
    """What the page shows of a sheet: a file in the folder of pictures, or why there is none."""

    file: str = ""
    fault: str = ""


def make_pictures(images: Mapping[Path, Sequence[int]], folder: Path) -> dict[Path, list[Picture]]:
    """Make the pictures that are not there yet, in parallel; a sheet smaller than the picture stays so.

    A picture is called after its image's path, size and date and after its own size, so that one whose
    image has changed is made again. Every file is whole; stopped at any moment, the work goes on where it
    was.

    Args:
        images: the sizes of the pictures that are wanted of each file, largest first.
        folder: where the pictures go.

    Returns:
        The pictures of each file, in the order of the sizes. An image that cannot be read is no error: a
        person may still go to the sheet.

    Raises:
        BadInput: the folder cannot be written to.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow decodes outside Python's lock
        made = threads.map(lambda each: pictures_of(*each, folder), images.items())
        shown = tqdm(made, "pictures", len(images), unit="", disable=None, leave=False)
        return dict(zip(images, shown, strict=True))


def pictures_of(image: Path, sizes: Sequence[int], folder: Path) -> list[Picture]:
    """Make the pictures of one image, decoding it once, or not at all if they are there."""
    try:
        known = image.stat()
    except OSError:
        return [Picture(fault=f"{image.name} is missing")] * len(sizes)
    stamp = f"{image}\n{known.st_size}\n{known.st_mtime_ns}\n{QUALITY}\n"
    targets = {size: folder / f"{digest(stamp + str(size))}.jpg" for size in sizes}
    missing = [size for size in sizes if not targets[size].exists()]
    try:
        picture = decoded(image, missing[0]) if missing else None
    except Unreadable as error:
        return [Picture(fault=f"{image.name} is {error.fault}")] * len(sizes)
    for size in missing:
        picture.thumbnail((size, size), Image.Resampling.LANCZOS)
        save(picture, targets[size])
    return [Picture(targets[size].name) for size in sizes]


def digest(text: str) -> str:
    """Return what a file is called that stands for `text`."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:20]


def save(picture: Image.Image, target: Path) -> None:
    """Write a picture, whole."""
    with whole(target) as temporary:
        picture.save(temporary, "jpeg", quality=QUALITY)
