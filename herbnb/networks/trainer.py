"""Lightning's trainer, as all three networks use it."""

import logging
import sys
import warnings

import torch
from pytorch_lightning import Trainer

PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")
"""Arithmetic of training; "auto" is bfloat16 where the machine computes in it, else float32."""

# Lightning's notes on the machine, its advice on workers (sheets kept in memory need none), and its
# own use of a name that torch is about to retire
logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
warnings.filterwarnings("ignore", message=".*does not have many workers.*")
warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")


def trainer_of(precision: str, **settings) -> Trainer:
    """Return Lightning's trainer on one device: the GPU where there is one."""
    amx = torch.cpu.get_capabilities().get("amx_bf16", False)
    cuda = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    if precision == "auto":
        precision = "bf16-mixed" if amx or cuda else "32-true"
    shown = sys.stdout.isatty()
    return Trainer(
        accelerator="auto", devices=1, precision=precision, logger=False, num_sanity_val_steps=0,
        enable_progress_bar=shown, enable_model_summary=False, **settings,
    )  # fmt: skip
