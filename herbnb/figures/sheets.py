"""Sheets: pictures in a row, with words for those who cannot see them.

A page shows them small and, on a click, as large as its window: both from the one file that it holds.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import HTML
from PIL import Image

from herbnb.errors import BadInput
from herbnb.figures.points import credit
from herbnb.figures.rows import Nothing, checked, spoken
from herbnb.figures.sprite import address, opened
from herbnb.figures.words import plain
from herbnb.specimens import may_show

MOST = 48
LARGE = 640
"""Px of the longer side of a picture, at most: 7 kB a sheet of the pocket herbarium, 15 kB a photograph."""
QUALITY = 60
UNSHOWN = "not shown here: the licence does not let a page show it"
WITHOUT = "not shown here: the run came without its images"


@spoken
def sheet_grid(
    specimens: pd.DataFrame,
    folder: str | Path,
    captions: Sequence[str] | None = None,
    columns: int = 6,
    height: int = 160,
) -> HTML:
    """Show the sheets of `specimens` side by side, those whose licence lets a page show them.

    Of a run that was handed on without its images none is here, and that is said in their place.

    Args:
        specimens: rows of the specimens table; the first 48 are shown.
        folder: what their paths are relative to.
        captions: one text a row; the species when there are none.
        columns: how many stand side by side where the page is wide enough.
        height: of a picture before it is opened, in px.

    Raises:
        BadInput: one image is missing where others are here, or is broken; captions are not as many as rows.
    """
    specimens = checked(specimens, "path", "licence", "species")
    captions = specimens["species"].tolist() if captions is None else [str(text) for text in captions]
    if len(captions) != len(specimens):
        raise BadInput(f"{len(captions)} captions for {len(specimens)} sheets: give one a sheet.")
    allowed = may_show(specimens["licence"].astype(str))
    chosen = [place for place in range(len(specimens)) if allowed[place]][:MOST]
    files = {place: Path(folder) / specimens["path"][place] for place in chosen}
    notes, cells = [], []
    if unshown := int((~allowed).sum()):
        notes.append(f"{unshown} of {len(specimens)} {UNSHOWN}.")
    if int(allowed.sum()) > len(chosen):
        notes.append(f"The first {len(chosen)} of {int(allowed.sum())}.")
    if chosen and not any(file.exists() for file in files.values()):
        notes.append(f"{len(chosen)} of {len(specimens)} {WITHOUT}.")
        chosen = []
    for place in chosen:
        picture = opened(files[place], (LARGE, LARGE))
        cells.append(framed(picture, height, f"Sheet of {specimens['species'][place]}", captions[place]))
    if chosen:
        notes.append(credit(specimens.iloc[chosen]))
    return gallery(cells, " ".join(notes), columns, height)


@spoken
def image_row(
    images: Sequence,
    captions: Sequence[str],
    licences: Sequence[str] | None = None,
    credits: pd.DataFrame | None = None,
    columns: int = 6,
    height: int = 160,
) -> HTML:
    """Show pictures that a chapter computed, in a row.

    Args:
        images: uint8 arrays or tensors, `[h, w, 3]` or `[3, h, w]`.
        captions: one text a picture, which is also its alternative text.
        licences: of the sheets that the pictures were made from; those that no page may show are left out.
        credits: rows of the specimens table that are named beneath, as far as a page may show their sheets.
        columns: how many stand side by side where the page is wide enough.
        height: of a picture before it is opened, in px.

    Raises:
        BadInput: a picture of another shape or type, or not one caption and licence a picture.
    """
    captions = [str(text) for text in captions]
    licences = ["public domain"] * len(captions) if licences is None else [str(text) for text in licences]
    if not len(images) == len(captions) == len(licences):
        raise BadInput(
            f"{len(images)} pictures, {len(captions)} captions, {len(licences)} licences: give one a picture."
        )
    if not captions:
        raise Nothing
    allowed = may_show(pd.Series(licences))
    cells = []
    for image, text, shown in zip(images, captions, allowed, strict=True):
        if shown:
            picture = pictured(image)
            picture.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS)
            cells.append(framed(picture, height, text, text))
    notes = []
    if unshown := int((~allowed).sum()):
        notes.append(f"{unshown} of {len(captions)} {UNSHOWN}.")
    if credits is not None and len(shown := credits[may_show(credits["licence"].astype(str))]):
        notes.append(credit(shown))
    return gallery(cells, " ".join(notes), columns, height)


def pictured(image) -> Image.Image:
    """Return a uint8 array or tensor as a picture."""
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[0] == 3 and pixels.shape[2] != 3:
        pixels = pixels.transpose(1, 2, 0)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise BadInput(
            f"A picture is uint8 [h, w, 3] or [3, h, w], not {pixels.dtype} {list(pixels.shape)}: "
            "scale it to 0..255."
        )
    return Image.fromarray(np.ascontiguousarray(pixels))


def framed(picture: Image.Image, height: int, alt: str, caption: str) -> str:
    """Return one picture, shown `height` px high, with its caption."""
    return (
        f'<figure style="margin:0;text-align:center"><img src="{address(picture, QUALITY)}" '
        f'alt="{plain(alt)}" width="{picture.width}" height="{picture.height}" '
        f'style="width:100%;height:{height}px;object-fit:contain">'
        f"<figcaption>{plain(caption)}</figcaption></figure>"
    )


def gallery(cells: Sequence[str], note: str, columns: int, height: int) -> HTML:
    """Return the pictures in as many columns as fit, and a note beneath; high ones get wider columns.

    The layout is written into the output, not into the book's style sheet, so that JupyterLab has it too.
    """
    beneath = f"<p>{plain(note)}</p>" if note else ""
    least = max(88, round(0.55 * height))
    across = f"repeat(auto-fill,minmax(max({least}px,calc(100% / {columns} - 0.8rem)),1fr))"
    grid = f"display:grid;gap:0.8rem;align-items:start;grid-template-columns:{across}"
    return HTML(f'<div class="herbnb-sheets"><div style="{grid}">{"".join(cells)}</div>{beneath}</div>')
