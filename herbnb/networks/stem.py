"""Stem: a ResNet-18 that begins at full size, which timm does not have, under a name that timm knows.

It was drawn for pictures of 32 pixels (CIFAR-10), which the first layers of the usual one would make too
small. The published autoencoder had it for sheets as well, and so sees detail that the others lose.
"""

from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from timm.models.resnet import BasicBlock, ResNet
from torch import nn

from herbnb.data.images.geometry import IMAGENET_MEAN, IMAGENET_SPREAD

# the colours of the usual one: networks of a run look at sheets alike
KNOWN = {"num_classes": 10, "input_size": (3, 32, 32), "first_conv": "conv1", "classifier": "fc"}
KNOWN |= {"mean": IMAGENET_MEAN, "std": IMAGENET_SPREAD}
default_cfgs = generate_default_cfgs({"resnet18_cifar": KNOWN})


class SmallStem(ResNet):
    """A ResNet whose first convolution, 3 × 3, keeps the size of the picture, with no pooling after it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        first = self.conv1
        self.conv1 = nn.Conv2d(first.in_channels, first.out_channels, 3, padding=1, bias=False)
        self.maxpool = nn.Identity()
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out", nonlinearity="relu")
        for each, times in zip(self.feature_info, (1, 1, 2, 4, 8), strict=True):
            each["reduction"] = times


@register_model
def resnet18_cifar(pretrained: bool = False, **settings) -> ResNet:
    """Return a ResNet-18 (He et al. 2016) with the stem for CIFAR-10: the layers keep their names."""
    settings = {"block": BasicBlock, "layers": (2, 2, 2, 2)} | settings
    return build_model_with_cfg(SmallStem, "resnet18_cifar", pretrained, **settings)
