"""Reader of the Half-Earth layout: `train/metadata.json` and the images beside it.

The layout is that of the Herbarium 2021 Half-Earth Challenge (de Lutio et al. 2022), a COCO file of
five tables. The pocket herbarium has it too, and any collection that is written this way can be
read.
"""

import re
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd

from herbnb.data.coco import (
    AnnotationRow,
    CategoryRow,
    ImageRow,
    InstitutionRow,
    LicenceRow,
    RegionalRow,
    check_unique,
    raw_tables,
    read_rows,
)
from herbnb.errors import BadInput

METADATA = "train/metadata.json"
"""Where the layout describes its images."""

LEAVING = r"^[/\\]|^\w:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f]"
"""What a file name has that is absolute, climbs out of its folder, or is no name of a file."""


def read_half_earth(folder: str | Path) -> pd.DataFrame:
    """Read the metadata of a folder in the Half-Earth layout, one row an image, without opening an
    image.

    Rows are joined on `image_id`, never on the annotation's own id. The genus is the first word of
    the species' name, as in the published analysis. The columns are those of the specimens table
    but `split`, and `path` is relative to `folder`. An annotation may say what gathering its sheet is a
    piece of, as the published files do not.

    Raises:
        BadInput: the file is missing or not JSON, lacks a table or key, has a value of the wrong
            kind, repeats an id, names an unknown image, category or institution, or has a
            `file_name` outside the folder; with table and row.
    """
    source = Path(folder) / METADATA
    raw = raw_tables(source)
    images = read_rows(raw, "images", ImageRow, source)
    check_file_names(images["file_name"], source)
    licence = licence_of(images, raw, source)
    kind = RegionalRow if re.search(rb'"region_id"\s*:', raw.get("annotations", b"")) else AnnotationRow
    annotations = read_rows(raw, "annotations", kind, source)
    categories = read_rows(raw, "categories", CategoryRow, source)
    institutions = read_rows(raw, "institutions", InstitutionRow, source)

    check_unique(annotations["image_id"], "annotations", "image_id", source)
    image = positions(annotations["image_id"], images["id"], "image", source)
    category = positions(annotations["category_id"], categories["id"], "category", source)
    institution = positions(annotations["institution_id"], institutions["id"], "institution", source)
    return pd.DataFrame(
        {
            "image_id": annotations["image_id"].astype(str),
            "path": "train/" + taken(images["file_name"], image),
            "species": taken(categories["name"], category),
            "genus": taken(categories["name"].str.split().str[0], category),
            "family": taken(categories["family"], category),
            "order": taken(categories["order"], category),
            "institution": taken(institutions["name"], institution),
            "gathering": annotations["gathering"].fillna(""),
            "licence": taken(licence, image),
        }
    )


def positions(named: pd.Series, known: pd.Series, what: str, source: Path) -> np.ndarray:
    """Return for each annotation the row of the `what` that it names."""
    found = pd.Index(known).get_indexer(pd.Index(named))
    strange = np.flatnonzero(found < 0)
    if len(strange):
        raise BadInput(
            f"{source}: annotations, row {strange[0]}, names the unknown {what} {named[strange[0]]}; "
            "add it to the table or leave the row out."
        )
    return found


def taken(column: pd.Series, rows: np.ndarray) -> pd.Series:
    """Return the values of `column` at the positions `rows`."""
    return pd.Series(column.array.take(rows))


def check_file_names(names: pd.Series, source: Path) -> None:
    """Raise BadInput when a file name is absolute or climbs out of its folder."""
    leaving = np.flatnonzero(names.str.contains(LEAVING))
    if len(leaving):
        raise BadInput(
            f"{source}: images, row {leaving[0]}, has the file_name {names[leaving[0]]!r}, which leaves "
            "the folder; file names are relative and stay inside `train`."
        )


def licence_of(images: pd.DataFrame, raw: dict[str, msgspec.Raw], source: Path) -> pd.Series:
    """Return each image's licence as text, name and address, and "" where none is stated."""
    if re.fullmatch(rb"null|\[\s*\]", raw.get("licenses", b"null")):
        return pd.Series("", index=images.index)
    licences = read_rows(raw, "licenses", LicenceRow, source).fillna("")
    texts = (licences["name"] + " " + licences["url"]).str.strip().set_axis(licences["id"])
    return images["license"].map(texts).fillna("")
