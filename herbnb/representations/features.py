"""Features: a vector of numbers a sheet, from any network or baseline, with the run they belong to."""

import json
from pathlib import Path
from pkgutil import resolve_name
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch.utils.data import DataLoader

from herbnb.data.images.cache import keep_sheets
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.files import fingerprint, whole
from herbnb.networks import NETWORKS
from herbnb.networks.checkpoints import card_of_run, geometry_of_run, load_network
from herbnb.representations import BASELINES, with_baselines
from herbnb.results import RUN, Results, chapter_of, specimens_of


class Representation(Protocol):
    """Anything that turns images, uint8 [n, 3, h, h], into features, float32 [n, width].

    The images are squares of its `geometry`. Another `fingerprint` means other features.
    """

    width: int
    geometry: Geometry
    fingerprint: str

    def encode(self, images: torch.Tensor) -> torch.Tensor: ...


def load_encoder(name: str, here: Results, seed: int = 89) -> Representation:
    """Return the trained network or the baseline called `name`, ready to `encode`.

    A baseline looks at the same squares as the networks of the run.

    Args:
        name: of a network or a baseline.
        here: the run.
        seed: of the weights of the untrained encoder.

    Raises:
        BadInput: an unknown name, or a network that has not been trained.
    """
    if name in NETWORKS:
        return load_network(here, name)
    if name not in BASELINES:
        known = ", ".join(with_baselines())
        raise BadInput(f"There is no representation {name!r}: choose among {known}.")
    encoder = resolve_name(BASELINES[name])(geometry_of_run(here), seed)
    if isinstance(encoder, torch.nn.Module) and torch.cuda.is_available():
        encoder.to("cuda")
    return encoder


def extract(
    encoders: dict[str, Representation],
    specimens: pd.DataFrame,
    folder: str | Path,
    *,
    batch_size: int = 64,
    num_workers: int = 0,
    cache: Path | None = None,
) -> dict[str, np.ndarray]:
    """Return the features of the n sheets by every encoder, [n, width].

    A sheet is read once for all encoders of one geometry. A processor
    that computes in bfloat16 does so here, as in training: four times as
    fast, and the features differ from those in float32 by less than one
    part in a hundred. With `cache`, a folder, the resized sheets are kept
    there.
    """
    features = {name: [] for name in encoders}
    half = torch.cpu.get_capabilities().get("amx_bf16", False)
    reading = {"batch_size": batch_size, "num_workers": num_workers}
    for geometry in dict.fromkeys(e.geometry for e in encoders.values()):
        alike = {n: e for n, e in encoders.items() if e.geometry == geometry}
        kept = None
        if cache:
            kept = keep_sheets(specimens, folder, cache, geometry, num_workers)
        sheets = SheetImages(specimens, folder, geometry, cache=kept)
        for images, _ in DataLoader(sheets, **reading):
            for name, encoder in alike.items():
                with torch.autocast("cpu", torch.bfloat16, enabled=half):
                    encoded = encoder.encode(images)
                features[name].append(encoded.float().cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in features.items()}


def write_features(
    here: Results,
    collection: str,
    specimens: pd.DataFrame,
    encoders: dict[str, Representation],
    features: dict[str, np.ndarray],
) -> None:
    """Write the features of a collection, one file an encoder: row i is of row i of `specimens`.

    A file carries the fingerprints of the specimens table and of the encoder, its width and its
    geometry, so that a later chapter notices when one of them has changed.

    Raises:
        BadInput: a feature that is not a finite number.
    """
    name, fields = specimens_of(collection)
    table = fingerprint(here.needed(name, **fields))
    for name, encoder in encoders.items():
        path = here.path("features", encoder=name, collection=collection)
        check_finite(features[name], specimens["image_id"], name, path)
        flat = pa.array(features[name].astype(np.float32).ravel())
        vectors = pa.FixedSizeListArray.from_arrays(flat, encoder.width)
        columns = {"image_id": pa.array(specimens["image_id"]), "split": pa.array(specimens["split"])}
        origin = {"specimens table": table, "encoder": name, "fingerprint": encoder.fingerprint}
        origin |= {"width": str(encoder.width), "geometry": json.dumps(encoder.geometry.card())}
        with whole(path) as temporary:
            stored = pa.table(columns | {"feature": vectors}).replace_schema_metadata(origin)
            pq.write_table(stored, temporary)


def read_features(
    here: Results, name: str, collection: str = RUN, split: str | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the features of a collection: its specimens, n rows, and float32 [n, width], aligned.

    Raises:
        BadInput: the file is missing, of another run or encoder, incomplete, or holds a number that
            is not finite.
    """
    table, fields = specimens_of(collection)
    specimens = here.read(table, **fields)
    path = here.needed("features", encoder=name, collection=collection)
    again = f"run chapter {chapter_of('features', collection=collection)} again."
    try:
        stored = pq.read_table(path)
        ids, vectors = stored["image_id"].to_pandas(), stored["feature"].combine_chunks()
        features = vectors.flatten().to_numpy().reshape(len(stored), vectors.type.list_size)
    except (pa.ArrowException, KeyError, ValueError, OSError, AttributeError) as error:
        raise BadInput(f"{path} is not a whole file of features ({error}): {again}") from error
    known = origin_in(stored.schema)
    for what, now in expected_origin(here, name, collection).items():
        if known.get(what, "") != now:
            raise BadInput(f"{path} was made with another {what} than the one now in {here.folder}: {again}")
    if list(ids) != list(specimens["image_id"]):
        listed = here.path(table, **fields)
        raise BadInput(f"{path} does not hold the sheets of {listed}, row for row: {again}")
    check_finite(features, ids, name, path)
    if split is not None:
        kept = (specimens["split"] == split).to_numpy()
        specimens, features = specimens[kept].reset_index(drop=True), features[kept]
    return specimens, features


def read_all_features(
    here: Results, names: list[str], collection: str = RUN, split: str | None = None
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Read the features of a collection by several encoders: its specimens, and the features by name.

    Raises:
        BadInput: as `read_features`, or there are no names.
    """
    if not names:
        raise BadInput("No representation is named: name one network or baseline at least.")
    features = {}
    for name in names:
        specimens, features[name] = read_features(here, name, collection, split)
    return specimens, features


def origin_in(schema: pa.Schema) -> dict[str, str]:
    """Return what a file of features says of where it is from."""
    return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}


def expected_origin(here: Results, name: str, collection: str) -> dict[str, str]:
    """Return what a file of features must say to belong to the run as it is now.

    The run knows its networks by their cards. A baseline looks at the squares that the networks look at,
    and is the one that has seen the run's own sheets, once it has.

    Raises:
        BadInput: a file is missing, or the network was trained on other specimens than the run's.
    """
    table, fields = specimens_of(collection)
    expected = {"specimens table": fingerprint(here.needed(table, **fields)), "encoder": name}
    if name in NETWORKS:
        card = card_of_run(here, name)
        of_network = {"fingerprint": card["checkpoint"], "width": str(card["width"])}
        return expected | of_network | {"geometry": json.dumps(card["geometry"])}
    expected["geometry"] = json.dumps(geometry_of_run(here).card())
    of_run = here.path("features", encoder=name, collection=RUN)
    if collection != RUN and of_run.exists():
        try:
            known = origin_in(pq.read_schema(of_run))
        except (pa.ArrowException, OSError) as error:
            again = f"run chapter {chapter_of('features', collection=RUN)} again."
            raise BadInput(f"{of_run} is not a whole file of features ({error}): {again}") from error
        expected |= {what: known.get(what, "") for what in ("fingerprint", "width")}
    return expected


def check_finite(features: np.ndarray, image_ids: pd.Series, name: str, path: Path) -> None:
    """Raise BadInput when a feature is not a finite number, naming the first sheet that has one."""
    broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(broken):
        raise BadInput(
            f"{path}, row {broken[0]} (image {image_ids.iloc[broken[0]]}): a feature is not a "
            f"finite number, so {name} has diverged: train it again with a lower learning_rate, "
            "then run the chapter again."
        )
