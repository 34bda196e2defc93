"""Catalogue: the encoders that can be named, and what is known of them before any is loaded."""

from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import timm
import torch
import torchvision
from huggingface_hub import constants

from herbnb.errors import BadInput
from herbnb.networks.encoder import data_config
from herbnb.networks.weights import packaged
from herbnb.representations import SCHEMES, Spec, spec_of
from herbnb.representations.visitors import cached, open_clip_names, torchvision_weights

WELL_KNOWN = (
    "timm:tf_efficientnet_lite0",
    "timm:resnet50",
    "timm:convnext_tiny",
    "timm:vit_small_patch14_dinov2.lvd142m",
    "timm:vit_small_patch16_dinov3.lvd1689m",
    "torchvision:resnet50",
    "open_clip:ViT-B-32/openai",
    "open_clip:hf-hub:imageomics/bioclip-2",
)
"""A few visitors to begin with."""

ON_THE_HUB = {"hf-hub:imageomics/bioclip-2": (768, 224, "MIT")}
"""Models of OpenCLIP that only the hub describes: width, side of the square, licence."""


class Entry(NamedTuple):
    """What is known of a visitor."""

    name: str
    width: int | None
    square: int | None
    place: str
    """Where its weights lie on this machine; "" where they do not."""

    source: str
    licence: str


def entry_of(spec: Spec) -> Entry:
    """Return what is known of a visitor; nothing is loaded or fetched.

    Raises:
        BadInput: there is no such model.
    """
    return {"timm": in_timm, "torchvision": in_torchvision, "open_clip": in_open_clip}[spec.scheme](spec)


def in_timm(spec: Spec) -> Entry:
    known = data_config(spec.model)
    with torch.device("meta"):  # shapes without numbers
        width = timm.create_model(spec.model, num_classes=0).head_hidden_size
    place, source, licence = on_hub(known.hf_hub_id), hub(known.hf_hub_id), known.license
    if packaged(spec.model):
        place, source, licence = packaged(spec.model)(), "a package of the book", "Apache-2.0"
    return Entry(spec.source, width, known.input_size[-1], place, source or known.url, licence or "not said")


def in_torchvision(spec: Spec) -> Entry:
    known = torchvision_weights(spec)
    with torch.device("meta"):
        model = torchvision.models.get_model(spec.model, weights=None)
    linear = [part for part in model.modules() if isinstance(part, torch.nn.Linear)]
    place = str(cached(known)) if cached(known).is_file() else ""
    width, square = linear[-1].in_features if linear else None, known.transforms().crop_size[0]
    return Entry(spec.source, width, square, place, known.url.rsplit("/", 1)[0], "not said")


def in_open_clip(spec: Spec) -> Entry:
    import open_clip  # an extra, which takes seconds

    model, tag = open_clip_names(spec)
    if tag is None:
        repository = model.removeprefix("hf-hub:")
        width, square, licence = ON_THE_HUB.get(model, (None, None, "not said"))
    else:
        repository = (open_clip.get_pretrained_cfg(model, tag).get("hf_hub") or "").strip("/")
        config, licence = open_clip.get_model_config(model), "not said"
        width, square = config["embed_dim"], config["vision_cfg"].get("image_size", 224)
    return Entry(spec.source, width, square, on_hub(repository), hub(repository), licence)


def hub(repository: str | None) -> str:
    """Return the page of a repository on the hub."""
    return f"https://huggingface.co/{repository}" if repository else ""


def on_hub(repository: str | None) -> str:
    """Return the folder of the hub's cache that holds weights of a repository, or "" where none does."""
    if not repository:
        return ""
    folder = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    weights = {".safetensors", ".bin", ".pth", ".pt"}
    return str(folder) if any(each.suffix in weights for each in folder.glob("snapshots/*/*")) else ""


def matching(pattern: str) -> list[str]:
    """Return the visitors whose names fit a pattern, such as "timm:resnet*".

    Raises:
        BadInput: none does, or there is no such scheme.
    """
    scheme, colon, wanted = pattern.partition(":")
    if not colon or scheme not in SCHEMES:
        raise BadInput(f"{pattern!r} names no scheme: write {', '.join(f'{each}:…' for each in SCHEMES)}.")
    wanted = wanted or "*"
    found = [model for model in models_of(scheme) if fnmatchcase(model, wanted)]
    if not found:
        raise BadInput(f"{scheme} has no model that fits {wanted!r}: try {scheme}:*{wanted.strip('*')[:4]}*.")
    return [f"{scheme}:{model}" for model in found]


def models_of(scheme: str) -> list[str]:
    """Return all models of a library that come with weights."""
    if scheme == "timm":
        carried = [name for name in timm.list_models() if packaged(name)]
        return sorted({*timm.list_pretrained(), *carried})
    if scheme == "torchvision":
        return torchvision.models.list_models(module=torchvision.models)
    import open_clip

    return [f"{model}/{tag}" for model, tag in open_clip.list_pretrained()]


def well_known() -> list[Entry]:
    """Return what is known of a few visitors to begin with; of those of OpenCLIP where that is installed."""
    known = [each for each in WELL_KNOWN if find_spec("open_clip") or not each.startswith("open_clip:")]
    return [entry_of(spec_of(each)) for each in known]
