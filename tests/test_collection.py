"""Collections: read from either layout, written with only the images that came, counted on a card."""

import pandas as pd
import pytest

from herbnb.data.collection import data_card, read_collection, write_collection
from herbnb.errors import BadInput
from herbnb.specimens import COLUMNS

STEPS = pd.DataFrame({"step": ["described", "with an address"], "images": [5, 3]})


def sheets(count=3):
    ids = [f"K{i}" for i in range(count)]
    return pd.DataFrame(
        {
            "image_id": ids,
            "path": [f"images/{i}.jpg" for i in ids],
            "species": ["Syzygium jambos", "Syzygium samarangense", "Eugenia uniflora"][:count],
            "genus": ["Syzygium", "Syzygium", "Eugenia"][:count],
            "family": "Myrtaceae",
            "order": "Myrtales",
            "institution": ["K", "K", "NY"][:count],
            "split": "collection",
            "licence": ["CC0", "", ""][:count],
            "urls": [["http://a.example"]] * count,
        }
    )


def failed(*ids):
    return pd.DataFrame({"image_id": list(ids), "reason": ["404 Not Found"] * len(ids)})


def test_a_collection_holds_the_sheets_that_came(tmp_path):
    written = write_collection(tmp_path, sheets(), STEPS, failed("K1"))
    read = read_collection(tmp_path)
    assert list(written["image_id"]) == list(read["image_id"]) == ["K0", "K2"]
    assert tuple(read.columns) == COLUMNS


def test_the_card_counts_steps_taxa_institutions_licences_and_failures(tmp_path):
    write_collection(tmp_path, sheets(), STEPS, failed("K1"))
    card = pd.read_csv(tmp_path / "card.csv").set_index(["of", "name"])["count"].to_dict()
    assert card == {
        ("step", "described"): 5,
        ("step", "with an address"): 3,
        ("rank", "species"): 2,
        ("rank", "genus"): 2,
        ("rank", "family"): 1,
        ("rank", "order"): 1,
        ("institution", "K"): 1,
        ("institution", "NY"): 1,
        ("licence", "CC0"): 1,
        ("licence", "none stated"): 1,
        ("failure", "404 Not Found"): 1,
    }


def test_when_no_image_came_the_commonest_reason_is_said_and_the_card_is_there(tmp_path):
    with pytest.raises(BadInput, match=r"None of the 3 images .*404 Not Found.*card\.csv"):
        write_collection(tmp_path, sheets(), STEPS, failed("K0", "K1", "K2"))
    assert (tmp_path / "card.csv").exists() and not (tmp_path / "specimens.parquet").exists()


def test_the_half_earth_layout_is_a_collection_too(pocket):
    found = read_collection(pocket)
    assert len(found) == len(list((pocket / "train" / "images").rglob("*.jpg")))
    assert data_card(found, STEPS, failed()).query("of == 'institution'")["count"].sum() == len(found)


def test_a_folder_that_is_neither_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"metadata\.json is missing"):
        read_collection(tmp_path)
