"""What all networks have in common: an encoder, an optimiser, and a record of each epoch."""

from pkgutil import resolve_name

import torch
from pytorch_lightning import LightningModule
from torch.optim import Adam
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import BatchSampler, DistributedSampler

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.networks.encoder import AT_ONCE, encoder_of, geometry_for, scaled
from herbnb.networks.ranks import ALONE, Ranks, summed

STAGES = {"train": "train", "validate": "validation", "test": "test"}
"""Lightning's names of what it is doing, and the names of our tables."""

SCHEDULES = ("constant", "one_cycle")
"""How the learning rate goes over a training."""


class Network(LightningModule):
    """An encoder and, in each subclass, a task that teaches it.

    A subclass adds its layers in `__init__`, what they compute in `forward`, and in `training_step`
    the loss of a batch, passed through `record`. A batch is images (uint8 [n, 3, h, h]), labels [n] and
    the maps that the encoder's trunk makes of the images, which is where `forward` begins.
    Validation and testing are the same step, without augmentation, dropout and gradients.

    Args:
        encoder: a model of timm, such as "resnet18".
        weights: of the encoder at the start: "none", "imagenet" or a path.
        trainable: what of the encoder learns: "all", "head" (nothing), or the stages from one on.
        learning_rate: of Adam (Kingma and Ba 2015).
        schedule: "constant", or "one_cycle": up to the learning rate and down again (Smith and Topin 2019).
        input_height: side of the square images, in pixels.
        fit: how a sheet becomes a square: "letterbox" or "crop".

    Raises:
        BadInput: a parameter that is out of range.
    """

    def __init__(
        self,
        encoder: str = "resnet18",
        weights: str = "none",
        trainable: str = "all",
        learning_rate: float = 1e-3,
        schedule: str = "constant",
        input_height: int = 96,
        fit: str = "letterbox",
    ):
        super().__init__()
        at_least("input_height", input_height, 32)
        at_least("learning_rate", learning_rate, 1e-9)
        one_of("schedule", schedule, SCHEDULES)
        self.save_hyperparameters()  # those of the subclass too: a checkpoint says how it was made
        self.learning_rate, self.schedule = learning_rate, schedule
        geometry = geometry_for(encoder, input_height, fit)
        self.encoder = encoder_of(encoder, weights, geometry, trainable)

    @classmethod
    def made_for(cls, genera: list[str], **parameters) -> "Network":
        """Return a network that can be taught these genera; most need not know how many there are."""
        return cls(**parameters)

    @property
    def width(self) -> int:
        """Numbers in a feature vector."""
        return self.encoder.width

    @property
    def geometry(self) -> Geometry:
        """What the encoder wants done to a picture."""
        return self.encoder.geometry

    def encode(self, images: torch.Tensor, begun: dict | None = None) -> torch.Tensor:
        """Turn images, uint8 [n, 3, h, h], into features, float32 [n, width]: see `Encoder.encode`."""
        return self.encoder.encode(images, begun)

    def dealt(self, labels, batch_size: int, seed: int, training: bool, ranks: Ranks = ALONE) -> dict:
        """Say how a DataLoader deals sheets into batches: shuffled for training, else in order.

        In training the ranks share each batch, and learn from it what one process would. When they judge,
        each takes whole batches.
        """
        if not training:
            batches = BatchSampler(range(len(labels)), batch_size, drop_last=False)
            return {"batch_sampler": list(batches)[ranks.rank :: ranks.size]}
        several = ranks.size > 1
        order = DistributedSampler(labels, ranks.size, ranks.rank, seed=seed, drop_last=several)
        # a last batch of one sheet has no variance to normalise by
        drop_last = len(labels) > batch_size
        return {"sampler": order, "batch_size": batch_size // ranks.size, "drop_last": drop_last}

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """Turn images, uint8 [n, 3, h, h], into what `forward` begins with."""
        at_once = AT_ONCE if self.device.type == "cpu" else len(images)
        with torch.no_grad():
            parts = images.to(self.device).split(at_once)
            return torch.cat([self.encoder.trunk(scaled(few)) for few in parts])

    def on_after_batch_transfer(self, batch, dataloader_idx):
        images, labels, *kept = batch
        # kept maps are in half precision, to be small
        return images, labels, kept[0].float() if kept else self.trunk(images)

    def validation_step(self, batch, batch_idx):
        return self.training_step(batch, batch_idx)

    def test_step(self, batch, batch_idx):
        return self.training_step(batch, batch_idx)

    @property
    def stage(self) -> str:
        """Say what goes on: "train", "validation" or "test"."""
        return STAGES[self.trainer.state.stage.value]

    def record(self, batch_size: int, loss: torch.Tensor, **scores) -> torch.Tensor:
        """Log the loss and scores of a batch, for the mean over the epoch, and return what is to be learnt.

        Args:
            batch_size: sheets that the loss is the mean of.
            loss: of this rank's batch.
            scores: likewise.
        """
        of_epoch = {"on_step": False, "on_epoch": True, "batch_size": batch_size, "sync_dist": True}
        for name, value in {"loss": loss, **scores}.items():
            self.log(f"{self.stage}/{name}", value, **of_epoch)
        return loss * self.weight(batch_size, loss) if self.shares else loss

    @property
    def shares(self) -> bool:
        """Whether the batch of this step is a share, and other ranks have the rest."""
        return self.stage == "train" and self.trainer.world_size > 1

    def weight(self, sheets: int, loss: torch.Tensor) -> torch.Tensor:
        """Return what the loss of so many sheets counts in the mean over ranks, 1 where all have as many."""
        own = loss.new_tensor(float(sheets))
        return own * self.trainer.world_size / summed(own)

    def configure_optimizers(self):
        learning = [weights for weights in self.parameters() if weights.requires_grad]
        optimiser = Adam(learning, lr=self.learning_rate, fused=True)  # one pass over the weights
        if self.schedule == "constant":
            return optimiser
        cycle = OneCycleLR(optimiser, self.learning_rate, self.trainer.estimated_stepping_batches)
        return [optimiser], [{"scheduler": cycle, "interval": "step"}]


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
