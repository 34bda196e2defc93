"""Activations: what drives a channel down and up, in drawn images and in real sheets."""

import copy

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn

from herbnb.errors import BadInput
from herbnb.files import whole
from herbnb.networks.encoder import Encoder
from herbnb.representations.fourier import FourierImages, unsteady
from herbnb.results import Results

PANELS = ("minimum", "low", "high", "maximum")
"""Where in a channel's range examples are taken, from its silence to its loudest."""

BAND = (0.2, 0.3)
"""Low and high examples lie so far from the ends of the range, in shares of it (published)."""

LEARNING_RATE = 0.05  # published


def most_variable(features: np.ndarray) -> int:
    """Return the channel, of the d in `features` [n, d], with the largest standard deviation.

    Raises:
        BadInput: every channel is the same for all sheets.
    """
    spread = features.std(axis=0)
    if not spread.max() > 0:
        raise BadInput(
            "No channel varies between the training sheets, so the network has collapsed: "
            "train it again with another seed or a lower learning_rate."
        )
    return int(spread.argmax())


def examples(image_ids, values: np.ndarray, seed: int, count: int = 4) -> pd.DataFrame:
    """Choose sheets along a channel's range: the lowest, the highest, and some from two bands
    between.

    Args:
        image_ids: [n].
        values: [n], what the channel says of each sheet.
        seed: of the draw within a band, and between sheets of one value.
        count: sheets a panel; a band that holds fewer gives what it has.

    Returns `panel` (one of `PANELS`), `image_id`, `value`, in rising order of value.
    """
    sheets = pd.DataFrame({"image_id": np.asarray(image_ids), "value": values})
    sheets = sheets.sample(frac=1, random_state=seed).sort_values("value", kind="stable")
    low, high = sheets["value"].iloc[0], sheets["value"].iloc[-1]
    share = (sheets["value"] - low) / (high - low)
    chosen = {
        "minimum": sheets.head(count),
        "low": sheets[share.between(*BAND)],
        "high": sheets[(1 - share).between(*BAND)],
        "maximum": sheets.tail(count),
    }
    rng = np.random.default_rng(seed)
    for panel in ("low", "high"):
        rows = rng.permutation(len(chosen[panel]))[:count]
        chosen[panel] = chosen[panel].iloc[np.sort(rows)]
    return pd.concat(chosen, names=["panel"]).reset_index(level="panel").reset_index(drop=True)


def last_maps(encoder: Encoder, images: torch.Tensor) -> torch.Tensor:
    """Return the maps [n, width, s, s] whose means are the features, of images float [n, 3, h, h].

    Raises:
        BadInput: the encoder has none, as a transformer has not.
    """
    colours = (images - encoder.mean) / encoder.spread
    maps = encoder.backbone.forward_features(colours)
    if maps.ndim != 4 or maps.shape[1] != encoder.width:
        kind = type(encoder.backbone).__name__
        raise BadInput(f"The {kind} has no maps whose means are its features.")
    return maps


def let_through(relu: nn.Module, args: tuple, output: torch.Tensor):
    """Give the output of a ReLU a faint slope where it is silent, or as loud as it can be.

    There it passes no gradient, and an image that starts there would never move.
    """
    return output + 0.1 * (relu.before - output)


def keep_before(relu: nn.Module, args: tuple) -> None:
    """Keep what a ReLU is given, which it may write over."""
    relu.before = args[0].clone()


def soften(encoder: Encoder) -> None:
    """Let gradients through the last ReLU that an encoder calls, if it has any."""
    called = []
    relus = [part for part in encoder.modules() if isinstance(part, nn.ReLU | nn.ReLU6)]
    hooks = [relu.register_forward_hook(lambda relu, *_: called.append(relu)) for relu in relus]
    with torch.inference_mode():
        encoder(encoder.mean.new_zeros(1, 3, encoder.geometry.height, encoder.geometry.height))
    for hook in hooks:
        hook.remove()
    for relu in called[-1:]:
        relu.register_forward_pre_hook(keep_before)
        relu.register_forward_hook(let_through)


def drive(
    encoder: Encoder, channel: int, image_size: int, steps: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Optimise two images together: the first drives `channel` down, the second drives it up.

    Both start from the same kind of faint noise and are moved a little before each of `steps` steps
    of Adam (Kingma and Ba 2015), so that what they show does not hang on single pixels. It is done where
    the encoder is, on a GPU or on a processor, from the same noise and by the same moves.

    Returns the two images, uint8 [2, 3, image_size, image_size], and the feature that each reaches
    when it stands still, float32 [2].

    Raises:
        BadInput: the channel does not respond to any change of the images.
    """
    plain = copy.deepcopy(encoder).eval().requires_grad_(False)
    soft, move = copy.deepcopy(plain), unsteady(seed)
    soften(soft)
    images = FourierImages(2, image_size, seed).to(encoder.mean.device)
    optimiser = torch.optim.Adam(images.parameters(), lr=LEARNING_RATE)
    for _ in range(steps):
        optimiser.zero_grad()
        down, up = soft(move(images()))[:, channel]
        (down - up).backward()
        if not images.waves.grad.any():
            raise BadInput(f"Channel {channel} is dead: train again.")
        optimiser.step()
    with torch.inference_mode():
        drawn = (images() * 255).round().to(torch.uint8)
        reached = plain(drawn.float() / 255)[:, channel]
    return drawn.cpu().numpy(), reached.cpu().numpy()


def write_activations(here: Results, name: str, images, chosen: pd.DataFrame, about: dict) -> None:
    """Write what was found of an encoder: its two drawings, the chosen sheets, and its channel.

    Args:
        here: the run.
        name: of the encoder.
        images: uint8 [2, 3, h, h], the drawings called "minimum" and "maximum".
        chosen: of `examples`.
        about: plain numbers and text.
    """
    for image, panel in zip(images, ("minimum", "maximum"), strict=True):
        with whole(here.path("drawing", encoder=name, panel=panel)) as temporary:
            Image.fromarray(image.transpose(1, 2, 0)).save(temporary)
    here.write("examples", chosen, encoder=name)
    here.write("channel", about, encoder=name)


def mosaic(images, size: int) -> np.ndarray:
    """Lay up to four images, uint8 [3, h, h], out as the quarters of one, uint8 [size, size, 3].

    Quarters without an image stay white.
    """
    half = size // 2
    sheet = Image.new("RGB", (size, size), "white")
    for i, image in enumerate(images):
        picture = Image.fromarray(np.asarray(image).transpose(1, 2, 0))
        sheet.paste(picture.resize((half - 2, half - 2)), ((i % 2) * half + 1, (i // 2) * half + 1))
    return np.asarray(sheet)
