"""Still: the map as one picture, for those whose browser does not draw it."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from herbnb.files import whole

SIDE = 1200
"""Of the picture, in pixels."""

MARGIN = 40
FINER = 2
"""How much finer it is drawn than it is kept, which smooths the edges of points."""

PAPER = "#fffdf6"


def write_still(places: np.ndarray, colours: np.ndarray, path: Path) -> Path:
    """Draw a point for each sheet that has a place, and write the picture as PNG.

    Args:
        places: float [n, 2] within -1 and 1, upwards; not a number for a sheet without a place.
        colours: text such as "#2b7bba" [n].
        path: of the picture.
    """
    side = FINER * SIDE
    picture = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(picture)
    shown = np.flatnonzero(~np.isnan(places).any(axis=1))
    radius = FINER * float(np.clip(150 / np.sqrt(max(len(shown), 1)), 0.6, 5))
    half = side / 2 - FINER * MARGIN
    corners = side / 2 + half * places[shown] * (1, -1)
    for (x, y), colour in zip(corners, colours[shown], strict=True):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    with whole(path) as temporary:
        small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        small.quantize(64, dither=Image.Dither.NONE).save(temporary, optimize=True)
    return path
