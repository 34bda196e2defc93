"""Sheets: pictures in a row, with words for those who cannot see them."""

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
UNSHOWN = "not shown here: the licence does not let a page show it"


@spoken
def sheet_grid(
    specimens: pd.DataFrame,
    folder: str | Path,
    captions: Sequence[str] | None = None,
    columns: int = 6,
    height: int = 160,
) -> HTML:
    """Show the sheets of `specimens` side by side, those whose licence lets a page show them.

    Args:
        specimens: rows of the specimens table; the first 48 are shown.
        folder: what their paths are relative to.
        captions: one text a row; the species when there are none.
        columns: how many stand side by side where the page is wide enough.
        height: of a picture, in px.

    Raises:
        BadInput: an image is missing or broken, or the captions are not as many as the rows.
    """
    specimens = checked(specimens, "path", "licence", "species")
    captions = specimens["species"].tolist() if captions is None else [str(text) for text in captions]
    if len(captions) != len(specimens):
        raise BadInput(f"{len(captions)} captions for {len(specimens)} sheets: give one a sheet.")
    allowed = may_show(specimens["licence"].astype(str))
    chosen = [place for place in range(len(specimens)) if allowed[place]][:MOST]
    cells = []
    for place in chosen:
        small = opened(Path(folder) / specimens["path"][place], (2 * height, round(1.5 * height)))
        alt = f"Sheet of {specimens['species'][place]}"
        cells.append(framed(address(small), small.size, height, alt, captions[place]))
    notes = []
    if unshown := int((~allowed).sum()):
        notes.append(f"{unshown} of {len(specimens)} {UNSHOWN}.")
    if int(allowed.sum()) > len(chosen):
        notes.append(f"The first {len(chosen)} of {int(allowed.sum())}.")
    if chosen:
        notes.append(credit(specimens.iloc[chosen]))
    return gallery(cells, " ".join(notes), columns)


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
        height: of a picture, in px.

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
            small = pictured(image)
            small.thumbnail((2 * height, 2 * height), Image.Resampling.LANCZOS)
            cells.append(framed(address(small, quality=85), small.size, height, text, text))
    notes = []
    if unshown := int((~allowed).sum()):
        notes.append(f"{unshown} of {len(captions)} {UNSHOWN}.")
    if credits is not None and len(shown := credits[may_show(credits["licence"].astype(str))]):
        notes.append(credit(shown))
    return gallery(cells, " ".join(notes), columns)


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


def framed(source: str, size: tuple[int, int], height: int, alt: str, caption: str) -> str:
    """Return one picture, shown `height` px high, with its caption."""
    return (
        f'<figure style="margin:0;text-align:center"><img src="{source}" alt="{plain(alt)}" '
        f'width="{size[0]}" height="{size[1]}" style="width:100%;height:{height}px;object-fit:contain">'
        f"<figcaption>{plain(caption)}</figcaption></figure>"
    )


def gallery(cells: Sequence[str], note: str, columns: int) -> HTML:
    """Return the pictures in as many columns as fit, and a note beneath.

    The layout is written into the output, not into the book's style sheet, so that JupyterLab has it too.
    """
    beneath = f"<p>{plain(note)}</p>" if note else ""
    across = f"repeat(auto-fill,minmax(max(88px,calc(100% / {columns} - 0.8rem)),1fr))"
    grid = f"display:grid;gap:0.8rem;align-items:start;grid-template-columns:{across}"
    return HTML(f'<div class="herbnb-sheets"><div style="{grid}">{"".join(cells)}</div>{beneath}</div>')
