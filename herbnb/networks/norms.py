"""Norms: batch normalisation by the statistics of a whole batch, of which every rank has a share."""

import torch
from timm.layers import convert_sync_batchnorm
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from herbnb.networks.network import Network
from herbnb.networks.ranks import Summed


class SharedNorm(_BatchNorm):
    """Normalise by the sheets of all ranks on a processor, for which torch has no `SyncBatchNorm`.

    Args:
        norm: instead of which it stands: weights, statistics and, where timm has one in it, the activation
            are the same.
    """

    def __init__(self, norm: _BatchNorm):
        super().__init__(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
        for name, values in [*norm.named_parameters(recurse=False), *norm.named_buffers(recurse=False)]:
            setattr(self, name, values)
        self.drop, self.act = (getattr(norm, after, nn.Identity()) for after in ("drop", "act"))
        self.train(norm.training)

    def _check_input_dim(self, maps):
        """Take maps of any size, or none."""

    def forward(self, maps):  # [n, c], or [n, c, h, w]
        maps = self.normalised(maps) if self.training else super().forward(maps)
        return self.act(self.drop(maps))

    def normalised(self, maps):
        """Normalise while learning: mean and variance are summed over all ranks, and their gradients."""
        values = maps.float().movedim(1, -1)  # [n, h, w, c]
        over = list(range(values.ndim - 1))
        number = values.new_tensor([values.numel() / self.num_features])
        *total, number = Summed.apply(torch.cat([values.sum(over), number])).split(self.num_features)
        mean = total[0] / number
        centred = values - mean
        variance = Summed.apply(centred.square().sum(over)) / number
        if self.track_running_stats:
            self.follow(mean, variance * number / (number - 1))
        values = centred * (variance + self.eps).rsqrt()
        if self.affine:
            values = values * self.weight + self.bias
        return values.movedim(-1, 1).to(maps.dtype)

    @torch.no_grad()
    def follow(self, mean, variance):
        """Move the statistics that are kept towards those of a batch."""
        self.num_batches_tracked += 1
        pace = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
        self.running_mean.lerp_(mean, pace)
        self.running_var.lerp_(variance, pace)


def share_norms(network: Network) -> None:
    """Let the batch normalisations of a network that learn ask all ranks, in place, under the same names."""
    shared = convert_sync_batchnorm if torch.cuda.is_available() else SharedNorm
    instead = {norm: shared(norm) for norm in network.modules() if isinstance(norm, _BatchNorm)}
    for parent in list(network.modules()):
        for name, part in list(parent.named_children()):
            if part in instead:
                setattr(parent, name, instead[part])
    for stages in (network.encoder.frozen, network.encoder.learning):
        stages[:] = [instead.get(stage, stage) for stage in stages]
