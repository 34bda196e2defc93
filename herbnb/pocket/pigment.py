"""Colours of a dried plant. Fading decides nearly all of them; the taxon has little say.

A colour histogram should not know a genus: it is the form that a network has to learn.
"""

from typing import NamedTuple

import numpy as np

DRIED = np.array([
    [92, 100, 58],  # olive, pressed with care
    [66, 74, 48],  # dark green
    [110, 114, 84],  # grey green
    [104, 84, 52],  # brown
    [72, 55, 40],  # dark brown, dried too slowly
    [150, 128, 78],  # straw
], dtype=float)  # fmt: skip
PETALS = np.array([
    [176, 140, 120], [196, 178, 140], [134, 96, 108],
    [188, 154, 84], [150, 120, 150], [140, 88, 60],
], dtype=float)  # fmt: skip
GREEN_TO_BROWN = np.array([15.0, -5.0, -9.0])


class Pigment(NamedTuple):
    """Colours of the parts of one specimen, and how far it has faded (0 fresh, 1 straw)."""

    blade: np.ndarray
    underside: np.ndarray
    stem: np.ndarray
    petal: np.ndarray
    fruit: np.ndarray
    fading: float


def dry(tint: float, rng: np.random.Generator) -> Pigment:
    """Draw the colours of one specimen; `tint` (-1 to 1) is its taxon's slight lean to brown."""
    fading = float(rng.beta(1.6, 1.6))
    lot = rng.dirichlet(np.full(len(DRIED), 0.8))
    blade = lot @ DRIED + tint * GREEN_TO_BROWN
    blade = blade + fading * 0.35 * (np.array([150.0, 130.0, 88.0]) - blade)
    blade = blade * rng.uniform(0.85, 1.12) + rng.normal(0.0, 4.0, 3)
    underside = blade + 0.28 * (np.array([172.0, 166.0, 136.0]) - blade)
    bark = np.array([98.0, 78.0, 56.0])
    stem = blade + rng.uniform(0.3, 0.9) * (bark - blade)
    petal = PETALS[rng.integers(len(PETALS))] + rng.normal(0.0, 8.0, 3)
    petal = petal + rng.uniform(0.15, 0.6) * (np.array([142.0, 112.0, 76.0]) - petal)
    fruit = np.array([84.0, 54.0, 40.0]) * rng.uniform(0.6, 1.3)
    return Pigment(blade, underside, stem, petal, fruit, fading)


def shade(colour: np.ndarray, factor: float, alpha: int = 255) -> tuple[int, int, int, int]:
    """Colour for Pillow, made lighter or darker by `factor`, with an `alpha` of 0 to 255."""
    red, green, blue = (min(255, max(0, int(value * factor))) for value in colour)
    return red, green, blue, alpha
