"""Features: the files that hold a vector of numbers a sheet, and the run they belong to."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from herbnb.errors import BadInput
from herbnb.files import fingerprint, whole
from herbnb.networks import NETWORKS
from herbnb.networks.cards import beginning_of_run, card_of_run
from herbnb.representations import BASELINES, Spec, spec_of, unknown
from herbnb.results import RUN, Results, chapter_of, specimens_of
from herbnb.specimens import COLUMNS

if TYPE_CHECKING:  # a reader of features needs no torch
    from herbnb.representations.extraction import Representation


def write_features(
    here: Results,
    collection: str,
    specimens: pd.DataFrame,
    encoders: dict[str, "Representation"],
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
        origin |= {"width": str(encoder.width), "squares": str(encoder.geometry)}
        origin |= {"geometry": json.dumps(encoder.geometry and encoder.geometry.card())}
        card = getattr(encoder, "card", {})
        origin |= {"model": card.get("model", ""), "card": json.dumps(card)}
        with whole(path) as temporary:
            stored = pa.table(columns | {"feature": vectors}).replace_schema_metadata(origin)
            pq.write_table(stored, temporary)


def read_features(
    here: Results, name: str, collection: str = RUN, split: str | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the features of a collection: its specimens, n rows, and float32 [n, width], aligned.

    Args:
        here: the run.
        name: of a representation, as `spec_of` reads it.
        collection: the run's own, "kew" or one of the user's.
        split: of these specimens only.

    Raises:
        BadInput: the file is missing, of another run or encoder, incomplete, or holds a number that
            is not finite.
    """
    table, fields = specimens_of(collection)
    specimens, spec = here.read(table, **fields), spec_of(name)
    path = file_of(here, spec, name, collection)
    again = f"run chapter {chapter_of('features', collection=collection)} again."
    try:
        stored = pq.read_table(path)
        ids, vectors = stored["image_id"].to_pandas(), stored["feature"].combine_chunks()
        features = vectors.flatten().to_numpy().reshape(len(stored), vectors.type.list_size)
    except (pa.ArrowException, KeyError, ValueError, OSError, AttributeError) as error:
        raise BadInput(f"{path} is not a whole file of features ({error}): {again}") from error
    known = origin_in(stored.schema)
    for what, now in expected_origin(here, spec, collection).items():
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
    """Read the features of a collection by several encoders: its specimens, and the features by short name.

    Raises:
        BadInput: as `read_features`, or there are no names.
    """
    if not names:
        raise BadInput("No representation is named: name one network or baseline at least.")
    features = {}
    for name in names:
        specimens, features[spec_of(name).name] = read_features(here, name, collection, split)
    return specimens, features


def read_taught_features(here: Results, names: list[str]) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Read what some encoders made of the run's training sheets, as far as it is there.

    An encoder that needs no training may look at a collection without any run: then there is no
    specimen, and the features of each have no row.

    Raises:
        BadInput: as `read_features`.
    """
    there = [n for n in names if here.path("features", encoder=spec_of(n).name, collection=RUN).exists()]
    if there:
        return read_all_features(here, there, split="train")
    return pd.DataFrame(columns=list(COLUMNS)), {}


def origin_in(schema: pa.Schema) -> dict[str, str]:
    """Return what a file of features says of where it is from."""
    return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}


def file_of(here: Results, spec: Spec, name: str, collection: str) -> Path:
    """Return the file of a representation's features, or raise BadInput and say how it is made."""
    path = here.path("features", encoder=spec.name, collection=collection)
    if not path.exists():
        if spec.scheme:
            chapter = chapter_of("features", collection=collection)
            raise BadInput(f"{path} is missing: run chapter {chapter} with {name} among its networks first.")
        if spec.name not in NETWORKS and spec.name not in BASELINES:
            raise unknown(spec.name)
    return here.needed("features", encoder=spec.name, collection=collection)


def expected_origin(here: Results, spec: Spec, collection: str) -> dict[str, str]:
    """Return what a file of features must say to belong to the run as it is now.

    The run knows its networks by their cards. A baseline looks at the squares that the networks look at. It
    and a visitor are those that have seen the run's own sheets, once they have.

    Raises:
        BadInput: a file is missing, or the network was trained on other specimens than the run's.
    """
    table, fields = specimens_of(collection)
    expected = {"specimens table": fingerprint(here.needed(table, **fields)), "encoder": spec.name}
    if spec.name in NETWORKS:
        card = card_of_run(here, spec.name)
        of_network = {"fingerprint": card["checkpoint"], "width": str(card["width"])}
        return expected | of_network | {"geometry": json.dumps(card["geometry"])}
    if spec.scheme:
        expected["model"] = spec.source
    if spec.name in BASELINES:
        expected["squares"] = str(beginning_of_run(here).geometry)
    of_run = here.path("features", encoder=spec.name, collection=RUN)
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
            f"{path}, row {broken[0]} (image {image_ids.iloc[broken[0]]}): a feature is not a finite "
            f"number, so {name} cannot be used: train it again with a lower learning_rate, or mend the "
            "file it is from."
        )
