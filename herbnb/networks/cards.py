"""Cards: what a run knows of its networks, and of what they began from, without loading any of them."""

import json
from typing import NamedTuple

import pydantic

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks import NETWORKS
from herbnb.results import Results, chapter_of


class Began(pydantic.BaseModel):
    """What a card tells of the encoder that training began from."""

    encoder: str
    weights: str
    trainable: str


class Needed(pydantic.BaseModel):
    """What a card is asked for; it tells more."""

    parameters: dict
    fingerprint: str
    weights: str
    checkpoint: str
    geometry: Geometry
    width: pydantic.PositiveInt
    precision: str
    beginning: Began


def is_card(card: object) -> bool:
    """Say whether a card tells all that it is asked for, as an older herbnb's does not."""
    try:
        Needed.model_validate_json(json.dumps(card), strict=True)
        beginning_in(card)
    except (pydantic.ValidationError, BadInput, TypeError):
        return False
    return True


def read_card(here: Results, name: str) -> dict:
    """Return the card of a finished training, or nothing where none is or its checkpoint is another's.

    A card that is not what it should be (`is_card`) is none. A checkpoint that is not there
    was left behind when the run was packed: what it made of the sheets is still what the card says.

    Raises:
        BadInput: the card cannot be read.
    """
    if not here.path("card", network=name).exists():
        return {}
    card = here.read("card", network=name)
    if not is_card(card):
        return {}
    checkpoint = here.path("checkpoint", network=name)
    return card if not checkpoint.exists() or card["checkpoint"] == fingerprint(checkpoint) else {}


def write_card(here: Results, name: str, card: dict) -> dict:
    """Write and return the card, with the fingerprint of the best checkpoint as `checkpoint`."""
    card = {**card, "checkpoint": fingerprint(here.path("checkpoint", network=name))}
    here.write("card", card, network=name)
    return card


def card_of_run(here: Results, name: str) -> dict:
    """Return the card of a network that was trained on the specimens that the run has now.

    Raises:
        BadInput: it was not trained, or on other specimens.
    """
    card = read_card(here, name)
    if card.get("fingerprint") != fingerprint(here.needed("specimens")):
        folder, chapter = here.path("card", network=name).parent, chapter_of("card", network=name)
        raise BadInput(
            f"{folder} holds no network trained on the specimens that the run has now: run chapter {chapter}."
        )
    return card


class Beginning(NamedTuple):
    """The encoder that training began from, as `encoder_of` takes it."""

    encoder: str
    weights: str
    geometry: Geometry
    trainable: str


def beginning_of_run(here: Results) -> Beginning:
    """Return the encoder that the trained networks of a run began from, for what is compared with them.

    They share its geometry. Of networks that began differently, as the published ones did, it is the one
    that began from photographs. Where no network is trained it is the one that needs no training.

    Raises:
        BadInput: two networks look at sheets in different ways.
    """
    cards = {name: card for name in NETWORKS if (card := read_card(here, name))}
    found = {name: beginning_in(card) for name, card in cards.items()}
    if not found:
        from herbnb.networks.encoder import DEFAULT, geometry_for  # torch, where it is wanted only

        return Beginning(DEFAULT, "imagenet", geometry_for(DEFAULT), "head")
    first, *others = found
    for other in others:
        if found[other].geometry != found[first].geometry:
            one, two = (f"a {found[n].encoder} and squares of {found[n].geometry}" for n in (first, other))
            raise BadInput(
                f"In {here.folder} the {first} was trained with {one}, the {other} with {two}: "
                "train them alike, or in two runs, to compare them."
            )
    return next((each for each in found.values() if each.weights == "imagenet"), found[first])


def beginning_in(card: dict) -> Beginning:
    """Return the beginning that a card tells of."""
    about = card["beginning"]
    return Beginning(
        about["encoder"], about["weights"], Geometry.of_card(card["geometry"]), about["trainable"]
    )
