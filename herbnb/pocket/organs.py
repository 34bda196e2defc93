"""Organs pressed flat: simple and compound leaves, stems, roots, and the straps that hold them."""

from math import cos, pi, sin

import numpy as np
from PIL.ImageDraw import ImageDraw

from herbnb.pocket.leaf import Pose, Template, press
from herbnb.pocket.pigment import Pigment, shade
from herbnb.pocket.plant import UP
from herbnb.pocket.traits import Traits

STRAP = (246, 244, 232, 200)


def press_leaf(
    canvas: ImageDraw,
    traits: Traits,
    templates: tuple[Template, Template],
    leaf: tuple,
    pigment: Pigment,
    rng: np.random.Generator,
) -> None:
    """Draw a leaf with its stalk: a simple blade, or the leaflets of a compound one."""
    x, y, angle, length, bend = leaf
    lot = rng.normal(0.0, 1.0, 4)
    colour = pigment.blade * (1 + 0.07 * lot[0]) + 3.0 * lot[1]
    colours = (colour, pigment.underside * (1 + 0.05 * lot[0]))
    stalk_length = min(traits.petiole, 0.9) * length
    stalk_tone = shade(pigment.stem, 0.95)
    if traits.leaf == "simple":
        foot_x, foot_y = x + stalk_length * cos(angle), y + stalk_length * sin(angle)
        if stalk_length > 3:
            canvas.line((x, y, foot_x, foot_y), fill=stalk_tone, width=3 if length > 70 else 2)
        blade = length - stalk_length if traits.petiole < 0.5 else length * 0.75
        pose = Pose(foot_x, foot_y, angle + 0.12 * lot[2], blade, bend, 1.0 + 0.1 * lot[3])
        press(canvas, templates[0 if blade > 44 else 1], pose, colours, rng)
        return
    if traits.leaf == "palmate":
        foot_x, foot_y = x + stalk_length * cos(angle), y + stalk_length * sin(angle)
        canvas.line((x, y, foot_x, foot_y), fill=stalk_tone, width=3)
        for turn in np.linspace(-2.0, 2.0, max(3, round(traits.leaflets))):
            blade = 0.62 * length * (1.0 - 0.09 * abs(turn))
            press(
                canvas,
                templates[0 if blade > 70 else 1],
                Pose(foot_x, foot_y, angle + turn, blade),
                colours,
                rng,
            )
        return
    pairs = max(1, round(traits.leaflets))
    parts = np.linspace(traits.petiole + 0.08, 1.0 if traits.even else 0.93, pairs)
    rachis = length * (1.0 if pairs > 1 else 0.55)
    if pairs == 1:
        parts = np.array([0.8])
    ends = np.linspace(0.0, 1.0, 6)
    curve = np.stack([ends * rachis, 0.25 * bend * ends**2 * rachis], axis=1)
    c, s = cos(angle), sin(angle)
    line = np.stack([x + curve[:, 0] * c - curve[:, 1] * s, y + curve[:, 0] * s + curve[:, 1] * c], axis=1)
    canvas.line(line.ravel().tolist(), fill=stalk_tone, width=3 if length > 110 else 2)
    blade = traits.leaflet_length * length
    template = templates[0 if blade > 48 else 1]
    taper = 1.0 if pairs < 5 else 0.62
    for part in parts:
        px, py = float(np.interp(part, ends, line[:, 0])), float(np.interp(part, ends, line[:, 1]))
        small = blade * (1.0 - (1 - taper) * (2 * part - 1.05) ** 2)
        for side in (1.08, -1.08):
            turn = angle + 0.5 * bend * part + side * (1.0 + 0.1 * float(rng.normal()))
            press(canvas, template, Pose(px, py, turn, small), colours, rng)
    if not traits.even:
        end = line[-1]
        press(
            canvas,
            template,
            Pose(end[0], end[1], angle + 0.5 * bend, blade * (0.8 if pairs > 4 else 1.1)),
            colours,
            rng,
        )


def draw_stem(
    canvas: ImageDraw, points: np.ndarray, foot: float, tip: float, traits: Traits, pigment: Pigment
) -> None:
    """Draw a stem (points, 2) that tapers from `foot` to `tip` pixels; a cane has joints."""
    run = np.gradient(points, axis=0)
    normal = np.stack([-run[:, 1], run[:, 0]], axis=1) / np.maximum(np.hypot(*run.T), 1e-6)[:, None]
    half = 0.5 * np.maximum(np.linspace(foot, tip, len(points)), 2.0)[:, None]
    if traits.cane:
        half = half * (0.8 + 0.3 * (np.arange(len(points)) % 2))[:, None]
    edges = np.concatenate([points + normal * half, (points - normal * half)[::-1]])
    canvas.polygon((edges + 2).ravel().tolist(), fill=(40, 30, 20, 50))
    canvas.polygon(edges.ravel().tolist(), fill=shade(pigment.stem, 1.0))
    canvas.line(
        (points + normal * half * 0.3).ravel().tolist(),
        fill=shade(pigment.stem, 1.28, 150),
        width=1,
    )
    canvas.line((points - normal * half * 0.8).ravel().tolist(), fill=shade(pigment.stem, 0.7, 170), width=1)
    if traits.cane:
        for row in range(1, len(points) - 1, 2):
            ends = (
                *(points[row] + normal[row] * half[row]),
                *(points[row] - normal[row] * half[row]),
            )
            canvas.line(ends, fill=shade(pigment.stem, 0.6), width=2)
    if traits.prickles:
        for row in range(1, len(points) - 1):
            side = 1 if row % 2 else -1
            canvas.line(
                (*points[row], *(points[row] + side * normal[row] * (half[row] + 6))),
                fill=shade(pigment.stem, 0.75),
                width=2,
            )


def draw_roots(
    canvas: ImageDraw,
    x: float,
    y: float,
    height: float,
    bulb: bool,
    pigment: Pigment,
    rng: np.random.Generator,
) -> None:
    """Draw fibrous roots, below a bulb if there is one."""
    if bulb:
        fat = 0.016 * height
        canvas.ellipse((x - fat, y - fat, x + fat, y + 1.6 * fat), fill=shade(pigment.petal, 0.95))
        y = y + 1.5 * fat
    for _ in range(int(rng.integers(6, 13))):
        angle = -UP + rng.normal(0.0, 0.55)
        steps = np.cumsum(rng.normal(0.0, 0.3, 6)) + angle
        step = height * rng.uniform(0.006, 0.016)
        line = np.stack([x + step * np.cumsum(np.cos(steps)), y + step * np.cumsum(np.sin(steps))], axis=1)
        canvas.line(
            [x, y, *line.ravel().tolist()],
            fill=shade(pigment.stem, rng.uniform(0.7, 1.1), 220),
            width=1,
        )


def strap(canvas: ImageDraw, points: np.ndarray, row: int, reach: float, rng: np.random.Generator) -> None:
    """Draw a strip of linen tape across a stem at one of its points."""
    run = points[row + 1] - points[row - 1]
    angle = float(np.arctan2(run[1], run[0])) + pi / 2 + float(rng.normal(0.0, 0.12))
    across = np.array([cos(angle), sin(angle)]) * (reach + 5)
    along = np.array([-sin(angle), cos(angle)]) * 2.5
    corners = np.stack(
        [
            points[row] + across + along,
            points[row] - across + along,
            points[row] - across - along,
            points[row] + across - along,
        ]
    )
    canvas.polygon((corners + 1).ravel().tolist(), fill=(60, 50, 40, 70))
    canvas.polygon(corners.ravel().tolist(), fill=STRAP)
