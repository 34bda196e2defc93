"""Trainer: Lightning's, on the device or devices that a network is taught on."""

import logging
import sys
import time
import warnings

import torch
from pytorch_lightning import Trainer
from pytorch_lightning.profilers import Profiler
from pytorch_lightning.strategies import DDPStrategy

from herbnb.networks.ranks import ALONE, Ranks

# Lightning's notes on the machine and on what it could be started by, its advice on workers (sheets kept in
# memory need none) and on a hook that is the network's on purpose, its note on frozen stages, and its use of
# a name that torch will retire
logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
warnings.filterwarnings("ignore", message=".*`srun` command is available.*")
warnings.filterwarnings("ignore", message=".*does not have many workers.*")
warnings.filterwarnings("ignore", message=".*overridden `on_after_batch_transfer`.*")
warnings.filterwarnings("ignore", message=".*module.s. in eval mode at the start of training.*")
warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
warnings.filterwarnings("ignore", message=r"Found \d+ module\(s\) in eval mode.*")  # the frozen stages

FETCHING = "[_TrainingEpochLoop].train_dataloader_next"
"""Lightning's name of what a step does before it has its batch."""


class Waiting(Profiler):
    """Count the `seconds` for which steps of training have waited for their batch.

    A GPU may still be busy with the step before, so it has waited no longer than that.
    """

    def __init__(self):
        super().__init__()
        self.seconds, self.begun = 0.0, 0.0

    def start(self, action_name):
        if action_name == FETCHING:
            self.begun = time.perf_counter()

    def stop(self, action_name):
        if action_name == FETCHING:
            self.seconds += time.perf_counter() - self.begun


def trainer_of(precision: str, ranks: Ranks = ALONE, **settings) -> Trainer:
    """Return Lightning's trainer: on one device, the GPU where there is one, or on one for each rank."""
    if ranks.size > 1:
        # normalisations that ask all ranks have the same statistics everywhere; and ranks that judge need
        # not have as many batches
        together = DDPStrategy(cluster_environment=ranks.environment(), forward_sync_buffers=False)
    else:
        together = "auto"
        settings = {"plugins": [ranks.environment()], **settings}  # a job's other tasks are not looked for
    return Trainer(
        accelerator="auto",
        devices=ranks.per_node,
        num_nodes=ranks.nodes,
        strategy=together,
        use_distributed_sampler=False,  # sheets are dealt by us
        precision=precision,
        benchmark=torch.cuda.is_available(),  # squares of one size: the quickest convolutions are kept
        logger=False,
        num_sanity_val_steps=0,
        enable_progress_bar=sys.stdout.isatty(),
        enable_model_summary=False,
        **settings,
    )
