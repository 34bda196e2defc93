"""Paper: its grain, its age, its stains.

The grain is made once a process and cut anew for each sheet.
"""

from functools import lru_cache

import numpy as np
from PIL import Image

GRAIN_SIZE = 560


@lru_cache(maxsize=1)
def grain() -> tuple[np.ndarray, np.ndarray]:
    """Fine grain and slow stains, each (560, 560) float32 about 0; the same in every process."""
    rng = np.random.default_rng(2022)
    fine = rng.normal(0.0, 1.0, (GRAIN_SIZE, GRAIN_SIZE)).astype(np.float32)
    fine = 0.6 * fine + 0.4 * np.roll(fine, 1, axis=1)
    slow = np.zeros((GRAIN_SIZE, GRAIN_SIZE), np.float32)
    for cells, weight in ((5, 1.0), (12, 0.6), (30, 0.35), (90, 0.25)):
        coarse = Image.fromarray(rng.normal(0.0, 1.0, (cells, cells)).astype(np.float32))
        slow += weight * np.asarray(coarse.resize((GRAIN_SIZE, GRAIN_SIZE), Image.Resampling.BICUBIC))
    return fine, slow


def weather(
    image: Image.Image, light: np.ndarray, age: float, mottle: float, rng: np.random.Generator
) -> Image.Image:
    """Give a drawn sheet its grain, its stains and the light of its scanner.

    Args:
        image: the sheet, RGB, at its final size of at most 560 pixels.
        light: gain of red, green and blue.
        age: 0 to 1; old paper is browner and more stained.
        mottle: how uneven dark parts (the plant) are.
        rng: where the grain is cut.
    """
    pixels = np.asarray(image, dtype=np.float32)
    rows, columns = pixels.shape[:2]
    fine, slow = grain()
    top, left = rng.integers(0, GRAIN_SIZE - rows + 1), rng.integers(0, GRAIN_SIZE - columns + 1)
    fine, slow = (
        fine[top : top + rows, left : left + columns],
        slow[top : top + rows, left : left + columns],
    )
    if rng.random() < 0.5:
        fine, slow = fine[:, ::-1], slow[:, ::-1]
    darkness = 1.0 - pixels[:, :, 1] / 255.0
    change = (
        1.0 + 0.006 * fine + (0.008 + 0.016 * age) * slow + mottle * darkness * (0.08 * slow + 0.05 * fine)
    )
    ramp = np.linspace(1.0 + rng.normal(0.0, 0.02), 1.0 + rng.normal(0.0, 0.02), rows, dtype=np.float32)
    pixels = pixels * (change * ramp[:, None])[:, :, None] * light.astype(np.float32)
    return Image.fromarray(np.clip(pixels, 0.0, 255.0).astype(np.uint8))
