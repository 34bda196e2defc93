"""Institutions: each has its own paper, scanner, label, stamp and ruler, and orders that it collects.

The furniture tells nothing of the plant: what a network learns of it will mislead it.
"""

from typing import NamedTuple


class Institution(NamedTuple):
    """How the sheets of one institution look. Sizes are final pixels; colours are RGB."""

    name: str
    code: str
    share: float  # of the sheets of its collection
    size: tuple[int, int]  # width, height
    paper: tuple[int, int, int]
    bed: tuple[int, int, int]
    margin: tuple[int, int, int, int]  # of the bed that shows: left, top, right, bottom
    light: tuple[float, float, float]
    label: str  # corner: right or left, at the bottom
    label_tone: tuple[int, int, int]
    ink: tuple[int, int, int]
    stamp: str  # oval, round, box
    stamp_corner: str  # top right, top left, bottom left
    ruler: str  # top, bottom, left, none
    legible: bool = False
    flora: tuple[str, ...] = ()  # orders that it has more of than others have


HALF_EARTH = (
    Institution(
        "New York Botanical Garden",
        "NY",
        0.70,
        (256, 384),
        (247, 243, 230),
        (34, 33, 36),
        (6, 4, 6, 20),
        (1.0, 0.99, 0.97),
        "right",
        (246, 243, 232),
        (44, 44, 60),
        "oval",
        "top right",
        "bottom",
    ),
    Institution(
        "Bishop Museum",
        "BISH",
        0.09,
        (252, 376),
        (238, 228, 203),
        (214, 214, 212),
        (5, 20, 5, 5),
        (1.02, 0.99, 0.95),
        "left",
        (240, 232, 208),
        (70, 50, 40),
        "box",
        "top left",
        "top",
        flora=("Myrtales", "Polypodiales"),
    ),
    Institution(
        "Naturalis Biodiversity Center",
        "L",
        0.08,
        (248, 372),
        (247, 246, 242),
        (122, 124, 128),
        (18, 4, 4, 4),
        (0.97, 0.99, 1.03),
        "right",
        (250, 250, 250),
        (30, 60, 44),
        "round",
        "bottom left",
        "left",
        flora=("Asparagales", "Sapindales"),
    ),
    Institution(
        "Queensland Herbarium",
        "BRI",
        0.07,
        (260, 376),
        (243, 243, 235),
        (250, 250, 250),
        (4, 4, 4, 16),
        (1.04, 1.02, 0.97),
        "left",
        (226, 234, 226),
        (40, 40, 40),
        "box",
        "top right",
        "bottom",
        flora=("Fabales", "Poales"),
    ),
    Institution(
        "Auckland War Memorial Museum",
        "AK",
        0.06,
        (256, 384),
        (243, 238, 220),
        (58, 62, 74),
        (5, 18, 5, 5),
        (0.95, 0.97, 1.0),
        "right",
        (238, 236, 224),
        (60, 34, 70),
        "oval",
        "top left",
        "top",
        flora=("Asterales", "Rosales"),
    ),
)

KEW = Institution(
    "Royal Botanic Gardens, Kew",
    "K",
    1.0,
    (268, 400),
    (244, 237, 216),
    (18, 18, 20),
    (16, 5, 5, 5),
    (1.01, 1.0, 0.95),
    "right",
    (244, 240, 224),
    (24, 24, 28),
    "oval",
    "bottom left",
    "left",
    legible=True,
)
