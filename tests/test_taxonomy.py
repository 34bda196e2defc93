"""Families and orders from a table that the reader gives."""

import pandas as pd
import pytest

from herbnb.data.records.taxonomy import fill_ranks, read_taxonomy
from herbnb.errors import BadInput

TAXONOMY = pd.DataFrame(
    [
        ("Acer", "Sapindaceae", "Sapindales"),
        ("acer", "Sapindaceae", "Sapindales"),
        ("Quercus", "Fagaceae", ""),
        ("Drymaria", "Caryophyllaceae", "Caryophyllales"),
        ("Ammophila", "Poaceae", "Poales"),
        ("Ammophila", "Sphecidae", "Hymenoptera"),
        ("Torn", "Tornaceae", "Aales"),
        ("Torn", "Tornaceae", "Bales"),
    ],
    columns=["genus", "family", "order"],
)


def fill(*rows, taxonomy=TAXONOMY):
    specimens = pd.DataFrame(rows, columns=["genus", "family", "order"], dtype=str)
    specimens.insert(0, "image_id", [f"i{n}" for n in range(len(rows))])
    filled, report = fill_ranks(specimens, taxonomy)
    assert list(filled.columns) == list(specimens.columns) and len(filled) == len(specimens)
    assert list(report.columns) == ["image_id", "problem"]
    ranks = [tuple(row) for row in filled[["family", "order"]].to_numpy()]
    return ranks, dict(zip(report["image_id"], report["problem"], strict=True))


def test_blank_and_unknown_ranks_are_filled_whatever_the_case_of_the_genus():
    ranks, report = fill(("Acer", "", ""), ("ACER", "unknown", "Unknown"), ("Acer", "Sapindaceae", ""))
    assert ranks == [("Sapindaceae", "Sapindales")] * 3 and report == {}


def test_what_a_record_says_is_never_changed_and_a_contradiction_is_reported():
    ranks, report = fill(("Acer", "Aceraceae", ""), ("Acer", "Sapindaceae", "Rutales"))
    assert ranks == [("Aceraceae", "unknown"), ("Sapindaceae", "Rutales")]
    assert report == {"i0": "the record has Acer in Aceraceae, the taxonomy in Sapindaceae"}


def test_a_homonym_is_reported_and_left_unless_the_record_says_which():
    ranks, report = fill(("Ammophila", "", ""), ("Ammophila", "poaceae", ""))
    assert ranks == [("unknown", "unknown"), ("poaceae", "Poales")]
    assert report == {
        "i0": "Ammophila is a genus of Poaceae and of Sphecidae: write the family into the record"
    }


def test_what_stays_blank_is_unknown_and_reported():
    ranks, report = fill(
        ("Quercus", "", ""), ("Nobody", "", ""), ("Torn", "", ""), ("Nobody", "Xaceae", "Xales")
    )
    assert ranks[:2] == [("Fagaceae", "unknown"), ("unknown", "unknown")]
    assert ranks[2:] == [("Tornaceae", "unknown"), ("Xaceae", "Xales")]
    assert report["i0"] == "the order of Quercus is unknown: give a taxonomy with that genus"
    assert report["i1"].startswith("the family and order of Nobody is unknown")
    assert "Aales and Bales" in report["i2"] and len(report) == 3


def test_without_a_taxonomy_nothing_is_filled():
    ranks, report = fill(("Acer", "", ""), ("<script>", "", "x"), taxonomy=None)
    assert ranks == [("unknown", "unknown"), ("unknown", "x")] and len(report) == 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_taxonomy_is_read_from_a_file(tmp_path, separator):
    path = tmp_path / "taxonomy.csv"
    path.write_text(
        "Order;Genus;Family;note\nSapindales;Acer;Sapindaceae;\n".replace(";", separator), "utf-8"
    )
    table = read_taxonomy(path)
    assert list(table.iloc[0]) == ["Acer", "Sapindaceae", "Sapindales"]


@pytest.mark.parametrize(
    ("text", "said"), [("genus,family\nAcer,x\n", "lacks the column 'order'"), ("", "is empty")]
)
def test_a_taxonomy_that_is_none_is_refused(tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(BadInput, match=said):
        read_taxonomy(tmp_path / "t.csv")
    with pytest.raises(BadInput, match="missing"):
        read_taxonomy(tmp_path / "nowhere.csv")
