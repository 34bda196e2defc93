"""What all networks have in common: an encoder, an optimiser, and a record of each epoch."""

from pkgutil import resolve_name

import torch
from pytorch_lightning import LightningModule
from torch.optim import Adam
from torch.utils.data import DistributedSampler

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.networks.encoder import Encoder

STAGES = {"train": "train", "validate": "validation", "test": "test"}
"""Lightning's names of what it is doing, and the names of our tables."""


class Network(LightningModule):
    """An encoder and, in each subclass, a task that teaches it.

    A subclass adds its layers in `__init__`, what they compute in `forward`, and in `training_step`
    the loss of a batch (images float [n, 3, h, h] in 0..1, labels [n]), passed through `record`.
    Validation and testing are the same step, without augmentation, dropout and gradients.

    Args:
        weights: of the encoder at the start: "none", "imagenet" or a path.
        learning_rate: of Adam (Kingma and Ba 2015).
        input_height: side of the square images, in pixels.
        fit: how a sheet becomes a square: "letterbox" or "crop".

    Raises:
        BadInput: a parameter that is out of range.
    """

    judged_by = "loss"
    """The validation score that chooses the best epoch: a loss when low, any other when high."""

    def __init__(
        self,
        weights: str = "none",
        learning_rate: float = 1e-3,
        input_height: int = 96,
        fit: str = "letterbox",
    ):
        super().__init__()
        at_least("input_height", input_height, 32)
        at_least("learning_rate", learning_rate, 1e-9)
        self.save_hyperparameters()  # those of the subclass too: a checkpoint says how it was made
        self.learning_rate = learning_rate
        self.geometry = Geometry(input_height, fit)
        self.encoder = Encoder(weights, self.geometry)

    @classmethod
    def made_for(cls, genera: list[str], **parameters) -> "Network":
        """Return a network that can be taught these genera; most need not know how many there are."""
        return cls(**parameters)

    @property
    def width(self) -> int:
        """Numbers in a feature vector."""
        return self.encoder.width

    @torch.inference_mode()
    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """Turn images, uint8 [n, 3, h, h], into features, float32 [n, width], without training."""
        self.eval()
        return self.encoder(scaled(images.to(self.device))).float()

    def dealt(self, labels, batch_size: int, seed: int, training: bool) -> dict:
        """Say how a DataLoader deals sheets into batches: shuffled for training, else in order."""
        # a last batch of one sheet has no variance to normalise by
        drop_last = training and len(labels) > batch_size
        deal = {"batch_size": batch_size, "drop_last": drop_last}
        if training:  # one process: the sampler is wanted for its order by seed and epoch
            deal["sampler"] = DistributedSampler(labels, num_replicas=1, rank=0, seed=seed)
        return deal

    def on_after_batch_transfer(self, batch, dataloader_idx):
        images, labels = batch
        return scaled(images), labels

    def validation_step(self, batch, batch_idx):
        return self.training_step(batch, batch_idx)

    def test_step(self, batch, batch_idx):
        return self.training_step(batch, batch_idx)

    @property
    def stage(self) -> str:
        """Say what goes on: "train", "validation" or "test"."""
        return STAGES[self.trainer.state.stage.value]

    def record(self, batch_size: int, loss: torch.Tensor, **scores) -> torch.Tensor:
        """Log the loss and scores of a batch, for the mean over the epoch, and return the loss."""
        for name, value in {"loss": loss, **scores}.items():
            self.log(f"{self.stage}/{name}", value, on_step=False, on_epoch=True, batch_size=batch_size)
        return loss

    def configure_optimizers(self):
        return Adam(self.parameters(), lr=self.learning_rate, fused=True)  # one pass over the weights


def scaled(images: torch.Tensor) -> torch.Tensor:
    """Turn uint8 images [n, 3, h, h] into floats in 0..1, laid out as convolutions like them."""
    return images.float().div(255).contiguous(memory_format=torch.channels_last)


def network_class(name: str) -> type[Network]:
    """Return the class of the network called `name`.

    Raises:
        BadInput: there is no such network.
    """
    if name not in NETWORKS:
        raise BadInput(f"There is no network {name!r}: choose one of {', '.join(NETWORKS)}.")
    return resolve_name(NETWORKS[name])


def at_least(parameter: str, value: float, least: float) -> None:
    """Raise BadInput when a parameter is less than `least`, or not a number."""
    if not value >= least:
        raise BadInput(f"{parameter} is {value}: it must be at least {least}.")


def one_of(parameter: str, value: str, choices) -> None:
    """Raise BadInput when a parameter is not among its `choices`."""
    if value not in choices:
        raise BadInput(f"{parameter} is {value!r}: choose one of {', '.join(choices)}.")
