"""Extraction: every encoder looks at every sheet once."""

from contextlib import ExitStack
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import pandas as pd
import torch

from herbnb.data.images.cache import STAMP, VERSION, stamps
from herbnb.devices import device
from herbnb.errors import BadInput
from herbnb.files import alone, fingerprint
from herbnb.following import READERS, counting_on
from herbnb.networks import NETWORKS
from herbnb.networks.cards import beginning_of_run
from herbnb.networks.checkpoints import load_network
from herbnb.representations import BASELINES, Spec, spec_of, unknown
from herbnb.representations.passes import Representation, look, squares_and_maps, together
from herbnb.representations.shelves import SHARD, Shelf
from herbnb.representations.visitors import visitor
from herbnb.results import Results, specimens_of
from herbnb.specimens import TEXT


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
        encoder.eval().to(device())
    return encoder


@counting_on(*READERS)
def keep_features(
    here: Results,
    collection: str,
    encoders: dict[str, Representation],
    folder: str | Path,
    *,
    batch_size: int = 64,
    num_workers: int = 0,
    cache: Path | None = None,
    shard: int = SHARD,
) -> None:
    """Let encoders look at the sheets of a collection that they have not seen yet, and keep what they see.

    The features are kept in parts of at most `shard` sheets: see `Shelf`. A run that was killed goes on
    after the last whole part, and when another process makes the same features, this one waits.

    Args:
        here: the run.
        collection: the run's own, "kew" or one of the user's.
        encoders: by their short names.
        folder: where the images live.
        batch_size: sheets read at a time.
        num_workers: processes that read images, beside this one.
        cache: a folder to keep the resized sheets in; None keeps none.
        shard: sheets in a part.

    Raises:
        BadInput: an image that cannot be read, a feature that is not a finite number, or a process that reads
            and has been ended from outside.
    """
    table, fields = specimens_of(collection)
    specimens, of_table = here.read(table, **fields), fingerprint(here.needed(table, **fields))
    specimens = specimens[[*TEXT]]
    sheets = described(specimens, Path(folder))
    reading = {"batch_size": batch_size, "num_workers": num_workers}
    with ExitStack() as locks:
        shelves = {}
        for name in sorted(encoders):  # in one order, so that no two processes wait for one another
            index = here.path("features", encoder=name, collection=collection)
            locks.enter_context(alone(index))
            shelves[name] = Shelf(index, origin_of(name, encoders[name]))
        gaps = {name: shelf.missing(sheets) for name, shelf in shelves.items()}
        for alike, rows in together(encoders, gaps):
            given = squares_and_maps(alike, specimens.iloc[rows], folder, cache, num_workers)
            for part in np.split(rows, range(shard, len(rows), shard)):
                with ExitStack() as writing:
                    write = {n: writing.enter_context(shelves[n].writing(sheets.iloc[part])) for n in alike}
                    for features in look(alike, specimens.iloc[part], folder, *given, **reading):
                        for name, of_batch in features.items():
                            write[name](of_batch)
        for name, shelf in shelves.items():
            listing = {"specimens table": of_table, **shelf.listing()}
            if not shelf.is_listed(listing):
                here.write("features", listing, encoder=name, collection=collection)


@counting_on(*READERS)
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
    encoders begin with alike is done once for all of them. What computes
    in bfloat16, processor or GPU, does so here: the features differ from
    those in float32 by less than one part in a hundred. With `cache`, a
    folder, the resized sheets are kept there, for the next who look.
    """
    reading = {"batch_size": batch_size, "num_workers": num_workers}
    features = {n: np.empty((len(specimens), e.width), np.float32) for n, e in encoders.items()}
    everything = dict.fromkeys(encoders, np.arange(len(specimens)))
    for alike, _ in together(encoders, everything):
        given = squares_and_maps(alike, specimens, folder, cache, num_workers)
        start = 0
        for batch in look(alike, specimens, folder, *given, **reading):
            for name, of_batch in batch.items():
                features[name][start : start + len(of_batch)] = of_batch
            start += len(of_batch)
    return features


def described(specimens: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return what parts say of their sheets: `uuid` (the image_id), the names, and the file as it is now."""
    files = stamps(specimens["path"], folder).set_index("path").loc[specimens["path"]]
    stamped = specimens.rename(columns={"image_id": "uuid"})
    return stamped.assign(**{what: files[what].to_numpy() for what in STAMP})


def origin_of(name: str, encoder: Representation) -> dict:
    """Return where the features by an encoder are from, in plain types."""
    card = getattr(encoder, "card", {})
    return {
        "encoder": name,
        "fingerprint": encoder.fingerprint,
        "width": encoder.width,
        "squares": str(encoder.geometry),
        "geometry": encoder.geometry and encoder.geometry.card(),
        "model": card.get("model", ""),
        "resizing": VERSION,
        "card": card,
    }
