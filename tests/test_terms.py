"""The one table of terms, for whatever a file calls its columns."""

import re

import pandas as pd
import pytest

from conftest import REAL_RECORDS, on_real_records
from herbnb.data.records import terms
from herbnb.errors import BadInput
from herbnb.specimens import RECORD


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("dwc:genus", "genus"),
        ("genus", "genus"),
        ("Genus ", "genus"),
        ("http://rs.tdwg.org/dwc/terms/genus", "genus"),
        ("http://ns.adobe.com/xap/1.0/rights/WebStatement", "webstatement"),
        ("http://example.org/terms#Genus", "genus"),
        ("\ufeffgbifID", "gbifid"),
        ("Scientific name", "scientificname"),
        ("image_id", "imageid"),
        ("", ""),
    ],
)
def test_a_term_is_known_by_its_local_name(column, name):
    assert terms.local_name(column) == name


def test_the_herbariums_own_words_come_before_those_derived_from_them():
    where = terms.whereabouts(
        ["idigbio:eventDate", "dwc:verbatimEventDate", "dwc:eventDate"], terms.OCCURRENCE
    )
    assert where["event_date"] == [2, 0, 1]
    where = terms.whereabouts(["genus", "genericName"], terms.OCCURRENCE)
    assert where["genus"] == [1, 0]


def test_every_word_of_a_record_is_found_by_the_term_it_is_called_after():
    darwin_core = [re.sub("_(.)", lambda found: found[1].upper(), column) for column in RECORD]
    assert {"catalogNumber", "identifiedBy", "stateProvince", "references"} < {*darwin_core}
    for prefix in ("", "dwc:", "dcterms:", "http://rs.tdwg.org/dwc/terms/", "http://purl.org/dc/terms/"):
        where = terms.whereabouts([prefix + name for name in darwin_core], terms.OCCURRENCE)
        assert [where[column] for column in RECORD] == [[number] for number in range(len(RECORD))]


def test_row_by_row_the_first_filled_value_is_taken():
    table = pd.DataFrame({0: ["", "b", ""], 1: ["x", "y", ""]})
    found = terms.under_our_names(table, {"event_date": [0, 1], "genus": []})
    assert list(found["event_date"]) == ["x", "b", ""]
    assert list(found["genus"]) == ["", "", ""]


def test_a_column_that_is_not_there_is_named_with_the_terms_that_would_do():
    where = terms.whereabouts(["dwc:family"], terms.OCCURRENCE)
    with pytest.raises(
        BadInput, match=r"x\.csv lacks the column 'genus'.*genericname, genus, scientificname"
    ):
        terms.demand(where, terms.OCCURRENCE, [["genus", "name"]], "x.csv")
    terms.demand(where, terms.OCCURRENCE, [["genus", "family"]], "x.csv")


@on_real_records
def test_the_columns_of_a_download_of_today_are_known():
    lines = (REAL_RECORDS / "idigbio-columns-today.txt").read_text("utf-8").splitlines()
    files, name = {}, ""
    for line in lines:
        if line.startswith("  "):
            files[name].append(line.strip())
        elif line:
            name = line
            files[name] = []
    occurrence = terms.whereabouts(files["occurrence.csv"], terms.OCCURRENCE)
    blank = {"record_licence", "associated", "other_catalog_numbers", "identified_by", "date_identified"}
    blank |= {"identification_qualifier", "previous_identifications", "references"}
    assert {ours for ours in terms.OCCURRENCE if not occurrence[ours]} == blank
    written = terms.whereabouts(files["occurrence_raw.csv"], terms.OCCURRENCE)
    assert all(written[ours] for ours in (*RECORD, "coreid"))
    named = {ours: files["occurrence_raw.csv"][written[ours][0]] for ours in RECORD}
    assert named["references"] == "dcterms:references" and named["identified_by"] == "dwc:identifiedBy"
    assert named["scientific_name"] == "symbiota:verbatimScientificName"
    first = {ours: files["occurrence.csv"][numbers[0]] for ours, numbers in occurrence.items() if numbers}
    assert first["barcode"] == "idigbio:barcodeValue" and first["event_date"] == "dwc:eventDate"
    multimedia = terms.whereabouts(files["multimedia.csv"], terms.MULTIMEDIA)
    blank = ("best", "identifier", "good", "rights_holder")
    assert all(multimedia[ours] for ours in terms.MULTIMEDIA if ours not in blank)
