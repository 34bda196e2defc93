import copy
import json

import numpy as np
import pytest

from herbnb.data.half_earth import read_half_earth
from herbnb.errors import BadInput

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


def written(folder, metadata):
    (folder / "train").mkdir()
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    (folder / "train" / "metadata.json").write_text(text)
    return folder


def test_rows_are_joined_on_the_image_and_not_on_the_annotation(tmp_path):
    table = read_half_earth(written(tmp_path, METADATA)).set_index("image_id")
    assert table.loc["70", "species"] == "Acer rubrum"
    assert table.loc["71", ["genus", "family", "institution"]].tolist() == ["Poa", "Poaceae", "Kew"]
    assert table.loc["70", "path"] == "train/images/000/00/70.jpg"
    assert table["licence"].str.startswith("CC0 ").all()


def test_the_institution_may_be_called_a_region(tmp_path):
    renamed = json.dumps(METADATA).replace("institution_id", "region_id")
    assert read_half_earth(written(tmp_path, renamed))["institution"].tolist() == ["NY", "Kew"]


def spoilt(table, row, **changes):
    metadata = copy.deepcopy(METADATA)
    metadata[table][row] |= changes
    return metadata


def without(table, key=None):
    metadata = copy.deepcopy(METADATA)
    if key is None:
        del metadata[table]
    else:
        del metadata[table][1][key]
    return metadata


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{ not json", "is not JSON"),
        ("[]", "is not an object of tables"),
        (without("annotations"), "lacks the table 'annotations'"),
        (METADATA | {"images": []}, "lacks the table 'images', or it is empty"),
        (METADATA | {"images": [3]}, "images, row 0, is not an object"),
        (without("categories", "family"), "categories, row 1, lacks the key 'family'"),
        (
            without("annotations", "institution_id"),
            "annotations, row 1, lacks the key 'institution_id'",
        ),
        (spoilt("categories", 1, order=""), "categories, row 1, lacks the key 'order'"),
        (spoilt("categories", 1, name="  "), "categories, row 1, lacks the key 'name'"),
        (
            spoilt("annotations", 1, category_id=9),
            "annotations, row 1, names the unknown category 9",
        ),
        (spoilt("annotations", 0, institution_id=9), "row 0, names the unknown institution 9"),
        (spoilt("annotations", 1, image_id=9), "annotations, row 1, names the unknown image 9"),
        (spoilt("images", 1, id=70), "images, row 1, repeats the id 70"),
        (spoilt("annotations", 1, image_id=70), "annotations, row 1, repeats the image_id 70"),
        (
            spoilt("images", 1, file_name="/etc/passwd"),
            "images, row 1, has the file_name '/etc/passwd'",
        ),
        (spoilt("images", 0, file_name="images/../../x.jpg"), "images, row 0, has the file_name"),
        (spoilt("images", 0, file_name="..\\x.jpg"), "images, row 0, has the file_name"),
        (spoilt("images", 0, file_name="C:\\x.jpg"), "images, row 0, has the file_name"),
        (spoilt("images", 0, file_name=7), "images, row 0, has 7 for 'file_name', where text"),
        (spoilt("images", 0, id=[1]), "images, row 0, has .1. for 'id', where an id belongs"),
        (spoilt("annotations", 1, category_id={}), "annotations, row 1, has {} for 'category_id'"),
        (spoilt("annotations", 1, category_id=1.5), "annotations, row 1, has 1.5 for 'category_id'"),
        (spoilt("annotations", 1, category_id=True), "row 1, has true for 'category_id', where an id"),
        (spoilt("annotations", 1, category_id=None), "annotations, row 1, lacks the key 'category_id'"),
        (spoilt("annotations", 1, image_id=" "), "annotations, row 1, lacks the key 'image_id'"),
        (spoilt("annotations", 1, image_id="71"), "annotations, row 1, names the unknown image 71"),
        (
            spoilt("annotations", 1, region_id=0),
            "annotations, row 0, lacks the key 'region_id'",
        ),
        (spoilt("images", 1, file_name="images/a\0.jpg"), "images, row 1, has the file_name"),
        (spoilt("images", 1, file_name=["x" * 500] * 9), r"has .*\[...\] for 'file_name', where text"),
        (spoilt("images", 1, license=[]), "images, row 1, has [] for 'license'"),
        (METADATA | {"images": {"id": 7}}, "has no list of rows for the table 'images'"),
        (METADATA | {"images": None}, "has no list of rows for the table 'images'"),
        (METADATA | {"licenses": METADATA["licenses"] * 2}, "licenses, row 1, repeats the id 3"),
        ('{"images": [{"id": 1e999, "file_name": "x"}]}', "images, row 0, has 1e999 for 'id'"),
        ('{"images": [{"id": 1, "file_name": "\\ud800"}]}', "is not JSON"),
        (METADATA | {"licenses": {"id": 3}}, "has no list of rows for the table 'licenses'"),
        ("[" * 100_000, "is not an object of tables"),
        (
            '{"images": [{"id": 1, "file_name": "x"}], "licenses": ' + "[" * 9_000 + "]" * 9_000 + "}",
            "is not JSON",
        ),
        ('{"images": ' + "[" * 100_000, "is not JSON"),
        ('{"images": [' + "[" * 900 + "]" * 900 + "]}", "images, row 0, is not an object"),
        ("", "is not JSON"),
        (json.dumps(METADATA)[:-9], "is not JSON"),
    ],
)
def test_hostile_metadata_gets_one_sentence_with_file_and_row(tmp_path, metadata, message):
    pattern = message if r"\[" in message else message.replace("[]", r"\[\]")
    with pytest.raises(BadInput, match=pattern) as caught:
        read_half_earth(written(tmp_path, metadata))
    assert "metadata.json" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(tmp_path)) + 250


def test_bytes_that_are_no_text_are_not_json(tmp_path):
    folder = written(tmp_path, METADATA)
    file = folder / "train" / "metadata.json"
    file.write_bytes(file.read_bytes().replace(b"rubrum", b"rubr\xff"))
    with pytest.raises(BadInput, match=r"metadata.json is not JSON"):
        read_half_earth(folder)


def test_an_image_without_a_licence_has_none(tmp_path):
    metadata = spoilt("images", 0, license=None)
    assert read_half_earth(written(tmp_path, metadata)).set_index("image_id").loc["70", "licence"] == ""


@pytest.mark.parametrize("licenses", [None, [], [{"id": 9}], [{"id": "3", "name": None}], "none"])
@pytest.mark.parametrize("stated", [3, None, "CC0"])
def test_a_licence_that_no_table_explains_is_none(tmp_path, licenses, stated):
    metadata = copy.deepcopy(METADATA) | {"licenses": licenses}
    for image in metadata["images"]:
        image["license"] = stated
    if licenses == "none":
        del metadata["licenses"]
    assert read_half_earth(written(tmp_path, metadata))["licence"].tolist() == ["", ""]


@pytest.mark.parametrize("as_id", [int, str, lambda number: number if number % 2 else f"B {number}"])
@pytest.mark.parametrize("key", ["institution_id", "region_id"])
def test_a_plain_join_gives_the_same_table(tmp_path, as_id, key):
    """The reader vectorises; here are its rows once more, one by one, from shuffled tables."""
    rng = np.random.default_rng(89)
    numbers = rng.permutation(900)[:300].tolist()
    images = [{"id": as_id(n), "file_name": f"images/{n}.jpg", "license": n % 2} for n in numbers]
    shuffled, species = rng.permutation(numbers).tolist(), rng.integers(0, 40, 300).tolist()
    annotations = [
        {"id": n, "image_id": as_id(i), "category_id": as_id(c), key: as_id(n % 5)}
        for n, (i, c) in enumerate(zip(shuffled, species, strict=True))
    ]
    categories = [
        {"id": as_id(c), "name": f"Genus{c % 9} × epithet{c}", "family": f"F{c % 4}", "order": f"O{c % 2}"}
        for c in rng.permutation(40).tolist()
    ]
    institutions = [{"id": as_id(h), "name": f"Herbarium {h}"} for h in range(5)]
    licenses = [{"id": 0, "name": "CC0"}, {"id": 1, "url": "https://example.org/by"}]
    folder = written(
        tmp_path,
        dict(
            images=images,
            annotations=annotations,
            categories=categories,
            institutions=institutions,
            licenses=licenses,
        ),
    )
    image, category, institution = (
        {row["id"]: row for row in rows} for rows in (images, categories, institutions)
    )
    expected = [
        (
            str(row["image_id"]),
            "train/" + image[row["image_id"]]["file_name"],
            category[row["category_id"]]["name"],
            category[row["category_id"]]["name"].split()[0],
            category[row["category_id"]]["family"],
            category[row["category_id"]]["order"],
            institution[row[key]]["name"],
            "",
            ("CC0", "https://example.org/by")[image[row["image_id"]]["license"]],
        )
        for row in annotations
    ]
    table = read_half_earth(folder)
    assert list(table.itertuples(index=False, name=None)) == expected
    assert (table.dtypes == "str").all()


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(BadInput, match=r"is missing: set `data`.*herbnb data pocket"):
        read_half_earth(tmp_path)
