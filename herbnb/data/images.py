"""Images: a sheet's file becomes a square tensor, whole, or a sentence that names the file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import torch
from PIL import Image, ImageOps
from torch.utils.data import Dataset, get_worker_info
from torchvision.transforms import v2

from herbnb.errors import BadInput

BACKDROP = (124, 116, 104)
"""Colour around a letterboxed sheet: ImageNet's mean, which is zero once normalised."""

FITS = ("letterbox", "crop")
"""Whole sheet on a backdrop, or the published centre square, which loses its top and bottom."""

KEPT_BYTES = 2**30
"""Decoded sheets kept in memory: an eighth of an 8 GB laptop, 38,000 sheets at 96 px."""


def read_sheet(path: str | Path, height: int, fit: str = "letterbox") -> torch.Tensor:
    """Read the image at `path` as uint8 [3, height, height].

    Raises:
        BadInput: an unknown `fit`, or a file that is missing, empty, truncated or not an image.
    """
    if fit not in FITS:
        raise BadInput(f"fit is {fit!r}: choose one of {', '.join(FITS)}.")
    image = decoded(path, height)
    if fit == "letterbox":
        square = ImageOps.pad(image, (height, height), color=BACKDROP)
    else:
        square = ImageOps.fit(image, (height, height))
    return v2.functional.pil_to_tensor(square)


def decoded(path: str | Path, height: int | None = None) -> Image.Image:
    """Decode the whole file at `path` to RGB, upright; with `height`, to about twice that size.

    A JPEG can be decoded at a half, a quarter or an eighth of its size, which is what makes reading
    large scans affordable. Twice the size wanted leaves the resizing enough to smooth.

    Raises:
        BadInput: the file is missing, empty, truncated or not an image.
    """
    try:
        with Image.open(path) as image:
            if height is not None:
                image.draft("RGB", (2 * height, 2 * height))
            return ImageOps.exif_transpose(image).convert("RGB")
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing: fetch it, or leave its row out of the table.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = "is empty" if Path(path).is_file() and not Path(path).stat().st_size else cause(error)
        raise BadInput(f"{path} {reason}: fetch it again, or leave its row out of the table.") from error


def cause(error: Exception) -> str:
    """Say in a reader's words why Pillow could not decode a file."""
    if isinstance(error, Image.UnidentifiedImageError):
        return "is not an image"
    return "is truncated" if "truncated" in str(error) else f"cannot be decoded ({error})"


def unreadable(specimens: pd.DataFrame, folder: str | Path) -> pd.DataFrame:
    """Decode every image fully, and list those that fail: `image_id`, `path`, `reason`."""

    def reason(path: str) -> str:
        try:
            decoded(Path(folder) / path)
        except BadInput as error:
            return str(error)
        return ""

    with ThreadPoolExecutor() as threads:  # Pillow decodes outside Python's lock
        reasons = list(threads.map(reason, specimens["path"]))
    checked = specimens[["image_id", "path"]].assign(reason=reasons)
    return checked[checked["reason"] != ""].reset_index(drop=True)


def augmentation(height: int) -> v2.Compose:
    """Return the published augmentation (fastai's defaults) for uint8 images [3, height, height].

    A crop of at least three quarters of the area, a flip, then rotation to 10° with zoom to 1.1,
    warp of 0.2 and lighting of 0.2, each with probability 0.75.
    """
    return v2.Compose(
        [
            v2.RandomResizedCrop(height, scale=(0.75, 1.0), antialias=True),
            v2.RandomHorizontalFlip(0.5),
            v2.RandomApply([v2.RandomAffine(10, scale=(1.0, 1.1), fill=list(BACKDROP))], 0.75),
            v2.RandomPerspective(0.2, 0.75, fill=list(BACKDROP)),
            v2.RandomApply([v2.ColorJitter(brightness=0.2, contrast=0.2)], 0.75),
        ]
    )


class SheetImages(Dataset):
    """The images of a specimens table, decoded once: item i is (uint8 [3, h, h], label).

    Args:
        specimens: rows with `path`, relative to `folder` or absolute.
        folder: where the images live.
        input_height: side of the square in pixels.
        fit: "letterbox" or "crop".
        augment: draw a new variation of the sheet at each access, from torch's seeded generator.
        labels: one integer a row; 0 where there are none.
    """

    def __init__(self, specimens, folder, input_height, fit="letterbox", augment=False, labels=None):
        self.paths = [Path(folder) / path for path in specimens["path"]]
        self.labels = [0] * len(self.paths) if labels is None else [int(label) for label in labels]
        self.input_height, self.fit = input_height, fit
        self.vary = augmentation(input_height) if augment else lambda image: image
        self.kept = {}

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.vary(self.sheet(index)), self.labels[index]

    def sheet(self, index: int) -> torch.Tensor:
        """Return image `index` as it is in the file, from memory when it has been read before."""
        if index in self.kept:
            return self.kept[index]
        image = read_sheet(self.paths[index], self.input_height, self.fit)
        # every worker process would keep a copy of its own, so only a lone process keeps any
        if get_worker_info() is None and (len(self.kept) + 1) * image.nbytes <= KEPT_BYTES:
            self.kept[index] = image
        return image
