"""Training: one way to train, resume or skip any network, and to test it on the held-out sets."""

import copy
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import torch
from pytorch_lightning import seed_everything
from pytorch_lightning.utilities import rank_zero_only
from pytorch_lightning.utilities.exceptions import SIGTERMException

from herbnb.errors import BadInput
from herbnb.files import alone, fingerprint
from herbnb.following import READERS, counting_on
from herbnb.networks.cards import card_of_run, read_card, write_card
from herbnb.networks.checkpoints import EveryEpoch, load_network, state_of_run
from herbnb.networks.data_module import SheetData, genera_of
from herbnb.networks.encoder import AT_ONCE
from herbnb.networks.network import Network, at_least, network_class, one_of
from herbnb.networks.norms import share_norms
from herbnb.networks.precision import PRECISIONS, faster
from herbnb.networks.ranks import ALONE, Ranks
from herbnb.networks.trainer import Waiting, trainer_of
from herbnb.results import Results
from herbnb.specimens import HELD_OUT

LIBRARIES = ("torch", "torchvision", "timm", "pytorch-lightning")
ARTEFACTS = ("card", "test", "metrics", "last_checkpoint", "checkpoint")
"""What a training, and what is tested of it, leave."""

say = rank_zero_only(print)
"""Print a line, once, however many processes come to it."""


@counting_on(*READERS)
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
    ranks: Ranks = ALONE,
    **of_network,
) -> dict:
    """Train the network called `name` on the training sheets of a run.

    Writes the network's artefacts: `checkpoint` (the weights after the last epoch), `last_checkpoint`,
    `metrics` and `card`, and returns the card. When a card with the same parameters and specimens is
    there, training is skipped; when a training with them was interrupted, it goes on after its last
    epoch, whatever the number of processes was; either is said.

    Several processes each call this, and share every batch, so that they learn what one would; only what
    is drawn while a sheet is learnt (how it is varied, what a dropout leaves out) is drawn by each for its
    own share.

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
        ranks: the processes that train together; of them all `results` and `cache` must be in one place.
        of_network: what the network's class takes: `encoder`, `weights`, `trainable`, `learning_rate`,
            `schedule`, `input_height`, `fit`, and its own.

    Raises:
        BadInput: a parameter out of range, fewer than two genera to train on, an unreadable image, a process
            that reads and has been ended from outside; several processes are to train what another is
            training.
    """
    at_least("max_epochs", max_epochs, 1)
    one_of("precision", precision, PRECISIONS)
    dealing = {"seed": seed, "batch_size": batch_size, "augment": augment}
    parameters = {"max_epochs": max_epochs, "precision": precision}
    run = run_card(here, parameters | dealing | of_network)
    if trained_already(name, here, run):
        return read_card(here, name)
    with claimed(name, here, ranks):
        if trained_already(name, here, run):  # by another process, meanwhile
            return read_card(here, name)
        seed_everything(seed, workers=True, verbose=False)
        specimens = here.read("specimens")
        genera = genera_of(specimens)
        network = network_class(name).made_for(genera, **of_network)
        check_can_learn(network, name)
        sheets = SheetData(
            specimens,
            folder,
            network,
            num_workers=num_workers,
            cache=cache,
            ranks=ranks,
            **dealing,
        )
        last = to_go_on_from(name, here, run)
        stale = [] if last else there(name, here)
        epochs = EveryEpoch(here, name, run, stale)
        if precision == "auto":
            precision = faster(practice(network), alone=ranks.size == 1)
        if ranks.size > 1:
            share_norms(network)
        told = {"callbacks": [epochs], "profiler": Waiting()}
        trainer = trainer_of(precision, ranks, max_epochs=max_epochs, **told)
        try:
            trainer.fit(
                network.to(memory_format=torch.channels_last),
                datamodule=sheets,
                ckpt_path=last,
                weights_only=True,
            )
        except SIGTERMException as end:  # which says that all is well
            raise SystemExit(128 + signal.SIGTERM) from end
        parts = {"train": len(sheets.learnt), "validation": len(sheets.judged)}
        card = {"network": name, **run, "precision": trainer.precision}
        card |= {"geometry": network.geometry.card(), "width": network.width}
        card |= {"beginning": beginning_of(network)}
        card |= {"genera": sheets.genera, "sheets": parts}
        card |= {"epochs": max_epochs, "validation": epochs.validation}
        card |= {"seconds": round(epochs.seconds, 1)}
        card |= {"core_seconds": round(epochs.core_seconds, 1)}
        card |= {"processes": ranks.size, "waits": round(epochs.waits, 4)}
        versions = {each: version(each) for each in LIBRARIES}
        card |= {"versions": versions}
        if trainer.is_global_zero:
            card = write_card(here, name, card)
        return trainer.strategy.broadcast(card)


def claimed(name: str, here: Results, ranks: Ranks) -> AbstractContextManager:
    """Hold the training of a network until the block ends, so that no other process trains it in this run.

    A lone process waits for another. Of several the first holds it for all, and does not wait, for the others
    would not know.

    Raises:
        BadInput: several are to train what another process is training.
    """
    folder = here.path("checkpoint", network=name).parent
    return alone(folder, wait=ranks.size == 1) if ranks.rank == 0 else nullcontext()


def run_card(here: Results, parameters: dict) -> dict:
    """Return what must be the same for a training to be the same: parameters, specimens, first weights."""
    weights = parameters.get("weights", "none")
    start = fingerprint(weights) if Path(weights).is_file() else weights
    table = here.needed("specimens")
    return {"parameters": parameters, "fingerprint": fingerprint(table), "weights": start}


def trained_already(name: str, here: Results, run: dict) -> bool:
    """Say whether the card of this very training is there, to the reader as well."""
    card = read_card(here, name) if here.path("checkpoint", network=name).exists() else {}
    same = bool(card) and all(card[key] == run[key] for key in run)
    if same:
        say(f"{name}: trained already with these parameters on these specimens; skipped.")
    return same


def to_go_on_from(name: str, here: Results, run: dict) -> Path | None:
    """Return the checkpoint of this very training if it was interrupted; else what is there is stale."""
    last = here.path("last_checkpoint", network=name)
    seen = state_of_run(last)
    if seen.get("run") == run and not here.path("card", network=name).exists():
        say(f"{name}: interrupted after epoch {seen['rows'][-1]['epoch']}; training goes on.")
        return last
    if there(name, here):
        say(f"{name}: what is there is not of these parameters and specimens; starts anew.")
    return None


def there(name: str, here: Results) -> list[Path]:
    """Return the files of a training that exist."""
    return [path for each in ARTEFACTS if (path := here.path(each, network=name)).exists()]


@counting_on(*READERS)
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
        BadInput: the network is missing, or was trained on other specimens; a process that reads has been
            ended from outside.
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
