"""What lies on a sheet besides the plant: labels, stamps, slips, packets, barcodes and rulers."""

from functools import lru_cache
from math import cos, sin, tau

import numpy as np
from PIL import Image, ImageFilter, ImageFont
from PIL.ImageDraw import Draw, ImageDraw

from herbnb.pocket.institution import Institution

Box = tuple[float, float, float, float]
PATCHES = ((196, 40, 44), (224, 190, 40), (60, 140, 70), (40, 90, 170), (120, 60, 120),
           (20, 20, 20), (120, 120, 120), (236, 236, 236))  # fmt: skip


@lru_cache(maxsize=32)
def typeface(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface at `size` pixels, read once a process."""
    return ImageFont.load_default(size)


def label_box(institution: Institution, paper: Box, rng: np.random.Generator) -> Box:
    """Where the label lies, in drawing pixels: a corner at the foot of the paper."""
    width = rng.uniform(186, 212) if institution.legible else rng.uniform(140, 190)
    height = rng.uniform(104, 116) if institution.legible else rng.uniform(78, 116)
    gap = rng.uniform(5, 14)
    left = paper[0] + gap if institution.label == "left" else paper[2] - gap - width
    return left, paper[3] - gap - height, left + width, paper[3] - gap


def draw_label(canvas: ImageDraw, institution: Institution, box: Box, lines: tuple[str, ...]) -> None:
    """Draw a label with its lines of text: heading, name, and what the collector wrote."""
    left, top, right, bottom = box
    canvas.rectangle((left + 2, top + 2, right + 2, bottom + 2), fill=(60, 50, 40, 60))
    canvas.rectangle(box, fill=institution.label_tone, outline=(*institution.ink, 120))
    y, sizes = top + 5, (13, 18, 14, 13) if institution.legible else (11, 14, 11, 10)
    for number, line in enumerate(lines):
        size = sizes[min(number, 3)]
        room = (right - left - 12) / typeface(size).getlength(line)
        size = int(size * min(1.0, room))
        if y + size > bottom - 2:
            break
        x = left + 7
        if number == 0:
            x = (left + right - typeface(size).getlength(line)) / 2
        canvas.text((x, y), line, fill=institution.ink, font=typeface(size))
        y += size + 4


def blur(image: Image.Image, box: Box) -> None:
    """Blur the text in `box`, as the published Half-Earth images have their labels blurred."""
    left, top, right, bottom = (int(side) for side in box)
    inside = (max(0, left + 3), max(0, top + 3), right - 3, bottom - 3)
    image.paste(image.crop(inside).filter(ImageFilter.BoxBlur(4)), inside[:2])


def draw_stamp(canvas: ImageDraw, institution: Institution, paper: Box, rng: np.random.Generator) -> None:
    """Draw the stamp of an institution, in its ink, somewhat askew in its corner."""
    x = paper[0] + 46 if "left" in institution.stamp_corner else paper[2] - 46
    y = paper[3] - 40 if "bottom" in institution.stamp_corner else paper[1] + 40
    x, y = x + rng.normal(0, 5), y + rng.normal(0, 5)
    ink = (*institution.ink, int(rng.uniform(110, 190)))
    wide, tall = {"oval": (32, 21), "round": (24, 24), "box": (30, 17)}[institution.stamp]
    outline = canvas.rectangle if institution.stamp == "box" else canvas.ellipse
    outline((x - wide, y - tall, x + wide, y + tall), outline=ink, width=2)
    if institution.stamp != "box":
        outline((x - wide + 6, y - tall + 6, x + wide - 6, y + tall - 6), outline=ink, width=1)
    canvas.text((x, y), institution.code, fill=ink, font=typeface(13), anchor="mm")


def draw_barcode(canvas: ImageDraw, left: float, top: float, code: str, rng: np.random.Generator) -> None:
    """Draw a barcode 68 pixels wide, with its number below."""
    left, top = int(left), int(top)
    canvas.rectangle((left, top, left + 72, top + 30), fill=(250, 250, 248))
    x = left + 3
    while x < left + 68:
        bar = int(rng.integers(1, 4))
        canvas.rectangle((x, top + 3, x + bar - 1, top + 18), fill=(24, 24, 24))
        x += bar + int(rng.integers(1, 4))
    canvas.text((left + 36, top + 24), code, fill=(30, 30, 30), font=typeface(10), anchor="mm")


def draw_slip(canvas: ImageDraw, institution: Institution, box: Box, lines: tuple[str, ...]) -> None:
    """Draw a determination slip with one or two lines."""
    canvas.rectangle((box[0] + 1, box[1] + 1, box[2] + 2, box[3] + 2), fill=(60, 50, 40, 60))
    canvas.rectangle(box, fill=(250, 248, 240), outline=(*institution.ink, 90))
    for number, line in enumerate(lines):
        canvas.text((box[0] + 5, box[1] + 3 + 14 * number), line, fill=institution.ink, font=typeface(12))


def draw_packet(canvas: ImageDraw, x: float, y: float, rng: np.random.Generator) -> Box:
    """Draw the folded packet that holds fragments, with its top left corner at (x, y)."""
    wide, tall = rng.uniform(66, 100), rng.uniform(46, 66)
    canvas.rectangle((x + 2, y + 2, x + wide + 3, y + tall + 3), fill=(50, 40, 30, 70))
    tone = rng.uniform(0.94, 1.02)
    canvas.rectangle((x, y, x + wide, y + tall), fill=tuple(min(255, int(c * tone)) for c in (246, 242, 228)))
    crease = (120, 110, 90, 110)
    canvas.rectangle((x, y, x + wide, y + tall), outline=crease)
    canvas.line((x, y + 0.24 * tall, x + wide, y + 0.24 * tall), fill=crease)
    canvas.line((x + 6, y, x + 6, y + tall), fill=(120, 110, 90, 60))
    return x, y, x + wide, y + tall


def draw_ruler(canvas: ImageDraw, institution: Institution, size: tuple[int, int]) -> None:
    """Draw a scale bar with colour patches on the scanner's bed; `size` is that of the drawing."""
    wide, tall = size
    if institution.ruler == "none":
        return
    upright = institution.ruler == "left"
    length = 0.62 * (tall if upright else wide)
    start = 0.2 * (tall if upright else wide)
    depth = {"top": 8, "bottom": tall - 32, "left": 4}[institution.ruler]

    def place(along: float, across: float, run: float, rise: float) -> Box:
        first, second = (along, depth + across), (along + run, depth + across + rise)
        return (first[1], first[0], second[1], second[0]) if upright else (*first, *second)

    canvas.rectangle(place(start, 0, length, 23), fill=(236, 236, 232))
    step = length / 28
    for mark in range(28):
        if mark < 14:
            tone = (20, 20, 20) if mark % 2 else (240, 240, 240)
            canvas.rectangle(place(start + mark * step, 2, step, 7), fill=tone)
        if mark % 4 < 2:
            canvas.rectangle(place(start + mark * step, 12, 0.4 * step, 6), fill=(60, 60, 60))
    for number, tone in enumerate(PATCHES):
        canvas.rectangle(place(start + length * (0.53 + 0.056 * number), 3, 0.05 * length, 17), fill=tone)


def draw_foxing(canvas: ImageDraw, paper: Box, spots: int, rng: np.random.Generator) -> None:
    """Draw the brown spots of old paper."""
    for x, y, lot in rng.random((spots, 3)):
        px, py = paper[0] + x * (paper[2] - paper[0]), paper[1] + y * (paper[3] - paper[1])
        turn, radius = tau * lot, 1 + 4 * lot**3
        for shift in (0.0, 0.5):
            cx, cy = px + shift * radius * cos(turn), py + shift * radius * sin(turn)
            canvas.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), fill=(150, 110, 60, 46))


def canvas_of(image: Image.Image) -> ImageDraw:
    """A pen that blends what it draws into an RGB image."""
    return Draw(image, "RGBA")
