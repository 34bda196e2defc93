"""Jobs: parts of a chapter that are done before it runs, each on a machine of its own if there are several.

A network is trained, or an encoder looks at the run's sheets; how a representation is scored, `scoring` says.
All of it is the code of the chapters, with the parameters that they have; what is whole is not done again.
"""

import os
from pathlib import Path

from herbnb.book.chapters import chapter_parameters
from herbnb.book.ground import check_ground
from herbnb.book.profile import Profile
from herbnb.book.runner import prepare_data, settle_parameters
from herbnb.errors import BadInput
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.results import RUN, Results

READING = {"data", "results", "num_workers", "cache"}
"""Parameters of a network's chapter that change nothing of what is learnt; all others do."""


def values_of(
    chapter: str, profile: Profile, given: dict[str, object], images: bool = False
) -> tuple[Results, dict]:
    """Return the run of a chapter, and each of its parameters with the value that it would run with.

    With `images` the profile's pocket herbarium is drawn, if it has one, once all values are in their range.

    Raises:
        BadInput: a wrong parameter, also one that names what is not there.
    """
    values = {name: parameter.default for name, parameter in chapter_parameters(chapter).items()}
    values |= settle_parameters(chapter, profile, given)
    if images:
        prepare_data(profile)
    check_ground(chapter, values)
    return Results(str(values["results"])), values


def train_for_chapter(network: str, profile: Profile, given: dict[str, object]) -> dict:
    """Train a network as its chapter does, alone or with the processes of a job, and return its card.

    Args:
        network: a name in `NETWORKS`, and of a chapter.
        profile: whose parameters it takes.
        given: parameters that come before the profile's.

    Raises:
        BadInput: there is no such network; a wrong parameter; what `train` refuses.
    """
    if network not in NETWORKS:
        raise BadInput(f"There is no network {network!r}: choose one of {', '.join(NETWORKS)}.")
    here, values = values_of(network, profile, given, images=True)
    settings = {name: value for name, value in values.items() if name not in READING}

    from herbnb.networks.ranks import ranks_of_environment  # torch, where it is wanted only
    from herbnb.networks.training import train

    cache = here.path("resized", collection=RUN) if values["cache"] else None
    reading = {"num_workers": values["num_workers"], "cache": cache, "ranks": ranks_of_environment()}
    return train(network, located(str(values["data"])), here, **reading, **settings)


def extract_for_chapter(encoder: str, profile: Profile, given: dict[str, object]) -> Path:
    """Let an encoder look at the run's sheets as chapter Features does, and return the index of its features.

    Args:
        encoder: a network, a baseline or a visitor, as `spec_of` reads it.
        profile: whose parameters it takes.
        given: parameters that come before the profile's.

    Raises:
        BadInput: an unknown encoder, a network that has not been trained; a wrong parameter or image.
    """
    from herbnb.representations import spec_of
    from herbnb.representations.extraction import keep_features, load_encoders

    here, values = values_of("features", profile, given | {"networks": [encoder]}, images=True)
    encoders = load_encoders([encoder], here, values["seed"])
    reading = {"batch_size": values["batch_size"], "num_workers": values["num_workers"]}
    cache = here.path("resized", collection=RUN) if values["cache"] else None
    keep_features(here, RUN, encoders, located(str(values["data"])), cache=cache, **reading)
    return here.path("features", encoder=spec_of(encoder).name, collection=RUN)


def graphics_processors() -> int:
    """Return how many graphics processors of NVIDIA a job on this machine sees, without waking them."""
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if seen is not None:
        return len([each for each in seen.split(",") if each.strip() and each.strip() != "-1"])
    return len(list(Path("/dev").glob("nvidia[0-9]*")))
