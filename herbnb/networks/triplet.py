"""The triplet network: sheets of one genus close together, others farther by a margin."""

import math

import torch
import torch.nn.functional as F
from torch.utils.data import Sampler

from herbnb.errors import BadInput
from herbnb.networks.network import Network, at_least, one_of


class Triplet(Network):
    """Learn features in which a sheet lies closer to its genus than to any other, by a margin.

    Triplets are made inside a batch: each sheet is encoded once and serves as anchor, positive and
    negative (Schroff et al. 2015). Distances are Euclidean, on the features.
    """

    def __init__(self, margin: float = 1.0, negatives: str = "all", **common):
        at_least("margin", margin, 1e-9)
        one_of("negatives", negatives, NEGATIVES)
        super().__init__(**common)
        self.margin, self.negatives = margin, negatives

    def dealt(self, labels, batch_size, seed, training):
        deal = GenusBatches(labels, batch_size, seed)
        # a list is the same every epoch
        return {"batch_sampler": deal if training else list(deal)}

    def forward(self, maps):  # of the trunk
        return self.encoder.crown(maps)  # [n, width]

    def training_step(self, batch, batch_idx):
        images, genera, maps = batch
        distances = between(self(maps))  # [n, n]
        choose = NEGATIVES[self.negatives] if self.training else every_triplet
        near, far = choose(distances, genera)  # [t], [t]
        farther = torch.ones_like(far)
        loss = F.margin_ranking_loss(far, near, farther, margin=self.margin)
        ordered = in_order(distances, genera)
        return self.record(len(images), loss=loss, in_order=ordered)


def between(features: torch.Tensor) -> torch.Tensor:
    """Return the Euclidean distances between features [n, d] as [n, n], in full precision."""
    features = features.float()
    return torch.cdist(features, features, compute_mode="donot_use_mm_for_euclid_dist")


def every_triplet(distances, genera):
    """Return the distances to positive and negative, [t] each, of all triplets in a batch.

    This is what validation and testing measure: nothing is drawn, so only learning changes it.
    """
    positives, negatives = pairs(genera)
    triplets = positives[:, :, None] & negatives[:, None]  # [n, n, n]
    anchor, positive, negative = torch.nonzero(triplets, as_tuple=True)
    return distances[anchor, positive], distances[anchor, negative]


def in_order(distances, genera):
    """Return the share of all triplets whose positive lies nearer than the negative."""
    near, far = every_triplet(distances, genera)
    return (near < far).float().mean()


def random_negatives(distances, genera):
    """Return the same with one negative for each pair, drawn at random, as published."""
    positives, negatives = pairs(genera)
    anchor, positive = torch.nonzero(positives, as_tuple=True)
    negative = torch.multinomial(negatives[anchor].float(), 1).squeeze(1)
    return distances[anchor, positive], distances[anchor, negative]


def semihard_negatives(distances, genera):
    """Return the same with the nearest negative beyond the positive, or else the farthest.

    Nearer ones than the positive are too hard at first, and pull all features into one point.
    """
    positives, negatives = pairs(genera)
    anchor, positive = torch.nonzero(positives, as_tuple=True)
    near = distances[anchor, positive]  # [t]
    others = distances[anchor].masked_fill(~negatives[anchor], torch.nan)
    nearer = others.isnan() | (others <= near[:, None])  # [t, n]
    beyond = others.masked_fill(nearer, torch.inf).amin(1)
    farthest = others.nan_to_num(-torch.inf).amax(1)
    return near, torch.where(beyond.isinf(), farthest, beyond)


def pairs(genera):
    """Say for each anchor and other sheet, [n, n], whether it is a positive, and a negative."""
    same = genera[:, None] == genera[None]
    return same & ~torch.eye(len(genera), dtype=torch.bool, device=genera.device), ~same


NEGATIVES = {"all": every_triplet, "semihard": semihard_negatives, "random": random_negatives}


class GenusBatches(Sampler):
    """Deal batches of several sheets of each of several genera, from a seed and the epoch.

    In an epoch every sheet comes up once, in a hand of its genus. A genus with a single sheet has no
    positive, and is dealt only where one genus alone has any. Where one genus has most of the sheets, hands
    of the others come up again, so that no batch is without a negative.

    Args:
        labels: the genus of each sheet, as integers.
        batch_size: sheets in a batch, about.
        seed: of the deal.
        sheets: of one genus in a hand, at least, if it has as many.

    Raises:
        BadInput: there is no second genus, or no second sheet of any.
    """

    def __init__(self, labels, batch_size: int, seed: int, sheets: int = 4):
        labels = torch.as_tensor(labels)
        members = [torch.nonzero(labels == genus).squeeze(1) for genus in labels.unique()]
        paired = [genus for genus in members if len(genus) > 1]
        if len(members) < 2 or not paired:
            raise BadInput(
                f"{len(labels)} sheets of {len(members)} genera make no triplet: "
                "sample more sheets in chapter sampling."
            )
        self.genera = sorted(paired if len(paired) > 1 else members, key=len)
        self.seed, self.sheets, self.epoch = seed, sheets, 0
        hands = [self.count(genus) for genus in self.genera]
        wanted = math.ceil(sum(map(len, self.genera)) / batch_size)
        # with a hand of the largest genus in each, or two hands of others, none lacks a negative
        self.batches = min(wanted, max(hands[-1], sum(hands) // 2))

    def set_epoch(self, epoch: int) -> None:
        """Deal differently in each epoch. Lightning calls this, also when it resumes."""
        self.epoch = epoch

    def __len__(self):
        return self.batches

    def __iter__(self):
        generator = torch.Generator().manual_seed(self.seed + 1000 * self.epoch)
        *fewer, most = [self.hands(genus, generator) for genus in self.genera]
        order = torch.randperm(len(fewer), generator=generator).tolist()
        others = [hand for genus in order for hand in fewer[genus]]
        again = [others[i % len(others)] for i in range(len(others), self.batches)]
        # one after another to each batch, so that no genus comes up twice before it must
        dealt = [*others, *again, *most]
        yield from (torch.cat(dealt[first :: self.batches]).tolist() for first in range(self.batches))

    def hands(self, genus: torch.Tensor, generator: torch.Generator) -> list[torch.Tensor]:
        """Deal the sheets of a genus into hands as even as can be."""
        return list(shuffled(genus, generator).tensor_split(self.count(genus)))

    def count(self, genus: torch.Tensor) -> int:
        """Return how many hands the sheets of a genus make."""
        return max(1, len(genus) // self.sheets)


def shuffled(values: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return `values` in an order that `generator` draws."""
    return values[torch.randperm(len(values), generator=generator)]
