"""Baselines: what a trained network has to beat, an encoder before any lesson and plain colour."""

import torch

from herbnb.networks.encoder import FEATURES
from herbnb.networks.network import Network


class Untrained(Network):
    """The encoder of every network as it was before training: random weights, fixed by a seed."""

    def __init__(self, seed: int):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            super().__init__(weights="none", learning_rate=0.0)


class Colour:
    """A histogram: the share of pixels in each of 8 × 8 × 8 boxes of red, green and blue."""

    @torch.inference_mode()
    def encode(self, images):
        red, green, blue = (images.long() // 32).flatten(2).unbind(1)  # each [n, pixels], 0 to 7
        boxes = 64 * red + 8 * green + blue
        counts = torch.zeros(len(images), FEATURES, device=images.device)
        return counts.scatter_add_(1, boxes, torch.ones_like(boxes, dtype=counts.dtype)) / boxes.shape[1]
