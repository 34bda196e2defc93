"""Page: a folder to review a list in, opened in a browser from the disk, with no server and no network.

It is for the herbarium's own people. It shows every image, whatever its licence, so it is no page to publish.
"""

import math
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pandas as pd

from herbnb.cabinet.decisions import LONGEST_REMARK
from herbnb.cabinet.pictures import LARGE, SMALL, Picture, make_pictures
from herbnb.cabinet.suspects import Suspects, determined, facts, name_of
from herbnb.data.records.columns import read_columns
from herbnb.data.records.history import parts_of
from herbnb.data.records.terms import OCCURRENCE
from herbnb.errors import BadInput
from herbnb.files import fingerprint, read_bytes, whole
from herbnb.scripts import write_script

PAGE = "review.html"
PICTURES = "pictures"
FURTHER = ("sciname", "name", "taxon", "taxonname", "species")
"""What a checklist may call its names, beside the terms of Darwin Core."""


def write_page(suspects: Suspects, folder: str | Path, checklist: Iterable[str] = ()) -> dict[str, Picture]:
    """Write the page, its data and its pictures, and return the pictures by image id.

    Args:
        suspects: the list.
        folder: where to; pictures that are there already are not made again.
        checklist: names to be offered beside those of the collection.

    Raises:
        BadInput: the list is empty, or the folder cannot be written to.
    """
    if suspects.listed.empty:
        raise BadInput(f"{suspects.path} has no sheet to review: no name is doubted.")
    folder = Path(folder)
    mentioned, asked = suspects.mentioned(), suspects.listed["image_id"]
    large = {suspects.image(each) for each in asked}
    images = {each: suspects.image(each) for each in mentioned}
    sizes = {image: [LARGE, SMALL] if image in large else [SMALL] for image in images.values()}
    made = make_pictures(sizes, folder / PICTURES)
    small = {each: made[image][-1] for each, image in images.items()}
    data = {
        "collection": suspects.collection,
        "list": f"{fingerprint(suspects.path)}-{suspects.run.specimens}",  # what is decided belongs to both
        "run": suspects.run.model_dump(mode="json"),
        "coverage": suspects.coverage.round(4).to_dict("records"),
        "longest": {"remarks": LONGEST_REMARK},
        "pictures": f"{PICTURES}/",
        "sheets": {
            row["image_id"]: sheet_of(row, small[row["image_id"]])
            for row in suspects.specimens.loc[mentioned].to_dict("records")
        },
        "listed": [
            asked_of(row, made[images[row["image_id"]]][0]) for row in suspects.listed.to_dict("records")
        ],
    }
    write_script(folder / "review_data.js", "herbnb", "review", data)
    write_script(folder / "review_names.js", "herbnb", "names", names_of(suspects.specimens, checklist))
    for asset in (files("herbnb.cabinet") / "assets").iterdir():
        with whole(folder / asset.name) as temporary:
            temporary.write_bytes(asset.read_bytes())
    return small


def sheet_of(sheet: dict[str, str], picture: Picture) -> dict:
    """Return what the page knows of a sheet."""
    link = sheet["references"] if re.match(r"https?://", sheet["references"]) else ""
    return {
        "name": name_of(sheet),
        "family": sheet["family"],
        "genus": sheet["genus"],
        "species": sheet["species"],
        "occurrence_id": sheet["occurrence_id"],
        "catalog_number": sheet["catalog_number"],
        "institution": sheet["institution"],
        "gathering": sheet["gathering"],
        "determined": determined(sheet),
        "earlier": parts_of(sheet["previous_identifications"]),
        "facts": facts(sheet),
        "link": link,
        "picture": picture.file,
        "fault": picture.fault,
    }


def asked_of(row: dict, picture: Picture) -> dict:
    """Return what the page knows of a row of the list."""
    return {
        "id": row["image_id"],
        "standing": row["standing"],
        "suggested": row["suggested"],
        "suspicion": None if math.isnan(row["score"]) else round(row["score"], 6),
        "judged_by": row["judged_by"],
        "as_far": row["as_far"],
        "reason": row["reason"],
        "neighbours": row["neighbours"],
        "duplicates": row["duplicates"],
        "split": bool(row["split"]),
        "picture": picture.file,
    }


def names_of(specimens: pd.DataFrame, checklist: Iterable[str]) -> list[str]:
    """Return the names that may complete what a person types: those of the collection, then the checklist."""
    own = pd.concat([specimens["species"], specimens["genus"], specimens["family"]])
    own = sorted({name for name in own if not name.endswith(" sp.") and name != "unknown"})
    return list(dict.fromkeys([*own, *checklist]))


def read_checklist(path: str | Path) -> list[str]:
    """Read names from a file: one a line, or, if it ends in `.csv`, a column such as `scientificName`.

    Raises:
        BadInput: it cannot be read, or holds no name.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        columns = {"name": OCCURRENCE["name"] + FURTHER}
        lines = read_columns(path, columns, [["name"]])["name"].tolist()
    else:
        try:
            lines = read_bytes(path).decode("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path} cannot be read as a list of names: give a text file in UTF-8.") from error
    names = [" ".join(line.split()) for line in lines]
    names = [name for name in dict.fromkeys(names) if name]
    if not names:
        raise BadInput(f"{path} holds no name: give a file with one name a line.")
    return names
