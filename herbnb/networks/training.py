"""Training: one way to train, resume or skip any of the three networks, test and load it."""

from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch
from pytorch_lightning import seed_everything

from herbnb.data.images.cache import Cache
from herbnb.data.images.sheets import FITS
from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks.checkpoints import EveryEpoch, read_card, state_of_run, write_card
from herbnb.networks.data_module import loader, parts
from herbnb.networks.kinds import KINDS, NETWORKS, load_network
from herbnb.networks.testing import test
from herbnb.networks.trainer import PRECISIONS, trainer_of
from herbnb.networks.triplet import NEGATIVES
from herbnb.specimens import read_specimens

__all__ = ["NETWORKS", "load_network", "test", "train"]

LEAST = {
    "max_epochs": 1,
    "batch_size": 4,
    "learning_rate": 1e-9,
    "input_height": 32,
    "margin": 1e-9,
}
CHOICES = {"fit": FITS, "precision": PRECISIONS, "negatives": tuple(NEGATIVES)}


def train(
    name: str,
    sheets: str | Path,
    results: str | Path,
    *,
    seed: int,
    max_epochs: int,
    batch_size: int,
    learning_rate: float,
    input_height: int = 96,
    fit: str = "letterbox",
    augment: bool = True,
    weights: str = "none",
    precision: str = "auto",
    num_workers: int = 0,
    cache: Cache | None = None,
    **own,
) -> dict:
    """Train the network called `name` on the training sheets of `results/specimens.parquet`.

    Writes `checkpoint.ckpt` (of the epoch that validates best), `last.ckpt`, `metrics.csv` and
    `card.json` to `results/networks/<name>/`, and returns the card. When a card with the same
    parameters and specimens is there, training is skipped; when a training with them was
    interrupted, it goes on after its last epoch; either is said.

    Args:
        name: one of `NETWORKS`.
        sheets: folder of the images.
        results: folder of the artefacts.
        seed: of the weights, the batches, the augmentation and the choice of validation sheets.
        max_epochs: passes over the training sheets.
        batch_size: sheets in a batch.
        learning_rate: of Adam.
        input_height: side of the square images in pixels.
        fit: "letterbox" or "crop".
        augment: show each training sheet a little turned, warped, cut and relit, as published.
        weights: of the encoder at the start: "none", "imagenet" or a path.
        precision: one of `PRECISIONS`; "auto" is bfloat16 where the machine computes in it.
        num_workers: processes that read images.
        cache: of the sheets, made by `keep_sheets`, to read instead of the images.
        own: parameters of this network alone: `margin` and `negatives` of the triplet network.

    Raises:
        BadInput: a parameter out of range, fewer than two genera to train on, an unreadable image.
    """
    parameters = {"seed": seed, "max_epochs": max_epochs, "batch_size": batch_size}
    parameters |= {"learning_rate": learning_rate, "input_height": input_height, "fit": fit}
    parameters |= {"augment": augment}
    parameters |= {"weights": weights, "precision": precision, **own}
    check_parameters(parameters)
    table, folder = Path(results) / "specimens.parquet", Path(results) / "networks" / name
    specimens = read_specimens(table)
    start = fingerprint(weights) if Path(weights).is_file() else weights
    run = {"parameters": parameters, "fingerprint": fingerprint(table), "weights": start}

    card, seen = read_card(folder), state_of_run(folder / "last.ckpt")
    if card and all(card[key] == run[key] for key in run):
        print(f"{name}: trained already with these parameters on these specimens; skipped.")
        return card
    resumes = seen.get("run") == run and not (folder / "card.json").exists()
    if resumes:
        print(f"{name}: interrupted after epoch {seen['rows'][-1]['epoch']}; training goes on.")
    elif folder.is_dir() and any(folder.iterdir()):
        print(f"{name}: what is there is not of these parameters and specimens; starts anew.")
        for stale in ("card.json", "test.csv", "metrics.csv", "last.ckpt", "checkpoint.ckpt"):
            (folder / stale).unlink(missing_ok=True)

    seed_everything(seed, workers=True, verbose=False)
    genera = sorted(specimens.loc[specimens["split"] == "train", "genus"].unique())
    sizes = {"genera": len(genera)} if name == "classifier" else {}
    network = KINDS[name](weights=weights, learning_rate=learning_rate, **sizes, **own)
    learnt, judged = parts(specimens, seed)
    rest = {
        "folder": sheets,
        "genera": genera,
        "parameters": parameters,
        "num_workers": num_workers,
        "cache": cache,
    }
    dealt = partial(loader, network, **rest)
    epochs = EveryEpoch(folder, run)
    trainer = trainer_of(precision, max_epochs=max_epochs, callbacks=[epochs])
    trainer.fit(
        network.to(memory_format=torch.channels_last),
        dealt(learnt, training=True),
        dealt(judged, training=False),
        ckpt_path=folder / "last.ckpt" if resumes else None,
        weights_only=True,
    )
    libraries = ("torch", "torchvision", "pytorch-lightning")
    card = {"network": name, **run, "precision": trainer.precision, "genera": genera}
    card |= {"sheets": {"train": len(learnt), "validation": len(judged)}, "epochs": max_epochs}
    card |= {"best": epochs.best, "seconds": round(epochs.seconds, 1)}
    card |= {"versions": {library: version(library) for library in libraries}}
    return write_card(folder, card)


def check_parameters(parameters: dict) -> None:
    """Raise BadInput for the first parameter that is too small or not among its choices."""
    for key, value in parameters.items():
        if key in LEAST and not value >= LEAST[key]:
            raise BadInput(f"{key} is {value}: it must be at least {LEAST[key]}.")
        if key in CHOICES and value not in CHOICES[key]:
            raise BadInput(f"{key} is {value!r}: choose one of {', '.join(CHOICES[key])}.")
