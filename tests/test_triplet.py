import pytest
import torch
from pytorch_lightning import LightningModule, Trainer, seed_everything
from torch import nn
from torch.utils.data import DataLoader

from herbnb.errors import BadInput
from herbnb.networks.dealing import DrawnTriplets, GenusBatches
from herbnb.networks.trainer import trainer_of
from herbnb.networks.triplet import (
    Triplet,
    between,
    drawn_triplets,
    every_triplet,
    pairs,
    random_negatives,
    semihard_negatives,
)

pytestmark = pytest.mark.slow

GENERA = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2])


@pytest.fixture(scope="module")
def features():
    return torch.randn(8, 512, generator=torch.Generator().manual_seed(89))


def by_hand(distances):
    """All (anchor, positive, negative) of `GENERA`, as three loops find them."""
    here = range(len(GENERA))
    return [
        (distances[a, p].item(), distances[a, n].item())
        for a in here
        for p in here
        for n in here
        if a != p and GENERA[a] == GENERA[p] and GENERA[a] != GENERA[n]
    ]


def test_distances_are_euclidean_and_differentiable_at_zero(features):
    twice = features[[0, 0, 1]].clone().requires_grad_()
    distances = between(twice)
    assert distances[0, 2].item() == pytest.approx((features[0] - features[1]).norm().item())
    distances.sum().backward()
    assert twice.grad.isfinite().all()


def test_no_sheet_is_its_own_positive():
    positives, negatives = pairs(GENERA)
    assert not positives.diagonal().any()
    assert positives[0].tolist() == [False, True, True] + [False] * 5
    assert torch.equal(negatives, GENERA[:, None] != GENERA[None])


def test_every_triplet_is_what_three_loops_find(features):
    distances = between(features)
    near, far = every_triplet(distances, GENERA)
    assert list(zip(near.tolist(), far.tolist(), strict=True)) == by_hand(distances)


def test_the_loss_is_torchs_triplet_margin_loss(features):
    distances = between(features)
    anchor, positive, negative = [0, 3, 5], [1, 4, 7], [3, 0, 2]
    near, far = distances[anchor, positive], distances[anchor, negative]
    ours = nn.functional.margin_ranking_loss(far, near, torch.ones(3), margin=1.0)
    triplets = features[anchor], features[positive], features[negative]
    assert ours.item() == pytest.approx(nn.TripletMarginLoss(margin=1.0)(*triplets).item(), 1e-4)


def test_semihard_is_the_nearest_beyond_the_positive_or_else_the_farthest():
    genera = torch.tensor([0, 0, 1, 1, 1])
    distances = torch.zeros(5, 5)
    distances[0] = torch.tensor([0.0, 2.0, 1.0, 2.5, 9.0])  # 2.5 is the nearest beyond 2
    distances[1] = torch.tensor([5.0, 0.0, 1.0, 3.0, 4.0])  # none is beyond 5, and 4 is farthest
    near, far = semihard_negatives(distances, genera)
    assert near[:2].tolist() == [2.0, 5.0]
    assert far[:2].tolist() == [2.5, 4.0]


def test_random_negatives_are_of_another_genus_and_vary(features):
    distances = between(features)
    allowed = set(by_hand(distances))
    drawn = set()
    for _ in range(20):
        near, far = random_negatives(distances, GENERA)
        assert len(near) == 6 + 2 + 6
        drawn |= set(zip(near.tolist(), far.tolist(), strict=True))
    assert drawn <= allowed and len(drawn) > 30


def test_batches_hold_several_sheets_of_several_genera():
    labels = torch.arange(6).repeat_interleave(torch.tensor([20, 10, 5, 3, 2, 1]))
    batches = GenusBatches(labels, batch_size=16, seed=89)
    dealt = list(batches)
    assert len(dealt) == len(batches) == 3  # forty sheets with a companion
    for batch in dealt:
        counts = torch.tensor([labels[i] for i in batch]).unique(return_counts=True)[1]
        assert len(counts) > 1 and counts.min() > 1 and 8 <= len(batch) <= 20
    # every sheet once, but the one that is alone
    assert sorted(i for batch in dealt for i in batch) == list(range(40))


@pytest.mark.parametrize("sizes", [(300, 2), (97, 3, 1, 1), (5, 5), (40, 9, 8, 7, 2)])
def test_no_batch_is_without_a_pair_and_a_negative_and_none_is_the_same_in_the_next_epoch(sizes):
    labels = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    batches = GenusBatches(labels, batch_size=8, seed=89)
    of_epochs = []
    for epoch in range(3):
        batches.set_epoch(epoch)
        of_epochs.append(list(batches))
        assert len(of_epochs[-1]) == len(batches)
        for batch in of_epochs[-1]:
            positives, negatives = pairs(labels[batch])
            assert (positives.any(1) & negatives.any(1)).any()
        paired = {i for i, genus in enumerate(labels.tolist()) if sizes[genus] > 1}
        assert {i for batch in of_epochs[-1] for i in batch} == paired
    assert of_epochs[0] != of_epochs[1] != of_epochs[2]


def test_the_deal_depends_on_seed_and_epoch_alone():
    labels = torch.arange(5).repeat_interleave(8)
    one, other = (GenusBatches(labels, 16, seed=89) for _ in range(2))
    assert list(one) == list(one) == list(other)
    assert list(one) != list(GenusBatches(labels, 16, seed=90))
    other.set_epoch(1)
    assert list(one) != list(other)


class Watcher(LightningModule):
    """Remembers which sheets came together in each epoch."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.seen: dict[int, list[list[int]]] = {}

    def training_step(self, sheets, _):
        self.seen.setdefault(self.current_epoch, []).append(sheets.tolist())
        return self.weight * 0

    def configure_optimizers(self):
        return torch.optim.SGD([self.weight], lr=0.1)


@pytest.mark.parametrize("deal", [GenusBatches, DrawnTriplets])
def test_training_deals_anew_in_each_epoch(deal):
    batches = deal(torch.arange(5).repeat_interleave(8), 15, 89)
    watcher = Watcher()
    quiet = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False, accelerator="cpu")
    Trainer(max_epochs=3, enable_model_summary=False, **quiet).fit(
        watcher, DataLoader(torch.arange(40), batch_sampler=batches)
    )
    first, second, third = (watcher.seen[epoch] for epoch in range(3))
    assert len(first) == len(second) == len(third) and first != second != third != first


def test_validation_triplets_are_the_same_in_every_epoch():
    labels = torch.arange(5).repeat_interleave(8)
    dealt = Triplet().dealt(labels, 16, 89, training=False)["batch_sampler"]
    assert not hasattr(dealt, "set_epoch") and list(dealt) == list(GenusBatches(labels, 16, 89))


@pytest.mark.parametrize("deal", [GenusBatches, DrawnTriplets])
def test_one_genus_makes_no_triplet(deal):
    for labels in ([0, 0, 0], [0, 1, 2], []):
        with pytest.raises(BadInput, match="make no triplet"):
            deal(labels, 16, seed=89)


def test_drawn_as_published_every_sheet_is_an_anchor_once_with_one_positive_and_one_negative():
    labels = torch.arange(40).repeat_interleave(torch.arange(40) % 7 + 1)[torch.randperm(154)]
    deal, anchors = DrawnTriplets(labels, batch_size=96, seed=89), []
    batches = list(deal)
    assert len(batches) == len(deal) and {len(batch) for batch in batches[:-1]} == {96}
    for batch in batches:
        anchor, positive, negative = torch.tensor(batch).view(3, -1)
        assert (labels[anchor] == labels[positive]).all() and (anchor != positive).all()
        assert (labels[anchor] != labels[negative]).all()
        anchors += anchor.tolist()
    paired = {i for i, genus in enumerate(labels) if (labels == genus).sum() > 1}
    assert len(anchors) == len(paired) and set(anchors) == paired and anchors != sorted(anchors)


def test_drawn_as_published_genera_are_as_likely_and_so_are_the_sheets_of_one():
    labels = torch.tensor([2, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2])  # six of one, two of another, three of ours
    deal = DrawnTriplets(labels, batch_size=6, seed=89)
    positives, negatives = [], []
    for epoch in range(1500):
        deal.set_epoch(epoch)
        for batch in deal:
            anchor, positive, negative = torch.tensor(batch).view(3, -1)
            positives += positive[anchor == 9].tolist()
            negatives += negative[anchor == 9].tolist()
    share = torch.bincount(torch.tensor(negatives), minlength=11) / 1500
    assert share[1:7].sum().item() == pytest.approx(0.5, abs=0.05)  # though they are three quarters
    assert share[1:7].tolist() == pytest.approx([0.5 / 6] * 6, abs=0.03)
    assert share[7:9].tolist() == pytest.approx([0.25] * 2, abs=0.05)
    share = torch.bincount(torch.tensor(positives), minlength=11) / 1500
    assert share[[0, 10]].tolist() == pytest.approx([0.5, 0.5], abs=0.05) and share.sum() == 1


def test_drawn_triplets_depend_on_seed_and_epoch_alone():
    labels = torch.arange(5).repeat_interleave(8)
    one, other = (DrawnTriplets(labels, 12, seed=89) for _ in range(2))
    assert list(one) == list(one) == list(other) != list(DrawnTriplets(labels, 12, seed=90))
    other.set_epoch(1)
    assert list(one) != list(other)


def test_the_loss_of_a_drawn_batch_is_torchs_of_its_three_parts(features):
    six = features[:6]
    near, far = drawn_triplets(between(six), GENERA[:6])
    ours = nn.functional.margin_ranking_loss(far, near, torch.ones(2), margin=1.0)
    assert ours.item() == pytest.approx(nn.TripletMarginLoss()(*six.split(2)).item(), 1e-4)


def test_triplets_are_drawn_for_training_only():
    labels = torch.arange(5).repeat_interleave(8)
    network = Triplet(negatives="drawn")
    assert isinstance(network.dealt(labels, 96, 89, training=True)["batch_sampler"], DrawnTriplets)
    assert network.dealt(labels, 96, 89, training=False)["batch_sampler"] == list(
        GenusBatches(labels, 96, 89)
    )


def test_where_one_genus_alone_has_a_pair_the_others_are_its_negatives():
    batches = list(GenusBatches([0, 0, 0, 1, 2, 3, 4, 5], 8, seed=89))
    assert [sorted(batch) for batch in batches] == [list(range(8))]


@pytest.mark.parametrize("negatives", ["all", "semihard", "random", "drawn"])
def test_it_overfits_a_handful_of_sheets(negatives):
    seed_everything(89, verbose=False)
    images = torch.randint(0, 256, (12, 3, 64, 64), dtype=torch.uint8)
    genera = torch.arange(12) % 3
    network = Triplet(negatives=negatives)
    sheets = list(zip(images, genera, strict=True))
    batches = DataLoader([(images, genera)], batch_size=None)
    if negatives == "drawn":
        batches = DataLoader(sheets, **network.dealt(genera, 36, 89, training=True))
    trainer = trainer_of("32-true", max_epochs=15, enable_checkpointing=False)
    trainer.fit(network, batches)
    assert trainer.callback_metrics["train/in_order"] > 0.95
