"""Sprite: many thumbnails in one small picture."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from herbnb.data.images.decoding import decoded

MOST = 600
WIDTH, HEIGHT = 54, 76
ACROSS = 30


def opened(path: str | Path, size: tuple[int, int]) -> Image.Image:
    """Return the picture at `path`, no larger than `size`, in its own proportions.

    Raises:
        BadInput: it is missing or is not a whole picture.
    """
    small = decoded(path, max(size))
    small.thumbnail(size, Image.Resampling.LANCZOS)
    return small


def address(picture: Image.Image, quality: int) -> str:
    """Return `picture` inside a `data:` address, as WebP, which takes half the bytes of a JPEG."""
    content = io.BytesIO()
    picture.save(content, "webp", quality=quality)
    return f"data:image/webp;base64,{base64.b64encode(content.getvalue()).decode()}"


def sprite(paths: Sequence[str | Path]) -> dict:
    """Return one picture of at most 600 thumbnails, and how it is ruled, for `figures.js`."""
    across = min(len(paths), ACROSS)
    page = Image.new("RGB", (across * WIDTH, -(-len(paths) // across) * HEIGHT), "#e9e4d8")
    for place, path in enumerate(paths):
        small = opened(path, (WIDTH, HEIGHT))
        corner = (place % across * WIDTH, place // across * HEIGHT)
        page.paste(small, (corner[0] + (WIDTH - small.width) // 2, corner[1] + (HEIGHT - small.height) // 2))
    return {
        "address": address(page, 35),
        "across": across,
        "width": WIDTH,
        "height": HEIGHT,
        "pictures": len(paths),
    }
