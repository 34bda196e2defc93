"""Metadata of the Half-Earth layout, as they should not be."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

from herbnb.data.half_earth import METADATA as FILE
from herbnb.data.half_earth import read_half_earth
from torture import places
from torture.row import Row

METADATA = {
    "info": {},
    "licenses": [{"id": 3, "name": "CC0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}],
    "images": [
        {"id": 70, "file_name": "images/000/00/70.jpg", "license": 3},
        {"id": 71, "file_name": "images/000/01/71.jpg", "license": 3},
    ],
    "annotations": [
        {"id": 71, "image_id": 70, "category_id": 0, "institution_id": 0},
        {"id": 70, "image_id": 71, "category_id": 1, "institution_id": 1},
    ],
    "categories": [
        {"id": 0, "name": "Acer rubrum", "family": "Sapindaceae", "order": "Sapindales"},
        {"id": 1, "name": "Poa annua", "family": "Poaceae", "order": "Poales"},
    ],
    "institutions": [{"id": 0, "name": "NY"}, {"id": 1, "name": "Kew"}],
}
"""Two sheets, as they should be."""

TEXT = json.dumps(METADATA)


def spoilt(table: str, row: int, **changes: object) -> dict:
    """Return the metadata with another value in a row."""
    metadata = copy.deepcopy(METADATA)
    metadata[table][row] |= changes
    return metadata


def without(table: str, key: str = "") -> dict:
    """Return the metadata without a table, or without a key of its second row."""
    metadata = copy.deepcopy(METADATA)
    if key:
        del metadata[table][1][key]
    else:
        del metadata[table]
    return metadata


def written(folder: Path, metadata: dict | str | bytes) -> Path:
    """Write metadata where the layout has them, and return the folder."""
    if not isinstance(metadata, str | bytes):
        metadata = json.dumps(metadata)
    file = folder / FILE
    file.parent.mkdir()
    file.write_bytes(metadata if isinstance(metadata, bytes) else metadata.encode())
    return folder


def names(folder: Path) -> list[tuple[str, ...]]:
    """Read the metadata of a folder: what each sheet is called, and the genus."""
    return list(read_half_earth(folder)[["image_id", "species", "genus"]].itertuples(index=False, name=None))


def row(name: str, metadata: object, said: str = "", comes: object = None) -> Row:
    """Return a row of metadata, or of a function that makes them in a size."""

    def make(folder: Path, size: int) -> Path:
        return written(folder, metadata(size) if isinstance(metadata, Callable) else metadata)

    return Row(f"metadata: {name}", make, names, said, comes)


def deep(start: str) -> Callable[[int], str]:
    """Return what makes a file that begins in a way and then opens brackets only."""
    return lambda size: start + "[" * 100_000 * size


def called(name: object, number: object = 1) -> dict:
    """Return the metadata with another name, or another id, of the second species."""
    text = TEXT.replace('"category_id": 1', f'"category_id": {number}')
    text = text.replace('{"id": 1, "name": "Poa', f'{{"id": {number}, "name": "Poa')
    return json.loads(text.replace("Poa annua", str(name)))


WHOLE = [("70", "Acer rubrum", "Acer"), ("71", "Poa annua", "Poa")]
"""What is read of the two sheets."""

NESTED = '{"images": [{"id": 1, "file_name": "x"}], "licenses": ' + "[" * 9_000 + "]" * 9_000 + "}"

ROWS = [
    row("not JSON", "{ not json", "is not JSON"),
    row("empty", "", "is not JSON"),
    row("cut", TEXT[:-9], "is not JSON"),
    row("a web page", "<!DOCTYPE html><html>404</html>", "is not JSON"),
    row("a list", "[]", "is not an object of tables"),
    row("a number", "7", "is not an object of tables"),
    row("a byte order mark", "\ufeff" + TEXT, "is not JSON .*: fetch it again, or write it as UTF-8"),
    row("UTF-16", TEXT.encode("utf-16"), "is not JSON"),
    row("Latin-1", TEXT.replace("Acer", "Isoëtes").encode("latin-1"), "is not JSON"),
    row("a byte that is no text", TEXT.encode().replace(b"rubrum", b"rubr\xff"), "is not JSON"),
    row("a NUL", TEXT.replace("rubrum", "rubr\0m"), "is not JSON"),
    row("half a character", '{"images": [{"id": 1, "file_name": "\\ud800"}]}', "is not JSON"),
    row("NaN", TEXT.replace('"id": 70', '"id": NaN'), "is not JSON"),
    row("more after the end", TEXT + "{}", "is not JSON"),
    row("brackets without end", deep(""), "is not an object of tables"),
    row("brackets without end in a table", deep('{"images": '), "is not JSON"),
    row("a deep licence", NESTED, "is not JSON"),
    row("a deep row", '{"images": [' + "[" * 900 + "]" * 900 + "]}", "images, row 0, is not an object"),
    row("a table twice", TEXT[:-1] + ', "images": []}', "has the table 'images' twice: leave one out"),
    row("no annotations", without("annotations"), "lacks the table 'annotations'"),
    row("no image", METADATA | {"images": []}, "lacks the table 'images', or it is empty"),
    row("a row that is none", METADATA | {"images": [3]}, "images, row 0, is not an object"),
    row(
        "a table that is none", METADATA | {"images": {"id": 7}}, "has no list of rows for the table 'images'"
    ),
    row("a table of null", METADATA | {"images": None}, "has no list of rows for the table 'images'"),
    row("no family", without("categories", "family"), "categories, row 1, lacks the key 'family'"),
    row("no institution", without("annotations", "institution_id"), "row 1, lacks the key 'institution_id'"),
    row("a blank order", spoilt("categories", 1, order=""), "categories, row 1, lacks the key 'order'"),
    row("a name of spaces", spoilt("categories", 1, name="  "), "categories, row 1, lacks the key 'name'"),
    row(
        "a region among institutions",
        spoilt("annotations", 1, region_id=0),
        "annotations, row 0, lacks the key 'region_id'",
    ),
    row("an unknown species", spoilt("annotations", 1, category_id=9), "row 1, names the unknown category 9"),
    row("an unknown herbarium", spoilt("annotations", 0, institution_id=9), "row 0, names the unknown inst"),
    row(
        "an annotation of no image", spoilt("annotations", 1, image_id=9), "row 1, names the unknown image 9"
    ),
    row("an id as text", spoilt("annotations", 1, image_id="71"), "row 1, names the unknown image 71"),
    row("an image twice", spoilt("images", 1, id=70), "images, row 1, repeats the id 70"),
    row("two names of an image", spoilt("annotations", 1, image_id=70), "row 1, repeats the image_id 70"),
    row("a licence twice", METADATA | {"licenses": METADATA["licenses"] * 2}, "licenses, row 1, repeats the"),
    row("licences that are no list", METADATA | {"licenses": {"id": 3}}, "no list of rows for .* 'licenses'"),
    row("an absolute path", spoilt("images", 1, file_name="/etc/passwd"), "row 1, has the file_name '/etc/p"),
    row(
        "a path that climbs", spoilt("images", 0, file_name="images/../../x.jpg"), "images, row 0, has the f"
    ),
    row("a path that climbs in Windows", spoilt("images", 0, file_name="..\\x.jpg"), "row 0, has the file_n"),
    row(
        "a path with a drive", spoilt("images", 0, file_name="C:\\x.jpg"), "images, row 0, has the file_name"
    ),
    row(
        "a path with a NUL", spoilt("images", 1, file_name="images/a\0.jpg"), "images, row 1, has the file_n"
    ),
    row("a path that is a number", spoilt("images", 0, file_name=7), "has 7 for 'file_name', where text"),
    row(
        "a key that is no text, beside another fault",
        TEXT.encode().replace(b'"id": 70', b'"id": []', 1).replace(b'"license"', b'"l\x97"', 1),
        "is not JSON",
    ),
    row("a very long value", spoilt("images", 1, file_name=["x" * 500] * 9), r"has .*\[\.\.\.\] for 'file_n"),
    row("an id that is a list", spoilt("images", 0, id=[1]), r"row 0, has \[1\] for 'id', where an id"),
    row(
        "an id that is an object", spoilt("annotations", 1, category_id={}), "row 1, has {} for 'category_id'"
    ),
    row(
        "an id with a fraction", spoilt("annotations", 1, category_id=1.5), "row 1, has 1.5 for 'category_id"
    ),
    row(
        "an id that is true", spoilt("annotations", 1, category_id=True), "row 1, has true for 'category_id'"
    ),
    row(
        "an id that is null", spoilt("annotations", 1, category_id=None), "row 1, lacks the key 'category_id"
    ),
    row("an id of spaces", spoilt("annotations", 1, image_id=" "), "row 1, lacks the key 'image_id'"),
    row(
        "an infinite id", '{"images": [{"id": 1e999, "file_name": "x"}]}', "images, row 0, has 1e999 for 'id'"
    ),
    row(
        "a licence that is a list", spoilt("images", 1, license=[]), r"images, row 1, has \[\] for 'license'"
    ),
    row("an id of forty digits", called("Poa annua", 10**39), comes=WHOLE),
    row("a negative id", called("Poa annua", -1), comes=WHOLE),
    row("a genus Na", called("Na annua"), comes=[WHOLE[0], ("71", "Na annua", "Na")]),
    row("a genus None", called("None"), comes=[WHOLE[0], ("71", "None", "None")]),
    row("a genus True", called("True"), comes=[WHOLE[0], ("71", "True", "True")]),
    row("a genus nan", called("nan"), comes=[WHOLE[0], ("71", "nan", "nan")]),
    Row(
        "metadata: a name of a megabyte",
        lambda folder, size: written(folder, called("P" * 1_000_000 * size)),
        lambda folder: set(names(folder)[1][1]),
        comes={"P"},
    ),
    row("keys that nobody knows", spoilt("images", 0, colour={"red": [1]}), comes=WHOLE),
    row("an image without a name", METADATA | {"annotations": METADATA["annotations"][:1]}, comes=WHOLE[:1]),
    *places.rows("metadata", FILE, lambda file: read_half_earth(file.parent.parent)),
]
