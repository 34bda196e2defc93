"""A leaf: its outline and veins as a template of unit length, and how a template is pressed.

A template lies along the x axis, base at (0, 0), tip at (1, 0).
"""

from typing import NamedTuple

import numpy as np
from PIL.ImageDraw import ImageDraw

from herbnb.pocket.pigment import shade
from herbnb.pocket.traits import Traits

MIDRIB = np.stack([np.linspace(0.0, 0.97, 7), np.zeros(7)], axis=1)


class Template(NamedTuple):
    """Outline and veins in one array (points, 2), so that one product presses them all.

    `ends` are the row after the outline and after each vein; the first vein is the midrib.
    """

    points: np.ndarray
    ends: tuple[int, ...]


def template_of(traits: Traits, detail: float = 1.0) -> Template:
    """Template of a blade with these traits; `detail` below 0.5 leaves out all but the midrib."""
    if traits.lobes >= 2.5 and traits.venation == "palmate":
        outline, veins = palmate(traits)
    else:
        t, half = half_width(traits, detail)
        # A blunt base is drawn back beyond the petiole: a heart-shaped leaf.
        x = t - 0.8 * max(0.0, 0.55 - traits.base) * half / half.max() * (1 - t) ** 5
        outline = np.concatenate([np.c_[x, half], np.c_[x, -half][::-1]])
        veins = veins_of(traits, t, half) if detail >= 0.5 else [MIDRIB]
    pieces = [outline, *veins]
    ends = tuple(int(end) for end in np.cumsum([len(piece) for piece in pieces]))
    return Template(np.concatenate(pieces), ends)


def half_width(traits: Traits, detail: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions along the leaf (0 to 1) and half its width there, with its lobes and teeth."""
    teeth = max(2, round(traits.teeth * min(1.0, 0.4 + detail)))
    lobed = traits.lobes >= 1 and traits.lobe_depth > 0.05
    count = int(max(14 + 14 * min(1.0, detail), 9 * traits.lobes * lobed))
    if traits.tooth_depth > 0.02:
        count = max(count, 4 * teeth + 1)
    t = np.linspace(0.0, 1.0, count)
    u = 2 * t ** (np.log(0.5) / np.log(traits.widest)) - 1
    ends = np.where(u < 0, traits.base, traits.apex)
    half = 0.5 * traits.ratio * np.clip(1 - np.abs(u) ** traits.fullness, 0, 1) ** ends
    if lobed:
        wave = 0.5 - 0.5 * np.cos(2 * np.pi * t * (round(traits.lobes) + 0.5))
        half = half * (1 - traits.lobe_depth * (1 - wave**0.7) * np.clip((1 - t) * 9, 0, 1))
    if traits.tooth_depth > 0.02:
        phase = t * teeth % 1.0
        tooth = np.abs(np.sin(np.pi * phase)) if traits.margin == "crenate" else phase
        half = (
            half * (1 + traits.tooth_depth * (tooth - 0.5)) + 0.04 * traits.tooth_depth * tooth * half.max()
        )
        half[[0, -1]] = 0.0
    return t, half


def veins_of(traits: Traits, t: np.ndarray, half: np.ndarray) -> list[np.ndarray]:
    """Midrib first, then the other veins, each (points, 2)."""
    veins = [MIDRIB]
    if traits.venation in ("parallel", "arcuate"):
        along = np.linspace(0.0 if traits.venation == "parallel" else 0.02, 0.98, 9)
        reach = np.interp(along, t, half)
        fractions = (0.35, 0.7) if traits.venation == "parallel" else (0.42, 0.78)
        fractions = fractions if traits.ratio > 0.08 else (0.45,)
        return veins + [np.c_[along, side * part * reach] for part in fractions for side in (1, -1)]
    pairs = max(3, round(traits.veins))
    starts = 0.06 + 0.84 * (np.arange(pairs) + 0.3) / pairs
    for start in starts:
        reach = np.interp(start, t, half)
        run = min(reach / np.tan(traits.vein_angle), 0.97 - start)
        # A lateral vein leaves the midrib straight and curves towards the tip.
        ends = start + run * np.array([0.0, 0.45, 1.0])
        rise = 0.9 * np.interp(ends[2], t, half) * np.array([0.0, 0.58, 1.0])
        veins += [np.c_[ends, rise], np.c_[ends, -rise]]
    return veins


def palmate(traits: Traits) -> tuple[np.ndarray, list[np.ndarray]]:
    """Outline and veins of a palmately lobed leaf, as maples have it."""
    lobes = int(np.clip(round(traits.lobes), 3, 7) // 2 * 2 + 1)
    angles = np.linspace(-1.0, 1.0, lobes) * (0.85 if lobes == 3 else 1.75)
    lengths = 1.0 - 0.34 * np.abs(np.linspace(-1.0, 1.0, lobes)) ** 1.3
    phi = np.linspace(-2.75, 2.75, 91)
    gap = angles[1] - angles[0]
    distance = np.abs(phi[:, None] - angles) / gap
    radius = (lengths * (1 - traits.lobe_depth * np.clip(2 * distance, 0, 1.45) ** 0.85)).max(axis=1)
    radius = np.maximum(radius, 0.16) * (1 + traits.tooth_depth * np.sin(phi * 14))
    outline = np.c_[radius * np.cos(phi), radius * np.sin(phi)]
    veins = [
        np.outer([0.0, 0.92], [length * np.cos(a), length * np.sin(a)])
        for a, length in sorted(zip(angles, lengths, strict=True), key=lambda lobe: abs(lobe[0]))
    ]
    stretch = np.array([1.0, traits.ratio / 1.05])
    return outline * stretch, [vein * stretch for vein in veins]


class Pose(NamedTuple):
    """Where a blade lies: base (px), direction (radians, y down), length (px), how it is bent."""

    x: float
    y: float
    angle: float
    length: float
    bend: float = 0.0
    breadth: float = 1.0


def pressed(points: np.ndarray, pose: Pose) -> np.ndarray:
    """Move template points (n, 2) to where the blade lies, in pixels."""
    x, y = points[:, 0], points[:, 1] * pose.breadth
    y = y + 0.5 * pose.bend * x * x
    x = x * (1 - pose.bend * pose.bend * x * x / 6)
    cos, sin = np.cos(pose.angle) * pose.length, np.sin(pose.angle) * pose.length
    return np.stack([pose.x + x * cos - y * sin, pose.y + x * sin + y * cos], axis=1)


def press(
    canvas: ImageDraw,
    template: Template,
    pose: Pose,
    colours: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> None:
    """Draw one blade: its shadow, the blade, its veins; some folded over, torn or turned."""
    upper, under = colours
    lot = rng.random(4)
    face, vein = (under, 0.84) if lot[0] < 0.22 else (upper, 0.74 if lot[1] < 0.5 else 1.3)
    points, folded = template.points, None
    big = pose.length > 34
    if big and lot[2] < 0.11:
        points, folded = folded_over(template, 0.45 + 0.4 * lot[3])
    elif big and lot[2] < 0.18:
        limit = 0.55 + 0.35 * lot[3] + 0.05 * np.sin(31 * points[:, 1] + 9 * lot[3])
        points = np.c_[np.minimum(points[:, 0], limit), points[:, 1]]
    places = pressed(points, pose)
    outline = places[: template.ends[0]]
    light = 0.88 + 0.24 * lot[1]
    if big:
        canvas.polygon((outline + 2.2).ravel().tolist(), fill=(40, 30, 20, 46))
    flat = outline.ravel().tolist()
    canvas.polygon(flat, fill=shade(face, light, 236))
    if big:
        canvas.line(flat + flat[:2], fill=shade(face, light * 0.72, 120), width=1)
    for number, (start, end) in enumerate(zip(template.ends, template.ends[1:], strict=False)):
        strong = number == 0 or len(template.ends) < 9
        width = 2 if strong and pose.length > 60 else 1
        alpha = 190 if number == 0 else 120
        canvas.line(places[start:end].ravel().tolist(), shade(face, light * vein, alpha), width)
    if big and lot[1] < 0.12:
        # A fungus has left its spots between the edge and the middle of the blade.
        for row, depth in zip(rng.integers(0, len(outline), 4), rng.uniform(0.2, 0.8, 4), strict=True):
            x, y = depth * outline[row] + (1 - depth) * outline.mean(axis=0)
            canvas.ellipse((x - 2, y - 2, x + 2, y + 2), fill=shade(face, 0.6, 150))
    if folded is not None:
        back = upper if face is under else under
        canvas.polygon(pressed(folded, pose).ravel().tolist(), fill=shade(back, light, 245))


def folded_over(template: Template, fold: float) -> tuple[np.ndarray, np.ndarray]:
    """Template points with the tip folded back at `fold`, and the outline of what shows of it."""
    points = template.points
    outline = points[: template.ends[0]]
    crease = fold + 0.35 * outline[:, 1]
    beyond = outline[:, 0] > crease
    flap = outline[beyond].copy()
    flap[:, 0] = 2 * crease[beyond] - flap[:, 0]
    kept = points.copy()
    kept[:, 0] = np.minimum(points[:, 0], fold + 0.35 * points[:, 1])
    return kept, flap if len(flap) > 2 else outline[:3]
