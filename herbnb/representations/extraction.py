"""Extraction: every encoder looks at every sheet once."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Protocol

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader

from herbnb.data.images.cache import Cache
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.networks.cards import beginning_of_run
from herbnb.networks.checkpoints import load_network
from herbnb.networks.encoder import AT_ONCE, Encoder
from herbnb.networks.folding import folded
from herbnb.networks.maps import keep_maps
from herbnb.networks.precision import has_bfloat16
from herbnb.representations import BASELINES, Spec, spec_of, unknown
from herbnb.representations.visitors import visitor
from herbnb.results import Results


class Representation(Protocol):
    """Anything that turns images, uint8 [n, 3, h, h], into features, float32 [n, width].

    The images are squares of its `geometry`. Another `fingerprint` means other features. `begun` keeps what
    encoders that begin alike have made of the images, for the next of them.
    """

    width: int
    geometry: Geometry
    fingerprint: str

    def encode(self, images: torch.Tensor, begun: dict | None = None) -> torch.Tensor: ...


def load_encoders(names: list[str], here: Results, seed: int = 89) -> dict[str, Representation]:
    """Return representations by their short names, each ready to `encode`.

    A baseline looks at the same squares as the networks of the run.

    Args:
        names: of networks, baselines and visitors, as `spec_of` reads them.
        here: the run.
        seed: of random weights.

    Raises:
        BadInput: an unknown name, a network that has not been trained, a visitor whose weights are not here.
    """
    encoders = {}
    for spec in map(spec_of, names):
        if spec.name in encoders:
            raise BadInput(
                f"Two representations are called {spec.name}: write another name before one, name=…."
            )
        encoders[spec.name] = load_encoder(spec, here, seed)
    return encoders


def load_encoder(spec: Spec, here: Results, seed: int = 89) -> Representation:
    """Return one representation: see `load_encoders`."""
    if spec.scheme:
        return visitor(spec, seed)
    if spec.name in NETWORKS:
        return load_network(here, spec.name)
    if spec.name not in BASELINES:
        raise unknown(spec.name)
    encoder = resolve_name(BASELINES[spec.name])(beginning_of_run(here), seed)
    if isinstance(encoder, torch.nn.Module):
        encoder.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    return encoder


def extract(
    encoders: dict[str, Representation],
    specimens: pd.DataFrame,
    folder: str | Path,
    *,
    batch_size: int = 64,
    num_workers: int = 0,
    cache: Path | None = None,
) -> dict[str, np.ndarray]:
    """Return the features of the n sheets by every encoder, [n, width].

    A sheet is read once for all encoders of one geometry, and what
    encoders begin with alike is done once for all of them. A processor
    that computes in bfloat16 does so here: the features differ from
    those in float32 by less than one part in a hundred. With `cache`, a
    folder, the resized sheets are kept there, and what training keeps.
    """
    features = {name: [] for name in encoders}
    looking = {name: quick(e) for name, e in encoders.items() if e.geometry}
    for name in set(encoders) - set(looking):  # made elsewhere
        features[name].append(encoders[name].of(specimens))
    reading = {"batch_size": batch_size, "num_workers": num_workers}
    for geometry in dict.fromkeys(e.geometry for e in looking.values()):
        alike = {n: e for n, e in looking.items() if e.geometry == geometry}
        squares, maps = None, {}
        if cache:
            where = specimens, folder, cache
            squares = keep_sheets(*where, geometry, num_workers)
            maps = kept_maps(alike.values(), specimens, folder, squares)
        sheets = SheetImages(specimens, folder, geometry, cache=squares)
        start = 0
        for images, _ in DataLoader(sheets, **reading):
            part = slice(start, start := start + len(images))
            begun = {b: kept[rows[part]] for b, (kept, rows) in maps.items()}
            for name, of_batch in encoded(alike, images, begun).items():
                features[name].append(of_batch)
    return {name: np.concatenate(parts) for name, parts in features.items()}


def quick(representation: Representation) -> Representation:
    """Return what looks as a representation does, in less time if it is an encoder or has one."""
    encoder = getattr(representation, "encoder", representation)
    return folded(encoder) if isinstance(encoder, Encoder) else representation


def kept_maps(encoders, specimens, folder, sheets: Cache) -> dict[str, tuple[Cache, list[int]]]:
    """Return the maps of every trunk that training stood on, and the row of each sheet, by beginning."""
    trunks = {e.beginning: e for e in encoders if isinstance(e, Encoder) and e.frozen and e.learning}
    maps = {b: keep_maps(specimens, folder, sheets, encoder) for b, encoder in trunks.items()}
    return {b: (of_all, of_all.rows(specimens["path"])) for b, of_all in maps.items()}


def encoded(
    encoders: dict[str, Representation], images: torch.Tensor, maps: dict[str, torch.Tensor] | None = None
) -> dict[str, np.ndarray]:
    """Return the features of a batch by every encoder, as float32 [n, width].

    `maps` holds what encoders have begun to make of the images already, by their beginning.
    """
    at_once = len(images) if torch.cuda.is_available() else AT_ONCE
    parts = {name: [] for name in encoders}
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
        for start in range(0, len(images), at_once):
            few = slice(start, start + at_once)
            begun = {beginning: of_batch[few].float() for beginning, of_batch in (maps or {}).items()}
            for name, encoder in encoders.items():
                parts[name].append(encoder.encode(images[few], begun).float().cpu())
    return {name: torch.cat(of_encoder).numpy() for name, of_encoder in parts.items()}
