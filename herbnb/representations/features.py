"""Features: 512 numbers a sheet, from any network or baseline, with the run they belong to."""

from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch.utils.data import DataLoader

from herbnb.data.artefacts import fingerprint, needed, whole
from herbnb.data.images import SheetImages
from herbnb.data.specimens import read_specimens
from herbnb.errors import BadInput
from herbnb.networks.encoder import FEATURES
from herbnb.networks.network import Network
from herbnb.networks.training import NETWORKS, load_network

BASELINES = ("untrained", "colour")
"""What a network has to beat: the same encoder before any training, and a histogram of colours."""

REPRESENTATIONS = (*NETWORKS, *BASELINES)

COLLECTIONS = {"half_earth": ("specimens.parquet", "01_sampling"), "kew": ("kew.parquet", "10_kew")}
"""Where the specimens of a collection are, and the chapter that writes them."""


class Representation(Protocol):
    """Anything that turns images, uint8 [n, 3, h, h], into features, float32 [n, 512]."""

    def encode(self, images: torch.Tensor) -> torch.Tensor: ...


class Untrained(Network):
    """The encoder of every network as it was before training: random weights, fixed by a seed."""

    def __init__(self, seed: int):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            super().__init__(weights="none", learning_rate=0.0)


class Colour:
    """A histogram: the share of an image's pixels in each of 8 × 8 × 8 boxes of red, green and blue."""

    @torch.inference_mode()
    def encode(self, images):
        red, green, blue = (images.long() // 32).flatten(2).unbind(1)  # each [n, pixels], 0 to 7
        boxes = 64 * red + 8 * green + blue
        counts = torch.zeros(len(images), 512, device=images.device)
        return counts.scatter_add_(1, boxes, torch.ones_like(boxes, dtype=counts.dtype)) / boxes.shape[1]


def load_encoder(name: str, results: str | Path, seed: int) -> Representation:
    """Return the trained network or the baseline called `name`, ready to `encode`.

    Raises:
        BadInput: an unknown name, or a network that has not been trained.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if name in NETWORKS:
        return load_network(results, name).to(device)
    if name == "untrained":
        return Untrained(seed).eval().to(device)
    if name == "colour":
        return Colour()
    raise BadInput(f"networks names {name!r}: choose among {', '.join(REPRESENTATIONS)}.")


def extract(
    encoder: Representation, specimens: pd.DataFrame, folder, input_height: int, fit: str, batch_size: int
) -> np.ndarray:
    """Return the features, float32 [n, 512], of the n sheets of `specimens`, in their order."""
    encoders = {"encoder": encoder}
    return extract_together(encoders, specimens, folder, input_height, fit, batch_size)["encoder"]


def extract_together(
    encoders: dict[str, Representation],
    specimens: pd.DataFrame,
    folder: str | Path,
    input_height: int,
    fit: str,
    batch_size: int,
    num_workers: int = 0,
) -> dict[str, np.ndarray]:
    """Return the features of every encoder, by its name, reading each sheet once for all of them."""
    sheets = SheetImages(specimens, folder, input_height, fit)
    batches = DataLoader(sheets, batch_size=batch_size, num_workers=num_workers)
    features = {name: [] for name in encoders}
    for images, _ in batches:
        for name, encoder in encoders.items():
            features[name].append(encoder.encode(images).float().cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in features.items()}


def write_features(results, name: str, collection: str, specimens: pd.DataFrame, features: np.ndarray) -> Path:
    """Write `features`, row i those of row i of `specimens`, to `features/<name>/<collection>.parquet`.

    The file carries the fingerprints of the specimens table and of the network, so that a later chapter
    notices when either has changed.

    Raises:
        BadInput: a feature that is not a finite number.
    """
    path = Path(results) / "features" / name / f"{collection}.parquet"
    check_finite(features, specimens["image_id"], name, path)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(features.astype(np.float32).ravel()), FEATURES)
    columns = {"image_id": pa.array(specimens["image_id"]), "split": pa.array(specimens["split"])}
    table = pa.table(columns | {"feature": vectors})
    with whole(path) as temporary:
        pq.write_table(table.replace_schema_metadata(origin(results, name, collection)), temporary)
    return path


def read_features(
    results, name: str, collection: str = "half_earth", split: str | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the features of a collection: its specimens, n rows, and float32 [n, 512], aligned.

    Raises:
        BadInput: the file is missing, of another run, incomplete, or holds a number that is not finite.
    """
    chapter = "05_features" if collection == "half_earth" else "10_kew"
    path = needed(Path(results) / "features" / name / f"{collection}.parquet", chapter)
    again = f"run chapter {chapter} again."
    try:
        table = pq.read_table(path)
        vectors = table["feature"].combine_chunks()
        features = vectors.flatten().to_numpy().reshape(len(table), FEATURES)
        ids = table["image_id"].to_pandas()
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise BadInput(f"{path} is not a whole file of features ({error}): {again}") from error
    for what, now in origin(results, name, collection).items():
        if (table.schema.metadata or {}).get(what.encode(), b"").decode() != now:
            raise BadInput(f"{path} was made with another {what} than the one in {results}: {again}")
    specimens = read_specimens(*specimens_of(results, collection))
    if list(ids) != list(specimens["image_id"]):
        raise BadInput(f"{path} does not hold the sheets of its specimens table, row for row: {again}")
    check_finite(features, ids, name, path)
    if split is not None:
        kept = (specimens["split"] == split).to_numpy()
        specimens, features = specimens[kept].reset_index(drop=True), features[kept]
    return specimens, features


def specimens_of(results: str | Path, collection: str) -> tuple[Path, str]:
    """Return the path of a collection's specimens table, and the chapter that writes it."""
    file, chapter = COLLECTIONS[collection]
    return Path(results) / file, chapter


def origin(results: str | Path, name: str, collection: str) -> dict[str, str]:
    """Return the fingerprints that say which run features belong to, of the files as they are now."""
    table = needed(*specimens_of(results, collection))
    known = {"specimens table": fingerprint(table)}
    if name in NETWORKS:
        checkpoint = Path(results) / "networks" / name / "checkpoint.ckpt"
        known["network"] = fingerprint(needed(checkpoint, NETWORKS[name]))
    return known


def check_finite(features: np.ndarray, image_ids: pd.Series, name: str, path: Path) -> None:
    """Raise BadInput when a feature is not a finite number, naming the first sheet that has one."""
    broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(broken):
        raise BadInput(
            f"{path}, row {broken[0]} (image {image_ids.iloc[broken[0]]}): a feature is not a finite number; "
            f"{name} has diverged: train it again with a lower learning_rate, then run its features again."
        )
