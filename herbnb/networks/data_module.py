"""Batches: the sheets a network learns from, the sheets that judge it, and how both are dealt."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader

from herbnb.data.images.cache import Cache
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.networks.network import Network

VALIDATION = 5
"""One training sheet in so many is for validation."""


def parts(specimens: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the training sheets: those to learn from and, stratified by genus, a fifth to judge by.

    Raises:
        BadInput: fewer than two genera with two sheets each.
    """
    train = specimens[specimens["split"] == "train"].sort_values("image_id")
    if (train["genus"].value_counts() > 1).sum() < 2:
        raise BadInput(
            f"The split 'train' has {len(train)} sheets of {train['genus'].nunique()} genera: "
            "training needs two genera with two sheets each; sample more in chapter sampling."
        )
    rng = np.random.default_rng(seed)
    # shuffled, then sorted by genus: every fifth sheet is a fifth of every genus, to within one
    shuffled = train.iloc[rng.permutation(len(train))].sort_values("genus", kind="stable")
    judges = np.arange(len(train)) % VALIDATION == rng.integers(min(VALIDATION, len(train)))
    return shuffled[~judges].reset_index(drop=True), shuffled[judges].reset_index(drop=True)


def loader(
    network: Network,
    part: pd.DataFrame,
    folder: str | Path,
    genera: list[str],
    parameters: dict,
    *,
    training: bool,
    num_workers: int,
    cache: Cache | None,
) -> DataLoader:
    """Return the batches of `part` as `network` wants them dealt, for training or not.

    Args:
        network: that the batches are for.
        part: rows of the specimens table.
        folder: where the images live.
        genera: names of the labels, in their order.
        parameters: of the training: `input_height`, `fit`, `augment`, `batch_size`, `seed`.
        training: deal anew each epoch, and augment if that is wanted.
        num_workers: processes that read images.
        cache: of the sheets, to read instead of the images.
    """
    labels = pd.Categorical(part["genus"], categories=genera).codes.tolist()
    images = SheetImages(
        part,
        folder,
        parameters["input_height"],
        parameters["fit"],
        augment=training and parameters["augment"],
        labels=labels,
        cache=cache,
    )
    dealt = network.dealt(labels, parameters["batch_size"], parameters["seed"], training)
    return DataLoader(
        images,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
        generator=torch.Generator().manual_seed(parameters["seed"]),  # leaves the epoch's own alone
        **dealt,
    )
