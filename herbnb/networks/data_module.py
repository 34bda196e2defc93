"""Data module: the sheets a network learns from, those that judge it, and how both are dealt."""

import os
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import LightningDataModule
from torch.utils.data import DataLoader

from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import SheetImages, larger
from herbnb.errors import BadInput
from herbnb.following import read_for
from herbnb.networks.maps import SheetsWithMaps, keep_maps
from herbnb.networks.network import Network, at_least
from herbnb.networks.ranks import ALONE, Ranks, seed_of

VALIDATION = 5
"""One training sheet in so many is for validation."""


class SheetData(LightningDataModule):
    """The sheets of a run, dealt into batches as a network wants them.

    Args:
        specimens: the specimens table, with its splits.
        folder: where the images live.
        network: that the batches are for: it says how a sheet becomes a square, and how they are dealt.
        batch_size: sheets in a batch.
        seed: of the validation sheets and of the deal.
        augment: show each training sheet a little varied, as published, cut from a larger square.
        num_workers: processes that read images.
        cache: a folder to keep the resized sheets in, so that each is decoded once, larger ones if they are
            varied, and what a frozen trunk makes of them; None keeps nothing. Of several ranks the first
            that comes makes it, and the others wait.
        ranks: who train on these sheets together: this one is dealt its share.

    Raises:
        BadInput: fewer than two genera with two training sheets each; a batch of fewer than four, or one
            that the ranks cannot share evenly; fewer batches to judge by than ranks.
    """

    def __init__(
        self,
        specimens: pd.DataFrame,
        folder: str | Path,
        network: Network,
        *,
        batch_size: int,
        seed: int,
        augment: bool = False,
        num_workers: int = 0,
        cache: Path | None = None,
        ranks: Ranks = ALONE,
    ):
        super().__init__()
        at_least("batch_size", batch_size, 4)
        ranks.check_share(batch_size)
        self.specimens, self.folder, self.network = specimens, folder, network
        self.batch_size, self.seed, self.augment = batch_size, seed, augment
        self.num_workers, self.ranks, self.cache = num_workers, ranks, None
        if cache:
            self.cache = keep_sheets(specimens, folder, cache, network.geometry, num_workers)
        self.genera = genera_of(specimens)
        self.learnt, self.judged = parted(specimens, seed)

    def train_dataloader(self) -> DataLoader:
        batches = self.batches(self.learnt, training=True, ranks=self.ranks)
        # where others read, they are dealt the first batches before Lightning says which epoch it is
        epoch = self.trainer.fit_loop.epoch_progress.current.processed if self.trainer else 0
        batches.batch_sampler.sampler.set_epoch(epoch)
        batches.generator.manual_seed(seed_of(self.ranks.rank, self.seed + epoch))
        return batches

    def val_dataloader(self) -> DataLoader:
        judging = self.batches(self.judged, ranks=self.ranks)
        if not len(judging):
            raise BadInput(
                f"{len(self.judged)} sheets to validate by are not a batch for each of {self.ranks.size} "
                "processes: start fewer, or set a smaller batch_size."
            )
        return judging

    def held_out(self, split: str) -> DataLoader:
        """Return the batches of a held-out set.

        Raises:
            BadInput: it holds no sheet, or one of a genus that training does not know.
        """
        part = self.specimens[self.specimens["split"] == split]
        strange = sorted(set(part["genus"]) - set(self.genera))
        if part.empty:
            raise BadInput(f"The set {split!r} is not tested. It holds no sheet.")
        if strange:
            raise BadInput(
                f"The set {split!r} is not tested. Its genus {strange[0]} is not among the training sheets."
            )
        return self.batches(part)

    def batches(self, part: pd.DataFrame, training: bool = False, ranks: Ranks = ALONE) -> DataLoader:
        """Deal the sheets of `part`; for training anew each epoch, and augmented if that is wanted."""
        labels = pd.Categorical(part["genus"], categories=self.genera).codes.tolist()
        augment, cache = training and self.augment, self.cache
        geometry, encoder = self.network.geometry, self.network.encoder
        if cache and augment:  # of all that teach, for whichever fifth of them another seed leaves out
            taught = self.specimens[self.specimens["split"] == "train"]
            cache = keep_sheets(taught, self.folder, cache.path.parent, larger(geometry), self.num_workers)
        images = SheetImages(part, self.folder, geometry, augment=augment, labels=labels, cache=cache)
        if self.cache and encoder.frozen and not augment:
            maps = keep_maps(self.specimens, self.folder, self.cache, encoder)
            images = SheetsWithMaps(images, part, maps)
        return DataLoader(
            images,
            num_workers=self.num_workers,
            worker_init_fn=partial(read_for, os.getpid()),
            # those that vary sheets begin each epoch anew, from its own seed
            persistent_workers=self.num_workers > 0 and not training,
            pin_memory=torch.cuda.is_available(),
            # leaves the epoch's own alone
            generator=torch.Generator().manual_seed(seed_of(ranks.rank, self.seed)),
            **self.network.dealt(labels, self.batch_size, self.seed, training, ranks),
        )


def genera_of(specimens: pd.DataFrame) -> list[str]:
    """Return the genera of the training sheets, in the order of their labels."""
    return sorted(specimens.loc[specimens["split"] == "train", "genus"].unique())


def parted(specimens: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the training sheets: those to learn from and, stratified by genus, a fifth to judge by.

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
