"""The encoder that all networks share: a backbone of timm without its last layer, and what of it learns."""

from functools import cached_property

import timm
import torch
from torch import nn

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput, nearest
from herbnb.networks import stem  # noqa: F401, tells timm of one more model
from herbnb.networks.stages import parted
from herbnb.networks.weights import (
    fingerprint_of,
    load_packaged,
    load_weights,
    not_here,
    offline,
    packaged,
)

DEFAULT = "tf_efficientnet_lite0"
"""The backbone whose ImageNet weights are installed with the book."""

AT_ONCE = 8
"""Sheets that a processor encodes at once: their maps stay in its caches, which 64 at once overflow."""


class Encoder(nn.Module):
    """Turn images, float [n, 3, h, w] in 0..1, into features, float [n, width].

    Images are normalised inside, so that pretrained weights see what they were trained on. What stays as it
    is (the trunk) comes before what learns (the crown), and the maps between them can be kept.

    Args:
        backbone: what turns normalised images into features.
        width: numbers in a feature vector.
        geometry: of the images, whose mean and spread normalise them.
        frozen: the parts of the backbone that stay as they are, in order.
        learning: those that follow; by default the whole backbone.
    """

    def __init__(self, backbone: nn.Module, width: int, geometry: Geometry, frozen=(), learning=None):
        super().__init__()
        for name, of_colours in (("mean", geometry.mean), ("spread", geometry.spread)):
            self.register_buffer(name, torch.tensor(of_colours).view(1, 3, 1, 1), persistent=False)
        self.backbone = backbone.to(memory_format=torch.channels_last)
        self.width, self.geometry = width, geometry
        self.frozen, self.learning = list(frozen), [backbone] if learning is None else list(learning)
        for stage in self.frozen:
            stage.requires_grad_(False).eval()

    def forward(self, images):  # [n, 3, h, w]
        return self.crown(self.trunk(images))  # [n, width]

    def trunk(self, images):
        """Return what the crown begins with: maps of the frozen stages, or the normalised images."""
        maps = (images - self.mean) / self.spread
        for stage in self.frozen:
            maps = stage(maps)
        return maps

    def crown(self, maps):
        """Return the features, [n, width], of what the trunk has made."""
        for stage in self.learning:
            maps = stage(maps)
        return maps

    @torch.inference_mode()
    def encode(self, images: torch.Tensor, begun: dict | None = None) -> torch.Tensor:
        """Turn images, uint8 [n, 3, h, h], into features, float32 [n, width], without training.

        `begun` keeps what encoders that begin alike have made of these images, for the next of them.
        """
        self.eval()
        begun = {} if begun is None else begun
        if self.beginning not in begun:
            begun[self.beginning] = self.trunk(scaled(images.to(self.mean.device)))
        return self.crown(begun[self.beginning].to(self.mean.device)).float()

    @cached_property
    def beginning(self) -> str:
        """Colours and frozen weights: encoders that have the same ones begin alike."""
        colours = f"{self.mean.flatten().tolist()} {self.spread.flatten().tolist()}"
        return " ".join([colours, *map(fingerprint_of, self.frozen)])

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the weights."""
        return fingerprint_of(self.backbone)

    def train(self, mode: bool = True):
        super().train(mode)
        for stage in self.frozen:  # the statistics of frozen stages stay as they are, too
            stage.eval()
        return self


def encoder_of(name: str, weights: str, geometry: Geometry, trainable: str = "all") -> Encoder:
    """Return a model of timm without its last layer.

    Args:
        name: of the model (Wightman 2019), such as "resnet18" (He et al. 2016).
        weights: "none" to start from random weights, "imagenet" for those that timm has for the model,
            or the path of a state dictionary (the model's, or a checkpoint of one of our networks).
        geometry: of the images; a vision transformer is made for its height.
        trainable: what learns: "all", nothing ("head", what a network adds), or the stages from the one
            named on, such as "layer4".

    Raises:
        BadInput: there is no such model or stage; weights that are missing, unreadable or of another model.
    """
    model = backbone(name, weights, geometry.height)
    frozen, learning = parted(model, name, trainable, geometry.height)
    return Encoder(model, model.head_hidden_size, geometry, frozen, learning)


def scaled(images: torch.Tensor) -> torch.Tensor:
    """Turn uint8 images [n, 3, h, h] into floats in 0..1, laid out as convolutions like them."""
    return images.float().div(255).contiguous(memory_format=torch.channels_last)


def backbone(name: str, weights: str, height: int) -> nn.Module:
    """Return a model of timm without its last layer, filled with `weights`."""
    known = data_config(name)
    sized = {"img_size": height} if known.fixed_input_size else {}
    pretrained = weights == "imagenet" and not packaged(name)
    if pretrained and not known.has_weights:
        raise BadInput(f"timm has no weights for {name}: give weights 'none', or the path of a file.")
    try:
        with offline():
            model = timm.create_model(name, pretrained=pretrained, num_classes=0, **sized)
    except (OSError, RuntimeError) as error:
        raise not_here(f"timm:{name}", error) from error
    if weights == "imagenet" and not pretrained:
        load_packaged(model, name)
    elif weights not in ("none", "imagenet"):
        heads = known.classifier or ()
        load_weights(model, weights, name, (heads,) if isinstance(heads, str) else tuple(heads))
    return model


def data_config(name: str):
    """Return what timm knows of a model: its colours, its size, its licence and where its weights are.

    Raises:
        BadInput: timm has no such model.
    """
    model, _, tag = name.partition(".")
    if not timm.is_model(model):
        raise BadInput(f"timm has no model {name!r}{nearest(model, timm.list_models())}")
    tags = [each.partition(".")[2] for each in timm.list_pretrained(f"{model}.*")]
    if tag and tag not in tags:
        raise BadInput(f"timm has no weights {tag!r} for {model}: choose among {', '.join(tags)}.")
    return timm.get_pretrained_cfg(name)


def geometry_for(name: str, height: int | None = None, fit: str = "letterbox") -> Geometry:
    """Return what a model of timm wants done to a picture, by default at the height it was trained at.

    Raises:
        BadInput: timm has no such model, or an argument is out of range.
    """
    known = data_config(name)
    return geometry_of(known.mean, known.std, height or known.input_size[-1], fit)


def geometry_of(mean, spread, height: int, fit: str = "letterbox") -> Geometry:
    """Return a geometry of these colours, whose backdrop is zero once normalised."""
    backdrop = tuple(round(255 * of_colour) for of_colour in mean)
    return Geometry(height, fit, backdrop, tuple(mean), tuple(spread))
