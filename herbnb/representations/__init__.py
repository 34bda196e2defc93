"""Representations: features, and what they look like."""

from collections.abc import Iterable

from herbnb.networks import NETWORKS

BASELINES = {
    "untrained": "herbnb.representations.baselines:Untrained",
    "colour": "herbnb.representations.baselines:Colour",
}
"""What a network has to beat, by name, and where the class is: the same encoder before any training, and a
histogram of colours."""


def with_baselines(networks: Iterable[str] = ()) -> list[str]:
    """Return the names of some networks, of which none means all there are, and of the baselines."""
    return [*(list(networks) or NETWORKS), *BASELINES]
