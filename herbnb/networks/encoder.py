"""The encoder that all networks share: a ResNet-18 without its last layer."""

from pathlib import Path

import torch
from torch import nn
from torchvision.models import ResNet18_Weights, resnet18

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput

PREFIX = "encoder.resnet."


class Encoder(nn.Module):
    """Turn images, float [n, 3, h, w] in 0..1, into features, float [n, width] (He et al. 2016).

    Images are normalised inside, so that pretrained weights see what they were trained on.

    Args:
        weights: "none" to start from random weights, "imagenet" for torchvision's, or the path of
            a state dictionary (torchvision's ResNet-18, or a checkpoint of one of our networks).
        geometry: whose mean and spread the images are normalised by.

    Raises:
        BadInput: weights that are missing, unreadable or of another network.
    """

    width = 512
    """Numbers in a feature vector."""

    def __init__(self, weights: str, geometry: Geometry):
        super().__init__()
        for name, of_colours in (("mean", geometry.mean), ("spread", geometry.spread)):
            self.register_buffer(name, torch.tensor(of_colours).view(1, 3, 1, 1), persistent=False)
        self.resnet = resnet18()
        self.resnet.fc = nn.Identity()
        if weights != "none":
            load_weights(self.resnet, weights)

    def forward(self, images):  # [n, 3, h, w]
        return self.resnet((images - self.mean) / self.spread)  # [n, width]


def load_weights(resnet: nn.Module, weights: str) -> None:
    """Fill `resnet` with the named weights, every key of it, and nothing that it does not have."""
    state = imagenet_state() if weights == "imagenet" else state_of(weights)
    state = state.get("state_dict", state)
    own = {key.removeprefix(PREFIX): value for key, value in state.items() if key.startswith(PREFIX)}
    state = own or {key: value for key, value in state.items() if not key.startswith("fc.")}
    try:
        resnet.load_state_dict(state, strict=True)
    except RuntimeError as error:
        detail = str(error).splitlines()[1].strip()
        raise BadInput(
            f"weights {weights}: not those of a ResNet-18 ({detail}); give another file."
        ) from error


def state_of(path: str) -> dict:
    """Read the dictionary of tensors saved at `path`, and no code."""
    if not Path(path).is_file():
        raise BadInput(f"weights {path} is not a file: give its path, or 'none', or 'imagenet'.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(f"weights {path} is not a file of weights that torch can read safely.") from error
    if not isinstance(state, dict):
        raise BadInput(f"weights {path} holds a {type(state).__name__}, not a state dictionary.")
    return state


def imagenet_state() -> dict:
    """Return torchvision's ImageNet weights, from its cache or else from the network."""
    weights = ResNet18_Weights.IMAGENET1K_V1
    cached = Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rsplit("/", 1)[-1]
    if cached.is_file():
        return state_of(str(cached))
    try:
        return weights.get_state_dict(progress=False, check_hash=True)
    except OSError as error:
        raise BadInput(
            f"ImageNet weights could not be fetched ({error}): "
            f"download {weights.url} elsewhere and put it at {cached}."
        ) from error
