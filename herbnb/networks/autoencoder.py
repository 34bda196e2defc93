"""The autoencoder: squeeze a sheet to 256 numbers, and draw it again from them."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from herbnb.networks.encoder import scaled
from herbnb.networks.network import Network, one_of

DETAIL = ("coarse", "full")
"""How large a decoder draws: stamps that are enlarged, or, as published, the sheet at its full size."""

STAMP = 64
"""The side of a stamp: four places, doubled four times."""


class Autoencoder(Network):
    """Learn features from which the sheet itself can be drawn again; labels are not looked at."""

    def __init__(self, latent: int = 256, detail: str = "coarse", **common):
        one_of("detail", detail, DETAIL)
        super().__init__(**common)
        self.squeeze = nn.Linear(self.width, latent)
        maps = self.encoder.backbone.feature_info
        widths = [each["num_chs"] for each in maps]
        self.decoder = Decoder(latent, widths[:-6:-1], detail)

    def forward(self, maps):  # of the trunk
        features = self.encoder.crown(maps)  # [n, width]
        latent = self.squeeze(features)  # [n, 256]
        return self.decoder(latent, self.geometry.height)  # [n, 3, h, h]

    def training_step(self, batch, batch_idx):
        images, _, maps = batch
        loss = F.mse_loss(self(maps), scaled(images))
        return self.record(len(images), loss=loss)


def as_sharp(images: torch.Tensor, detail: str) -> torch.Tensor:
    """Return images, [n, 3, h, h], no sharper than a decoder of that detail can draw them."""
    if detail == "full":
        return images
    small = F.interpolate(images, size=STAMP, mode="area")
    return F.interpolate(small, size=images.shape[-1], mode="bilinear")


class Decoder(nn.Module):
    """Mirror the encoder: from a latent vector, in stages of two blocks, to an image.

    Args:
        latent: numbers in the latent vector.
        widths: of the encoder's maps, the last first: four stages where there are five.
        detail: one of `DETAIL`. At "coarse" each stage doubles the side, and what they make is enlarged. At
            "full" the stages begin with an eighth of the image's side, and the first three double it.
    """

    def __init__(self, latent: int, widths: list[int], detail: str = "coarse"):
        super().__init__()
        self.detail = detail
        self.spread = nn.Linear(latent, widths[0] * 4 * 4)
        larger = [2, 2, 2, 1 if detail == "full" else 2]
        blocks = []
        for i, (wide, narrow) in enumerate(pairwise(widths)):
            blocks += [Block(wide, narrow, larger[i]), Block(narrow, narrow)]
        self.stages = nn.Sequential(*blocks)
        self.colour = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, latent, height):  # [n, 256]
        maps = self.spread(latent).unflatten(1, (-1, 4, 4))  # [n, c, 4, 4]
        if self.detail == "full":
            maps = F.interpolate(maps, size=height // 8)  # [n, c, h/8, h/8]
        maps = self.stages(maps)
        drawn = self.colour(maps).sigmoid()  # coarse: [n, 3, 64, 64]
        if drawn.shape[-1] != height:
            drawn = F.interpolate(drawn, size=height, mode="bilinear")
        return drawn  # [n, 3, h, h]


class Block(nn.Module):
    """A residual block of two convolutions, after the maps were made `larger` by so much."""

    def __init__(self, width_in: int, width_out: int, larger: int = 1):
        super().__init__()
        self.enlarge = nn.Upsample(scale_factor=larger) if larger > 1 else nn.Identity()  # nearest neighbour
        other = (width_in, larger) != (width_out, 1)
        self.shortcut = nn.Conv2d(width_in, width_out, 1, bias=False) if other else nn.Identity()
        self.convolutions = nn.Sequential(
            nn.Conv2d(width_in, width_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(width_out),
            nn.ReLU(),
            nn.Conv2d(width_out, width_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(width_out),
        )

    def forward(self, maps):  # [n, width_in, s, s]
        maps = self.enlarge(maps)
        return F.relu(self.convolutions(maps) + self.shortcut(maps))  # [n, width_out, s, s], larger
