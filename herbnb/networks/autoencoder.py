"""The autoencoder: squeeze a sheet to 256 numbers, and draw it again from them."""

import torch.nn.functional as F
from torch import nn

from herbnb.networks.network import Network


class Autoencoder(Network):
    """Learn features from which the sheet itself can be drawn again; labels are not looked at."""

    def __init__(self, latent: int = 256, **common):
        super().__init__(**common)
        self.squeeze = nn.Linear(self.width, latent)
        self.decoder = Decoder(latent)

    def forward(self, images):  # [n, 3, h, h]
        features = self.encoder(images)  # [n, 512]
        latent = self.squeeze(features)  # [n, 256]
        return self.decoder(latent, images.shape[-1])  # [n, 3, h, h]

    def training_step(self, batch, batch_idx):
        images, _ = batch
        return self.record(len(images), loss=F.mse_loss(self(images), images))


class Decoder(nn.Module):
    """Mirror the encoder: from a latent vector, in four stages of two blocks, to an image."""

    def __init__(self, latent: int):
        super().__init__()
        self.spread = nn.Linear(latent, 512 * 4 * 4)
        self.stages = nn.Sequential(
            *(Block(512, 256), Block(256, 256)),  # 4 -> 8
            *(Block(256, 128), Block(128, 128)),  # 8 -> 16
            *(Block(128, 64), Block(64, 64)),  # 16 -> 32
            *(Block(64, 32), Block(32, 32)),  # 32 -> 64
        )
        self.colour = nn.Conv2d(32, 3, 3, padding=1)

    def forward(self, latent, height):  # [n, 256]
        small = self.spread(latent).view(-1, 512, 4, 4)  # [n, 512, 4, 4]
        large = F.interpolate(self.stages(small), size=height)  # [n, 32, h, h]
        return self.colour(large).sigmoid()  # [n, 3, h, h]


class Block(nn.Module):
    """A residual block of two convolutions that doubles the side where it changes the width."""

    def __init__(self, width_in: int, width_out: int):
        super().__init__()
        grows = width_in != width_out
        self.enlarge = nn.Upsample(scale_factor=2) if grows else nn.Identity()  # nearest neighbour
        self.shortcut = nn.Conv2d(width_in, width_out, 1, bias=False) if grows else nn.Identity()
        self.convolutions = nn.Sequential(
            nn.Conv2d(width_in, width_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(width_out),
            nn.ReLU(),
            nn.Conv2d(width_out, width_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(width_out),
        )

    def forward(self, maps):  # [n, width_in, s, s]
        maps = self.enlarge(maps)
        return F.relu(self.convolutions(maps) + self.shortcut(maps))  # [n, width_out, 2s or s, ...]
