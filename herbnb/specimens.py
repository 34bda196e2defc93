"""The specimens table: one row an image, whatever herbarium it came from."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from herbnb.errors import BadInput
from herbnb.tables import read_table, write_table

NAMES = {"species": "species", "genus": "genera", "family": "families", "order": "orders"}
"""The ranks that a specimen is named at, from fine to coarse, and their plurals."""

RANKS = ("genus", "family", "order")
"""Those of them that a representation is asked about, in the same order."""

HELD_OUT = ("random", "species", "institutions")
"""The three held-out sets: other sheets, other species, other institutions."""

SPLITS = ("train", *HELD_OUT)

FILE = "specimens.parquet"
"""What the table is called, in the folder of a run or of a collection."""

TEXT = ("image_id", "path", "species", "genus", "family", "order", "institution", "split")
KNOWN = ("occurrence_id", "gathering", "licence", "rights_holder")

RECORD = (
    "catalog_number",
    "other_catalog_numbers",
    "institution_code",
    "collection_code",
    "recorded_by",
    "record_number",
    "event_date",
    "identified_by",
    "date_identified",
    "type_status",
    "identification_qualifier",
    "scientific_name",
    "previous_identifications",
    "references",
    "country",
    "state_province",
)
"""What a curator needs of the record behind the image, in its own words: how to find the sheet, who gathered
it where and when, who named it, what it was called before, and the record's page. The names are those of
Darwin Core (Wieczorek et al. 2012), with underscores for its capitals."""

COLUMNS = (*TEXT, *KNOWN, *RECORD)


def check_specimens(specimens: pd.DataFrame, source: str | Path) -> pd.DataFrame:
    """Return `specimens` with exactly the columns of `COLUMNS`, all text, or say what is wrong.

    The first eight columns must be filled; those of `KNOWN` and `RECORD` (what is known of the record
    behind the image) may be missing or blank and are then empty text. Ids must be unique.

    Raises:
        BadInput: with `source` and the row.
    """
    missing = [column for column in TEXT if column not in specimens]
    if missing:
        raise BadInput(f"{source} lacks the column {missing[0]!r}: a specimens table has {', '.join(TEXT)}.")
    if specimens.empty:
        raise BadInput(f"{source} holds no specimen: check the folder it was made from.")
    blank = dict.fromkeys([column for column in COLUMNS if column not in specimens], "")
    table = specimens.assign(**blank)[list(COLUMNS)].reset_index(drop=True)
    check_values(table, source)
    table = table.astype("str").fillna("")
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


def check_values(table: pd.DataFrame, source: str | Path) -> None:
    """Raise BadInput when a value is bytes or several values, or a path that no file can have."""
    for column in filter(lambda column: pd.api.types.is_object_dtype(table[column]), table):
        known = table[column].dropna()
        strange = known[[isinstance(value, Collection) and not isinstance(value, str) for value in known]]
        if len(strange):
            what = type(strange.iloc[0]).__name__
            raise BadInput(
                f"{source}, row {strange.index[0]}: {column!r} holds {what} where text belongs; mend it."
            )
    unprinted = table.index[table["path"].astype("str").str.contains("[\x00-\x1f]", na=False)]
    if len(unprinted):
        raise BadInput(
            f"{source}, row {unprinted[0]}: 'path' holds a character that no name of a file has; mend it."
        )


def write_specimens(specimens: pd.DataFrame, path: str | Path) -> Path:
    """Check `specimens` and write them to `path`."""
    return write_table(check_specimens(specimens, path), path)


def read_specimens(path: str | Path) -> pd.DataFrame:
    """Read and check the specimens table at `path`."""
    return check_specimens(read_table(path), path)


def gatherings(specimens: pd.DataFrame) -> np.ndarray:
    """Say for each specimen what it must not be parted from: its gathering, or itself if that is unknown.

    Duplicates of one gathering are near-copies; one in the training folds gives the other away.
    """
    return specimens["gathering"].where(specimens["gathering"] != "", specimens["image_id"]).to_numpy()


def lineages(specimens: pd.DataFrame, genera: Sequence[str]) -> pd.DataFrame:
    """Say of each genus which family and order it is of: one row each, with the columns of `RANKS`.

    Where sheets of one genus disagree, the commonest opinion counts; of two as common, the first by name.
    """
    of_genus = specimens[specimens["genus"].isin(list(genera))].groupby("genus")
    above = {rank: of_genus[rank].agg(lambda names: names.mode().iloc[0]) for rank in RANKS[1:]}
    table = pd.DataFrame(above, columns=list(RANKS[1:])).reindex(list(genera)).rename_axis("genus")
    return table.reset_index()[list(RANKS)]


def may_show(licences: pd.Series) -> pd.Series:
    """Say for each licence whether a published page may show a thumbnail of the image.

    Yes for the public domain and for Creative Commons, unless it forbids derivatives. A blank or
    unknown licence is a no, and so are the Half-Earth images, whose terms forbid redistribution.
    """
    open_licence = r"\bcc0\b|public ?domain|\bcc[ -]by\b|creativecommons\.org/licenses/by"
    closed = r"-nd\b|noderiv|no derivatives"
    return licences.str.contains(open_licence, case=False) & ~licences.str.contains(closed, case=False)
