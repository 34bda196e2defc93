"""Folding: an encoder that only looks sees what it saw before, with fewer steps."""

import copy

import pytest
import torch
from torch import nn

from herbnb.data.images.geometry import Geometry
from herbnb.networks.encoder import Encoder, encoder_of, geometry_for
from herbnb.networks.folding import folded

IMAGES = torch.randint(0, 256, (3, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def taught(encoder):
    """Give every normalisation statistics and weights that are not the ones it begins with."""
    torch.manual_seed(1)
    for part in encoder.modules():
        if isinstance(part, nn.BatchNorm2d):
            for tensor in (part.running_mean, part.running_var, part.weight.data, part.bias.data):
                tensor.uniform_(0.5, 1.5)
    return encoder


def normalisations(encoder):
    return sum(isinstance(part, nn.BatchNorm2d) for part in encoder.modules())


@pytest.mark.parametrize("trainable", ["all", "head"])
@pytest.mark.parametrize("model", ["test_efficientnet", "test_resnet", "resnet18", "tf_efficientnet_lite0"])
def test_a_folded_encoder_sees_the_same(model, trainable):
    torch.manual_seed(0)
    encoder = taught(encoder_of(model, "none", geometry_for(model, 64), trainable))
    expected, state = encoder.encode(IMAGES), copy.deepcopy(encoder.state_dict())
    encoder.train()
    quick = folded(encoder)
    left = {"test_resnet": 1}.get(model, 0)  # the one after its stem, which is a sequence of layers
    assert normalisations(quick) == left < normalisations(encoder) and encoder.training
    torch.testing.assert_close(quick.encode(IMAGES), expected, rtol=1e-3, atol=1e-4)
    assert quick.beginning == encoder.beginning
    assert all(torch.equal(state[name], tensor) for name, tensor in encoder.state_dict().items())


def test_a_folded_trunk_leads_to_the_same_crown():
    torch.manual_seed(0)
    encoder = taught(encoder_of("test_resnet", "none", geometry_for("test_resnet", 64), "layer3")).eval()
    quick, images = folded(encoder), IMAGES.float() / 255
    with torch.inference_mode():
        torch.testing.assert_close(quick.trunk(images), encoder.trunk(images), rtol=1e-3, atol=1e-3)


class Backwards(nn.Module):
    """A model that lists its parts in an order in which it does not use them."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.last = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.Conv2d(3, 8, 1)

    def forward(self, images):
        return self.last(self.first(self.norm(images))).mean((2, 3))


def test_a_model_that_folding_would_change_is_left_as_it_is():
    torch.manual_seed(0)
    encoder = taught(Encoder(Backwards(), 8, Geometry(64)))
    assert folded(encoder) is encoder


def test_a_model_without_normalisations_is_not_copied():
    encoder = encoder_of("test_vit", "none", geometry_for("test_vit", 64))
    assert folded(encoder) is encoder
