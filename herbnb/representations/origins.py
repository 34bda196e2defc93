"""Origins: where features are from, and whether they belong to the run as it is now."""

from pathlib import Path
from typing import Annotated

import pydantic

from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks import NETWORKS
from herbnb.networks.cards import beginning_of_run, card_of_run
from herbnb.representations import BASELINES, Spec, spec_of, unknown
from herbnb.representations.parts import ORIGIN
from herbnb.results import RUN, Results, chapter_of, specimens_of

WIDEST = 65_536
"""Numbers of a feature vector; the widest encoders of today have a tenth of them."""

Part = Annotated[str, pydantic.StringConstraints(pattern=r"^part-\d+\.parquet$")]


class Listing(pydantic.BaseModel, strict=True):
    """What an index of features says: `ORIGIN`, its sheets by their fingerprint, and what each part holds."""

    encoder: str
    fingerprint: str
    width: Annotated[int, pydantic.Field(gt=0, le=WIDEST)]
    squares: str
    geometry: dict | None
    model: str
    resizing: int
    sheets: str
    parts: dict[Part, pydantic.NonNegativeInt]


def origin_in_run(here: Results, name: str, collection: str, split: str | None) -> dict:
    """Return where the features of some sheets are from, in plain types.

    Raises:
        BadInput: they are missing, or not of the run as it is now.
    """
    spec = spec_of(name)
    path = index_of(here, spec, name, collection)
    listing = listing_of(here, spec.name, collection)
    for what, now in expected_origin(here, spec, collection).items():
        if listing.get(what) != now:
            raise BadInput(
                f"{path} was made with another {what} than the one now in {here.folder}: {again(collection)}"
            )
    whence = ("specimens table", "sheets", *ORIGIN)
    return {what: listing[what] for what in whence} | {"collection": collection, "split": split}


def listing_of(here: Results, name: str, collection: str) -> dict:
    """Return what the index of features says: the origin of the features, and their parts.

    Raises:
        BadInput: it is missing, or no such index.
    """
    listing = here.read("features", encoder=name, collection=collection)
    try:
        Listing.model_validate(listing)
    except pydantic.ValidationError as error:
        path = here.path("features", encoder=name, collection=collection)
        raise BadInput(f"{path} is no index of features: delete it, and {again(collection)}") from error
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
