"""Training: one way to train, resume or skip any network, and to test it on the held-out sets."""

import copy
import logging
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import torch
from pytorch_lightning import Trainer, seed_everything

from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks.cards import card_of_run, read_card, write_card
from herbnb.networks.checkpoints import EveryEpoch, load_network, state_of_run
from herbnb.networks.data_module import SheetData, genera_of
from herbnb.networks.encoder import AT_ONCE
from herbnb.networks.network import Network, at_least, network_class, one_of
from herbnb.networks.precision import PRECISIONS, faster
from herbnb.results import Results
from herbnb.specimens import HELD_OUT

LIBRARIES = ("torch", "torchvision", "timm", "pytorch-lightning")

# Lightning's notes on the machine, its advice on workers (sheets kept in memory need none) and on a hook
# that is the network's on purpose, its note on frozen stages, and its use of a name that torch will retire
logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
warnings.filterwarnings("ignore", message=".*does not have many workers.*")
warnings.filterwarnings("ignore", message=".*overridden `on_after_batch_transfer`.*")
warnings.filterwarnings("ignore", message=".*module.s. in eval mode at the start of training.*")
warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
warnings.filterwarnings("ignore", message=r"Found \d+ module\(s\) in eval mode.*")  # the frozen stages


def train(
    name: str,
    folder: str | Path,
    here: Results,
    *,
    seed: int,
    max_epochs: int,
    batch_size: int,
    augment: bool = True,
    precision: str = "auto",
    num_workers: int = 0,
    cache: Path | None = None,
    **of_network,
) -> dict:
    """Train the network called `name` on the training sheets of a run.

    Writes the network's artefacts: `checkpoint` (the weights after the last epoch), `last_checkpoint`,
    `metrics` and `card`, and returns the card. When a card with the same parameters and specimens is
    there, training is skipped; when a training with them was interrupted, it goes on after its last
    epoch; either is said.

    Args:
        name: a name in `NETWORKS`.
        folder: of the images.
        here: the run.
        seed: of the weights, the batches, the augmentation and the choice of validation sheets.
        max_epochs: passes over the training sheets.
        batch_size: sheets in a batch.
        augment: show each training sheet a little turned, warped, cut and relit, as published.
        precision: one of `PRECISIONS`; "auto" is the faster of float32 and bfloat16 on the machine.
        num_workers: processes that read images.
        cache: a folder to keep the resized sheets in, so that each is decoded once; None keeps none.
        of_network: what the network's class takes: `encoder`, `weights`, `trainable`, `learning_rate`,
            `schedule`, `input_height`, `fit`, and its own.

    Raises:
        BadInput: a parameter out of range, fewer than two genera to train on, an unreadable image.
    """
    at_least("max_epochs", max_epochs, 1)
    one_of("precision", precision, PRECISIONS)
    dealing = {"seed": seed, "batch_size": batch_size, "augment": augment}
    parameters = {"max_epochs": max_epochs, "precision": precision}
    run = run_card(here, parameters | dealing | of_network)
    if trained_already(name, here, run):
        return read_card(here, name)

    seed_everything(seed, workers=True, verbose=False)
    specimens = here.read("specimens")
    network = network_class(name).made_for(genera_of(specimens), **of_network)
    check_can_learn(network, name)
    sheets = SheetData(
        specimens,
        folder,
        network,
        num_workers=num_workers,
        cache=cache,
        **dealing,
    )
    epochs = EveryEpoch(here, name, run)
    if precision == "auto":
        precision = faster(practice(network))
    trainer = trainer_of(precision, max_epochs=max_epochs, callbacks=[epochs])
    trainer.fit(
        network.to(memory_format=torch.channels_last),
        datamodule=sheets,
        ckpt_path=to_go_on_from(name, here, run),
        weights_only=True,
    )
    parts = {"train": len(sheets.learnt), "validation": len(sheets.judged)}
    card = {"network": name, **run, "precision": trainer.precision}
    card |= {"geometry": network.geometry.card(), "width": network.width}
    card |= {"beginning": beginning_of(network)}
    card |= {"genera": sheets.genera, "sheets": parts, "epochs": max_epochs}
    card |= {"validation": epochs.validation}
    card |= {"seconds": round(epochs.seconds, 1)}
    card |= {"versions": {library: version(library) for library in LIBRARIES}}
    return write_card(here, name, card)


def run_card(here: Results, parameters: dict) -> dict:
    """Return what must be the same for a training to be the same: parameters, specimens, first weights."""
    weights = parameters.get("weights", "none")
    start = fingerprint(weights) if Path(weights).is_file() else weights
    table = here.needed("specimens")
    return {"parameters": parameters, "fingerprint": fingerprint(table), "weights": start}


def trained_already(name: str, here: Results, run: dict) -> bool:
    """Say whether the card of this very training is there, to the reader as well."""
    card = read_card(here, name)
    same = bool(card) and all(card[key] == run[key] for key in run)
    if same:
        print(f"{name}: trained already with these parameters on these specimens; skipped.")
    return same


def to_go_on_from(name: str, here: Results, run: dict) -> Path | None:
    """Return the checkpoint of this very training if it was interrupted; else clear away what is there."""
    last = here.path("last_checkpoint", network=name)
    seen = state_of_run(last)
    if seen.get("run") == run and not here.path("card", network=name).exists():
        print(f"{name}: interrupted after epoch {seen['rows'][-1]['epoch']}; training goes on.")
        return last
    artefacts = ("card", "test", "metrics", "last_checkpoint", "checkpoint")
    stale = [path for each in artefacts if (path := here.path(each, network=name)).exists()]
    if stale:
        print(f"{name}: what is there is not of these parameters and specimens; starts anew.")
    for path in stale:
        path.unlink()
    return None


def test(
    name: str,
    folder: str | Path,
    here: Results,
    *,
    num_workers: int = 0,
    cache: Path | None = None,
) -> pd.DataFrame:
    """Test the network called `name` on the held-out sets, and write and return its artefact `test`.

    Images are read as in training, but not augmented. A set that cannot be tested is left out, and
    that is said. Returns one row a score: `split`, `metric`, `value`.

    Raises:
        BadInput: the network is missing, or was trained on other specimens.
    """
    network, card = load_network(here, name), card_of_run(here, name)
    sheets = SheetData(
        here.read("specimens"),
        folder,
        network,
        batch_size=card["parameters"]["batch_size"],
        seed=card["parameters"]["seed"],
        num_workers=num_workers,
        cache=cache,
    )
    rows = []
    for split in HELD_OUT:
        try:
            batches = sheets.held_out(split)
        except BadInput as error:
            print(f"{name}: {error}")
            continue
        (scores,) = trainer_of(card["precision"]).test(network, batches, verbose=False)
        rows += [
            {"split": split, "metric": key.removeprefix("test/"), "value": value}
            for key, value in sorted(scores.items())
        ]
    scores = pd.DataFrame(rows, columns=["split", "metric", "value"])
    here.write("test", scores, network=name)
    return scores


def beginning_of(network: Network) -> dict:
    """Return what a network says of the encoder that it began from."""
    return {each: network.hparams[each] for each in ("encoder", "weights", "trainable")}


def check_can_learn(network: Network, name: str) -> None:
    """Raise BadInput when nothing of a network learns."""
    if not any(weights.requires_grad for weights in network.parameters()):
        raise BadInput(f"trainable is 'head', and the {name} has none: let a stage of its encoder learn.")


def practice(network: Network) -> Callable[[], None]:
    """Return a step forwards and back without a lesson, as long as a step of training, for the clock."""
    encoder = copy.deepcopy(network.encoder)  # a step moves the statistics of a network
    images = torch.rand(AT_ONCE, 3, network.geometry.height, network.geometry.height)
    with torch.no_grad():
        maps = encoder.trunk(images)
    return lambda: encoder.crown(maps).sum().backward()


def trainer_of(precision: str, **settings) -> Trainer:
    """Return Lightning's trainer on one device: the GPU where there is one."""
    return Trainer(
        accelerator="auto",
        devices=1,
        precision=precision,
        logger=False,
        num_sanity_val_steps=0,
        enable_progress_bar=sys.stdout.isatty(),
        enable_model_summary=False,
        **settings,
    )
