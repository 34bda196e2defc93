"""Baselines: what a trained network has to beat: its encoder before any lesson, before ours, and colour."""

import torch

from herbnb.networks.cards import Beginning
from herbnb.networks.encoder import DEFAULT, Encoder, encoder_of, geometry_for


def untrained(beginning: Beginning, seed: int) -> Encoder:
    """Return the encoder of every network with random weights, fixed by a seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return encoder_of(beginning.encoder, "none", beginning.geometry)


def imagenet(beginning: Beginning, seed: int) -> Encoder:
    """Return the encoder that has learnt from ImageNet's photographs, and nothing from our sheets.

    It is the one that the networks began from; where they began otherwise, EfficientNet-Lite0.
    """
    if beginning.weights == "imagenet":
        return encoder_of(*beginning)
    squares = beginning.geometry
    return encoder_of(DEFAULT, "imagenet", geometry_for(DEFAULT, squares.height, squares.fit))


class Colour:
    """A histogram: the share of pixels in each of 8 × 8 × 8 boxes of red, green and blue."""

    width, fingerprint = 512, "8 × 8 × 8 boxes"

    def __init__(self, beginning: Beginning, seed: int):
        self.geometry = beginning.geometry

    @torch.inference_mode()
    def encode(self, images, begun=None):
        steps = images.long() // 32  # 0 to 7
        red, green, blue = steps.flatten(2).unbind(1)  # each [n, pixels]
        boxes = 64 * red + 8 * green + blue
        ones = torch.ones_like(boxes, dtype=torch.float32)
        counts = ones.new_zeros(len(images), 512)
        return counts.scatter_add_(1, boxes, ones) / boxes.shape[1]
