"""The specimens table: one row an image, whatever herbarium it came from."""

from pathlib import Path

import pandas as pd

from herbnb.errors import BadInput
from herbnb.files import read_table, write_table

RANKS = ("genus", "family", "order")
"""The ranks a representation is asked about, from fine to coarse."""

HELD_OUT = ("random", "species", "institutions")
"""The three held-out sets: other sheets, other species, other institutions."""

SPLITS = ("train", *HELD_OUT)

TEXT = ("image_id", "path", "species", "genus", "family", "order", "institution", "split")
KNOWN = ("occurrence_id", "gathering", "licence", "rights_holder")
COLUMNS = (*TEXT, *KNOWN)


def check_specimens(specimens: pd.DataFrame, source: str | Path) -> pd.DataFrame:
    """Return `specimens` with exactly the columns of `COLUMNS`, all text, or say what is wrong.

    The first eight columns must be filled; those of `KNOWN` (what is known of the record behind the
    image) may be missing or blank and are then empty text. Ids must be unique.

    Raises:
        BadInput: with `source` and the row.
    """
    missing = [column for column in TEXT if column not in specimens]
    if missing:
        raise BadInput(f"{source} lacks the column {missing[0]!r}: a specimens table has {', '.join(TEXT)}.")
    if specimens.empty:
        raise BadInput(f"{source} holds no specimen: check the folder it was made from.")
    table = specimens.reindex(columns=list(COLUMNS)).astype("str").fillna("").reset_index(drop=True)
    for column in TEXT:
        blank = table.index[table[column].str.strip() == ""]
        if len(blank):
            raise BadInput(f"{source}, row {blank[0]}: {column!r} is blank; fill it or leave the row out.")
    twice = table.index[table["image_id"].duplicated()]
    if len(twice):
        raise BadInput(
            f"{source}, row {twice[0]}: image_id {table['image_id'][twice[0]]!r} occurs twice; "
            "every image needs an id of its own."
        )
    return table


def write_specimens(specimens: pd.DataFrame, path: str | Path) -> Path:
    """Check `specimens` and write them to `path`."""
    return write_table(check_specimens(specimens, path), path)


def read_specimens(path: str | Path, chapter: str = "sampling") -> pd.DataFrame:
    """Read and check the specimens table at `path`, which `chapter` writes."""
    return check_specimens(read_table(path, chapter), path)


def split_card(specimens: pd.DataFrame) -> pd.DataFrame:
    """Count what each split holds, and how much of it training has never seen.

    Returns one row a split, in the order of `SPLITS`: `images`, then for species, genera, families,
    orders and institutions the number in the split, and `new_species`, `new_genera`,
    `new_institutions`: those of them that no training image shows.
    """
    names = dict(
        species="species",
        genus="genera",
        family="families",
        order="orders",
        institution="institutions",
    )
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


def may_show(licences: pd.Series) -> pd.Series:
    """Say for each licence whether a published page may show a thumbnail of the image.

    Yes for the public domain and for Creative Commons, unless it forbids derivatives. A blank or
    unknown licence is a no, and so are the Half-Earth images, whose terms forbid redistribution.
    """
    open_licence = r"\bcc0\b|public ?domain|\bcc[ -]by\b|creativecommons\.org/licenses/by"
    closed = r"-nd\b|noderiv|no derivatives"
    return licences.str.contains(open_licence, case=False) & ~licences.str.contains(closed, case=False)
