"""Dealing: which sheets come together in a batch, so that there are triplets among them."""

import math

import torch
from torch.utils.data import Sampler

from herbnb.errors import BadInput
from herbnb.networks.ranks import ALONE, Ranks


class Deal(Sampler):
    """Batches that are dealt anew in each epoch, from a seed and the epoch."""

    seed: int
    epoch = 0

    @property
    def sampler(self) -> "Deal":
        """Itself, for Lightning tells the epoch to what a batch sampler calls its sampler."""
        return self

    def set_epoch(self, epoch: int) -> None:
        """Deal for this epoch. Lightning calls this, also when it resumes."""
        self.epoch = epoch

    def generator(self) -> torch.Generator:
        """Return what draws for this epoch, at its beginning."""
        return torch.Generator().manual_seed(self.seed + 1000 * self.epoch)


class GenusBatches(Deal):
    """Deal batches of several sheets of each of several genera, from a seed and the epoch.

    In an epoch every sheet comes up once, in a hand of its genus. A genus with a single sheet has no
    positive, and is dealt only where one genus alone has any. Where one genus has most of the sheets, hands
    of the others come up again, so that no batch is without a negative.

    Args:
        labels: the genus of each sheet, as integers.
        batch_size: sheets in a batch, about.
        seed: of the deal.
        sheets: of one genus in a hand, at least, if it has as many.
        ranks: who share each batch, hand by hand: this one takes its share.

    Raises:
        BadInput: there is no second genus, or no second sheet of any; a batch has fewer hands than ranks.
    """

    def __init__(self, labels, batch_size: int, seed: int, sheets: int = 4, ranks: Ranks = ALONE):
        members = members_of(torch.as_tensor(labels))
        paired = [genus for genus in members if len(genus) > 1]
        self.genera = sorted(paired if len(paired) > 1 else members, key=len)
        self.seed, self.sheets, self.ranks = seed, sheets, ranks
        hands = [self.count(genus) for genus in self.genera]
        wanted = math.ceil(sum(map(len, self.genera)) / batch_size)
        # with a hand of the largest genus in each, or two hands of others, none lacks a negative
        self.batches = min(wanted, max(hands[-1], sum(hands) // 2))
        if sum(hands) < ranks.size * self.batches:
            raise BadInput(
                f"A batch of {batch_size} sheets has {sum(hands) // self.batches} hands of a genus, too few "
                f"for {ranks.size} processes: set a larger batch_size, or start fewer processes."
            )

    def __len__(self):
        return self.batches

    def __iter__(self):
        generator = self.generator()
        *fewer, most = [self.hands(genus, generator) for genus in self.genera]
        order = torch.randperm(len(fewer), generator=generator).tolist()
        others = [hand for genus in order for hand in fewer[genus]]
        again = [others[i % len(others)] for i in range(len(others), self.batches)]
        # one after another to each batch, so that no genus comes up twice before it must
        dealt = [*others, *again, *most]
        for first in range(self.batches):
            hands = dealt[first :: self.batches]
            yield torch.cat(hands[self.ranks.rank :: self.ranks.size]).tolist()

    def hands(self, genus: torch.Tensor, generator: torch.Generator) -> list[torch.Tensor]:
        """Deal the sheets of a genus into hands as even as can be."""
        return list(shuffled(genus, generator).tensor_split(self.count(genus)))

    def count(self, genus: torch.Tensor) -> int:
        """Return how many hands the sheets of a genus make."""
        return max(1, len(genus) // self.sheets)


class DrawnTriplets(Deal):
    """Deal batches of triplets as published: each sheet in turn an anchor, with one positive, one negative.

    The positive is any other sheet of the anchor's genus; the negative is of any other genus, all of them as
    likely, and then any sheet of that. A batch holds the anchors first, then their positives, then their
    negatives. A sheet that is alone in its genus is no anchor.

    Args:
        labels: the genus of each sheet, as integers.
        batch_size: sheets in a batch, three of a triplet: 96 make the published 32 triplets.
        seed: of the order and of what is drawn, with the epoch.
        ranks: who share each batch, triplet by triplet: this one takes its share. A last batch of fewer
            triplets than ranks is left out.

    Raises:
        BadInput: there is no second genus, or no second sheet of any.
    """

    def __init__(self, labels, batch_size: int, seed: int, ranks: Ranks = ALONE):
        labels = torch.as_tensor(labels)
        self.members = members_of(labels)
        self.genus = labels.unique(return_inverse=True)[1]  # of each sheet
        sizes = torch.tensor([len(genus) for genus in self.members])
        self.anchors = torch.nonzero(sizes[self.genus] > 1).squeeze(1)
        self.at_once, self.seed = max(ranks.size, batch_size // 3), seed
        self.ranks = ranks

    def __len__(self):
        whole, rest = divmod(len(self.anchors), self.at_once)
        return whole + (rest >= self.ranks.size)

    def __iter__(self):
        generator = self.generator()
        for anchors in shuffled(self.anchors, generator).split(self.at_once)[: len(self)]:
            drawn = [(anchor, *self.draw(anchor, generator)) for anchor in anchors.tolist()]
            share = drawn[self.ranks.rank :: self.ranks.size]
            yield [sheet for part in zip(*share, strict=True) for sheet in part]

    def draw(self, anchor: int, generator: torch.Generator) -> tuple[int, int]:
        """Return a positive and a negative for an anchor."""
        own = int(self.genus[anchor])
        relatives = self.members[own]
        # one place fewer to draw from: those from the anchor's own on move up by one
        positive = below(len(relatives) - 1, generator)
        positive += relatives[positive] >= anchor
        other = below(len(self.members) - 1, generator)
        strangers = self.members[other + (other >= own)]
        return int(relatives[positive]), int(strangers[below(len(strangers), generator)])


def members_of(labels: torch.Tensor) -> list[torch.Tensor]:
    """Return the places of the sheets of each genus, in order.

    Raises:
        BadInput: there is no second genus, or no second sheet of any.
    """
    members = [torch.nonzero(labels == genus).squeeze(1) for genus in labels.unique()]
    if len(members) < 2 or max(map(len, members)) < 2:
        raise BadInput(
            f"{len(labels)} sheets of {len(members)} genera make no triplet: "
            "sample more sheets in chapter sampling."
        )
    return members


def below(number: int, generator: torch.Generator) -> int:
    """Draw a whole number from 0 to `number`, which is left out."""
    return int(torch.randint(number, (), generator=generator))


def shuffled(values: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return `values` in an order that `generator` draws."""
    return values[torch.randperm(len(values), generator=generator)]
