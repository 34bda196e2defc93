"""Reader of the Half-Earth layout: `train/metadata.json` and the images beside it.

The layout is that of the Herbarium 2021 Half-Earth Challenge (de Lutio et al. 2022), a COCO file of
five tables. The pocket herbarium has it too, and any collection that is written this way can be
read. The real file has 2.3 million annotations, so each table is decoded by itself into typed rows,
turned into columns, and let go before the next.
"""

import re
from operator import attrgetter
from pathlib import Path
from textwrap import shorten

import msgspec
import numpy as np
import pandas as pd

from herbnb.errors import BadInput


class Row(msgspec.Struct, gc=False):
    """A row of the metadata: keys that its class does not name are not read."""


class Image(Row):
    id: int | str
    file_name: str
    license: int | str | None = None


class Annotation(Row):
    image_id: int | str
    category_id: int | str
    institution_id: int | str


class Regional(Annotation, rename={"institution_id": "region_id"}):
    """An annotation of a file that calls institutions regions."""

    institution_id: int | str


class Category(Row):
    id: int | str
    name: str
    family: str
    order: str


class Institution(Row):
    id: int | str
    name: str


class Licence(Row):
    id: int | str
    name: str | None = ""
    url: str | None = ""


LEAVING = r"^[/\\]|^\w:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f]"
"""What a file name has that is absolute, climbs out of its folder, or is no name of a file."""


def read_half_earth(folder: str | Path) -> pd.DataFrame:
    """Read the metadata of a folder in the Half-Earth layout, one row an image, without opening an
    image.

    Rows are joined on `image_id`, never on the annotation's own id. The genus is the first word of
    the species' name, as in the published analysis. The columns are those of the specimens table
    but `split`, and `path` is relative to `folder`.

    Raises:
        BadInput: the file is missing or not JSON, lacks a table or key, has a value of the wrong
            kind, repeats an id, names an unknown image, category or institution, or has a
            `file_name` outside the folder; with table and row.
    """
    source = Path(folder) / "train" / "metadata.json"
    raw = raw_tables(source)
    images = read_rows(raw, "images", Image, source)
    check_file_names(images["file_name"], source)
    licence = licence_of(images, raw, source)
    kind = Regional if re.search(rb'"region_id"\s*:', raw.get("annotations", b"")) else Annotation
    annotations = read_rows(raw, "annotations", kind, source)
    categories = read_rows(raw, "categories", Category, source)
    institutions = read_rows(raw, "institutions", Institution, source)

    check_unique(annotations["image_id"], "annotations", "image_id", source)
    image = places(annotations["image_id"], images["id"], "image", source)
    category = places(annotations["category_id"], categories["id"], "category", source)
    institution = places(annotations["institution_id"], institutions["id"], "institution", source)
    return pd.DataFrame(
        {
            "image_id": annotations["image_id"].astype(str),
            "path": "train/" + taken(images["file_name"], image),
            "species": taken(categories["name"], category),
            "genus": taken(categories["name"].str.split().str[0], category),
            "family": taken(categories["family"], category),
            "order": taken(categories["order"], category),
            "institution": taken(institutions["name"], institution),
            "licence": taken(licence, image),
        }
    )


def raw_tables(source: Path) -> dict[str, msgspec.Raw]:
    """Read the tables of a metadata file, each still as the JSON that it is written in."""
    try:
        return msgspec.json.decode(source.read_bytes(), type=dict[str, msgspec.Raw])
    except FileNotFoundError as error:
        raise BadInput(
            f"{source} is missing: set `data` to a folder in the Half-Earth layout, "
            "or draw one with `herbnb pocket data/pocket`."
        ) from error
    except msgspec.ValidationError as error:
        raise BadInput(f"{source} is not an object of tables ({error}): fetch or write it again.") from error
    except (UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        raise BadInput(f"{source} is not JSON ({error}): fetch or write it again.") from error


def read_rows(
    raw: dict[str, msgspec.Raw], name: str, kind: type[msgspec.Struct], source: Path
) -> pd.DataFrame:
    """Read the table called `name`, with the keys of `kind` as columns, filled, and its ids unique."""
    try:
        rows = msgspec.json.decode(raw.get(name, b"[]"), type=list[kind])
    except msgspec.ValidationError as error:
        raise BadInput(f"{source}{fault(str(error), raw[name], name)}.") from error
    except (UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        raise BadInput(f"{source} is not JSON ({error}): fetch or write it again.") from error
    if not rows:
        raise BadInput(f"{source} lacks the table {name!r}, or it is empty; add its rows.")
    fields = msgspec.structs.fields(kind)
    columns = {field.name: pd.Series(list(map(attrgetter(field.name), rows))) for field in fields}
    table = pd.DataFrame(columns)
    for field in fields:
        if field.required and not pd.api.types.is_integer_dtype(table[field.name]):
            blank = np.flatnonzero(table[field.name].astype(str).str.strip() == "")
            if len(blank):
                raise BadInput(f"{source}{lacking(name, blank[0], field.encode_name)}.")
    if "id" in table:
        check_unique(table["id"], name, "id", source)
    return table


def fault(message: str, table: msgspec.Raw, name: str) -> str:
    """Say in our words what msgspec found in the table called `name`, with row, key and value."""
    place = re.search(r"at `\$\[(\d+)\](?:\.(\w+))?", message)
    if not place:
        return f" has no list of rows for the table {name!r}; write it as one"
    row, key = int(place[1]), place[2]
    missing = re.search(r"required field `(\w+)`", message)
    if missing:
        return lacking(name, row, missing[1])
    if not key:
        return f": {name}, row {row}, is not an object; write it as one or leave it out"
    rows = msgspec.json.decode(table, type=list[msgspec.Raw])
    value = bytes(msgspec.json.decode(rows[row], type=dict[str, msgspec.Raw])[key])
    if value == b"null":
        return lacking(name, row, key)
    expected = "an id" if "int" in message.split("got")[0] else "text"
    return (
        f": {name}, row {row}, has {shorten(value.decode(errors='replace'), 80)} for {key!r}, "
        f"where {expected} belongs; mend it or leave the row out"
    )


def lacking(name: str, row: int, key: str) -> str:
    """Say that a row of the table called `name` has no `key`, or a blank one."""
    return f": {name}, row {row}, lacks the key {key!r}; fill it or leave the row out"


def check_unique(ids: pd.Series, name: str, key: str, source: Path) -> None:
    """Raise BadInput when an id repeats in the column `key` of the table called `name`."""
    twice = np.flatnonzero(ids.duplicated())
    if len(twice):
        raise BadInput(
            f"{source}: {name}, row {twice[0]}, repeats the {key} {ids[twice[0]]}; keep one of the rows."
        )


def places(named: pd.Series, known: pd.Series, what: str, source: Path) -> np.ndarray:
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
    if not msgspec.json.decode(raw.get("licenses", b"[]")):
        return pd.Series("", index=images.index)
    licences = read_rows(raw, "licenses", Licence, source).fillna("")
    texts = (licences["name"] + " " + licences["url"]).str.strip().set_axis(licences["id"])
    return images["license"].map(texts).fillna("")
