import copy
import json

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
        ("[]", "holds a list, not an object"),
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
    ],
)
def test_hostile_metadata_gets_one_sentence_with_file_and_row(tmp_path, metadata, message):
    with pytest.raises(BadInput, match=message.replace("(", r"\(").replace("..", r"\.\.")) as caught:
        read_half_earth(written(tmp_path, metadata))
    assert "metadata.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(BadInput, match=r"is missing: set `data`.*herbnb pocket"):
        read_half_earth(tmp_path)
