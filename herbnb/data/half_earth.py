"""Reader of the Half-Earth layout: `train/metadata.json` and the images beside it.

The layout is that of the Herbarium 2021 Half-Earth Challenge (de Lutio et al. 2022), a COCO file of
five tables. The pocket herbarium has it too, and any collection that is written this way can be
read.
"""

import json
from pathlib import Path

import pandas as pd

from herbnb.errors import BadInput

ID, TEXT = (int, str), (str,)
TABLES = {
    "images": {"id": ID, "file_name": TEXT},
    "annotations": {"image_id": ID, "category_id": ID},
    "categories": {"id": ID, "name": TEXT, "family": TEXT, "order": TEXT},
    "institutions": {"id": ID, "name": TEXT},
}


def read_half_earth(folder: str | Path) -> pd.DataFrame:
    """Read the metadata of a folder in the Half-Earth layout, one row an image, without opening an
    image.

    Rows are joined on `image_id`, never on the annotation's own id. The genus is the first word of
    the species' name, as in the published analysis. The columns are those of the specimens table
    but `split`, and `path` is relative to `folder`.

    Raises:
        BadInput: the file is missing or not JSON, lacks a table or key, repeats an id, names an
        unknown
            image, category or institution, or has a `file_name` outside the folder; with table and
            row.
    """
    source = Path(folder) / "train" / "metadata.json"
    tables = read_tables(source)
    images, annotations = tables["images"], tables["annotations"]
    categories, institutions = tables["categories"], tables["institutions"]
    for name, key in (
        ("images", "id"),
        ("annotations", "image_id"),
        ("categories", "id"),
        ("institutions", "id"),
    ):
        check_unique(tables[name], name, key, source)
    check_file_names(images["file_name"], source)

    key = "region_id" if "region_id" in annotations else "institution_id"
    check_filled(annotations, "annotations", key, ID, source)
    for column, known, what in (
        ("image_id", images, "image"),
        ("category_id", categories, "category"),
        (key, institutions, "institution"),
    ):
        strange = annotations.index[~annotations[column].isin(known["id"])]
        if len(strange):
            raise BadInput(
                f"{source}: annotations, row {strange[0]}, names the unknown {what} "
                f"{annotations[column][strange[0]]}; add it to the table or leave the row out."
            )

    joined = (
        annotations[["image_id", "category_id", key]]
        .merge(images.rename(columns={"id": "image_id"}), on="image_id")
        .merge(categories.rename(columns={"id": "category_id", "name": "species"}), on="category_id")
        .merge(
            institutions.rename(columns={"id": key, "name": "institution"})[[key, "institution"]],
            on=key,
        )
    )
    return pd.DataFrame(
        {
            "image_id": joined["image_id"].astype(str),
            "path": "train/" + joined["file_name"],
            "species": joined["species"],
            "genus": joined["species"].str.split().str[0],
            "family": joined["family"],
            "order": joined["order"],
            "institution": joined["institution"],
            "licence": licence_of(joined, tables["licenses"]),
        }
    )


def read_tables(source: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a metadata file, with `licenses` empty where there is none."""
    try:
        metadata = json.loads(source.read_bytes())
    except FileNotFoundError as error:
        raise BadInput(
            f"{source} is missing: set `data` to a folder in the Half-Earth layout, "
            "or draw one with `herbnb pocket data/pocket`."
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{source} is not JSON ({error}): fetch or write it again.") from error
    if not isinstance(metadata, dict):
        raise BadInput(
            f"{source} holds a {type(metadata).__name__}, not an object of tables: fetch it again."
        )
    tables = {name: read_table_of(metadata, name, keys, source) for name, keys in TABLES.items()}
    tables["licenses"] = pd.DataFrame(metadata.get("licenses") or [], columns=["id", "name", "url"])
    return tables


def read_table_of(metadata: dict, name: str, keys: dict[str, tuple], source: Path) -> pd.DataFrame:
    """Read one table of the metadata, with every one of `keys` filled in every row, by its kind."""
    rows = metadata.get(name)
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"{source} lacks the table {name!r}, or it is empty; add its rows.")
    broken = next((i for i, row in enumerate(rows) if not isinstance(row, dict)), None)
    if broken is not None:
        raise BadInput(f"{source}: {name}, row {broken}, is not an object; write it as one or leave it out.")
    table = pd.DataFrame.from_records(rows)
    for key, kinds in keys.items():
        check_filled(table, name, key, kinds, source)
    return table


def check_filled(table: pd.DataFrame, name: str, key: str, kinds: tuple, source: Path) -> None:
    """Raise BadInput unless every row of the table called `name` has a `key` of one of `kinds`."""
    blank = table.index
    if key in table:
        blank = table.index[table[key].isna() | (table[key].astype(str).str.strip() == "")]
    if len(blank):
        raise BadInput(
            f"{source}: {name}, row {blank[0]}, lacks the key {key!r}; fill it or leave the row out."
        )
    strange = table.index[~table[key].map(lambda value: isinstance(value, kinds))]
    if len(strange):
        expected = "text" if kinds is TEXT else "an id"
        raise BadInput(
            f"{source}: {name}, row {strange[0]}, has {table[key][strange[0]]!r} for {key!r}, "
            f"where {expected} belongs; mend it or leave the row out."
        )


def check_unique(table: pd.DataFrame, name: str, key: str, source: Path) -> None:
    """Raise BadInput when `key` repeats in the table called `name`."""
    twice = table.index[table[key].duplicated()]
    if len(twice):
        raise BadInput(
            f"{source}: {name}, row {twice[0]}, repeats the {key} {table[key][twice[0]]}; "
            "keep one of the rows."
        )


def check_file_names(names: pd.Series, source: Path) -> None:
    """Raise BadInput when a file name is absolute or climbs out of its folder."""
    leaving = names.index[names.str.contains(r"^[/\\]|^\w:|(?:^|[/\\])\.\.(?:[/\\]|$)")]
    if len(leaving):
        raise BadInput(
            f"{source}: images, row {leaving[0]}, has the file_name {names[leaving[0]]!r}, which leaves "
            "the folder; file names are relative and stay inside `train`."
        )


def licence_of(images: pd.DataFrame, licences: pd.DataFrame) -> pd.Series:
    """Return each image's licence as text, name and address, and "" where none is stated."""
    if "license" not in images or licences.empty:
        return pd.Series("", index=images.index)
    texts = licences.set_index("id")[["name", "url"]].fillna("").astype(str).agg(" ".join, axis=1).str.strip()
    return images["license"].map(texts).fillna("")
