"""A herbarium of any size in the Half-Earth layout: its metadata and, if wanted, images to stand in."""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SQUARE = 32
"""Pixels of the side of a stand-in."""

HOMES = {
    "New York Botanical Garden": 0.7,
    "Naturalis": 0.15,
    "Queensland": 0.08,
    "Bishop": 0.05,
    "Auckland": 0.02,
}
"""Institutions, and the share of the sheets that each holds."""


def write_metadata(folder: Path, sheets: int, count: int, seed: int = 89) -> None:
    """Write `folder/train/metadata.json` with `sheets` annotations of `count` species.

    Few species have many sheets and most have few (a Zipf law of exponent 0.9), a genus has about
    twelve species, and the ids of images and annotations are shuffled apart.
    """
    rng = np.random.default_rng(seed)
    weight = 1 / np.arange(1, count + 1) ** 0.9
    species = rng.choice(count, sheets, p=weight / weight.sum())
    genus = rng.integers(0, max(2, count // 12), count)
    home = rng.choice(len(HOMES), sheets, p=list(HOMES.values()))
    image = rng.permutation(sheets) + 7
    metadata = {
        "images": [
            {"id": i, "file_name": f"images/{s // 100:03d}/{s % 100:02d}/{i}.jpg", "license": 0}
            for i, s in zip(image.tolist(), species.tolist(), strict=True)
        ],
        "annotations": [
            {"id": n, "image_id": i, "category_id": s, "institution_id": h}
            for n, (i, s, h) in enumerate(
                zip(rng.permutation(image).tolist(), species.tolist(), home.tolist(), strict=True)
            )
        ],
        "categories": [
            {
                "id": s,
                "name": f"Genus{g} epithet{s}",
                "family": f"Family{g // 15}",
                "order": f"Order{g // 90}",
            }
            for s, g in enumerate(genus.tolist())
        ],
        "institutions": [{"id": h, "name": name} for h, name in enumerate(HOMES)],
        "licenses": [{"id": 0, "name": "drawn by lot", "url": ""}],
    }
    path = folder / "train" / "metadata.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(metadata))


def write_images(folder: Path, seed: int = 89) -> None:
    """Write a stand-in for each image of `folder/train/metadata.json`: paper, and a leaf.

    Leaves of a genus are alike in colour; their places are drawn.
    """
    rng = np.random.default_rng(seed)
    metadata = json.loads((folder / "train" / "metadata.json").read_text())
    genus = {row["id"]: row["name"].split()[0] for row in metadata["categories"]}
    colours = {name: rng.integers(40, 200, 3) for name in sorted({*genus.values()})}
    species = {row["image_id"]: row["category_id"] for row in metadata["annotations"]}
    for row in metadata["images"]:
        path = folder / "train" / row["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        leaf = colours[genus[species[row["id"]]]] + rng.integers(-20, 20, 3)
        left, top = rng.integers(2, SQUARE - 14, 2).tolist()
        sheet = Image.new("RGB", (SQUARE, SQUARE), (235, 228, 210))
        sheet.paste(tuple(leaf.tolist()), (left, top, left + 12, top + 12))
        sheet.save(path, quality=90)


if __name__ == "__main__":
    write_metadata(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
