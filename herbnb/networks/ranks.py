"""Ranks: the processes that train one network together, and what they tell one another at each step."""

import os
from typing import NamedTuple

import torch
import torch.distributed as dist
from lightning_fabric.plugins.environments import ClusterEnvironment
from pytorch_lightning.plugins.environments import (
    LightningEnvironment,
    SLURMEnvironment,
    TorchElasticEnvironment,
)

from herbnb.errors import BadInput


class Ranks(NamedTuple):
    """The processes that train one network, each on a device of its own, as one of them sees them."""

    rank: int = 0
    """Which of them this is: the first, 0, writes what they have learnt."""
    per_node: int = 1
    nodes: int = 1
    kind: type[ClusterEnvironment] = LightningEnvironment
    """What started them."""

    @property
    def size(self) -> int:
        """How many they are."""
        return self.per_node * self.nodes

    def check_share(self, batch_size: int) -> None:
        """Raise BadInput when a batch cannot be shared evenly."""
        if batch_size % self.size:
            raise BadInput(
                f"batch_size is {batch_size}, which {self.size} processes cannot share evenly: "
                f"set a multiple of {self.size}, or start another number of processes."
            )

    def environment(self) -> ClusterEnvironment:
        """Return what tells Lightning where the others are.

        A training goes on from its last epoch whoever starts it again, so that Slurm need not be asked to.
        """
        return self.kind(auto_requeue=False) if self.kind is SLURMEnvironment else self.kind()


ALONE = Ranks()
"""One process, as in a chapter, whatever job it is part of."""


def ranks_of_environment() -> Ranks:
    """Return the processes that torchrun or, under Slurm, srun has started this one with; else `ALONE`.

    Raises:
        BadInput: srun was not told how many of them a node has.
    """
    if TorchElasticEnvironment.detect():
        kind, per_node = TorchElasticEnvironment, int(os.environ["LOCAL_WORLD_SIZE"])
        rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    elif "SLURM_STEP_ID" in os.environ:  # which a script of sbatch has not, but what srun starts in it
        kind, per_node = SLURMEnvironment, int(os.environ.get("SLURM_NTASKS_PER_NODE", 1))
        rank, size = int(os.environ["SLURM_PROCID"]), int(os.environ["SLURM_NTASKS"])
    else:
        return ALONE
    if size == 1:
        return ALONE
    if size % per_node or (kind is SLURMEnvironment and "SLURM_NTASKS_PER_NODE" not in os.environ):
        raise BadInput(
            f"{size} processes were started, and it was not said how many on each node: "
            "start as many on each, with --ntasks-per-node."
        )
    return Ranks(rank, per_node, size // per_node, kind)


def seed_of(rank: int, seed: int) -> int:
    """Return the seed of what a rank draws for itself, such as how its sheets are varied."""
    return seed + 1_000_003 * rank


class Summed(torch.autograd.Function):
    """The sum of a tensor over all ranks; gradients are summed on their way back."""

    @staticmethod
    def forward(context, values):
        return summed(values)

    @staticmethod
    def backward(context, gradients):
        return summed(gradients)


def summed(values: torch.Tensor) -> torch.Tensor:
    """Return the sum of a tensor over all ranks."""
    total = values.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(total)
    return total


def pooled(rows: torch.Tensor) -> torch.Tensor:
    """Return the rows of all ranks, [N, …], of which this one has [n, …]; gradients find their way back."""
    counts = torch.zeros(dist.get_world_size(), dtype=torch.long, device=rows.device)
    counts[dist.get_rank()] = len(rows)
    counts = summed(counts).tolist()
    before = sum(counts[: dist.get_rank()])
    own = torch.arange(before, before + len(rows), device=rows.device)
    return Summed.apply(rows.new_zeros(sum(counts), *rows.shape[1:]).index_copy(0, own, rows))
