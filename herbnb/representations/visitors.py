"""Visitors: encoders trained elsewhere, which look at our sheets without being taught by them.

A chapter never fetches weights: they are in the cache of their hub, where `herbnb encoders fetch` puts them,
or in a file. They are read as tensors, never as code.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import timm
import torch
import torchvision
from torch import nn

from herbnb import parquet
from herbnb.devices import device
from herbnb.errors import BadInput, in_short, nearest
from herbnb.files import located
from herbnb.networks.encoder import Encoder, data_config, encoder_of, geometry_for, geometry_of
from herbnb.networks.weights import load_weights, not_here, offline, packaged
from herbnb.representations import Spec
from herbnb.tables import BROKEN

FEATURES = ("feature", "emb", "embedding")
"""What the column of vectors in a file of features made elsewhere may be called."""


class Scheme(NamedTuple):
    """A library that visitors come from."""

    load: Callable[[Spec], Encoder]
    """Return the encoder, from weights that are on this machine."""

    fetch: Callable[[Spec], None]
    """Bring its weights from the library's hub into the cache on this machine."""


def visitor(spec: Spec, seed: int = 89) -> "Encoder | FeaturesFile":
    """Return the encoder that `spec` names, ready to look at sheets, or the features made elsewhere.

    It has a `card`: its model, what it was trained on, by whom, and the licence of its weights, as far as
    its library says.

    Args:
        spec: as `spec_of` read it.
        seed: of random weights, where these are asked for.

    Raises:
        BadInput: there is no such model, or its weights are not on this machine.
    """
    if spec.scheme == "file":
        return FeaturesFile(located(spec.model))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        weights = spec.weights if spec.weights in ("", "none") else str(located(spec.weights))
        encoder = SCHEMES[spec.scheme].load(spec._replace(weights=weights))
    return encoder.eval().to(device())


def of_timm(spec: Spec) -> Encoder:
    """Return a model of timm without its last layer (Wightman 2019)."""
    encoder = encoder_of(spec.model, spec.weights or "imagenet", geometry_for(spec.model))
    known = data_config(spec.model)
    about = {"trained on": known.tag, "by": known.origin_url or known.hf_hub_id, "licence": known.license}
    if packaged(spec.model):
        about = {"trained on": "ImageNet-1k", "by": "Google", "licence": "Apache-2.0"}
    encoder.card = card_of(spec, about)
    return encoder


def fetch_timm(spec: Spec) -> None:
    """Fetch the weights of a model of timm, if no package has them."""
    data_config(spec.model)
    if not packaged(spec.model):
        timm.create_model(spec.model, pretrained=True)


def of_torchvision(spec: Spec) -> Encoder:
    """Return a model of torchvision, its last linear layer taken off."""
    known = torchvision_weights(spec)
    model = torchvision.models.get_model(spec.model, weights=None)
    linear = [(name, part) for name, part in model.named_modules() if isinstance(part, nn.Linear)]
    if not linear:
        raise BadInput(f"torchvision:{spec.model} has no linear layer to take off: choose another model.")
    name, last = linear[-1]
    model.set_submodule(name, nn.Identity())
    if spec.weights != "none":
        path = spec.weights or cached(known)
        if not Path(path).is_file() and not spec.weights:
            raise not_here(f"torchvision:{spec.model}")
        load_weights(model, path, spec.model, heads=(f"{name}.",))
    look = known.transforms()
    geometry = geometry_of(look.mean, look.std, look.crop_size[0])
    encoder = Encoder(model, last.in_features, geometry)
    about = {"trained on": known.name, "by": known.meta.get("recipe"), "licence": known.meta.get("license")}
    encoder.card = card_of(spec, about)
    return encoder


def fetch_torchvision(spec: Spec) -> None:
    """Fetch the weights of a model of torchvision."""
    torchvision_weights(spec).get_state_dict(progress=True, check_hash=True, weights_only=True)


def torchvision_weights(spec: Spec):
    """Return what torchvision knows of the default weights of a model that names images."""
    models = torchvision.models.list_models(module=torchvision.models)
    if spec.model not in models:
        raise BadInput(f"torchvision has no model {spec.model!r}{nearest(spec.model, models)}")
    return torchvision.models.get_model_weights(spec.model).DEFAULT


def cached(weights) -> Path:
    """Return where torchvision keeps its weights once they are fetched."""
    return Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rsplit("/", 1)[-1]


def of_open_clip(spec: Spec) -> Encoder:
    """Return the part of a model of OpenCLIP that looks (Ilharco and others 2021)."""
    import open_clip

    model, pretrained = open_clip_names(spec)
    try:
        with offline():
            whole = open_clip.create_model(model, pretrained=pretrained)
    except (OSError, RuntimeError) as error:
        raise not_here(f"open_clip:{spec.model}", error) from error
    if spec.weights not in ("", "none"):
        load_weights(whole, spec.weights, spec.model)
    look = open_clip.get_model_preprocess_cfg(whole)
    size = look["size"] if isinstance(look["size"], int) else look["size"][0]
    geometry = geometry_of(look["mean"], look["std"], size)
    encoder = Encoder(whole.visual, width_of(whole.visual, size, f"open_clip:{spec.model}"), geometry)
    encoder.card = card_of(spec, {"trained on": pretrained, "by": model, "licence": None})
    return encoder


@torch.inference_mode()
def width_of(model: nn.Module, height: int, what: str) -> int:
    """Return how many numbers a model makes of an image, by trying.

    Raises:
        BadInput: it makes something else than one vector.
    """
    seen = model.eval()(torch.zeros(1, 3, height, height))
    if not isinstance(seen, torch.Tensor) or seen.ndim != 2:
        raise BadInput(f"{what} does not make one vector of an image: choose another model.")
    return seen.shape[1]


def fetch_open_clip(spec: Spec) -> None:
    """Fetch the weights of a model of OpenCLIP."""
    import open_clip

    model, pretrained = open_clip_names(spec)
    open_clip.create_model(model, pretrained=pretrained)


def open_clip_names(spec: Spec) -> tuple[str, str | None]:
    """Return the names that OpenCLIP has for a model and its weights, or the path of these."""
    import open_clip  # when it is wanted: it takes seconds

    if spec.model.startswith("hf-hub:"):
        return spec.model, None
    model, _, tag = spec.model.partition("/")
    if model not in open_clip.list_models():
        raise BadInput(f"OpenCLIP has no model {model!r}{nearest(model, open_clip.list_models())}")
    if spec.weights:
        return model, None
    tags = open_clip.list_pretrained_tags_by_model(model)
    if tag not in tags:
        raise BadInput(
            f"OpenCLIP has no weights {tag!r} for {model}{nearest(tag, tags)} "
            f"Write open_clip:{model}/ and one of {', '.join(tags) or 'none'}."
        )
    return model, tag


def card_of(spec: Spec, about: dict) -> dict:
    """Return the card of a visitor; random weights and those of a file have no maker that we know."""
    if spec.weights:
        about = {"trained on": "nothing" if spec.weights == "none" else Path(spec.weights).name}
    known = {"model": spec.source, "trained on": None, "by": None, "licence": None} | about
    return {key: value or "not said" for key, value in known.items()}


SCHEMES = {
    "timm": Scheme(of_timm, fetch_timm),
    "torchvision": Scheme(of_torchvision, fetch_torchvision),
    "open_clip": Scheme(of_open_clip, fetch_open_clip),
}


class FeaturesFile:
    """Features that were made elsewhere: a parquet file with `image_id` or `path`, and a vector a row.

    The vector is a column of lists of one length, called `feature`, `emb` or `embedding`.

    Args:
        path: of the file.

    Raises:
        BadInput: the file is missing, lacks a column, names a sheet twice, or has vectors of two lengths.
    """

    geometry = None

    def __init__(self, path: Path):
        self.path = path
        if not os.path.isfile(path):
            raise BadInput(f"{path} is missing: give the path of a parquet file of features.")
        try:
            table = parquet.read(path)
        except BROKEN as error:
            raise BadInput(
                f"{path} is not a parquet file that can be read ({in_short(error)}): make it again."
            ) from error
        self.key = next((name for name in ("image_id", "path") if name in table.column_names), None)
        vector = next((name for name in FEATURES if name in table.column_names), None)
        if not self.key or not vector:
            raise BadInput(
                f"{path} has the columns {', '.join(table.column_names)}: it needs image_id or path, "
                f"and a column of vectors, {' or '.join(FEATURES)}."
            )
        self.vectors = stacked(table[vector])
        if self.vectors is None:
            raise BadInput(
                f"{path}: the column {vector} must hold a list of numbers in every row, all of one length."
            )
        self.rows = pd.Index(table[self.key].to_pandas().astype(str))
        if not self.rows.is_unique:
            twice = self.rows[self.rows.duplicated()][0]
            raise BadInput(f"{path} has two rows for {self.key} {twice}: keep one.")
        self.width = self.vectors.shape[1]
        self.fingerprint = f"made elsewhere, {self.width} wide"
        known = {"trained on": None, "by": None, "licence": None}
        self.card = {"model": path.name, **dict.fromkeys(known, "not said")}

    def of(self, specimens: pd.DataFrame) -> np.ndarray:
        """Return the features of the n specimens, float32 [n, width].

        Raises:
            BadInput: the file has no row for one of them.
        """
        wanted = specimens[self.key].astype(str)
        rows = self.rows.get_indexer(wanted)
        if (rows < 0).any():
            lost = wanted.iloc[int((rows < 0).argmax())]
            raise BadInput(
                f"{self.path} has no row for {(rows < 0).sum()} of {len(wanted)} sheets, the first with "
                f"{self.key} {lost}: it is of another collection, or not complete."
            )
        return self.vectors[rows]


def stacked(lists: pa.ChunkedArray) -> np.ndarray | None:
    """Return lists of numbers of one length as rows, float32 [n, width]; None if they are no such lists."""
    kind = lists.type
    if not any(getattr(pa.types, f"is_{each}")(kind) for each in ("list", "large_list", "fixed_size_list")):
        return None
    widths, numbers = pc.list_value_length(lists).unique().to_pylist(), pc.list_flatten(lists)
    known = pa.types.is_integer(numbers.type) or pa.types.is_floating(numbers.type)
    if not known or numbers.null_count or len(widths) != 1 or not widths[0]:
        return None
    return numbers.to_numpy().astype(np.float32, copy=False).reshape(-1, widths[0])
