"""Features: 512 numbers a sheet, from any network or baseline, with the run they belong to."""

from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch.utils.data import DataLoader

from herbnb.data.images.cache import Cache
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.files import fingerprint, needed, whole
from herbnb.networks import NETWORKS
from herbnb.networks.checkpoints import read_card
from herbnb.networks.encoder import FEATURES
from herbnb.networks.kinds import CHAPTERS, load_network
from herbnb.representations import BASELINES, REPRESENTATIONS
from herbnb.representations.baselines import Colour, Untrained
from herbnb.specimens import read_specimens

__all__ = [
    "BASELINES",
    "REPRESENTATIONS",
    "extract",
    "extract_together",
    "load_encoder",
    "read_features",
    "write_features",
]


class Representation(Protocol):
    """Anything that turns images, uint8 [n, 3, h, h], into features, float32 [n, 512]."""

    def encode(self, images: torch.Tensor) -> torch.Tensor: ...


def load_encoder(name: str, results: str | Path, seed: int) -> Representation:
    """Return the trained network or the baseline called `name`, ready to `encode`.

    Raises:
        BadInput: an unknown name, or a network that has not been trained.
    """
    if name in NETWORKS:
        return load_network(results, name)
    if name == "untrained":
        return Untrained(seed).to("cuda" if torch.cuda.is_available() else "cpu")
    if name == "colour":
        return Colour()
    raise BadInput(f"networks names {name!r}: choose among {', '.join(REPRESENTATIONS)}.")


def extract(
    encoder: Representation,
    specimens: pd.DataFrame,
    folder,
    input_height: int,
    fit: str,
    batch_size: int,
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
    cache: Cache | None = None,
) -> dict[str, np.ndarray]:
    """Return the features of every encoder, by its name, reading each sheet once for all of them.

    A processor that computes in bfloat16 does so here, as in training: four times as fast, and the
    features differ from those in float32 by less than one part in a hundred.
    """
    sheets = SheetImages(specimens, folder, input_height, fit, cache=cache)
    batches = DataLoader(sheets, batch_size=batch_size, num_workers=num_workers)
    features = {name: [] for name in encoders}
    half = torch.cpu.get_capabilities().get("amx_bf16", False)
    for images, _ in batches:
        for name, encoder in encoders.items():
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                features[name].append(encoder.encode(images).float().cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in features.items()}


def write_features(
    results, name: str, collection: str, specimens: pd.DataFrame, features: np.ndarray
) -> Path:
    """Write row i of `features` for row i of `specimens`, to a file of the run.

    `features/<name>/<collection>.parquet` carries the fingerprints of the specimens table and of the
    network, so that a later chapter notices when either has changed.

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
        BadInput: the file is missing, of another run, incomplete, or holds a number that is not
            finite.
    """
    table, before = specimens_of(results, collection)
    specimens = read_specimens(table, before)
    chapter = "features" if collection == "half_earth" else before
    path = needed(Path(results) / "features" / name / f"{collection}.parquet", chapter)
    again = f"run chapter {chapter} again."
    try:
        stored = pq.read_table(path)
        ids, vectors = stored["image_id"].to_pandas(), stored["feature"].combine_chunks()
        features = vectors.flatten().to_numpy().reshape(len(stored), FEATURES)
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise BadInput(f"{path} is not a whole file of features ({error}): {again}") from error
    known = stored.schema.metadata or {}
    for what, now in origin(results, name, collection).items():
        if known.get(what.encode(), b"").decode() != now:
            raise BadInput(f"{path} was made with another {what} than the one now in {results}: {again}")
    if list(ids) != list(specimens["image_id"]):
        raise BadInput(f"{path} does not hold the sheets of {table}, row for row: {again}")
    check_finite(features, ids, name, path)
    if split is not None:
        kept = (specimens["split"] == split).to_numpy()
        specimens, features = specimens[kept].reset_index(drop=True), features[kept]
    return specimens, features


def specimens_of(results: str | Path, collection: str) -> tuple[Path, str]:
    """Return the path of a collection's specimens table, and the chapter that writes it."""
    if collection == "half_earth":
        return Path(results) / "specimens.parquet", "sampling"
    chapter = "kew" if collection == "kew" else "your_herbarium"
    return Path(results) / collection / "specimens.parquet", chapter


def origin(results: str | Path, name: str, collection: str) -> dict[str, str]:
    """Return the fingerprints that say which run features belong to, of the files as they are now.

    Raises:
        BadInput: a file is missing, or the network was trained on other specimens than the run's.
    """
    known = {"specimens table": fingerprint(needed(*specimens_of(results, collection)))}
    if name in NETWORKS:
        folder, train = Path(results) / "networks" / name, specimens_of(results, "half_earth")
        card = read_card(folder)
        if card.get("fingerprint") != fingerprint(needed(*train)):
            raise BadInput(
                f"{folder} holds no network trained on the sheets of {train[0]}: "
                f"run chapter {CHAPTERS[name]} first."
            )
        known["network"] = card["checkpoint"]
    return known


def check_finite(features: np.ndarray, image_ids: pd.Series, name: str, path: Path) -> None:
    """Raise BadInput when a feature is not a finite number, naming the first sheet that has one."""
    broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(broken):
        raise BadInput(
            f"{path}, row {broken[0]} (image {image_ids.iloc[broken[0]]}): a feature is not a "
            f"finite number, so {name} has diverged: train it again with a lower learning_rate, "
            "then run the chapter again."
        )
