import pytest
import torch
from pytorch_lightning import seed_everything
from sklearn.metrics import accuracy_score, f1_score
from torch import nn
from torch.utils.data import DataLoader

from herbnb.networks.classifier import Classifier
from herbnb.networks.trainer import trainer_of

pytestmark = pytest.mark.slow


class Fixed(Classifier):
    """A classifier that answers with the logits it is given as images."""

    def training_step(self, batch, batch_idx):
        images, labels, _ = batch
        return super().training_step((images, labels, images), batch_idx)

    def on_after_batch_transfer(self, batch, dataloader_idx):
        return *batch, None

    def forward(self, maps):
        return maps.flatten(1)


@pytest.fixture(scope="module")
def answers():
    """Logits [90, 6] for genera of very uneven size, and their labels."""
    generator = torch.Generator().manual_seed(89)
    labels = torch.tensor([0] * 60 + [1] * 15 + [2] * 8 + [3] * 4 + [4] * 3)
    logits = torch.randn(90, 6, generator=generator)
    logits[torch.arange(90), labels] += 1.0
    return logits, labels


def test_the_head_is_the_published_one():
    kinds = [type(layer) for layer in Classifier(genera=7).head]
    norm, drop, linear = nn.BatchNorm1d, nn.Dropout, nn.Linear
    assert kinds == [norm, drop, linear, nn.ReLU, norm, drop, linear]
    head = Classifier(genera=7).head
    assert (head[1].p, head[5].p) == (0.25, 0.5)
    assert head[2].weight.shape == (512, 512) and head[6].weight.shape == (7, 512)
    assert head[2].bias is None and head[6].bias is None


def test_macro_f1_is_of_the_whole_epoch_and_not_a_mean_of_batches(answers):
    logits, labels = answers
    batches = [
        (part[:, :, None, None], label) for part, label in zip(logits.split(7), labels.split(7), strict=True)
    ]
    trainer = trainer_of("32-true", enable_checkpointing=False)
    (scores,) = trainer.test(Fixed(genera=6), DataLoader(batches, batch_size=None), verbose=False)
    guesses = logits.argmax(1)
    assert 5 in guesses and 5 not in labels  # a genus without a sheet has no F1
    expected = f1_score(labels, guesses, average="macro", labels=range(5))
    of_batches = [
        f1_score(label, part.argmax(1), average="macro")
        for part, label in zip(logits.split(7), labels.split(7), strict=True)
    ]
    assert scores["test/macro_f1"] == pytest.approx(expected, abs=1e-6)
    assert abs(expected - sum(of_batches) / len(of_batches)) > 0.01
    assert scores["test/accuracy"] == pytest.approx(accuracy_score(labels, guesses))
    top = (logits.topk(5).indices == labels[:, None]).any(1).float().mean().item()
    assert scores["test/top_5"] == pytest.approx(top)
    loss = nn.functional.cross_entropy(logits, labels).item()
    assert scores["test/loss"] == pytest.approx(loss, rel=1e-5)


def test_it_overfits_a_handful_of_sheets():
    seed_everything(89, verbose=False)
    images = torch.randint(0, 256, (12, 3, 64, 64), dtype=torch.uint8)
    labels = torch.arange(12) % 3
    network = Classifier(genera=3)
    trainer = trainer_of("32-true", max_epochs=15, enable_checkpointing=False)
    trainer.fit(network, DataLoader([(images, labels)], batch_size=None))
    assert trainer.callback_metrics["train/macro_f1"] > 0.95


def test_it_is_made_for_as_many_genera_as_there_are():
    network = Classifier.made_for(["Acer", "Poa", "Rosa"], input_height=32)
    assert network.head[6].weight.shape == (3, 512) and network.hparams["genera"] == 3


def test_the_head_is_as_wide_as_the_encoder():
    network = Classifier(genera=3, encoder="test_resnet", input_height=32)
    assert network.head[2].weight.shape == (network.width, network.width) != (512, 512)


def test_two_genera_have_a_top_two():
    assert Classifier(genera=2).scores["test_scores"]["top_5"].top_k == 2
