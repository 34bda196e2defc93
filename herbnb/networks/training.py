"""Training: one way to train, resume, skip, test and load any of the three networks."""

import logging
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import torch
from pytorch_lightning import Trainer, seed_everything

from herbnb.data.artefacts import fingerprint, needed, write_table
from herbnb.data.specimens import HELD_OUT, read_specimens
from herbnb.errors import BadInput
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.batches import loader, parts
from herbnb.networks.checkpoints import EveryEpoch, read_card, state_of_run, write_card
from herbnb.networks.classifier import Classifier
from herbnb.networks.network import Network
from herbnb.networks.triplet import NEGATIVES, Triplet

KINDS = {"autoencoder": Autoencoder, "triplet": Triplet, "classifier": Classifier}
NETWORKS = tuple(KINDS)
CHAPTERS = {"autoencoder": "02_autoencoder", "triplet": "03_triplet", "classifier": "04_classifier"}
PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")
LEAST = {"max_epochs": 1, "batch_size": 4, "learning_rate": 1e-9, "input_height": 32, "margin": 1e-9}
CHOICES = {"precision": PRECISIONS, "negatives": tuple(NEGATIVES)}

# Lightning's notes on the machine, and its advice on workers, which sheets kept in memory do not need
logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
warnings.filterwarnings("ignore", message=".*does not have many workers.*")


def train(
    name: str,
    sheets: str | Path,
    results: str | Path,
    *,
    seed: int,
    max_epochs: int,
    batch_size: int,
    learning_rate: float,
    input_height: int = 112,
    fit: str = "letterbox",
    weights: str = "none",
    precision: str = "auto",
    num_workers: int = 0,
    **own,
) -> dict:
    """Train the network called `name` on the training sheets of `results/specimens.parquet`.

    Writes `checkpoint.ckpt` (the epoch with the lowest validation loss), `last.ckpt`, `metrics.csv` and
    `card.json` to `results/networks/<name>/`, and returns the card. When a card with the same parameters
    and specimens is there, training is skipped; when a training with them was interrupted, it goes on
    after its last epoch; either is said.

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
        weights: of the encoder at the start: "none", "imagenet" or a path.
        precision: one of `PRECISIONS`; "auto" is bfloat16 where the machine computes in it.
        num_workers: processes that read images.
        own: parameters of this network alone: `margin` and `negatives` of the triplet network.

    Raises:
        BadInput: a parameter out of range, fewer than two genera to train on, or an unreadable image.
    """
    parameters = {"seed": seed, "max_epochs": max_epochs, "batch_size": batch_size}
    parameters |= {"learning_rate": learning_rate, "input_height": input_height, "fit": fit}
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
    resumes = not card and seen.get("run") == run
    if resumes:
        print(f"{name}: interrupted after epoch {seen['rows'][-1]['epoch']}; training goes on from there.")
    elif card or seen:
        print(f"{name}: trained before with other parameters or specimens; training starts anew.")
        for stale in ("card.json", "test.csv", "metrics.csv", "last.ckpt", "checkpoint.ckpt"):
            (folder / stale).unlink(missing_ok=True)

    seed_everything(seed, workers=True, verbose=False)
    genera = sorted(specimens.loc[specimens["split"] == "train", "genus"].unique())
    sizes = {"genera": len(genera)} if name == "classifier" else {}
    network = KINDS[name](weights=weights, learning_rate=learning_rate, **sizes, **own)
    given = {key: parameters[key] for key in ("input_height", "fit", "batch_size", "seed")}
    given["num_workers"] = num_workers
    learnt, judged = parts(specimens, seed)
    epochs = EveryEpoch(folder, run)
    trainer = trainer_of(precision, max_epochs=max_epochs, callbacks=[epochs])
    trainer.fit(
        network.to(memory_format=torch.channels_last),
        loader(network, learnt, sheets, genera, training=True, **given),
        loader(network, judged, sheets, genera, training=False, **given),
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


def trainer_of(precision: str, **settings) -> Trainer:
    """Return Lightning's trainer on one device, a GPU where there is one, silent but for a terminal."""
    amx = torch.cpu.get_capabilities().get("amx_bf16", False)
    cuda = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    if precision == "auto":
        precision = "bf16-mixed" if amx or cuda else "32-true"
    shown = sys.stdout.isatty()
    return Trainer(
        accelerator="auto", devices=1, precision=precision, logger=False, num_sanity_val_steps=0,
        enable_progress_bar=shown, enable_model_summary=False, **settings,
    )  # fmt: skip


def test(name: str, sheets: str | Path, results: str | Path, *, num_workers: int = 0) -> pd.DataFrame:
    """Test the network called `name` on the held-out sets, and write and return `test.csv`.

    Images are read as in training, but not varied. A set that cannot be tested is left out, and that is
    said. Returns one row a score: `split`, `metric`, `value`.

    Raises:
        BadInput: the network is missing, or was trained on other specimens.
    """
    folder, table = Path(results) / "networks" / name, Path(results) / "specimens.parquet"
    specimens, network, card = read_specimens(table), load_network(results, name), read_card(folder)
    if card.get("fingerprint") != fingerprint(table):
        raise BadInput(f"{folder} was trained on other specimens: run chapter {CHAPTERS[name]} again.")
    given = {key: card["parameters"][key] for key in ("input_height", "fit", "batch_size", "seed")}
    rows = []
    for split in HELD_OUT:
        part = specimens[specimens["split"] == split]
        try:
            known(part, card["genera"], split)
            batches = loader(
                network, part, sheets, card["genera"], training=False, num_workers=num_workers, **given
            )
        except BadInput as error:
            print(f"{name}: the set {split!r} is not tested. {error}")
            continue
        trainer = trainer_of(card["precision"])
        (scores,) = trainer.test(network, batches, verbose=False)
        rows += [
            {"split": split, "metric": key.removeprefix("test/"), "value": value}
            for key, value in sorted(scores.items())
        ]
    scores = pd.DataFrame(rows, columns=["split", "metric", "value"])
    write_table(scores, folder / "test.csv")
    return scores


def known(part: pd.DataFrame, genera: list[str], split: str) -> None:
    """Raise BadInput when a held-out set is empty or shows a genus that training does not know."""
    strange = sorted(set(part["genus"]) - set(genera))
    if part.empty:
        raise BadInput("It holds no sheet.")
    if strange:
        raise BadInput(f"Its genus {strange[0]} is not among the training sheets.")


def load_network(results: str | Path, name: str) -> Network:
    """Load the best checkpoint of the network called `name`, tensors only, every key, ready to encode.

    Raises:
        BadInput: it is missing, with the chapter to run first, or it is not a checkpoint of this network.
    """
    if name not in NETWORKS:
        raise BadInput(f"There is no network {name!r}: choose one of {', '.join(NETWORKS)}.")
    path = needed(Path(results) / "networks" / name / "checkpoint.ckpt", CHAPTERS[name])
    try:
        network = KINDS[name].load_from_checkpoint(
            path, map_location="cpu", strict=True, weights_only=True, weights="none"
        )
    except Exception as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(
            f"{path} is not a whole checkpoint of the {name}: delete its folder and "
            f"run chapter {CHAPTERS[name]} again."
        ) from error
    return network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
