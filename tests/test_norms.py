"""Norms: on one process they are torch's and timm's own, and they stand wherever those stood."""

import copy

import pytest
import torch
from timm.layers import BatchNormAct2d
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from herbnb.networks import norms
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.classifier import Classifier
from herbnb.networks.norms import SharedNorm, share_norms


@pytest.fixture
def alone(monkeypatch):
    """A sum over ranks of which there is one."""
    monkeypatch.setattr(norms.Summed, "apply", lambda values: values)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize(
    "norm",
    [
        nn.BatchNorm2d(5),
        nn.BatchNorm2d(5, momentum=None),
        nn.BatchNorm2d(5, affine=False, eps=1e-3),
        nn.BatchNorm2d(5, track_running_stats=False),
        BatchNormAct2d(5, act_layer=nn.ReLU6),
        nn.BatchNorm1d(5),
    ],
    ids=lambda norm: repr(norm)[:60],
)
def test_of_one_rank_it_is_the_norm_that_it_stands_for(alone, norm):
    shape = (8, 5) if isinstance(norm, nn.BatchNorm1d) else (8, 5, 3, 3)
    shared = SharedNorm(copy.deepcopy(norm))
    assert list(shared.state_dict()) == list(norm.state_dict())
    for number in range(3):
        maps = 3 + 2 * torch.randn(shape, generator=torch.Generator().manual_seed(number))
        inputs = [maps.clone().requires_grad_() for _ in range(2)]
        outputs = [part(each) for part, each in zip((norm, shared), inputs, strict=True)]
        torch.testing.assert_close(*outputs)
        for output in outputs:
            output.sin().sum().backward()
        torch.testing.assert_close(inputs[0].grad, inputs[1].grad, atol=1e-5, rtol=1e-4)
    for own, theirs in zip(shared.state_dict().values(), norm.state_dict().values(), strict=True):
        torch.testing.assert_close(own, theirs)
    for one, other in zip(norm.parameters(), shared.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(norm.eval()(maps), shared.eval()(maps))


@pytest.mark.parametrize(
    ("encoder", "trainable"),
    [("test_efficientnet", "all"), ("test_resnet", "layer3"), ("tf_efficientnet_lite0", "conv_head")],
)
def test_every_norm_of_a_network_is_shared_under_its_name(alone, encoder, trainable):
    network = Classifier(genera=3, encoder=encoder, trainable=trainable, input_height=32)
    keys, beginning = list(network.state_dict()), network.encoder.beginning
    images = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    before = network.eval().encode(images)
    network.train()
    learning = [norm.training for norm in network.modules() if isinstance(norm, _BatchNorm)]
    share_norms(network)
    shared = [norm for norm in network.modules() if isinstance(norm, _BatchNorm)]
    assert {type(norm) for norm in shared} == {SharedNorm}
    assert [norm.training for norm in shared] == learning and (trainable == "all") == all(learning)
    assert list(network.state_dict()) == keys and network.encoder.beginning == beginning
    used = [part for stage in network.encoder.learning for part in stage.modules()]
    assert all(part in used for part in shared if part.training and part not in network.head)
    torch.testing.assert_close(network.eval().encode(images), before)


def test_a_decoder_shares_its_norms_too(alone):
    network = Autoencoder(encoder="test_efficientnet", input_height=32)
    share_norms(network)
    kinds = {type(part) for part in network.decoder.modules() if isinstance(part, _BatchNorm)}
    assert kinds == {SharedNorm}
