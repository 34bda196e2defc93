"""Flowers and fruits, one at a time: small shapes in the colours of a dried specimen."""

from functools import cache
from math import cos, sin, tau

import numpy as np
from PIL.ImageDraw import ImageDraw

from herbnb.pocket.pigment import Pigment, shade


@cache
def lens(power: float) -> tuple[np.ndarray, np.ndarray]:
    """Outline of a lens (`power` 1) or an egg (0.5) of unit size: positions along and across."""
    t = np.linspace(0.0, 1.0, 7)
    half = 0.5 * np.sin(np.pi * t) ** power
    return np.concatenate([t, t[::-1]]), np.concatenate([half, -half[::-1]])


def oval(x: float, y: float, angle: float, length: float, width: float, power: float = 1.0) -> list[float]:
    """Outline of a lens or an egg from (x, y) on, as a flat list for Pillow."""
    along, across = lens(power)
    c, s = cos(angle), sin(angle)
    points = np.empty((len(along), 2))
    points[:, 0] = x + along * (length * c) - across * (width * s)
    points[:, 1] = y + along * (length * s) + across * (width * c)
    return points.ravel().tolist()


def disc(canvas: ImageDraw, x: float, y: float, radius: float, fill: tuple) -> None:
    """Draw a round spot of `radius` pixels."""
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def draw_flower(
    canvas: ImageDraw,
    shape: str,
    x: float,
    y: float,
    angle: float,
    size: float,
    pigment: Pigment,
    rng: np.random.Generator,
) -> None:
    """Draw a flower of `size` pixels that opens towards `angle` (radians)."""
    light = rng.uniform(0.85, 1.12)
    petal = shade(pigment.petal, light, 225)
    if shape == "grain" or size < 7:
        canvas.polygon(oval(x, y, angle, size, 0.55 * size, 0.6), fill=shade(pigment.petal, light * 0.9, 230))
    elif shape == "spikelet":
        canvas.polygon(oval(x, y, angle, size, 0.3 * size), fill=shade(pigment.petal, light, 235))
        for part in (0.25, 0.45, 0.65, 0.85):
            foot_x, foot_y = x + part * size * cos(angle), y + part * size * sin(angle)
            turn = angle + (0.5 if part in (0.25, 0.65) else -0.5)
            canvas.line(
                (foot_x, foot_y, foot_x + 0.3 * size * cos(turn), foot_y + 0.3 * size * sin(turn)),
                fill=shade(pigment.petal, light * 0.68, 200),
            )
    elif shape == "daisy":
        rays = int(np.clip(size / 3, 12, 22))
        for turn in np.linspace(0.0, tau, rays, endpoint=False) + rng.uniform(0, 1):
            reach = 0.5 * size * rng.uniform(0.85, 1.05)
            canvas.polygon(oval(x, y, turn, reach, 2.2 * size / rays, 0.7), fill=petal)
        disc(canvas, x, y, 0.17 * size, shade(pigment.fruit, light))
        disc(canvas, x, y, 0.11 * size, shade(pigment.fruit, light * 1.3))
    elif shape == "tube":
        canvas.polygon(oval(x, y, angle, size, 0.42 * size, 0.7), fill=petal)
        for turn in (-0.5, 0.0, 0.5):
            canvas.polygon(
                oval(
                    x + 0.75 * size * cos(angle),
                    y + 0.75 * size * sin(angle),
                    angle + turn,
                    0.4 * size,
                    0.24 * size,
                    0.5,
                ),
                fill=shade(pigment.petal, light * 1.1, 225),
            )
    else:
        for turn in np.linspace(0.0, tau, 5, endpoint=False) + rng.uniform(0, 1):
            tone = shade(pigment.petal, light * rng.uniform(0.9, 1.1), 215)
            canvas.polygon(oval(x, y, turn, 0.55 * size, 0.42 * size, 0.45), fill=tone)
        disc(canvas, x, y, 0.09 * size, shade(pigment.petal, 0.6))


def draw_fruit(
    canvas: ImageDraw,
    kind: str,
    x: float,
    y: float,
    angle: float,
    size: float,
    pigment: Pigment,
    rng: np.random.Generator,
) -> None:
    """Draw a fruit of `size` pixels that hangs towards `angle` (radians)."""
    light = rng.uniform(0.8, 1.2)
    tone, dark = shade(pigment.fruit, light), shade(pigment.fruit, light * 0.6, 200)
    if kind == "pod":
        canvas.polygon(oval(x, y, angle, 2.6 * size, 0.6 * size, 0.4), fill=tone)
        for part in (0.7, 1.3, 1.9):
            disc(canvas, x + part * size * cos(angle), y + part * size * sin(angle), 0.2 * size, dark)
    elif kind == "samara":
        for turn in (0.55, -0.55):
            canvas.polygon(
                oval(x, y, angle + turn, 3.2 * size, 1.1 * size, 0.6),
                fill=shade(pigment.petal, 0.9, 220),
            )
            canvas.line((x, y, x + 3 * size * cos(angle + turn), y + 3 * size * sin(angle + turn)), dark)
        disc(canvas, x, y, 0.5 * size, tone)
    elif kind == "cone":
        canvas.polygon(oval(x, y, angle, 1.7 * size, 1.1 * size, 0.45), fill=tone)
        for part in (0.4, 0.8, 1.2):
            foot_x, foot_y = x + part * size * cos(angle), y + part * size * sin(angle)
            across_x, across_y = 0.5 * size * sin(angle), 0.5 * size * cos(angle)
            canvas.line((foot_x - across_x, foot_y + across_y, foot_x + across_x, foot_y - across_y), dark)
    elif kind == "acorn":
        canvas.polygon(oval(x, y, angle, 1.5 * size, size, 0.45), fill=shade(pigment.fruit, light * 1.3))
        canvas.polygon(oval(x, y, angle, 0.7 * size, 1.2 * size, 0.4), fill=tone)
    else:
        disc(canvas, x, y, 0.5 * size, tone)
        disc(canvas, x - 0.12 * size, y - 0.12 * size, 0.16 * size, shade(pigment.fruit, light * 1.5))
