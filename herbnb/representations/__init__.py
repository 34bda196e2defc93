"""Representations: features, and what they look like."""

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import NamedTuple

from herbnb.errors import BadInput, nearest
from herbnb.networks import NETWORKS

BASELINES = {
    "untrained": "herbnb.representations.baselines:untrained",
    "colour": "herbnb.representations.baselines:Colour",
    "imagenet": "herbnb.representations.baselines:imagenet",
}
"""What a network has to beat, by name, and what makes it: its encoder before any lesson, a histogram of
colours, and its encoder as ImageNet's photographs have taught it."""

ORACLE = "oracle"
"""What a drawn herbarium's plants were drawn from, as features: the most that can be known of them."""

BESIDE = (*BASELINES, ORACLE)
"""What goes beside networks and visitors without competing: what bounds their scores, below and above."""

SCHEMES = ("timm", "torchvision", "open_clip")
"""Libraries that visitors come from: encoders trained elsewhere, which look at our sheets untaught."""


class Spec(NamedTuple):
    """What a representation is called in tables and figures, and where it comes from."""

    name: str
    """Short, and a name that a file can have."""

    scheme: str = ""
    """One of `SCHEMES`, "file" for features made elsewhere, or "" for one that herbnb knows by its name."""

    model: str = ""
    """The library's name of the model, or the path of the file."""

    weights: str = ""
    """The path of the weights, "none" for random ones, or "" for those that the library has."""

    @property
    def source(self) -> str:
        """What a card says of where it comes from: no folder of this machine."""
        if self.scheme == "file":
            return PurePath(self.model).name
        return f"{self.scheme}:{self.model}" + (f"@{PurePath(self.weights).name}" if self.weights else "")


def spec_of(text: str) -> Spec:
    """Read how a representation is named.

    ```
    triplet                       a network or a baseline, or a visitor whose features are there already
    timm:resnet50                 a model of timm, with the weights of its hub
    timm:resnet50@mine.pth        the same with weights of a file; @none: random ones
    torchvision:resnet50          a model of torchvision
    open_clip:ViT-B-32/openai     a model of OpenCLIP and the name of its weights
    open_clip:hf-hub:imageomics/bioclip-2
    features.parquet              features made elsewhere
    mine=timm:resnet50            any of these by another name
    ```

    Raises:
        BadInput: a scheme that there is not, or a name that a file cannot have or that is taken.
    """
    given, equals, source = text.partition("=") if re.match(r"[^:/]*=", text) else ("", "", text)
    scheme, colon, model = source.partition(":")
    weights = ""
    if source.endswith(".parquet"):
        scheme, model = "file", source
        short = PurePath(source).stem
    elif colon:
        if scheme not in SCHEMES:
            raise BadInput(
                f"There is no kind of encoder {scheme!r} (in {text!r}): choose among {', '.join(SCHEMES)}."
            )
        model, _, weights = model.partition("@")
        short = model.rpartition("/")[2] if model.startswith("hf-hub:") else model.partition("/")[0]
        short = short.partition(".")[0] if scheme == "timm" else short
    elif equals:
        raise BadInput(f"{text!r} names no encoder: write name=timm:model, or name=features.parquet.")
    elif not is_name(source):
        raise unknown(text)
    else:
        return Spec(source)
    name = checked_name(given or short, text)
    if name in NETWORKS or name in BASELINES:
        raise BadInput(f"The name {name!r} (in {text!r}) is taken: write another, such as mine={source}.")
    return Spec(name, scheme, model, weights)


def is_name(text: str) -> bool:
    """Whether a file can be called so."""
    return bool(re.fullmatch(r"\w[\w.-]{0,59}", text, re.ASCII))


def checked_name(name: str, text: str) -> str:
    """Return a short name, or raise BadInput where no file can be called so."""
    if not is_name(name):
        raise BadInput(
            f"{text!r} has no short name for tables and files: write one of letters, digits, "
            "dots and dashes before it, such as mine=timm:resnet50."
        )
    return name


def with_baselines(networks: Iterable[str] = ()) -> list[str]:
    """Return some representations, of which none means all networks, and the baselines that are not there."""
    return list(dict.fromkeys([*(list(networks) or NETWORKS), *BASELINES]))


def unknown(name: str) -> BadInput:
    """Return the error that says what a representation can be."""
    known = [*NETWORKS, *BASELINES]
    near = nearest(name, known)
    return BadInput(
        f"There is no representation {name!r}{near} It is one of {', '.join(known)}, or an encoder from "
        "elsewhere, such as timm:resnet50 (see `herbnb encoders`)."
    )
