"""Checkpoints: what a training leaves after every epoch, and how it is found again."""

import json
import math
import time
from pathlib import Path

import pandas as pd
import torch
from pytorch_lightning.callbacks import Checkpoint

from herbnb.errors import BadInput
from herbnb.files import fingerprint, whole, write_table


class EveryEpoch(Checkpoint):
    """Write `metrics.csv`, `last.ckpt` and, when it validates best so far, `checkpoint.ckpt`.

    Each file is whole or not there, so that a run may be killed at any moment. What the callback
    knows is inside `last.ckpt`, and a resumed run goes on with the same table.

    Args:
        folder: of the network's artefacts.
        run: what must match for a later run to go on from `last.ckpt`, in plain types.
    """

    def __init__(self, folder: Path, run: dict):
        self.folder, self.run = folder, run
        self.rows, self.best, self.seconds = [], {}, 0.0

    def state_dict(self):
        return {"run": self.run, "rows": self.rows, "best": self.best, "seconds": self.seconds}

    def load_state_dict(self, state_dict):
        self.rows, self.best = state_dict["rows"], state_dict["best"]
        self.seconds = state_dict["seconds"]

    def on_train_epoch_start(self, trainer, network):
        self.started = time.monotonic()
        # each epoch draws from its own seed, so that a resumed run draws what an unbroken one does
        torch.manual_seed(self.run["parameters"]["seed"] + trainer.current_epoch)

    def on_train_epoch_end(self, trainer, network):
        epoch = trainer.current_epoch
        for name, value in sorted(trainer.callback_metrics.items()):
            split, metric = name.split("/")
            self.rows.append({"epoch": epoch, "split": split, "metric": metric, "value": value.item()})
        loss = trainer.callback_metrics["validation/loss"].item()
        if not math.isfinite(loss):
            raise BadInput(f"The validation loss of epoch {epoch} is {loss}: lower learning_rate.")
        score = trainer.callback_metrics[f"validation/{network.judged_by}"].item()
        improved = self.judge(epoch, network.judged_by, score)
        self.seconds += time.monotonic() - self.started
        write_table(pd.DataFrame(self.rows), self.folder / "metrics.csv")
        for name, wanted, light in (("checkpoint", improved, True), ("last", True, False)):
            if wanted:
                with whole(self.folder / f"{name}.ckpt") as temporary:
                    trainer.save_checkpoint(temporary, weights_only=light)

    def judge(self, epoch: int, metric: str, value: float) -> bool:
        """Say whether this epoch's validation score is the best so far, and keep it if so."""
        sign = -1 if metric == "loss" else 1
        improved = not self.best or sign * value > sign * self.best["value"]
        if improved:
            self.best = {"epoch": epoch, "metric": metric, "value": value}
        return improved


def state_of_run(path: Path) -> dict:
    """Return what `EveryEpoch` put into `last.ckpt`, or nothing where there is no such file.

    Raises:
        BadInput: the file cannot be read.
    """
    if not path.exists():
        return {}
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)["callbacks"]["EveryEpoch"]
    except Exception as error:  # torch.load raises whatever the bytes lead it to
        raise BadInput(f"{path} is not a checkpoint of herbnb: delete it and train again.") from error


def read_card(folder: Path) -> dict:
    """Return the card of a finished training, or nothing where none is or its checkpoint is not it.

    Raises:
        BadInput: the card cannot be read.
    """
    path, checkpoint = folder / "card.json", folder / "checkpoint.ckpt"
    if not path.exists() or not checkpoint.exists():
        return {}
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{path} is not JSON ({error}): delete it and train again.") from error
    return card if card["checkpoint"] == fingerprint(checkpoint) else {}


def write_card(folder: Path, card: dict) -> dict:
    """Write and return the card, with the fingerprint of the best checkpoint as `checkpoint`."""
    card = {**card, "checkpoint": fingerprint(folder / "checkpoint.ckpt")}
    with whole(folder / "card.json") as temporary:
        temporary.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return card
