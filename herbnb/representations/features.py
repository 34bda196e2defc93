"""Features: a vector of numbers a sheet, and whether they belong to the run as it is now."""

from pathlib import Path

import numpy as np
import pandas as pd

from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks import NETWORKS
from herbnb.networks.cards import beginning_of_run, card_of_run
from herbnb.representations import BASELINES, Spec, spec_of, unknown
from herbnb.representations.parts import ORIGIN
from herbnb.representations.shelves import Shelf
from herbnb.results import RUN, Results, chapter_of, specimens_of
from herbnb.specimens import COLUMNS


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
        BadInput: the features are missing, of another run or encoder, incomplete or damaged, or one of them
            is not a finite number.
    """
    table, fields = specimens_of(collection)
    specimens, spec = here.read(table, **fields), spec_of(name)
    path = index_of(here, spec, name, collection)
    listing = listing_of(here, spec.name, collection)
    for what, now in expected_origin(here, spec, collection).items():
        if listing.get(what) != now:
            raise BadInput(
                f"{path} was made with another {what} than the one now in {here.folder}: {again(collection)}"
            )
    if split is not None:
        specimens = specimens[specimens["split"] == split].reset_index(drop=True)
    return specimens, read_listed(here, spec.name, collection, specimens["image_id"])


def read_listed(here: Results, name: str, collection: str, image_ids: pd.Series) -> np.ndarray:
    """Read the features of n sheets of a collection as its index lists them, float32 [n, width].

    Whether they are of the run as it is now is not asked: see `read_features`.

    Args:
        here: the run.
        name: short, of the encoder.
        collection: the run's own, "kew" or one of the user's.
        image_ids: of the sheets, in the order of the features.

    Raises:
        BadInput: the features are missing, incomplete or damaged, or one of them is not a finite number.
    """
    listing = listing_of(here, name, collection)
    shelf = Shelf(here.path("features", encoder=name, collection=collection), listing)
    return shelf.read(image_ids, listing["parts"], again(collection))


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


def listing_of(here: Results, name: str, collection: str) -> dict:
    """Return what the index of features says: the origin of the features, and their parts.

    Raises:
        BadInput: it is missing, or no such index.
    """
    listing = here.read("features", encoder=name, collection=collection)
    if not isinstance(listing, dict) or not {*ORIGIN, "parts"} <= {*listing}:
        path = here.path("features", encoder=name, collection=collection)
        raise BadInput(f"{path} is no index of features: delete it, and {again(collection)}")
    return listing


def again(collection: str) -> str:
    """Say how the features of a collection are made again."""
    return f"run chapter {chapter_of('features', collection=collection)} again."


def index_of(here: Results, spec: Spec, name: str, collection: str) -> Path:
    """Return the index of a representation's features, or raise BadInput and say how it is made."""
    path = here.path("features", encoder=spec.name, collection=collection)
    if not path.exists():
        if spec.scheme:
            chapter = chapter_of("features", collection=collection)
            raise BadInput(f"{path} is missing: run chapter {chapter} with {name} among its networks first.")
        if spec.name not in NETWORKS and spec.name not in BASELINES:
            raise unknown(spec.name)
    return here.needed("features", encoder=spec.name, collection=collection)


def expected_origin(here: Results, spec: Spec, collection: str) -> dict[str, str]:
    """Return what the index of features must say to belong to the run as it is now.

    The run knows its networks by their cards. A baseline looks at the squares that the networks look at. It
    and a visitor are those that have seen the run's own sheets, once they have.

    Raises:
        BadInput: a file is missing, or the network was trained on other specimens than the run's.
    """
    table, fields = specimens_of(collection)
    expected = {"specimens table": fingerprint(here.needed(table, **fields)), "encoder": spec.name}
    if spec.name in NETWORKS:
        card = card_of_run(here, spec.name)
        return expected | {
            "fingerprint": card["checkpoint"],
            "width": card["width"],
            "geometry": card["geometry"],
        }
    if spec.scheme:
        expected["model"] = spec.source
    if spec.name in BASELINES:
        expected["squares"] = str(beginning_of_run(here).geometry)
    if collection != RUN and here.path("features", encoder=spec.name, collection=RUN).exists():
        known = listing_of(here, spec.name, RUN)
        expected |= {what: known[what] for what in ("fingerprint", "width")}
    return expected
