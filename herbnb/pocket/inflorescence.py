"""Inflorescences: how flowers are borne, from the raceme of an orchid to the umbel of an onion."""

from math import cos, pi, sin

import numpy as np
from PIL.ImageDraw import ImageDraw

from herbnb.pocket.flower import draw_flower, draw_fruit, oval
from herbnb.pocket.pigment import Pigment, shade
from herbnb.pocket.traits import Traits

DOWN = pi / 2


def flower_places(
    traits: Traits, x: float, y: float, angle: float, length: float, rng: np.random.Generator
) -> tuple[list[list[float]], list[tuple[float, float, float]]]:
    """Stalks (flat lists of pixels) and flowers (x, y, direction) of one inflorescence.

    It starts at (x, y), grows towards `angle` and is `length` pixels long.
    """
    kind, count = traits.inflorescence, max(1, round(traits.flowers))
    bend = rng.normal(0.0, 0.2) + (0.9 * np.sign(rng.normal()) if kind in ("drooping", "plume") else 0.0)
    steps = np.linspace(0.0, 1.0, 7)
    headings = angle + bend * steps**1.5
    axis = np.stack(
        [
            x + np.r_[0, np.cumsum(np.cos(headings[1:]))] * length / 6,
            y + np.r_[0, np.cumsum(np.sin(headings[1:]))] * length / 6,
        ],
        axis=1,
    )
    stalks, flowers = [axis.ravel().tolist()], []

    def at(part: float) -> tuple[float, float, float]:
        return (
            float(np.interp(part, steps, axis[:, 0])),
            float(np.interp(part, steps, axis[:, 1])),
            float(np.interp(part, steps, headings)),
        )

    def bear(px: float, py: float, turn: float, reach: float) -> None:
        end_x, end_y = px + reach * cos(turn), py + reach * sin(turn)
        if reach > 3:
            stalks.append([px, py, end_x, end_y])
        flowers.append((end_x, end_y, turn))

    if kind in ("umbel", "cluster", "bracts"):
        stalks.clear()
        spread = {"umbel": 2.2, "cluster": 1.3, "bracts": 1.1}[kind]
        for turn in np.linspace(-spread, spread, count):
            bear(x, y, angle + turn + rng.normal(0, 0.1), length * rng.uniform(0.6, 1.0))
    elif kind in ("spike", "spikes", "catkin"):
        flowers = [at(part) for part in np.linspace(0.1, 1.0, count)]
    elif kind == "verticils":
        whorls = max(3, count // 6)
        for whorl in np.linspace(0.05, 1.0, whorls):
            px, py, heading = at(whorl)
            for turn in np.linspace(-1.5, 1.5, max(2, count // whorls)):
                bear(px, py, heading + turn, 0.02 * length)
    elif kind in ("panicle", "plume", "cyme", "heads", "drooping"):
        boughs = {"cyme": 3, "heads": min(count, 6), "drooping": 6}.get(kind, 9)
        for number, part in enumerate(np.linspace(1.0, 0.12, boughs)):
            px, py, heading = at(part)
            side = 1 if number % 2 else -1
            reach = length * {"cyme": 0.45, "heads": 0.4}.get(kind, 0.42) * (1.08 - part)
            turn = heading + side * rng.uniform(0.55, 0.95) * (part < 0.99)
            if kind == "drooping":
                turn = turn + 0.55 * (DOWN - turn)
            end_x, end_y = px + reach * cos(turn), py + reach * sin(turn)
            stalks.append([px, py, end_x, end_y])
            for share in np.linspace(1.0, 0.25, max(1, count // boughs)):
                small = 0.0 if kind in ("heads", "drooping") else 0.05 * length * rng.uniform(0.3, 1.4)
                bear(
                    px + share * reach * cos(turn),
                    py + share * reach * sin(turn),
                    turn + rng.normal(0, 0.8 if small else 0.2),
                    small,
                )
    else:
        for number, part in enumerate(np.linspace(0.2, 1.0, count)):
            px, py, heading = at(part)
            side = (1 if number % 2 else -1) * (part < 0.99)
            bear(px, py, heading + side * rng.uniform(0.6, 1.1), 0.09 * length * (1.2 - part))
    return stalks, flowers


def draw_inflorescence(
    canvas: ImageDraw,
    traits: Traits,
    place: tuple[float, float, float, float],
    height: float,
    pigment: Pigment,
    fruiting: bool,
    rng: np.random.Generator,
) -> None:
    """Draw one inflorescence at `place` (x, y, direction, scale) on paper `height` pixels high."""
    x, y, angle, scale = place
    stalks, flowers = flower_places(traits, x, y, angle, traits.inflo * height * scale, rng)
    stem = shade(pigment.stem, 0.95)
    for stalk in stalks:
        canvas.line(stalk, fill=stem, width=2)
    size = traits.flower_size * height * scale**0.5
    if traits.inflorescence in ("catkin", "spikes"):
        fat = max(4.0, 0.016 * height * scale)
        axis = np.reshape(stalks[0], (-1, 2))
        count = max(1, round(traits.flowers)) if traits.inflorescence == "spikes" else 1
        for part in range(count):
            start = axis[int(len(axis) * part / count) // 1]
            turn = angle + (0.35 if part % 2 else -0.35) * (part < count - 1)
            length = traits.inflo * height * scale * (1.0 if count == 1 else 0.36)
            draw_spike(canvas, start[0], start[1], turn, length, fat, pigment, rng)
        return
    for fx, fy, turn in flowers:
        if fruiting and traits.fruit != "none" and rng.random() < 0.8:
            draw_fruit(canvas, traits.fruit, fx, fy, turn, max(size, 5.0), pigment, rng)
        else:
            draw_flower(
                canvas,
                traits.flower_shape,
                fx,
                fy,
                turn,
                size * rng.uniform(0.8, 1.15),
                pigment,
                rng,
            )


def draw_spike(
    canvas: ImageDraw,
    x: float,
    y: float,
    angle: float,
    length: float,
    width: float,
    pigment: Pigment,
    rng: np.random.Generator,
) -> None:
    """Draw a cylinder of tiny flowers, as catkins and the spikes of sedges are."""
    light = rng.uniform(0.8, 1.15)
    canvas.polygon(oval(x, y, angle, length, width, 0.4), fill=shade(pigment.stem, light * 0.9))
    for part in np.arange(0.06, 0.95, 3.0 / max(length, 9.0)):
        across = rng.uniform(-0.42, 0.42) * width
        px, py = (
            x + part * length * cos(angle) - across * sin(angle),
            y + part * length * sin(angle) + across * cos(angle),
        )
        canvas.ellipse(
            (px - 1, py - 1, px + 1, py + 1),
            fill=shade(pigment.fruit, light * rng.uniform(0.7, 1.5), 210),
        )
