"""The published sampling design, seeded throughout: one capped sample, three ways to hold sheets
out.

Walker, Tucker and Nicolson (2022) cap the images of a species, then hold out every institution but
one, a share of the remaining species, and a share of the remaining images. What is left trains the
networks. Nothing is copied: a split is a column of the specimens table.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from herbnb.errors import BadInput
from herbnb.specimens import NAMES, SPLITS


def draw_splits(
    specimens: pd.DataFrame,
    *,
    max_images: int,
    train_institution: str,
    species_sample: float,
    rand_sample: float,
    seed: int,
) -> pd.DataFrame:
    """Return the sampled rows of `specimens` with a column `split`, in the order of their image
    ids.

    The draw depends on the seed and on which rows there are, not on the order in which a file lists
    them.

    Args:
        specimens: one row an image, with `image_id`, `species` and `institution`.
        max_images: keep at most this many images of a species.
        train_institution: hold out the images of every other institution.
        species_sample: hold out this share of the species that remain.
        rand_sample: hold out this share of the images that remain.
        seed: of the one generator that all three draws use.

    Raises:
        BadInput: a parameter out of its range, or an institution that the table does not have.
    """
    check_numbers(max_images, species_sample, rand_sample)
    check_institution(specimens, train_institution)
    rng = np.random.default_rng(seed)
    order = specimens["image_id"].argsort(kind="stable").to_numpy()
    species = specimens["species"].iloc[order].reset_index(drop=True)
    shuffled = species.iloc[rng.permutation(len(order))]
    capped = shuffled.groupby(shuffled).cumcount() < max_images
    sample = specimens.iloc[order[capped.sort_index()]]
    sample = sample.reset_index(drop=True)

    elsewhere = sample["institution"] != train_institution
    sample["split"] = np.where(elsewhere, "institutions", "train")

    species = np.sort(sample.loc[~elsewhere, "species"].unique())
    count = round(species_sample * len(species))
    held_out = rng.choice(species, count, replace=False)
    withheld = ~elsewhere & sample["species"].isin(held_out)
    sample.loc[withheld, "split"] = "species"

    remaining = np.flatnonzero(sample["split"] == "train")
    count = round(rand_sample * len(remaining))
    drawn = rng.choice(remaining, count, replace=False)
    sample.loc[drawn, "split"] = "random"
    return sample


def duplicates(sample: pd.DataFrame) -> pd.Series:
    """Say for each row whether it is held out and a piece of a gathering that teaches.

    A row whose `gathering` is blank has none that we know of.
    """
    known, teaches = sample["gathering"] != "", sample["split"] == "train"
    taught = sample.loc[known & teaches, "gathering"]
    return known & ~teaches & sample["gathering"].isin(taught)


def check_numbers(max_images: int, species_sample: float, rand_sample: float) -> None:
    """Raise BadInput when a number of the design is out of its range."""
    if max_images < 1:
        raise BadInput(f"max_images is {max_images}: at least one image a species must stay.")
    for name, share in (("species_sample", species_sample), ("rand_sample", rand_sample)):
        if not 0 < share < 1:
            raise BadInput(f"{name} is {share}: it is a share, between 0 and 1.")


def check_institution(specimens: pd.DataFrame, train_institution: str) -> None:
    """Raise BadInput when the institution that is to train holds nothing."""
    institutions = sorted(specimens["institution"].unique())
    if train_institution not in institutions:
        raise BadInput(
            f"train_institution {train_institution!r} holds no sheet here; "
            f"choose one of {', '.join(institutions)}."
        )


def keep_readable(sample: pd.DataFrame, skipped: pd.DataFrame, folder: str | Path) -> pd.DataFrame:
    """Drop the images that cannot be read.

    Args:
        sample: one row an image.
        skipped: those that cannot be read, as `decoding.unreadable` lists them.
        folder: where the images were looked for.

    Raises:
        BadInput: none can be.
    """
    kept = sample[~sample["image_id"].isin(skipped["image_id"])]
    if kept.empty:
        raise BadInput(
            f"None of {len(sample):,} images could be read: put them where the table in {folder} says, or "
            f"set `data` to the folder that holds them. Of the first is said: {skipped['reason'].iloc[0]}"
        )
    return kept


def keep_shared_genera(sample: pd.DataFrame, skipped: int = 0) -> pd.DataFrame:
    """Drop training genera with a single image, then held-out images of genera that training does
    not know.

    Args:
        sample: one row an image, with its split.
        skipped: images that could not be read and are not among them, which may be why a split is empty.

    Raises:
        BadInput: a split comes out empty, with the parameter to change.
    """
    train = sample["split"] == "train"
    counts = sample.loc[train, "genus"].value_counts()
    known = counts.index[counts > 1]
    kept = sample[sample["genus"].isin(known)].reset_index(drop=True)
    remedies = {
        "train": "more than one image of a genus must remain: lower species_sample and rand_sample",
        "random": "raise rand_sample",
        "species": "raise species_sample",
        "institutions": "choose a train_institution that shares genera with the others",
    }
    for split in SPLITS:
        if not (kept["split"] == split).any():
            lost = f"{skipped:,} images could not be read, which skipped.csv lists; " if skipped else ""
            raise BadInput(f"The split {split!r} comes out empty: {lost}{remedies[split]}.")
    return kept


def split_card(specimens: pd.DataFrame) -> pd.DataFrame:
    """Count what each split holds, and how much of it training has never seen.

    Returns one row a split, in the order of `SPLITS`: `images`, then for species, genera, families,
    orders and institutions the number in the split, and `new_species`, `new_genera`,
    `new_institutions`: those of them that no training image shows.
    """
    names = NAMES | {"institution": "institutions"}
    train = specimens[specimens["split"] == "train"]
    rows = []
    for split in SPLITS:
        part = specimens[specimens["split"] == split]
        row = {"split": split, "images": len(part)}
        row |= {plural: part[column].nunique() for column, plural in names.items()}
        for column in ("species", "genus", "institution"):
            row[f"new_{names[column]}"] = len(set(part[column]) - set(train[column]))
        rows.append(row)
    return pd.DataFrame(rows)
