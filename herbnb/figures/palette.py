"""Palette: one colour and one mark for each thing, the same in every chapter.

The hues are those of Okabe and Ito, which colour-blind readers can tell apart, taken dark enough for the
light page and light enough for the dark one. A second sign (mark, dash) always goes with the colour.
"""

from collections.abc import Iterable
from itertools import cycle
from typing import NamedTuple

from herbnb.networks import NETWORKS


class Look(NamedTuple):
    """How one series is drawn."""

    colour: str
    mark: str
    dash: str


CYCLE = (
    Look("#2b7bba", "circle", "solid"),
    Look("#d55e00", "square", "dash"),
    Look("#0b8f6b", "diamond", "dot"),
    Look("#b8569b", "triangle-up", "dashdot"),
    Look("#b07a00", "cross", "solid"),
    Look("#8f6bd1", "triangle-down", "dash"),
    Look("#c2504d", "pentagon", "dot"),
    Look("#1f8fa8", "star", "dashdot"),
)
"""For everything else, in the order of appearance."""

WHEEL = tuple(
    look._replace(mark=CYCLE[(place + 3 * turn) % len(CYCLE)].mark + sign)
    for turn, sign in enumerate(("", "-open", "-open-dot"))
    for place, look in enumerate(CYCLE)
)
"""The cycle three times over: a colour that comes again has another mark, hollow or with a dot in it."""

NAMED = {
    **{name: CYCLE[place % len(CYCLE)]._replace(dash="solid") for place, name in enumerate(NETWORKS)},
    "untrained": Look("#7f7f7f", "x-thin-open", "dot"),
    "colour": Look("#94866f", "cross-thin-open", "dash"),
    "imagenet": Look("#6d8096", "asterisk-open", "dashdot"),
    "oracle": Look("#8f6bd1", "star", "dash"),
    "always the commonest": Look("#86827a", "y-up-open", "dot"),
    "always the first": Look("#86827a", "y-down-open", "dot"),
    "by lot": Look("#86827a", "hourglass-open", "dot"),
    "by genus": Look("#86827a", "bowtie-open", "dash"),
    "train": Look("#7a7a7a", "circle", "solid"),
    "validation": Look("#d55e00", "square", "dash"),
    "random": Look("#2b7bba", "square", "dash"),
    "species": Look("#b8569b", "diamond", "dot"),
    "institutions": Look("#b07a00", "triangle-up", "dashdot"),
    "genus": Look("#0b8f6b", "circle", "solid"),
    "family": Look("#2b7bba", "square", "dash"),
    "order": Look("#b07a00", "triangle-up", "dashdot"),
}
"""The fixed looks, in the order in which legends and axes list them; `species` is a split and a rank."""

REST = Look("#86827a", "circle-open", "dot")
"""For what a legend has no room to name."""


def ordered(values: Iterable) -> list[str]:
    """Return the distinct values as text: those of `NAMED` in its order, then the others as they appear."""
    distinct = list(dict.fromkeys(map(str, values)))
    places = {name: place for place, name in enumerate(NAMED)}
    return sorted(distinct, key=lambda name: places.get(name, len(places)))


def looks(values: Iterable) -> dict[str, Look]:
    """Return a look for each distinct value, in the order of `ordered`.

    A value without a fixed look, such as an encoder from elsewhere, takes no colour that another has here.
    """
    distinct = ordered(values)
    chosen = {value: NAMED[value] for value in distinct if value in NAMED}
    taken = {look.colour for look in chosen.values()}
    free = cycle([look for look in WHEEL if look.colour not in taken] or WHEEL)
    return chosen | {value: next(free) for value in distinct if value not in NAMED}
