"""Suspects: the sheets that a person is asked about, with all that is known to decide by."""

from pathlib import Path

import pandas as pd

from herbnb.applications.sureness import NOTHING
from herbnb.cabinet.card import read_card
from herbnb.cells import text_of
from herbnb.errors import BadInput, in_short
from herbnb.files import check_plain
from herbnb.results import Results, images_of, of_collection, specimens_of
from herbnb.tables import with_text

BY_DUPLICATE = "duplicate"
"""How a sheet is judged that no network doubts and whose duplicate bears another name."""

FACTS = {
    "collected": ("recorded_by", "record_number", "event_date"),
    "from": ("state_province", "country"),
    "type": ("type_status",),
    "institution": ("institution_code", "collection_code"),
    "other numbers": ("other_catalog_numbers",),
}
"""What is told of a sheet beside its names, and the columns that may know it."""


class Suspects:
    """The review list of a collection, and the sheets that it speaks of.

    Args:
        here: the run.
        collection: its name there.

    Raises:
        BadInput: there is no list, or it does not fit the specimens table.

    Attributes:
        run: which run the list is from.
        specimens: the table of the collection, by `image_id`.
        listed: one row a sheet to be asked about, most suspect first: `image_id`, `standing`, `suggested`,
            `score` (NaN where no network doubts it), `judged_by`, `as_far` (how far a regression would
            name it, in words; "" where it was not asked), `reason`, `neighbours` (ids, nearest first),
            `duplicates` (ids), `split` (whether these bear other names).
        coverage: how often the surest names are right, as `calibration.coverage` has it.
    """

    def __init__(self, here: Results, collection: str):
        self.here, self.collection = here, collection
        self.run = read_card(here, collection)
        name, fields = specimens_of(collection)
        specimens = here.read(name, **fields)
        self.specimens = specimens.set_index("image_id", drop=False)
        self.folder = images_of(here, collection)
        listed, fields = of_collection("review_list", collection)
        self.path = here.path(listed, **fields)
        self.listed = with_duplicates(read_list(self.path), self.specimens)
        coverage, fields = of_collection("coverage", collection)
        self.coverage = here.read(coverage, **fields)
        strangers = set(self.listed["image_id"]) - set(self.specimens.index)
        if strangers:
            raise BadInput(
                f"{self.path} lists {min(strangers)}, which is no sheet of {collection}: run it again."
            )

    def image(self, image_id: str) -> Path:
        """Return the file of a sheet's image."""
        return self.folder / self.specimens.at[image_id, "path"]

    def mentioned(self) -> list[str]:
        """Return the ids of all sheets that the list speaks of: those asked about, and those beside them."""
        ids = [
            self.listed["image_id"],
            self.listed["neighbours"].explode(),
            self.listed["duplicates"].explode(),
        ]
        return list(dict.fromkeys(pd.concat(ids).dropna()))


def read_list(path: Path) -> pd.DataFrame:
    """Read a review list, all of its ids as text.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        check_plain(path)
        table = with_text(pd.read_csv(path, dtype=str, keep_default_na=False), text_of)
        near = [column for column in table if column.startswith("neighbour_")]
        ids = [[each for each in row if each] for row in table[near].itertuples(index=False)]
        as_far = [named_as_far(*row) for row in table[["named_at", "named", "sure"]].itertuples(index=False)]
        table = table[["image_id", "standing", "suggested", "score", "judged_by", "reason"]]
        table = table.assign(as_far=as_far)
        return table.assign(score=table["score"].astype(float), neighbours=pd.Series(ids, dtype=object))
    except (OSError, KeyError, ValueError) as error:
        raise BadInput(
            f"{path} is no review list ({in_short(error)}): run the chapter that writes it again."
        ) from error


def named_as_far(named_at: str, named: str, sure: str) -> str:
    """Say in words how far a regression would name a sheet; nothing where it was not asked."""
    if named_at == NOTHING or not named_at:
        return named_at
    return f"{named_at} {named}, with a probability of {float(sure):.2f}"


def with_duplicates(listed: pd.DataFrame, specimens: pd.DataFrame) -> pd.DataFrame:
    """Put beside each sheet its duplicates, and onto the list the sheets whose duplicates bear other names.

    Names differ when their species do; one that stops at the genus differs by its genus only. Such sheets
    need no network: somebody has called one plant by two names.
    """
    known = specimens[specimens["gathering"] != ""]
    species = known["species"].where(~known["species"].str.endswith(" sp."))
    parted = pd.concat([known["genus"], species], axis=1, keys=["genus", "species"])
    parted = parted.groupby(known["gathering"]).nunique().max(axis=1)
    parted = parted.index[parted > 1]
    members = known.groupby("gathering")["image_id"].agg(list)
    gathering = known["gathering"]
    unlisted = known.loc[gathering.isin(parted) & ~known["image_id"].isin(listed["image_id"]), "image_id"]
    added = pd.DataFrame(
        {"image_id": unlisted.to_numpy(), "standing": "", "suggested": "", "judged_by": BY_DUPLICATE}
    )
    added["as_far"] = ""
    added["reason"] = "a duplicate of it bears another name; no network doubts this one"
    added["neighbours"] = [[] for _ in added.index]
    table = pd.concat([listed, added], ignore_index=True)
    of_sheet = table["image_id"].map(gathering)
    table["split"] = of_sheet.isin(parted)
    table["duplicates"] = [
        [other for other in members.get(gathering, []) if other != image]
        for image, gathering in zip(table["image_id"], of_sheet, strict=True)
    ]
    return table


def name_of(sheet: dict[str, str]) -> str:
    """Return the name on a sheet as its record has it, or the species that was made of it."""
    return sheet["scientific_name"] or sheet["species"]


def determined(sheet: dict[str, str]) -> str:
    """Say in words who determined a sheet, when and as what, as far as the table knows."""
    if not sheet["identified_by"] and not sheet["date_identified"]:
        return ""
    by = sheet["identified_by"] or "an unnamed person"
    when = f", {sheet['date_identified']}" if sheet["date_identified"] else ""
    doubt = sheet["identification_qualifier"]
    return f"{f'as {doubt} {name_of(sheet)}, ' if doubt else ''}by {by}{when}"


def facts(sheet: dict[str, str]) -> dict[str, str]:
    """Return what else is known of a sheet, in words; only what is known."""
    told = {
        what: ", ".join(sheet[column] for column in columns if sheet[column])
        for what, columns in FACTS.items()
    }
    return {what: words for what, words in told.items() if words}
