"""Jobs: what a machine with graphics processors, or several of them, does for a chapter before it runs."""

import os
from pathlib import Path

from herbnb.book.chapters import chapter_parameters
from herbnb.book.profile import Profile
from herbnb.book.runner import settle_parameters
from herbnb.errors import BadInput
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.results import RUN, Results

READING = {"data", "results", "num_workers", "cache"}
"""Parameters of a network's chapter that change nothing of what is learnt; all others do."""


def train_for_chapter(network: str, profile: Profile, given: dict[str, object]) -> dict:
    """Train a network as its chapter does, alone or with the processes of a job, and return its card.

    The chapter then finds the training done, and goes on.

    Args:
        network: a name in `NETWORKS`, and of a chapter.
        profile: whose parameters it takes.
        given: parameters that come before the profile's.

    Raises:
        BadInput: there is no such network; a wrong parameter; what `train` refuses.
    """
    if network not in NETWORKS:
        raise BadInput(f"There is no network {network!r}: choose one of {', '.join(NETWORKS)}.")
    values = {name: parameter.default for name, parameter in chapter_parameters(network).items()}
    values |= settle_parameters(network, profile, given)
    settings = {name: value for name, value in values.items() if name not in READING}

    from herbnb.networks.ranks import ranks_of_environment  # torch, where it is wanted only
    from herbnb.networks.training import train

    here = Results(str(values["results"]))
    cache = here.path("resized", collection=RUN) if values["cache"] else None
    reading = {"num_workers": values["num_workers"], "cache": cache, "ranks": ranks_of_environment()}
    return train(network, located(str(values["data"])), here, **reading, **settings)


def graphics_processors() -> int:
    """Return how many graphics processors of NVIDIA a job on this machine sees, without waking them."""
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if seen is not None:
        return len([each for each in seen.split(",") if each.strip() and each.strip() != "-1"])
    return len(list(Path("/dev").glob("nvidia[0-9]*")))
