"""Batches: the sheets a network learns from, the sheets that judge it, and how both are dealt."""

from pathlib import Path

import numpy as np
import pandas as pd
from torch.utils.data import DataLoader

from herbnb.data.images import SheetImages
from herbnb.errors import BadInput
from herbnb.networks.network import Network

VALIDATION = 5
"""One training sheet in so many is for validation."""


def parts(specimens: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the training sheets into those to learn from and a fifth, stratified by genus, to validate on.

    Raises:
        BadInput: fewer than two genera with two sheets each.
    """
    train = specimens[specimens["split"] == "train"].sort_values("image_id")
    if (train["genus"].value_counts() > 1).sum() < 2:
        raise BadInput(
            f"The split 'train' has {len(train)} sheets of {train['genus'].nunique()} genera: "
            "training needs two genera with two sheets each; sample more in chapter 01_sampling."
        )
    rng = np.random.default_rng(seed)
    # shuffled, then sorted by genus: every fifth sheet is then a fifth of every genus, to within one
    shuffled = train.iloc[rng.permutation(len(train))].sort_values("genus", kind="stable")
    judges = np.arange(len(train)) % VALIDATION == rng.integers(min(VALIDATION, len(train)))
    return shuffled[~judges].reset_index(drop=True), shuffled[judges].reset_index(drop=True)


def loader(
    network: Network,
    part: pd.DataFrame,
    folder: str | Path,
    genera: list[str],
    *,
    training: bool,
    input_height: int,
    fit: str,
    batch_size: int,
    seed: int,
    num_workers: int,
) -> DataLoader:
    """Return the batches of `part` as `network` wants them dealt, varied when they are for training."""
    labels = pd.Categorical(part["genus"], categories=genera).codes
    images = SheetImages(part, folder, input_height, fit, augment=training, labels=labels)
    dealt = network.dealt(labels, batch_size, seed, training)
    return DataLoader(images, num_workers=num_workers, persistent_workers=num_workers > 0, **dealt)
