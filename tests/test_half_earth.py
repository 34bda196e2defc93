"""The Half-Earth layout; how its metadata may be spoilt stands in the table of `torture/metadata.py`."""

import copy
import json

import numpy as np
import pytest

from herbnb.data.half_earth import read_half_earth
from herbnb.errors import BadInput
from torture.metadata import METADATA, spoilt, written


def test_rows_are_joined_on_the_image_and_not_on_the_annotation(tmp_path):
    table = read_half_earth(written(tmp_path, METADATA)).set_index("image_id")
    assert table.loc["70", "species"] == "Acer rubrum"
    assert table.loc["71", ["genus", "family", "institution"]].tolist() == ["Poa", "Poaceae", "Kew"]
    assert table.loc["70", "path"] == "train/images/000/00/70.jpg"
    assert table["licence"].str.startswith("CC0 ").all()


def test_the_institution_may_be_called_a_region(tmp_path):
    renamed = json.dumps(METADATA).replace("institution_id", "region_id")
    assert read_half_earth(written(tmp_path, renamed))["institution"].tolist() == ["NY", "Kew"]


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
