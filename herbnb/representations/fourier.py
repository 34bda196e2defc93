"""Images to be optimised: waves instead of pixels, and colours that vary one by one.

Gradient descent on pixels makes noise that a network responds to and nobody can read. Olah,
Mordvintsev and Schubert (2017) describe the two changes of coordinates made here, and the
transformations that keep a picture from depending on the exact place of a pixel; the published
figure was made with them.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of red, green and blue in photographs, as lucid gives it: the first
column is light and dark, the second blue and yellow, the third green and magenta."""


class FourierImages(nn.Module):
    """Images, float [n, 3, size, size] in 0..1, whose parameters are the amplitudes of waves.

    A wave's amplitude is divided by its frequency, as in photographs, so that a step of the
    optimiser moves large shapes as readily as fine lines.

    Args:
        images: how many.
        size: their side in pixels.
        seed: of the faint noise they start from.
    """

    def __init__(self, images: int, size: int, seed: int):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        shape = (images, 3, size, size // 2 + 1, 2)  # the last axis: real and imaginary part
        self.waves = nn.Parameter(0.01 * torch.randn(shape, generator=generator))
        down, across = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
        frequency = (down.square() + across.square()).sqrt().clamp(min=1 / size)
        self.register_buffer("scale", size / frequency)  # [size, size // 2 + 1]
        colours = torch.tensor(COLOURS)
        self.register_buffer("colours", colours / colours.norm(dim=0).max())
        self.size = size

    def forward(self):
        spectrum = torch.view_as_complex(self.waves) * self.scale
        planes = torch.fft.irfft2(spectrum, s=(self.size, self.size)) / 4  # lucid's contrast
        return torch.einsum("rc,nchw->nrhw", self.colours, planes).sigmoid()  # [n, 3, size, size]


def unsteady(seed: int):
    """Return the published transformations: pad 12, jitter 8, scale 0.9 to 1.1, rotate to 10°,
    jitter 4.

    Call the result with images [n, 3, size, size]: they come back a little moved, all alike, on a
    grey ground, at the same size. Gradients flow through it.
    """
    generator = torch.Generator().manual_seed(seed)

    def draw(reach: float) -> float:
        return reach * (2 * torch.rand((), generator=generator).item() - 1)

    def move(images):
        size = images.shape[-1]
        padded = F.pad(images, [12] * 4, value=0.5)
        zoom, angle = 1 / (1 + draw(0.1)), math.radians(draw(10))
        # both jitters, added up
        across, down = (2 * (draw(4) + draw(2)) / size for _ in range(2))
        cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
        motion = torch.tensor([[[cos, -sin, across], [sin, cos, down]]])
        motion = motion.to(images.device) * size / padded.shape[-1]
        shape = [len(images), 3, size, size]
        motion = motion.expand(len(images), -1, -1)
        grid = F.affine_grid(motion, shape, align_corners=False)
        return F.grid_sample(padded, grid, align_corners=False)

    return move
