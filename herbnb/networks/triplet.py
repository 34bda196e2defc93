"""The triplet network: sheets of one genus close together, others farther by a margin."""

import torch
import torch.nn.functional as F

from herbnb.networks.dealing import DrawnTriplets, GenusBatches
from herbnb.networks.network import Network, at_least, one_of
from herbnb.networks.ranks import ALONE, pooled


class Triplet(Network):
    """Learn features in which a sheet lies closer to its genus than to any other, by a margin.

    Triplets are made inside a batch: each sheet is encoded once and serves as anchor, positive and
    negative (Schroff et al. 2015); or, with `negatives` "drawn", as published, batches are dealt in which
    each sheet has one part in one triplet. Distances are Euclidean, on the features.
    """

    def __init__(self, margin: float = 1.0, negatives: str = "all", **common):
        at_least("margin", margin, 1e-9)
        one_of("negatives", negatives, NEGATIVES)
        super().__init__(**common)
        self.margin, self.negatives = margin, negatives

    def dealt(self, labels, batch_size, seed, training, ranks=ALONE):
        if not training:  # a list is the same every epoch
            judging = list(GenusBatches(labels, batch_size, seed))
            return {"batch_sampler": judging[ranks.rank :: ranks.size]}
        kind = DrawnTriplets if self.negatives == "drawn" else GenusBatches
        return {"batch_sampler": kind(labels, batch_size, seed, ranks=ranks)}

    def forward(self, maps):  # of the trunk
        return self.encoder.crown(maps)  # [n, width]

    def training_step(self, batch, batch_idx):
        _, genera, maps = batch
        features = self(maps).float()  # [n, width]
        if self.shares and self.negatives != "drawn":
            # other processes have the rest of the batch: all of it is compared
            features, genera = pooled(features), pooled(genera)
        distances = between(features)  # [n, n]
        choose = NEGATIVES[self.negatives] if self.training else every_triplet
        near, far = choose(distances, genera)  # [t], [t]
        farther = torch.ones_like(far)
        loss = F.margin_ranking_loss(far, near, farther, margin=self.margin)
        ordered = (near < far).float().mean()
        return self.record(len(genera), loss=loss, in_order=ordered)


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


def drawn_triplets(distances, genera):
    """Return the same of a batch that `DrawnTriplets` has dealt, in which each anchor has one triplet."""
    anchor, positive, negative = torch.arange(len(genera)).view(3, -1)
    return distances[anchor, positive], distances[anchor, negative]


def random_negatives(distances, genera):
    """Return the same with one negative for each pair, drawn at random among the sheets of the batch."""
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


NEGATIVES = {
    "all": every_triplet,
    "semihard": semihard_negatives,
    "random": random_negatives,
    "drawn": drawn_triplets,
}
