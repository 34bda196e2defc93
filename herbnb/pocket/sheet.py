"""One sheet: paper on a scanner's bed, the mounted plant, and all that institutions add."""

import numpy as np
from PIL import Image

from herbnb.pocket import furniture
from herbnb.pocket.institution import Institution
from herbnb.pocket.mounting import mount
from herbnb.pocket.paper import weather
from herbnb.pocket.pigment import dry
from herbnb.pocket.traits import Traits

OVERSAMPLING = 2
LAST_YEAR, CENTURY = 1998, 117
OLD_PAPER = np.array([214.0, 190.0, 144.0])


def draw_sheet(
    traits: Traits,
    institution: Institution,
    lines: tuple[str, ...],
    code: str,
    year: int,
    rng: np.random.Generator,
) -> tuple[Image.Image, dict]:
    """Draw one sheet.

    Args:
        traits: those of the specimen.
        institution: who keeps it.
        lines: the text of the label; a fourth part of the sheets has a slip with the second line.
        code: the number under the barcode.
        year: it was collected in; older paper is browner, though not always.
        rng: the sheet's own generator.

    Returns:
        The picture (RGB, of the institution's size) and what is not the plant's doing: `age`,
        `fading`, `plants`, `leaves_drawn`, `leaves_lost`, `fruiting`, `packet`.
    """
    wide, tall = (OVERSAMPLING * side for side in institution.size)
    age = float(rng.beta(0.5 + 2.3 * np.clip((LAST_YEAR - year) / CENTURY, 0, 1), 3.2))
    tone = np.array(institution.paper) + 0.7 * age * (OLD_PAPER - institution.paper)
    tone = tone + rng.normal(0, 2.5) + rng.normal(0, 1.5, 3)
    image = Image.new("RGB", (wide, tall), institution.bed)
    canvas = furniture.canvas_of(image)
    left, top, right, bottom = (OVERSAMPLING * side for side in institution.margin)
    jitter = rng.uniform(-4, 4, 4)
    paper = (left + jitter[0], top + jitter[1], wide - right + jitter[2], tall - bottom + jitter[3])
    askew = rng.normal(0.0, 2.5)
    corners = [
        paper[0],
        paper[1] + askew,
        paper[2],
        paper[1],
        paper[2],
        paper[3],
        paper[0],
        paper[3] - askew,
    ]
    canvas.polygon([side + 4 for side in corners], fill=(0, 0, 0, 70))
    canvas.polygon(corners, fill=tuple(int(min(255, value)) for value in tone))
    furniture.draw_ruler(canvas, institution, (wide, tall))
    furniture.draw_foxing(canvas, paper, int(rng.poisson(26 * age**2)), rng)
    furniture.draw_stamp(canvas, institution, paper, rng)
    packet = bool(rng.random() < 0.3)
    if packet:
        x = paper[0] + 12 if institution.label == "right" else paper[2] - 116
        above = 56 if institution.stamp_corner == "bottom left" else 0  # clear of the stamp
        y = paper[3] - above - rng.uniform(84, 150)
        furniture.draw_packet(canvas, x + rng.uniform(0, 8), y, rng)

    pigment = dry(traits.tint, rng)
    box = (paper[0] + 26, paper[1] + 22, paper[2] - 26, paper[3] - rng.uniform(24, 110))
    mounted = mount(canvas, traits, pigment, box, rng)

    label = furniture.label_box(institution, paper, rng)
    furniture.draw_label(canvas, institution, label, lines)
    readable = [label]
    if rng.random() < 0.25:
        slip = (label[0] + 8, label[1] - 42, label[0] + 130, label[1] - 6)
        furniture.draw_slip(canvas, institution, slip, (lines[1], lines[-1]))
        readable.append(slip)
    x = paper[2] - 82 if "left" in institution.stamp_corner else paper[0] + 10
    furniture.draw_barcode(canvas, x, paper[1] + rng.uniform(6, 20), code, rng)
    if not institution.legible:
        for box in readable:
            furniture.blur(image, box)
    light = np.array(institution.light) * (1 + rng.normal(0.0, 0.015)) * (1 + rng.normal(0.0, 0.008, 3))
    image = image.reduce(OVERSAMPLING)
    image = weather(image, light, age, float(rng.uniform(0.6, 1.6)), rng)
    return image, {
        "age": round(age, 4), "fading": round(pigment.fading, 4), "plants": mounted.plants,
        "leaves_drawn": mounted.leaves, "leaves_lost": mounted.lost, "fruiting": mounted.fruiting,
        "packet": packet,
    }  # fmt: skip
