"""A plant: what grows where.

Stems, leaves and inflorescences are placed first, then fitted to the paper. Shoots carry leaves at
their nodes and may branch; rosettes send all leaves and stalks from one point; tufts are bundles of
culms, as grasses are.
"""

from dataclasses import dataclass, field
from math import cos, pi, sin

import numpy as np

from herbnb.pocket.traits import Traits

UP = -pi / 2


@dataclass
class Plant:
    """Organs, in pixels."""

    stems: list = field(default_factory=list)  # points (n, 2), width at the foot, at the tip
    leaves: list = field(default_factory=list)  # x, y, direction, length, bend
    inflorescences: list = field(default_factory=list)  # x, y, direction, scale
    roots: list = field(default_factory=list)  # x, y

    def moved(self, factor: float, dx: float, dy: float) -> "Plant":
        """This plant scaled by `factor`, then moved by (dx, dy)."""
        return Plant(
            [(points * factor + (dx, dy), foot * factor, tip * factor) for points, foot, tip in self.stems],
            [
                (x * factor + dx, y * factor + dy, angle, length * factor, bend)
                for x, y, angle, length, bend in self.leaves
            ],
            [
                (x * factor + dx, y * factor + dy, angle, scale * factor)
                for x, y, angle, scale in self.inflorescences
            ],
            [(x * factor + dx, y * factor + dy) for x, y in self.roots],
        )

    def reach(self, inflo: float) -> np.ndarray:
        """Points (n, 2) that the plant reaches; `inflo` is the length of an inflorescence."""
        points = [stem[0] for stem in self.stems]
        points += [
            [[x, y], [x + length * cos(angle), y + length * sin(angle)]]
            for x, y, angle, length, _ in self.leaves
        ]
        points += [
            [[x + inflo * scale * cos(angle), y + inflo * scale * sin(angle)]]
            for x, y, angle, scale in self.inflorescences
        ]
        points += [[[x, y + 0.25 * inflo]] for x, y in self.roots]
        return np.concatenate([np.asarray(piece, dtype=float) for piece in points])


def stalk(x: float, y: float, angle: float, length: float, bend: float, rng: np.random.Generator) -> tuple:
    """Points (14, 2) of a stem that wavers, and its direction at each."""
    headings = angle + bend * np.linspace(0.0, 1.0, 14) + np.cumsum(rng.normal(0.0, 0.03, 14))
    step = length / 13
    points = np.stack(
        [
            x + step * np.r_[0, np.cumsum(np.cos(headings[1:]))],
            y + step * np.r_[0, np.cumsum(np.sin(headings[1:]))],
        ],
        axis=1,
    )
    return points, headings


def grow(traits: Traits, height: float, lost: float, rng: np.random.Generator) -> Plant:
    """Grow a plant from the origin upwards, on paper `height` pixels high.

    `lost` is the share of leaves that have fallen.
    """
    plant = Plant()
    if traits.habit == "shoot":
        stems = int(np.clip(round(traits.stems), 1, 5))
        for number in range(stems):
            lean = (number - (stems - 1) / 2) * 0.28 + rng.normal(0.0, 0.1)
            length = height * rng.uniform(0.45, 0.80) * (1.0 if number == stems // 2 else rng.uniform(0.7, 1))
            foot = number * 0.012 * height if traits.cane else number * rng.uniform(0.01, 0.05) * height
            shoot(plant, traits, (foot, 0.0, UP + lean), length, height, lost, rng)
    else:
        rosette(plant, traits, height, lost, rng)
    if traits.roots:
        plant.roots.append((0.0, 0.0))
    return plant


def shoot(
    plant: Plant,
    traits: Traits,
    start: tuple[float, float, float],
    length: float,
    height: float,
    lost: float,
    rng: np.random.Generator,
    size: float = 1.0,
) -> None:
    """Add to `plant` a stem with its leaves, inflorescences and, when `size` is 1, branches."""
    points, headings = stalk(*start, length, rng.normal(0.0, 0.25), rng)
    width = traits.stem_width * height * (1.0 if size == 1.0 else 0.6)
    plant.stems.append((points, width, width * (0.85 if traits.cane else 0.45)))
    nodes = int(np.clip(length / (traits.internode * height * size**0.5), 2, 26))
    places = np.linspace(0.12 if size == 1.0 else 0.25, 0.97, nodes)
    branches = set()
    if size == 1.0 and traits.branching >= 0.5:
        count = min(int(rng.poisson(traits.branching)), max(1, nodes // 2))
        branches = {
            int(node)
            for node in rng.choice(max(1, nodes - 1), size=min(count, max(1, nodes - 1)), replace=False)
        }
    steps = np.linspace(0.0, 1.0, len(points))
    sides = {"alternate": (1,), "opposite": (1, -1), "whorled": (1, -1, 0.35, -0.45)}[traits.arrangement]
    for node, part in enumerate(places):
        x, y = (
            float(np.interp(part, steps, points[:, 0])),
            float(np.interp(part, steps, points[:, 1])),
        )
        heading = float(np.interp(part, steps, headings))
        flip = 1 if node % 2 else -1
        if node in branches:
            twig = length * rng.uniform(0.3, 0.6) * (1.15 - 0.5 * part)
            side = flip * traits.branch_angle * rng.uniform(0.8, 1.2)
            shoot(plant, traits, (x, y, heading + side), twig, height, lost, rng, size=0.75)
        profile = (0.72 + 0.38 * sin(pi * (0.15 + 0.75 * part))) * size**0.5
        for side in sides:
            if rng.random() < lost:
                continue
            angle = heading + flip * side * traits.leaf_angle * rng.uniform(0.75, 1.25) * (1.1 - 0.35 * part)
            leaf = traits.length * height * profile * rng.uniform(0.78, 1.14)
            plant.leaves.append((x, y, angle, leaf, float(rng.normal(0.0, 0.28))))
        if traits.placement == "axillary" and part > 0.3 and rng.random() < (0.25 if traits.cane else 0.45):
            plant.inflorescences.append((x, y, heading + flip * rng.uniform(0.4, 0.8), size))
    if traits.placement == "terminal" and traits.inflorescence != "none" and rng.random() < 0.8:
        plant.inflorescences.append((*map(float, points[-1]), float(headings[-1]), size))
    elif rng.random() > lost:
        plant.leaves.append(
            (*map(float, points[-1]), float(headings[-1]), traits.length * height * 0.6 * size, 0.0)
        )


def rosette(plant: Plant, traits: Traits, height: float, lost: float, rng: np.random.Generator) -> None:
    """Add leaves that spring from one point and stalks that carry inflorescences to `plant`."""
    tuft = traits.habit == "tuft"
    stalks = int(np.clip(round(traits.stems), 1, 9))
    count = int(np.clip(round(traits.leaves * (1.6 if tuft else 1.0) * (1 - 0.6 * lost)), 2, 22))
    slender = traits.ratio < 0.12
    spread = 0.28 if traits.fan else 0.55 if slender or traits.length > 0.3 else 1.35
    for number in range(count):
        angle = UP + spread * (2 * (number + 0.5) / count - 1) + rng.normal(0.0, 0.09)
        leaf = traits.length * height * rng.uniform(0.6, 1.12)
        foot = rng.normal(0.0, 0.012 * height) if tuft else 0.0
        bend = rng.normal(0.0, 0.22) + (
            0.75 * np.sign(angle - UP) * rng.random() if slender and not traits.fan else 0
        )
        plant.leaves.append((foot, 0.0, float(angle), float(leaf), float(bend)))
    if traits.inflorescence == "none":
        return
    for _ in range(stalks):
        foot = float(rng.normal(0.0, 0.012 * height)) if tuft else 0.0
        length = max(traits.length * (1.15 if tuft else 1.3), 0.25) * height * rng.uniform(0.75, 1.15)
        points, headings = stalk(
            foot,
            0.0,
            UP + float(rng.normal(0, 0.2)),
            min(length, 0.62 * height),
            float(rng.normal(0.0, 0.2)),
            rng,
        )
        width = traits.stem_width * height * (0.6 if tuft else 0.9)
        plant.stems.append((points, width, 0.6 * width))
        for part in np.linspace(0.2, 0.8, max(1, round(traits.cauline or 2 * tuft))):
            if not tuft and not traits.cauline:
                break
            row = int(part * 13)
            side = 1 if rng.random() < 0.5 else -1
            small = traits.length * height * (0.6 if tuft else 0.45) * (1.1 - 0.6 * part)
            plant.leaves.append(
                (
                    *map(float, points[row]),
                    float(headings[row] + side * rng.uniform(0.25, 0.6)),
                    float(small),
                    float(rng.normal(0.25 * side, 0.3)),
                )
            )
        plant.inflorescences.append((*map(float, points[-1]), float(headings[-1]), 1.0))
