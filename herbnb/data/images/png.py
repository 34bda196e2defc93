"""PNG: whether a file has as many pixels as it says, for Pillow leaves black what is not there.

The format is that of https://www.w3.org/TR/png-3: chunks, of which the first says how large the image is, and
those called IDAT are one zlib stream of rows, each with a byte before it.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Numbers of a pixel, by the type of colour."""

WHOLE = [(0, 0, 1, 1)]
PASSES = [
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
]
"""Where an image begins, and its steps from column to column and from row to row: at once, or interlaced."""

PIECE = 2**20
"""Bytes that are in memory at a time, packed and unpacked."""


def is_short(image: Image.Image, path: str | Path) -> bool:
    """Say whether an image, which was decoded from `path`, lacks rows of a PNG at its end.

    They are counted where the last one is black, as missing ones are, and where they are interlaced.
    """
    last = image.crop((0, image.height - 1, image.width, image.height)).tobytes()
    return bool(image.info.get("interlace") or not any(last)) and has_too_few(path)


def has_too_few(path: str | Path) -> bool:
    """Say whether the rows of a PNG end before its last one."""
    wanted = found = 0
    stream = zlib.decompressobj()
    for name, data in pieces(path):
        if name == b"IHDR":
            wanted = row_bytes(*struct.unpack(">IIBBBBB", data))
        while name == b"IDAT" and data and found < wanted:
            found += len(stream.decompress(data, PIECE))
            data = stream.unconsumed_tail
    return found < wanted


def row_bytes(width: int, height: int, depth: int, colour: int, _: int, __: int, interlaced: int) -> int:
    """Return how many bytes the rows of an image take, which the arguments describe in the order of IHDR."""
    total = 0
    for left, top, across, down in PASSES if interlaced else WHOLE:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0:
            total += max(0, rows) * (1 + -(-columns * depth * CHANNELS[colour] // 8))
    return total


def pieces(path: str | Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name of each chunk and what is in it, a piece after another."""
    with open(path, "rb") as file:
        file.seek(8)  # after what says that it is a PNG
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            while length and (data := file.read(min(length, PIECE))):
                yield name, data
                length -= len(data)
            file.seek(4, 1)  # its sum, which Pillow checks
