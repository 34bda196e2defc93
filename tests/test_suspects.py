"""The list that a person is asked about: which run it is from, what lies beside each sheet, and the page's data."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from conftest import row
from herbnb.cabinet import list_card, page, pictures
from herbnb.cabinet.page import names_of, read_checklist, write_page
from herbnb.cabinet.pictures import make_pictures
from herbnb.cabinet.suspects import Suspects, determined, facts
from herbnb.cli import main
from herbnb.errors import BadInput
from herbnb.results import Results
from herbnb.tables import write_table

HOSTILE = "Acer \"x\" </script><script>alert(1)</script> 'é' \u2028 ٣"
NAMES = {
    "0012": "Acer rubrum",
    "0013": "Acer saccharum",
    "0014": HOSTILE,
    "0015": "Rosa canina",
    "0016": "Rosa gallica",
    "0017": "Rosa sp.",
    "0018": "Betula nigra",
    "0019": "Acer rubrum",
}


def specimens() -> pd.DataFrame:
    """Eight sheets: two gatherings with a duplicate each under another name, and one with the same name."""
    table = pd.DataFrame([row(image, "collection", name) for image, name in NAMES.items()])
    gathering = {"0012": "a|1|1900", "0018": "a|1|1900", "0015": "b|2|1901", "0017": "b|2|1901"}
    gathering |= {"0013": "c|3|1902", "0016": "c|3|1902"}
    table["gathering"] = table["image_id"].map(gathering).fillna("")
    table["previous_identifications"] = table["image_id"].map({"0012": f"Betula nigra, 1890 | {HOSTILE}"})
    return table.assign(occurrence_id="urn:" + table["image_id"], family=table["genus"].str.upper())


def listed() -> pd.DataFrame:
    """Four of them are doubted; ids are digits, as those of the Half-Earth data."""
    ids = ["0012", "0014", "0015", "0019"]
    table = pd.DataFrame(
        {"image_id": ids, "given": "Acer", "suggested": "Rosa", "score": [0.9, 0.8, 0.7, 0.6]}
    )
    table = table.assign(
        occurrence_id="",
        judged_by="both",
        standing=["type, specialist", "", "", ""],
        path="x",
        reason="3 of its 5 nearest bear Rosa",
        named_at=["genus", "family", "nothing", ""],
        named=["Rosa", "ACER", "", ""],
        sure=[0.84, 0.9123, 1.0, np.nan],
    )
    return table.assign(neighbour_1=["0015", "0016", "", "0016"], neighbour_2=["0016", "", "", ""])


COVERAGE = pd.DataFrame(
    {"share": [0.5, 1.0], "right": [0.75, 0.625], "low": [0.2, 0.25], "high": [1.0, 0.9], "sheets": [4, 8]}
).assign(sure=[0.8, 0.3])


@pytest.fixture
def here(tmp_path):
    """A run with the collection `mine`, its images and its list."""
    here = Results(tmp_path / "results")
    table = specimens()
    rng = np.random.default_rng(89)
    for path in table["path"]:
        picture = Image.fromarray(rng.integers(0, 255, (90, 60, 3), dtype=np.uint8)).resize((600, 900))
        (here.folder / "mine").mkdir(parents=True, exist_ok=True)
        picture.save(here.folder / "mine" / path)
    here.write("collection", table, collection="mine")
    here.write("your_review_list", listed(), collection="mine")
    here.write("your_review_card", list_card(here, "mine", "imagenet", 89), collection="mine")
    here.write("your_coverage", COVERAGE, collection="mine")
    return here


def data_of(folder) -> dict:
    """What the page gets."""
    text = (folder / "review_data.js").read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r'herbnb\.take\("review",(.*)\);\n', text, re.DOTALL)[1])


def test_ids_stay_text_and_each_sheet_has_its_neighbours(here):
    found = Suspects(here, "mine").listed.set_index("image_id")
    assert found.loc["0012", "neighbours"] == ["0015", "0016"]
    assert found.loc["0014", "neighbours"] == ["0016"] and found.loc["0015", "neighbours"] == []


def test_the_page_says_how_far_each_sheet_would_be_named(here):
    found = Suspects(here, "mine").listed.set_index("image_id")["as_far"]
    assert found["0012"] == "genus Rosa, with a probability of 0.84"
    assert found["0014"] == "family ACER, with a probability of 0.91"
    assert found["0015"] == "nothing" and found["0019"] == "" and found["0018"] == ""


def test_duplicates_under_other_names_come_onto_the_list(here):
    found = Suspects(here, "mine").listed.set_index("image_id")
    assert set(found.index) == {"0012", "0014", "0015", "0019", "0018", "0013", "0016"}
    assert found.loc["0018", "judged_by"] == "duplicate" and np.isnan(found.loc["0018", "score"])
    assert found.loc["0012", "duplicates"] == ["0018"] and found.loc["0012", "split"]
    assert found.loc["0013", "split"] and not found.loc["0014", "split"]
    assert "0017" not in found.index and not found.loc["0015", "split"]  # one name stops at the genus


def test_a_list_without_a_card_of_another_collection_or_table_is_refused(here):
    with pytest.raises(BadInput, match=r"run chapter your_herbarium first"):
        Suspects(here, "yours")
    with pytest.raises(BadInput, match="half_earth is the run's own herbarium"):
        Suspects(here, "half_earth")
    card = here.read("your_review_card", collection="mine")
    here.write("your_review_card", card | {"collection": "kew"}, collection="mine")
    with pytest.raises(BadInput, match="says that the list is of kew, not of mine"):
        Suspects(here, "mine")
    here.write("your_review_card", {"collection": "mine"}, collection="mine")
    with pytest.raises(BadInput, match="is no card of a review list"):
        Suspects(here, "mine")
    here.write("your_review_card", card, collection="mine")
    here.write("collection", specimens().assign(institution="K"), collection="mine")
    with pytest.raises(BadInput, match=r"specimens\.parquet has changed since the review list was made"):
        Suspects(here, "mine")
    here.path("your_review_card", collection="mine").unlink()
    with pytest.raises(BadInput, match=r"review_card\.json is missing: run chapter your_herbarium first"):
        Suspects(here, "mine")


def test_kews_list_is_the_one_of_mislabels(here):
    here.write("collection", specimens(), collection="kew")
    here.write("review_list", listed())
    here.write("review_card", list_card(here, "kew", "triplet", 7))
    here.write("coverage", COVERAGE)
    found = Suspects(here, "kew")
    assert (found.run.network, found.run.seed) == ("triplet", 7)
    assert found.image("0012") == here.folder / "kew" / "0012.jpg"


def test_what_the_table_knows_of_a_sheet_is_told_and_nothing_else(here):
    suspects = Suspects(here, "mine")
    bare = suspects.specimens.loc["0012"].to_dict()
    assert determined(bare) == "" and facts(bare) == {}
    known = bare | {"identified_by": "Skeels", "date_identified": "1912", "identification_qualifier": "cf."}
    assert determined(known) == "as cf. Acer rubrum, by Skeels, 1912"
    assert determined(known | {"identification_qualifier": ""}) == "by Skeels, 1912"
    known |= {"recorded_by": "Muir", "record_number": "7", "type_status": "isotype", "country": "Chile"}
    assert facts(known) == {"collected": "Muir, 7", "from": "Chile", "type": "isotype"}


def test_the_page_gets_earlier_determinations_one_by_one(here, tmp_path):
    write_page(Suspects(here, "mine"), tmp_path / "page")
    earlier = {image: sheet["earlier"] for image, sheet in data_of(tmp_path / "page")["sheets"].items()}
    assert earlier.pop("0012") == ["Betula nigra, 1890", HOSTILE]
    assert set(map(len, earlier.values())) == {0}


def test_the_folder_has_a_page_its_data_and_pictures_of_the_list_alone(here, tmp_path):
    suspects = Suspects(here, "mine")
    write_page(suspects, tmp_path / "page")
    data = data_of(tmp_path / "page")
    assert set(data["sheets"]) == set(suspects.mentioned()) == set(NAMES)
    assert data["sheets"]["0014"]["name"] == HOSTILE
    assert (data["collection"], data["run"]["network"]) == ("mine", "imagenet")
    asked = {each["id"]: each for each in data["listed"]}
    assert set(asked) == set(suspects.listed["image_id"]) and asked["0018"]["suspicion"] is None
    made = {path.name for path in (tmp_path / "page" / "pictures").iterdir()}
    large = {each["picture"] for each in asked.values()}
    small = {each["picture"] for each in data["sheets"].values()}
    assert made == large | small and len(large) == len(asked) and len(small) == len(NAMES)
    with Image.open(tmp_path / "page" / "pictures" / asked["0012"]["picture"]) as picture:
        assert (picture.size, picture.format) == ((600, 900), "JPEG")  # never made larger
    with Image.open(tmp_path / "page" / "pictures" / data["sheets"]["0012"]["picture"]) as picture:
        assert picture.size == (267, 400)
    assert {"review.html", "review.css", "review.js"} <= {path.name for path in (tmp_path / "page").iterdir()}


def test_no_name_ends_a_script(here, tmp_path):
    write_page(Suspects(here, "mine"), tmp_path / "page", [HOSTILE])
    for name in ("review_data.js", "review_names.js"):
        text = (tmp_path / "page" / name).read_text(encoding="utf-8")
        assert "<" not in text and "\u2028" not in text and "alert(1)" in text


def test_pictures_are_made_once_and_again_when_the_image_changes(here, tmp_path, monkeypatch):
    write_page(Suspects(here, "mine"), tmp_path / "page")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "page" / "pictures").iterdir()}
    opened = []
    decoded = pictures.decoded
    monkeypatch.setattr(
        pictures, "decoded", lambda path, size: opened.append(path.name) or decoded(path, size)
    )
    write_page(Suspects(here, "mine"), tmp_path / "page")
    assert opened == []
    Image.new("RGB", (90, 60)).save(here.folder / "mine" / "0012.jpg")
    write_page(Suspects(here, "mine"), tmp_path / "page")
    assert opened == ["0012.jpg"]
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())


def test_a_broken_image_is_told_on_the_page_and_stops_nothing(here, tmp_path):
    (here.folder / "mine" / "0012.jpg").write_bytes(b"no image")
    (here.folder / "mine" / "0013.jpg").unlink()
    result = CliRunner().invoke(main, ["review", "mine", "--results", str(here.folder)])
    assert result.exit_code == 0, result.output
    folder = here.folder / "mine" / "review"
    assert result.output.splitlines() == [
        f"7 sheets to review: open {folder / 'review.html'}",
        "2 sheets have no picture; the first: 0012.jpg is not an image.",
    ]
    sheets = data_of(folder)["sheets"]
    assert sheets["0012"]["fault"] == "0012.jpg is not an image" and sheets["0012"]["picture"] == ""
    assert sheets["0013"]["fault"] == "0013.jpg is missing"


def test_pictures_that_cannot_be_written_are_one_sentence(here, tmp_path):
    (tmp_path / "full").write_text("a file")
    with pytest.raises(BadInput, match="cannot be written"):
        make_pictures({here.folder / "mine" / "0012.jpg": [40]}, tmp_path / "full")


def test_an_empty_list_has_no_page(here, tmp_path):
    here.write("collection", specimens().assign(gathering=""), collection="mine")
    here.write("your_review_list", listed().head(0), collection="mine")
    here.write("your_review_card", list_card(here, "mine", "imagenet", 89), collection="mine")
    with pytest.raises(BadInput, match="has no sheet to review: no name is doubted"):
        write_page(Suspects(here, "mine"), tmp_path / "page")


def test_names_are_offered_from_the_collection_and_a_checklist(tmp_path):
    (tmp_path / "names.txt").write_text("\ufeffZea  mays\n\nAcer rubrum\n", encoding="utf-8")
    offered = names_of(specimens(), read_checklist(tmp_path / "names.txt"))
    assert offered[-1] == "Zea mays" and offered.count("Acer rubrum") == 1
    assert {"ROSA", "Rosa", "Rosa canina"} < set(offered) and "Rosa sp." not in offered
    write_table(pd.DataFrame({"taxonID": [1], "dwc:scientificName": ["Zea mays L."]}), tmp_path / "names.csv")
    assert read_checklist(tmp_path / "names.csv") == ["Zea mays L."]


def test_a_checklist_without_names_is_refused(tmp_path):
    (tmp_path / "names.txt").write_text("\n \n")
    with pytest.raises(BadInput, match=r"names\.txt holds no name"):
        read_checklist(tmp_path / "names.txt")
    (tmp_path / "names.csv").write_text("id,colour\n1,red\n")
    with pytest.raises(BadInput, match=r"names\.csv lacks the column 'name'"):
        read_checklist(tmp_path / "names.csv")
    with pytest.raises(BadInput, match="cannot be read as a list of names"):
        read_checklist(tmp_path / "none.txt")


def test_the_page_names_only_files_that_are_beside_it(here, tmp_path):
    write_page(Suspects(here, "mine"), tmp_path / "page")
    text = (tmp_path / "page" / page.PAGE).read_text(encoding="utf-8")
    for name in re.findall(r'(?:src|href)="([^"#]+)"', text):
        assert name == "data:," or (tmp_path / "page" / name).exists(), name
