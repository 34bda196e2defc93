"""Collections: read from either layout, written with only what came, counted on a card, adopted by a run."""

import pandas as pd
import pytest

from herbnb.data.collection import adopt, data_card, read_collection, write_collection
from herbnb.errors import BadInput
from herbnb.results import Results, images_of
from herbnb.specimens import COLUMNS, read_specimens

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


@pytest.fixture
def scans(tmp_path):
    """A folder of a collection, with its table and its images."""
    folder = tmp_path / "mine"
    (folder / "images").mkdir(parents=True)
    return folder


def test_the_table_that_a_run_keeps_says_the_same_on_any_machine(mine, scans, tmp_path):
    here = Results(tmp_path / "results")
    table = adopt(mine.assign(split="train"), scans, here, "her-plants_2")
    kept = read_specimens(tmp_path / "results" / "her-plants_2" / "specimens.parquet")
    pd.testing.assert_frame_equal(kept, table)
    assert tuple(kept.columns) == COLUMNS and set(kept["split"]) == {"collection"}
    assert kept["path"].tolist() == mine["path"].tolist()
    assert images_of(here, "her-plants_2") == scans
    assert [path.name for path in scans.iterdir()] == ["images"]


def test_images_that_lie_elsewhere_are_found_from_the_folder_that_they_share(mine, scans, tmp_path):
    here, home = Results(tmp_path / "results"), tmp_path / "home" / "ada"
    mine["path"] = [str(home / "scans" / f"{n % 2}" / f"{n}.jpg") for n in range(len(mine))]
    table = adopt(mine, scans, here, "hers")
    assert table["path"][:2].tolist() == ["0/0.jpg", "1/1.jpg"]
    assert images_of(here, "hers") == home / "scans"


def test_where_nobody_says_where_images_are_they_are_in_the_run(tmp_path):
    assert images_of(Results(tmp_path), "kew") == tmp_path / "kew"


def test_images_on_two_drives_are_refused(monkeypatch, mine, scans, tmp_path):
    def apart(paths):
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr("os.path.commonpath", apart)
    mine.loc[0, "path"] = str(tmp_path / "0.jpg")
    with pytest.raises(BadInput, match="mine has its images on several drives: bring them onto one"):
        adopt(mine, scans, Results(tmp_path / "results"), "hers")


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", ".hidden", "half_earth", "KEW", "features", "a" * 65, "é"]
)
def test_a_name_that_would_lead_astray_is_refused(mine, tmp_path, name):
    with pytest.raises(BadInput, match="name is"):
        adopt(mine, tmp_path, Results(tmp_path / "results"), name)
    assert not (tmp_path / "results").exists()


def test_the_collections_own_folder_is_not_written_to(mine, tmp_path):
    with pytest.raises(BadInput, match="the folder of the collection itself"):
        adopt(mine, tmp_path / "results" / "mine", Results(tmp_path / "results"), "mine")
