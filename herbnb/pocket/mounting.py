"""Mounting: a plant is fitted to the paper, pressed organ by organ, and strapped down."""

from typing import NamedTuple

import numpy as np
from PIL.ImageDraw import ImageDraw

from herbnb.pocket.inflorescence import draw_inflorescence
from herbnb.pocket.leaf import template_of
from herbnb.pocket.organs import draw_roots, draw_stem, press_leaf, strap
from herbnb.pocket.pigment import Pigment
from herbnb.pocket.plant import Plant, grow
from herbnb.pocket.traits import Traits


class Mounted(NamedTuple):
    """What was pressed: plants, leaves, share of leaves lost, whether in fruit."""

    plants: int
    leaves: int
    lost: float
    fruiting: bool


def mount(
    canvas: ImageDraw,
    traits: Traits,
    pigment: Pigment,
    box: tuple[float, float, float, float],
    rng: np.random.Generator,
) -> Mounted:
    """Draw one specimen, perhaps several plants of it, inside `box` (left, top, right, bottom)."""
    height = 1.22 * (box[3] - box[1])
    # Half the breadth of a leaf, which the lengths of stems and leaves do not tell.
    breadth = traits.leaflet_length if traits.leaf == "pinnate" else 0.4 * traits.ratio
    pad = min(0.6 * breadth * traits.length * height, 80.0)
    left, top, right, bottom = box[0] + pad, box[1] + 0.5 * pad, box[2] - pad, box[3]
    lost = float(0.7 * rng.beta(1.0, 2.8))
    fruiting = bool(rng.random() < 0.45)
    plants = [grow(traits, height, lost, rng)]
    width = np.ptp(plants[0].reach(traits.inflo * height)[:, 0])
    spare = int((right - left) // max(width, 60.0))
    for _ in range(min(int(rng.integers(0, 3)), spare - 1)):
        plants.append(grow(traits, height, lost, rng))
    leaves = 0
    for number, plant in enumerate(plants):
        share = (right - left) / len(plants)
        strip = (left + number * share, top, left + (number + 1) * share, bottom)
        fitted = fit(plant, strip, traits.inflo * height, rng)
        press_plant(canvas, fitted, traits, pigment, height, fruiting, rng)
        leaves += len(plant.leaves)
    return Mounted(len(plants), leaves, round(lost, 4), fruiting)


def fit(plant: Plant, box: tuple, inflo: float, rng: np.random.Generator) -> Plant:
    """Move `plant` into `box`, smaller if it must be; collectors choose what fits."""
    left, top, right, bottom = box
    reach = plant.reach(inflo)
    low, high = reach.min(axis=0), reach.max(axis=0)
    span = high - low
    factor = min(1.0, (right - left) / span[0], (bottom - top) / span[1])
    spare = np.array([right - left, bottom - top]) - span * factor
    dx = left - low[0] * factor + spare[0] * rng.uniform(0.3, 0.7)
    dy = top - low[1] * factor + spare[1] * rng.uniform(0.35, 0.75)
    return plant.moved(factor, dx, dy)


def press_plant(
    canvas: ImageDraw,
    plant: Plant,
    traits: Traits,
    pigment: Pigment,
    height: float,
    fruiting: bool,
    rng: np.random.Generator,
) -> None:
    """Draw a fitted plant: roots and stems below, then leaves, then inflorescences, then straps."""
    for x, y in plant.roots:
        draw_roots(canvas, x, y, height, traits.bulb, pigment, rng)
    templates = (template_of(traits), template_of(traits, detail=0.3))
    order = rng.permutation(len(plant.leaves))
    below = len(order) // 2
    for row in order[:below]:
        press_leaf(canvas, traits, templates, plant.leaves[row], pigment, rng)
    for points, foot, tip in plant.stems:
        draw_stem(canvas, points, foot, tip, traits, pigment)
    for row in order[below:]:
        press_leaf(canvas, traits, templates, plant.leaves[row], pigment, rng)
    for place in plant.inflorescences:
        draw_inflorescence(canvas, traits, place, height, pigment, fruiting, rng)
    for points, foot, _ in plant.stems[:4]:
        if rng.random() < 0.7:
            strap(canvas, points, int(rng.integers(2, 11)), 7 + foot, rng)
