"""Checkpoints: what a training leaves after every epoch, and how it is found again."""

import math
import time
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import torch
from pytorch_lightning.callbacks import Checkpoint

from herbnb.devices import device
from herbnb.errors import BadInput
from herbnb.files import check_plain, fingerprint, whole
from herbnb.journal import tell
from herbnb.networks.network import Network, network_class
from herbnb.networks.ranks import seed_of
from herbnb.networks.weights import check_stored
from herbnb.results import Results, chapter_of


class EveryEpoch(Checkpoint):
    """Write the metrics, the weights, and the last checkpoint, from which a training goes on.

    The weights that are kept are those of the last epoch, for every network alike: the scores that
    networks are validated by differ, and choosing by them would favour one network or another.
    Each file is whole or not there, so that a run may be killed at any moment. What the callback
    knows is inside the last checkpoint, and a resumed training goes on with the same table. Of several
    processes that train together the first writes.

    Args:
        here: the run.
        name: of the network.
        run: what must match for a later training to go on from the last checkpoint, in plain types.
        stale: files of another training, to be deleted once all processes have seen what is there.
    """

    def __init__(self, here: Results, name: str, run: dict, stale: list[Path]):
        self.here, self.name, self.run, self.stale = here, name, run, stale
        self.rows, self.seconds, self.core_seconds, self.stepping, self.waiting = [], 0.0, 0.0, 0.0, 0.0

    def state_dict(self):
        spent = {"seconds": self.seconds, "core_seconds": self.core_seconds}
        spent |= {"stepping": self.stepping, "waiting": self.waiting}
        return {"run": self.run, "rows": self.rows, **spent}

    def load_state_dict(self, state_dict):
        self.rows, self.seconds = state_dict["rows"], state_dict["seconds"]
        # an older herbnb, interrupted, has not counted them: they are then those of the epochs since
        counted = ("core_seconds", "stepping", "waiting")
        self.core_seconds, self.stepping, self.waiting = (state_dict.get(each, 0.0) for each in counted)

    def setup(self, trainer, network, stage):
        if trainer.is_global_zero:
            for path in self.stale:
                path.unlink()

    def on_train_epoch_start(self, trainer, network):
        if trainer.is_global_zero:
            tell(f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}")
        self.started, self.waited = time.monotonic(), trainer.profiler.seconds
        self.worked = time.process_time()
        # each epoch draws from its own seed, so that a resumed run draws what an unbroken one does
        seed = seed_of(trainer.global_rank, self.run["parameters"]["seed"] + trainer.current_epoch)
        torch.manual_seed(seed)
        trainer.train_dataloader.generator.manual_seed(seed)  # where others read

    def on_validation_start(self, trainer, network):
        self.stepping += time.monotonic() - self.started
        self.waiting += trainer.profiler.seconds - self.waited

    def on_train_epoch_end(self, trainer, network):
        epoch = trainer.current_epoch
        for name, value in sorted(trainer.callback_metrics.items()):
            split, metric = name.split("/")
            self.rows.append({"epoch": epoch, "split": split, "metric": metric, "value": value.item()})
        loss = trainer.callback_metrics["validation/loss"].item()
        if not math.isfinite(loss):
            raise BadInput(f"The validation loss of epoch {epoch} is {loss}: lower learning_rate.")
        self.seconds += time.monotonic() - self.started
        self.core_seconds += time.process_time() - self.worked
        if trainer.is_global_zero:
            self.here.write("metrics", pd.DataFrame(self.rows), network=self.name)
        for artefact, light in (("checkpoint", True), ("last_checkpoint", False)):
            path = self.here.path(artefact, network=self.name)
            with whole(path) if trainer.is_global_zero else nullcontext(path) as written:
                trainer.save_checkpoint(written, weights_only=light)  # all take part, and one writes

    @property
    def waits(self) -> float:
        """The share of the time of training, validation left out, for which steps waited for their batch."""
        return self.waiting / self.stepping if self.stepping else 0.0

    @property
    def validation(self) -> dict[str, float]:
        """The validation scores of the last epoch, by their names."""
        last = [r for r in self.rows if r["epoch"] == self.rows[-1]["epoch"] and r["split"] == "validation"]
        return {row["metric"]: row["value"] for row in last}


def state_of_run(path: Path) -> dict:
    """Return what `EveryEpoch` put into the checkpoint at `path`, or nothing where there is none.

    Raises:
        BadInput: the file cannot be read.
    """
    if not path.exists():
        return {}
    try:
        check_plain(path)
        check_stored(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)["callbacks"]["EveryEpoch"]
        return {name: state[name] for name in ("run", "rows", "seconds")} | state
    except Exception as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(f"{path} is not a checkpoint of herbnb: delete it and train again.") from error


def load_network(here: Results, name: str) -> Network:
    """Load the checkpoint of a network, tensors only and every key of it, ready to encode.

    It carries the fingerprint of the checkpoint as `fingerprint`.

    Raises:
        BadInput: it is missing (with the chapter to run first) or not one of this network.
    """
    kind = network_class(name)
    path = here.needed("checkpoint", network=name)
    try:
        check_stored(path)
        network = kind.load_from_checkpoint(
            path, map_location="cpu", strict=True, weights_only=True, weights="none"
        )
    except Exception as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(
            f"{path} is not a whole checkpoint of the {name}: delete its folder and "
            f"run chapter {chapter_of('checkpoint', network=name)} again."
        ) from error
    network.fingerprint = fingerprint(path)
    return network.to(device()).eval()
