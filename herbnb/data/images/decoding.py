"""Decoding: a file is a whole image of a sensible size, or a sentence that names it and says why.

What a file is called, and what a server calls it, decides nothing: its bytes do.
"""

import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import ExifTags, Image, TiffImagePlugin

from herbnb.data.images import jpeg, png
from herbnb.errors import BadInput, spelt_out
from herbnb.files import kind_of
from herbnb.tables import check_at_hand

RASTER = ("JPEG", "PNG", "TIFF", "WEBP", "JPEG2000", "GIF", "BMP")
"""What is tried on a file: pictures made of pixels, and nothing that an interpreter would have to run."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".jp2", ".gif", ".bmp")
"""Ends of the names that an image may have, so that none takes the place of a table."""

LARGEST_PIXELS = 300_000_000
"""Pixels above which a file is refused unread: four times a herbarium sheet scanned at 600 dpi."""

LARGEST_HEAD = 20_000_000
"""Bytes before the pixels of a JPEG; a profile of colours has 16 million at most. Pillow copies EXIF as many
times as it has parts."""

Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS  # Pillow's own limit warns of an honest scan

BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, MemoryError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow's decoders raise when a file is damaged or made to mislead them."""

UNSCALED = ("I", "F")
"""Pillow's modes of whole and broken numbers of 32 bits, of which a file does not say which is white."""

SIGNED = 2
"""What a TIFF calls numbers that may be below zero, which Pillow reads as if they were not, if of 8 bits."""

SHORT = {"PNG": png.is_short, "JPEG": jpeg.is_short, "MPO": jpeg.is_short, "TIFF": jpeg.is_short}
"""What asks, by the format of an image, whether pixels are missing at its end."""

WAYS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the number in EXIF how an image stored so is set upright."""

MARKUP = {b"<svg": "an SVG drawing", b"<html": "a web page", b"<!doctype html": "a web page"}
"""What servers send where an image should be, and how it is told from other bytes."""

UNREAD = {b"ftyphei": "HEIC", b"ftypmif1": "HEIC", b"ftypavif": "AVIF", b"8bps": "Photoshop's own format"}
"""Formats that photographs come in and that are not tried, by how their files begin."""

AT_ONCE = threading.BoundedSemaphore(4)
"""Images measured at once: the largest decoded ones would otherwise fill a laptop's memory."""


class Unreadable(BadInput):
    """A file that is no whole image; `fault` says why without naming it: "truncated", "missing"."""

    def __init__(self, path: str | Path, fault: str):
        super().__init__(path, fault)  # as they came, so that the error passes between processes
        self.path, self.fault = path, fault

    def __str__(self) -> str:
        do = "fetch it" if self.fault == "missing" else "fetch it again"
        do = "save it as JPEG" if self.fault.endswith("which is not read") else do
        return spelt_out(f"{self.path} is {self.fault}: {do}, or leave its row out of the table.")


@contextmanager
def open_image(path: str | Path) -> Iterator[Image.Image]:
    """Open the image at `path`; its header is read and its size is checked, no pixel is decoded yet.

    What the block does with the image (draft, load, convert) raises the same error when the file
    fails.

    Raises:
        BadInput: `Unreadable`: the file is missing, no plain file, empty, truncated, damaged, not a raster
            image, larger than `LARGEST_PIXELS`, or of numbers of 32 bits or below zero.
    """
    if kind := kind_of(path):  # a pipe would be waited for
        raise Unreadable(path, f"not a file but {kind}")
    try:
        check_head(path)
        with Image.open(path, formats=RASTER) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise Image.DecompressionBombError
            if image.mode in UNSCALED or SIGNED in tags_of(image).get(TiffImagePlugin.SAMPLEFORMAT, ()):
                raise ValueError("which of its numbers is white is not known")
            yield image
    except BROKEN as error:
        check_at_hand(error)
        raise Unreadable(path, fault_of(Path(path), error)) from error


def check_head(path: str | Path) -> None:
    """Raise ValueError when a JPEG has more than `LARGEST_HEAD` before its pixels."""
    with open(path, "rb") as file:
        if file.read(2) != b"\xff\xd8":
            return
        while len(head := file.read(4)) == 4 and head[0] == 0xFF and head[1] != 0xDA:
            # a marker may have bytes before it
            file.seek(-3 if head[1] == 0xFF else int.from_bytes(head[2:], "big") - 2, 1)
            if file.tell() > LARGEST_HEAD:
                raise ValueError(f"it has more than {LARGEST_HEAD:,} bytes before its pixels")


def fault_of(path: Path, error: BaseException) -> str:
    """Say in a reader's words why Pillow raised `error` on the file at `path`."""
    if isinstance(error, FileNotFoundError):
        return "missing"
    if isinstance(error, Image.DecompressionBombError):
        return f"larger than {LARGEST_PIXELS:,} pixels"
    if isinstance(error, Image.UnidentifiedImageError):
        with open(path, "rb") as file:
            start = file.read(2048).lower()
        if not start:
            return "empty"
        if unread := next((name for mark, name in UNREAD.items() if mark in start[:12]), None):
            return f"an image in {unread}, which is not read"
        found = next((kind for mark, kind in MARKUP.items() if mark in start), None)
        return f"not an image but {found}" if found else "not an image"
    said = getattr(error, "strerror", None) or str(error)
    return "truncated" if "truncated" in said.lower() else f"impossible to decode ({said})"


def decoded(path: str | Path, wanted: int | None = None, side: Callable = max) -> Image.Image:
    """Decode the whole file at `path` to RGB, upright: of several pictures in it the first.

    A JPEG can be decoded at a half, a quarter or an eighth of its size, which is what makes reading
    large scans affordable. With `wanted`, its longer `side` (or the shorter: `min`) is then at least
    a third longer than so many pixels, which leaves the resizing enough to smooth.

    Raises:
        BadInput: as `open_image`.
    """
    with open_image(path) as image:
        if wanted is not None:
            scale = max(1, 3 * side(image.size) // (4 * wanted))
            image.draft("RGB", (max(1, image.width // scale), max(1, image.height // scale)))
        load(image, path)
        way = way_of(image)
        image = as_rgb(image)
        return image if way is None else image.transpose(way)


def load(image: Image.Image, path: str | Path) -> None:
    """Decode all pixels of the image that was opened at `path`.

    Pillow leaves those black that a PNG lacks, and those grey that a JPEG does, and says nothing.

    Raises:
        ValueError: there are fewer than the image says.
    """
    image.load()
    if image.format in SHORT and SHORT[image.format](image, path):
        raise ValueError("truncated")


def way_of(image: Image.Image) -> Image.Transpose | None:
    """Return how an image is set upright, by its EXIF; None where it is, or where the EXIF is damaged."""
    try:
        return WAYS.get(image.getexif().get(ExifTags.Base.Orientation))
    except BROKEN:  # the pixels are whole nevertheless
        return None


def tags_of(image: Image.Image) -> Mapping:
    """Return what a TIFF says of itself, by number; nothing for an image of another format."""
    return getattr(image, "tag_v2", {})


def as_rgb(image: Image.Image) -> Image.Image:
    """Return an image in red, green and blue, what is transparent in white, as paper is.

    Of greys of 16 bits Pillow would make white of all that is not nearly black; a TIFF may have them of 12.
    """
    if image.mode.startswith("I;16"):
        bits = tags_of(image).get(TiffImagePlugin.BITSPERSAMPLE, [16])[0]
        return Image.fromarray((np.asarray(image) // (2**bits // 255)).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        sheet = Image.new("RGB", image.size, "white")
        sheet.paste(image, mask=image)
        return sheet
    return image if image.mode == "RGB" else image.convert("RGB")


def measured(path: str | Path) -> tuple[int, int]:
    """Decode the whole file at `path`, and return the width and height it is stored with, in pixels.

    Every byte of a JPEG is read, but only an eighth of its width and height is made of it: enough to
    know that the file is whole, for a sixty-fourth of the memory.

    Raises:
        BadInput: as `open_image`.
    """
    with open_image(path) as image, AT_ONCE:
        size = image.size
        image.draft(None, (1, 1))
        load(image, path)
    return size


def unreadable(specimens: pd.DataFrame, folder: str | Path) -> pd.DataFrame:
    """Decode every image fully, and list those that fail: `image_id`, `path`, `reason`."""

    def reason(path: str) -> str:
        try:
            measured(Path(folder) / path)
        except BadInput as error:
            return str(error)
        return ""

    with ThreadPoolExecutor() as threads:  # Pillow decodes outside Python's lock
        reasons = list(threads.map(reason, specimens["path"]))
    checked = specimens[["image_id", "path"]].assign(reason=reasons)
    return checked[checked["reason"] != ""].reset_index(drop=True)
