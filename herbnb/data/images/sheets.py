"""Images: a sheet's file becomes a square tensor, whole, or a sentence that names the file."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info
from torchvision.transforms import v2

from herbnb.data.images.decoding import decoded
from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput

KEPT_BYTES = 2**30
"""Decoded sheets kept in memory: an eighth of an 8 GB laptop, 38,000 sheets at 96 px."""


LARGER = 2
"""A sheet that is varied is cut from a square of so many times the side: published, 512 pixels for 256."""


def read_sheet(path: str | Path, geometry: Geometry) -> torch.Tensor:
    """Read the image at `path` as the square of `geometry`, uint8 [3, height, height].

    Raises:
        BadInput: a file that is missing, empty, truncated or not an image.
    """
    height = geometry.height
    if geometry.fit == "crop":
        image = v2.functional.pil_to_tensor(decoded(path, height, min))
        return resized(v2.functional.center_crop(image, [min(image.shape[1:])]), height, height)
    image = v2.functional.pil_to_tensor(decoded(path, height))
    tall, wide = (max(1, round(side * height / max(image.shape[1:]))) for side in image.shape[1:])
    square = np.empty((3, height, height), np.uint8)  # torch would start threads of its own for this
    square[:] = np.reshape(geometry.backdrop, (3, 1, 1))
    top, left = (height - tall) // 2, (height - wide) // 2
    square[:, top : top + tall, left : left + wide] = resized(image, tall, wide).numpy()
    return torch.from_numpy(square)


def resized(image: torch.Tensor, tall: int, wide: int) -> torch.Tensor:
    """Resize uint8 [3, h, w] to [3, tall, wide], smoothing what becomes smaller."""
    # Pillow gives the same pixels, to within one grey level, in four times the time
    return v2.functional.resize(image, [tall, wide], v2.InterpolationMode.BICUBIC, antialias=True)


def larger(geometry: Geometry) -> Geometry:
    """Return the geometry of the squares from which sheets are varied, so that a cut loses no detail."""
    return geometry.at(LARGER * geometry.height)


def augmentation(geometry: Geometry) -> v2.Compose:
    """Return the published augmentation (fastai's defaults), from uint8 squares to [3, height, height].

    A square of at least three quarters of the area is cut out and made small, then flipped one time in
    two; warp of 0.2, rotation to 10°, zoom to 1.1, and brightness and contrast of 0.2 follow, each by
    itself with probability 0.75.
    """
    backdrop = list(geometry.backdrop)
    # cut first, because all that follows is then done to a quarter of the pixels
    follow = [
        v2.RandomPerspective(0.2, 1.0, fill=backdrop),
        v2.RandomAffine(10, fill=backdrop),
        v2.RandomAffine(0, scale=(1.0, 1.1), fill=backdrop),
        v2.ColorJitter(brightness=0.2),
        v2.ColorJitter(contrast=0.2),
    ]
    return v2.Compose(
        [
            v2.RandomResizedCrop(geometry.height, scale=(0.75, 1.0), ratio=(1.0, 1.0), antialias=True),
            v2.RandomHorizontalFlip(0.5),
            *(v2.RandomApply([each], 0.75) for each in follow),
        ]
    )


class SheetImages(Dataset):
    """The images of a specimens table, decoded once: item i is (uint8 [3, h, h], label).

    Args:
        specimens: rows with `path`, relative to `folder` or absolute.
        folder: where the images live.
        geometry: of the squares.
        augment: draw a new variation of the sheet at each access, from torch's seeded generator, out of a
            square that is `LARGER`.
        labels: one integer a row; 0 where there are none.
        cache: what `keep_sheets` made of a table with all these rows, to read from instead of the
            images: squares of `geometry`, or larger ones to be varied.
        once: nobody will ask for a sheet again, so none is kept in memory.

    Raises:
        BadInput: the cache is of another geometry, or does not hold a sheet.
    """

    def __init__(
        self, specimens, folder, geometry: Geometry, augment=False, labels=None, cache=None, once=False
    ):
        self.paths = [Path(folder) / path for path in specimens["path"]]
        self.labels = [0] * len(self.paths) if labels is None else [int(label) for label in labels]
        self.geometry = larger(geometry) if augment else geometry
        self.vary = augmentation(geometry) if augment else lambda image: image
        self.kept, self.room = {}, 0 if once else KEPT_BYTES
        self.cache = cache
        if cache is not None:
            if cache.geometry.square != self.geometry.square:
                raise BadInput(
                    f"{cache.path} holds sheets of {cache.geometry}, and sheets of "
                    f"{self.geometry}, are wanted: make another cache."
                )
            self.rows = cache.rows(specimens["path"])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.vary(self.sheet(index)), self.labels[index]

    def __getitems__(self, indices):
        """Return the items of a batch, as a DataLoader asks for them: a lone process reads in threads."""
        at_hand = self.cache is not None or all(index in self.kept for index in indices)
        if at_hand or get_worker_info() is not None:
            return [self[index] for index in indices]
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow decodes outside Python's lock
            sheets = list(threads.map(self.sheet, indices))
        # varied one after another, because the variations are drawn from one generator
        return [(self.vary(sheet), self.labels[i]) for sheet, i in zip(sheets, indices, strict=True)]

    def sheet(self, index: int) -> torch.Tensor:
        """Return image `index`, not varied: from the cache, or from memory when it was read before."""
        if self.cache is not None:
            return self.cache[self.rows[index]]
        if index in self.kept:
            return self.kept[index]
        image = read_sheet(self.paths[index], self.geometry)
        # every worker process would keep a copy of its own, so only a lone process keeps any
        if get_worker_info() is None and (len(self.kept) + 1) * image.nbytes <= self.room:
            self.kept[index] = image
        return image
