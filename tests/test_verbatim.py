"""Verbatim: the words of the herbarium, beside the reading of a portal."""

import pandas as pd
import pytest

from herbnb.data.records import terms
from herbnb.data.records.idigbio import read_records
from herbnb.data.records.selection import choose_specimens
from herbnb.data.records.verbatim import in_its_own_words, verbatim_beside
from herbnb.errors import BadInput


def records(*rows):
    return pd.DataFrame(rows, columns=list(terms.OCCURRENCE), dtype=object).fillna("").astype(str)


def test_the_herbarium_fills_what_the_portal_leaves_out_and_gives_the_capitals_back():
    portal = records(
        dict(coreid="a", recorded_by="a. nettle", event_date="1901-02-03", scientific_name="acer"),
        dict(coreid="b", recorded_by="B. Sorrel", type_status="isotype", genus="Acer"),
        dict(coreid="c", recorded_by="C. Tansy", identified_by="C. Tansy"),
    )
    written = records(
        dict(coreid="b", recorded_by="", type_status="Isotype of Acer", genus="Poa", country="Fiji"),
        dict(coreid="a", recorded_by="A. Nettle", event_date="3.2.1901", scientific_name="Acer cf. rubrum"),
        dict(coreid="a", recorded_by="A. NETTLE"),
        dict(coreid="z", recorded_by="Z. Zinnia"),
    )
    own = in_its_own_words(portal.set_axis([7, 8, 9]), written)
    assert list(own.index) == [7, 8, 9] and list(own.columns) == list(portal.columns)
    assert list(own["recorded_by"]) == ["A. Nettle", "B. Sorrel", "C. Tansy"]
    assert own.loc[7, "scientific_name"] == "Acer cf. rubrum"
    assert own.loc[7, "event_date"] == "1901-02-03", "a portal reads dates"
    assert own.loc[8, "type_status"] == "isotype", "another word is no spelling of it"
    assert own.loc[8, ["country", "genus"]].tolist() == ["Fiji", "Acer"]
    assert own.loc[9, ["identified_by", "country"]].tolist() == ["C. Tansy", ""]


def test_the_file_beside_is_that_of_idigbio_or_of_gbif(tmp_path):
    assert verbatim_beside(tmp_path / "occurrence.csv") is None
    (tmp_path / "verbatim.txt").touch()
    assert verbatim_beside(tmp_path / "occurrence.csv") is None
    assert verbatim_beside(tmp_path / "occurrence.txt") == tmp_path / "verbatim.txt"
    (tmp_path / "search_raw.csv").touch()
    assert verbatim_beside(tmp_path / "search.csv") == tmp_path / "search_raw.csv"


OCCURRENCE = "coreid,dwc:institutionCode,dwc:catalogNumber,dwc:genus,dwc:recordedBy,dwc:recordNumber"
RAW = "coreid,dwc:institutionCode,dwc:identifiedBy,dwc:recordedBy,dwc:scientificName,dcterms:references"


def download(folder, *raw):
    (folder / "occurrence.csv").write_text(f"{OCCURRENCE}\na,k,k1,acer,a. nettle,7\nb,k,k2,acer,,\n")
    (folder / "multimedia.csv").write_text(
        "coreid,ac:accessURI\na,http://x.example/1\nb,http://x.example/2\n"
    )
    if raw:
        (folder / "occurrence_raw.csv").write_text("\n".join(raw) + "\n", "utf-8")
    found = read_records(folder / "occurrence.csv", folder / "multimedia.csv")
    return choose_specimens(found, basis="")[0]


def test_a_download_says_who_named_a_specimen_where_its_third_file_is_there(tmp_path):
    alone = download(tmp_path)
    assert set(alone["identified_by"]) == {""} and list(alone["recorded_by"]) == ["a. nettle", ""]
    row = "a,K,M. E. Sundew (K),A. Nettle,Acer rubrum L.,http://k.example/1"
    whole = download(tmp_path, RAW, row)
    assert list(whole["identified_by"]) == ["M. E. Sundew (K)", ""]
    assert list(whole["recorded_by"]) == ["A. Nettle", ""]
    assert list(whole["institution_code"]) == ["K", "k"]
    assert list(whole["scientific_name"]) == ["Acer rubrum L.", "acer"]
    assert list(whole["references"]) == ["http://k.example/1", ""]
    derived = ["image_id", "species", "genus", "institution", "gathering"]
    pd.testing.assert_frame_equal(whole[derived], alone[derived])


def test_a_third_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"occurrence_raw\.csv lacks the column 'coreid'"):
        download(tmp_path, "dwc:identifiedBy", "M. E. Sundew")
