"""The autoencoder: squeeze a sheet to 256 numbers, and draw it again from them."""

from itertools import pairwise

import torch.nn.functional as F
from torch import nn

from herbnb.networks.encoder import scaled
from herbnb.networks.network import Network


class Autoencoder(Network):
    """Learn features from which the sheet itself can be drawn again; labels are not looked at."""

    def __init__(self, latent: int = 256, **common):
        super().__init__(**common)
        self.squeeze = nn.Linear(self.width, latent)
        maps = self.encoder.backbone.feature_info
        widths = [each["num_chs"] for each in maps]
        self.decoder = Decoder(latent, widths[:-6:-1])

    def forward(self, maps):  # of the trunk
        features = self.encoder.crown(maps)  # [n, width]
        latent = self.squeeze(features)  # [n, 256]
        return self.decoder(latent, self.geometry.height)  # [n, 3, h, h]

    def training_step(self, batch, batch_idx):
        images, _, maps = batch
        loss = F.mse_loss(self(maps), scaled(images))
        return self.record(len(images), loss=loss)


class Decoder(nn.Module):
    """Mirror the encoder: from a latent vector, in stages of two blocks, to an image.

    Args:
        latent: numbers in the latent vector.
        widths: of the encoder's maps, the last first; each narrower stage doubles the side.
    """

    def __init__(self, latent: int, widths: list[int]):
        super().__init__()
        self.spread = nn.Linear(latent, widths[0] * 4 * 4)
        blocks = []
        for wide, narrow in pairwise(widths):  # 4 -> 8 -> 16 -> 32 -> 64
            blocks += [Block(wide, narrow, larger=2), Block(narrow, narrow)]
        self.stages = nn.Sequential(*blocks)
        self.colour = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, latent, height):  # [n, 256]
        small = self.spread(latent).unflatten(1, (-1, 4, 4))  # [n, c, 4, 4]
        large = F.interpolate(self.stages(small), size=height)  # [n, c, h, h]
        return self.colour(large).sigmoid()  # [n, 3, h, h]


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
