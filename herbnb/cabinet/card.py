"""Card: which run a review list is from, kept beside the list by the chapter that writes it."""

from datetime import date

import pydantic

from herbnb import __version__
from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.results import RUN, Results, of_collection, specimens_of


class Run(pydantic.BaseModel, extra="forbid", frozen=True):
    """What a doubt rests on: it travels with every decision, so that no database forgets it."""

    network: str
    """Whose eyes made the list."""
    herbnb: str
    """The version of the software."""
    date: date
    """When the list was made."""
    seed: int
    specimens: str
    """The fingerprint of the specimens table."""


def list_card(here: Results, collection: str, network: str, seed: int) -> dict:
    """Return the card of a review list that was just made: `collection`, and what `Run` has.

    Args:
        here: the run.
        collection: whose list it is.
        network: whose features were judged.
        seed: of the folds.
    """
    name, fields = specimens_of(collection)
    table = fingerprint(here.needed(name, **fields))
    run = Run(network=network, herbnb=__version__, date=date.today(), seed=seed, specimens=table)
    return {"collection": collection, **run.model_dump(mode="json")}


def read_card(here: Results, collection: str) -> Run:
    """Read which run the review list of a collection is from.

    Raises:
        BadInput: there is no list or no card, the list is of another collection, the specimens table is not
            the one that it was made of, or the collection is the run's own herbarium, whose images a run does
            not keep.
    """
    if collection == RUN:
        raise BadInput(
            f"{RUN} is the run's own herbarium: give its folder to chapter your_herbarium as a collection, "
            "and review that."
        )
    listed, fields = of_collection("review_list", collection)
    here.needed(listed, **fields)
    name, fields = of_collection("review_card", collection)
    card, path = here.read(name, **fields), here.path(name, **fields)
    try:
        of, run = card.pop("collection"), Run.model_validate(card)
    except (AttributeError, KeyError, TypeError, pydantic.ValidationError) as error:
        raise BadInput(
            f"{path} is no card of a review list: run the chapter that writes it again."
        ) from error
    if of != collection:
        raise BadInput(f"{path} says that the list is of {of}, not of {collection}: name {of}.")
    name, fields = specimens_of(collection)
    table = here.needed(name, **fields)
    if fingerprint(table) != run.specimens:
        raise BadInput(
            f"{table} has changed since the review list was made: run the chapter of the list again."
        )
    return run
