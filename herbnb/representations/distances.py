"""Distances: how far sheets lie from one another, a tile of all pairs at a time.

All pairs of a herbarium are too many to hold, and products of matrices are what a machine does best. So
whoever needs them takes tiles, on the processor or on a GPU, and forgets each when it has been used.
"""

from functools import cached_property

import numpy as np
import torch

from herbnb.devices import device, parts
from herbnb.errors import BadInput

TILE = {"cpu": (512, 1024), "cuda": (4096, 8192)}
"""Pairs of a tile, others by sheets, on each kind of device: what its cache holds, or what keeps it busy."""

CLOSE = 0.01
"""Squared distances below this share of the squared lengths lose digits that the products do not have."""


class Distances:
    """The Euclidean distances between n sheets.

    Products are made in float32, of features about their mean: |x - y|² = |x|² + |y|² - 2xy. A tile with two
    sheets that lie `CLOSE` together, seen from the mean, is made again in float64: so what float32 costs a
    distance is at most some 1e-5 of it, and mostly 1e-7.

    Args:
        features: [n, d].

    Raises:
        BadInput: features that are not finite.
    """

    def __init__(self, features: np.ndarray):
        self.features, self.mean = features, features.mean(axis=0, dtype=np.float64)
        if not np.isfinite(self.mean).all():
            raise BadInput("A feature is not a finite number: make the features again.")
        self.device = device()
        self.others_at_once, self.sheets_at_once = TILE[self.device.type]

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def about_mean(self) -> torch.Tensor:
        """Features about their mean, float32 [n, d]."""
        rounded = torch.empty(self.features.shape, device=self.device)
        for rows in parts(len(self), self.others_at_once):
            rounded[rows] = self.exact(rows).float()
        return rounded

    @cached_property
    def squares(self) -> torch.Tensor:
        """Their squared lengths, float32 [n]."""
        rows = parts(len(self), self.others_at_once)
        return torch.cat([self.about_mean[part].square().sum(dim=1) for part in rows])

    def exact(self, rows: slice | np.ndarray) -> torch.Tensor:
        """Return features about their mean in float64."""
        return torch.from_numpy(self.features[rows] - self.mean).to(self.device)

    def squared(self, others: slice | np.ndarray, sheets: slice | np.ndarray) -> torch.Tensor:
        """Return squared distances in float64 [others, sheets]."""
        x, y = self.exact(others), self.exact(sheets)
        lengths = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1)
        return torch.addmm(lengths, x, y.T, alpha=-2).clamp_(min=0)

    def between(self, others: slice, sheets: slice) -> torch.Tensor:
        """Return distances in float32 [others, sheets]; a sheet is at 0 from itself."""
        lengths = self.squares[others, None] + self.squares[sheets]
        products = self.about_mean[others] @ self.about_mean[sheets].T
        squared = torch.sub(lengths, products, alpha=2)
        itself = others.start - sheets.start
        squared.diagonal(itself).fill_(torch.inf)
        if torch.sub(squared, lengths, alpha=CLOSE).amin() >= 0:
            away = squared.sqrt_()
        else:  # or there is no least one, where float32 has overflown
            away = self.squared(others, sheets).sqrt_().float()
        away.diagonal(itself).fill_(0)
        return away
