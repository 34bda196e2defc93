"""Own collection: adopted by a run without being touched, counted, and asked for one sheet."""

import pandas as pd
import pytest

from herbnb.applications.own_collection import adopt, collection_card, sheet_to_show
from herbnb.errors import BadInput
from herbnb.specimens import COLUMNS, read_specimens


@pytest.fixture
def mine():
    """Twelve sheets: ten of two genera, one of a third, and one of a genus nobody expects."""
    genus = ["Poa"] * 5 + ["Carex"] * 5 + ["Rosa", "<script>alert(1)</script>"]
    ids = [f"S{n}" for n in range(11)] + ["../../etc/passwd"]
    table = pd.DataFrame({"image_id": ids, "path": [f"images/{n}.jpg" for n in range(12)], "genus": genus})
    return table.assign(species=table["genus"] + " sp.", family="F", order="O", institution="K")


def test_the_table_is_kept_with_paths_that_open_from_anywhere(mine, tmp_path):
    folder = tmp_path / "mine"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "0.jpg").touch()
    mine.loc[1, "path"] = str(tmp_path / "elsewhere" / "1.jpg")
    table = adopt(mine.assign(split="train"), folder, tmp_path / "results", "her-plants_2")
    kept = read_specimens(tmp_path / "results" / "her-plants_2" / "specimens.parquet")
    pd.testing.assert_frame_equal(kept, table)
    assert tuple(kept.columns) == COLUMNS and set(kept["split"]) == {"collection"}
    assert kept["path"][0] == (folder / "images" / "0.jpg").as_posix()
    assert kept["path"][1] == mine.loc[1, "path"]
    assert [path.name for path in folder.iterdir()] == ["images"]


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", ".hidden", "half_earth", "KEW", "features", "a" * 65, "é"]
)
def test_a_name_that_would_lead_astray_is_refused(mine, tmp_path, name):
    with pytest.raises(BadInput, match="name is"):
        adopt(mine, tmp_path, tmp_path / "results", name)
    assert not (tmp_path / "results").exists()


def test_the_collections_own_folder_is_not_written_to(mine, tmp_path):
    with pytest.raises(BadInput, match="the folder of the collection itself"):
        adopt(mine, tmp_path / "results" / "mine", tmp_path / "results", "mine")


def test_the_card_counts_what_is_there_and_what_training_has_shown(mine):
    mine["gathering"] = [""] * 9 + ["hill|1|"] * 3
    trained_on = pd.DataFrame(
        {"image_id": ["S0", "T1"], "species": ["Poa sp.", "Rosa x"], "genus": ["Poa", "Rosa"]}
    )
    card = collection_card(mine, trained_on).set_index("what")["count"]
    assert card["images"] == 12 and card["gatherings"] == 10 and card["genera"] == 4
    assert card["genera that training has shown"] == 2 and card["genera that it has not"] == 2
    assert card["images of these"] == 6 and card["images that training itself has used"] == 1
    assert card["genera large enough for a regression"] == 2 and card["images of smaller ones"] == 2


def test_the_sheet_to_show_is_the_one_named_else_the_most_suspect_else_the_first(mine):
    listed = mine.iloc[[7, 3]]
    assert sheet_to_show(mine, listed, "S2") == "S2"
    assert sheet_to_show(mine, listed, "") == "S7"
    assert sheet_to_show(mine, listed.head(0), "") == "S0"
    with pytest.raises(BadInput, match=r"sheet is 'S99'.*such as 'S0'"):
        sheet_to_show(mine, listed, "S99")
