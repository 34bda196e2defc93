"""The three networks by name, and how a trained one is loaded."""

from pathlib import Path

import torch

from herbnb.errors import BadInput
from herbnb.files import needed
from herbnb.networks import NETWORKS
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.classifier import Classifier
from herbnb.networks.network import Network
from herbnb.networks.triplet import Triplet

KINDS = dict(zip(NETWORKS, (Autoencoder, Triplet, Classifier), strict=True))
CHAPTERS = {"autoencoder": "autoencoder", "triplet": "triplet", "classifier": "classifier"}


def load_network(results: str | Path, name: str) -> Network:
    """Load the best checkpoint of a network, tensors only and every key of it, ready to encode.

    Raises:
        BadInput: it is missing (with the chapter to run first) or not one of this network.
    """
    if name not in NETWORKS:
        raise BadInput(f"There is no network {name!r}: choose one of {', '.join(NETWORKS)}.")
    path = needed(Path(results) / "networks" / name / "checkpoint.ckpt", CHAPTERS[name])
    try:
        network = KINDS[name].load_from_checkpoint(
            path, map_location="cpu", strict=True, weights_only=True, weights="none"
        )
    except Exception as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(
            f"{path} is not a whole checkpoint of the {name}: delete its folder and "
            f"run chapter {CHAPTERS[name]} again."
        ) from error
    return network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
