"""Baselines: what a trained network has to beat, an encoder before any lesson and plain colour."""

import hashlib

import torch

from herbnb.data.images.geometry import Geometry
from herbnb.networks.encoder import Encoder
from herbnb.networks.network import Network


class Untrained(Network):
    """The encoder of every network as it was before training: random weights, fixed by a seed."""

    def __init__(self, geometry: Geometry, seed: int):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            super().__init__(input_height=geometry.height, fit=geometry.fit)
            torch.manual_seed(seed)
            self.encoder = Encoder("none", geometry)  # which normalises as this geometry says
        self.geometry = geometry

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of its weights."""
        digest = hashlib.sha256()
        for weights in self.encoder.parameters():
            digest.update(weights.detach().cpu().numpy().tobytes())
        return digest.hexdigest()[:16]


class Colour:
    """A histogram: the share of pixels in each of 8 × 8 × 8 boxes of red, green and blue."""

    width, fingerprint = 512, "8 × 8 × 8 boxes"

    def __init__(self, geometry: Geometry, seed: int):
        self.geometry = geometry

    @torch.inference_mode()
    def encode(self, images):
        steps = images.long() // 32  # 0 to 7
        red, green, blue = steps.flatten(2).unbind(1)  # each [n, pixels]
        boxes = 64 * red + 8 * green + blue
        ones = torch.ones_like(boxes, dtype=torch.float32)
        counts = ones.new_zeros(len(images), 512)
        return counts.scatter_add_(1, boxes, ones) / boxes.shape[1]
