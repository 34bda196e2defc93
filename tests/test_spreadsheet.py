"""A spreadsheet of names and a folder of images."""

import re

import pytest

from conftest import ROOT
from herbnb.data.records.spreadsheet import read_spreadsheet
from herbnb.errors import BadInput
from herbnb.specimens import RECORD, check_specimens


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    names = [
        "K000123.jpg",
        "K000124.JPG",
        "sub/K000125.tif",
        "a/one.jpg",
        "b/one.jpg",
        "c/Two.png",
        "c/two.jpg",
    ]
    for name in [*names, "notes.txt", ".hidden.jpg"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    (tmp_path / "secret.jpg").write_bytes(b"")
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    return folder


def table(folder, *lines, separator=",", encoding="utf-8"):
    path = folder / "table.csv"
    path.write_bytes(("\n".join(lines) + "\n").replace(",", separator).encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_and_its_images_become_specimens(tmp_path, images, separator, encoding):
    csv = table(
        tmp_path,
        "File,Scientific name,Family,Institution code,Licence",
        "K000123.jpg,Acer rubrum L.,Sapindaceae,K,CC0",
        "sub/K000125.tif,ACER × FREEMANII,,,",
        separator=separator,
        encoding=encoding,
    )
    specimens, steps, missing = read_spreadsheet(csv, images, institution="HOME")
    assert list(specimens["image_id"]) == ["K000123", "SUB-K000125"]
    assert list(specimens["path"]) == ["K000123.jpg", "sub/K000125.tif"]
    assert list(specimens["species"]) == ["Acer rubrum", "Acer freemanii"]
    assert list(specimens["institution"]) == ["K", "HOME"]
    assert list(specimens["family"]) == ["Sapindaceae", "unknown"]
    assert list(specimens["licence"]) == ["CC0", ""]
    assert check_specimens(specimens, csv)["split"].eq("collection").all()
    assert list(steps["images"]) == [2, 2, 2] and missing.empty


def test_a_barcode_is_enough_where_one_file_fits(tmp_path, images):
    csv = table(
        tmp_path,
        "barcode,genus,species",
        "K000123,Acer,rubrum",
        "k000124,Acer,Acer rubrum",
        "K000125,Acer,sp.",
        "one,Acer,rubrum",
        "two,Acer,rubrum",
        "K000999,Acer,rubrum",
        "link,Acer,rubrum",
        "hidden,Acer,rubrum",
        "notes,Acer,rubrum",
        ",Acer,rubrum",
    )
    specimens, steps, missing = read_spreadsheet(csv, images)
    assert list(specimens["path"]) == ["K000123.jpg", "K000124.JPG", "sub/K000125.tif"]
    assert list(specimens["image_id"]) == ["K000123", "K000124", "K000125"]
    assert list(specimens["species"]) == ["Acer rubrum", "Acer rubrum", "Acer sp."]
    assert set(specimens["institution"]) == {"unknown"}
    assert list(steps["images"]) == [10, 3, 3]
    said = dict(zip(missing["row"], missing["problem"], strict=True))
    assert said[3] == "the name 'Acer sp.' stops at the genus"
    assert said[4] == "fits 2 files, as a/one.jpg and b/one.jpg" and said[5].startswith("fits 2 files")
    assert {said[row] for row in (6, 7, 8, 9)} == {"is not in the folder of images"}
    assert said[10] == "names no file" and list(missing["row"]) == [3, 4, 5, 6, 7, 8, 9, 10]


def test_capitals_tell_files_apart_only_where_they_must(tmp_path, images):
    csv = table(
        tmp_path, "image,taxon", "c\\two.jpg,Acer rubrum", "./C/TWO.PNG,Acer rubrum", "a/one,Acer rubrum"
    )
    specimens, _, _ = read_spreadsheet(csv, images)
    assert list(specimens["path"]) == ["c/two.jpg", "c/Two.png", "a/one.jpg"]
    assert specimens["image_id"].is_unique


def test_accents_are_compared_however_a_system_writes_them(tmp_path, images):
    (images / "Mu\u0308ller.jpg").write_bytes(b"")
    specimens, _, _ = read_spreadsheet(table(tmp_path, "file,name", "M\u00fcller,Acer rubrum"), images)
    assert list(specimens["image_id"]) == ["M-LLER"] or specimens["image_id"].str.startswith("MU").all()


def test_images_of_one_specimen_are_kept_apart_and_one_image_is_one_row(tmp_path, images):
    csv = table(
        tmp_path,
        "file,barcode,name,collector,number,date",
        "a/one.jpg,K1,Acer rubrum,Hill,7,1901",
        "b/one.jpg,k1,Acer rubrum,Hill,7,1901",
        "K000123,K2,Acer rubrum,,,",
        "K000123.jpg,K3,Acer saccharum,,,",
    )
    specimens, steps, missing = read_spreadsheet(csv, images)
    assert list(specimens["image_id"]) == ["K1", "K1_2", "K2"]
    assert list(specimens["gathering"]) == ["hill|7|1901"] * 2 + ["K2"]
    assert list(missing["problem"]) == ["is the image of an earlier row too"]
    assert steps["images"].iloc[0] == 4


def test_columns_of_other_names_and_another_encoding_on_request(tmp_path, images):
    csv = table(tmp_path, "Bilddatei;Art;Größe", "K000123.jpg;Isoëtes lacustris;1", encoding="latin-1")
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_spreadsheet(csv, images)
    with pytest.raises(BadInput, match="lacks the column 'file'"):
        read_spreadsheet(csv, images, encoding="latin-1")
    columns = {"file": "Bilddatei", "name": "Art"}
    specimens, _, _ = read_spreadsheet(csv, images, columns=columns, encoding="latin-1")
    assert list(specimens["species"]) == ["Isoëtes lacustris"]
    with pytest.raises(BadInput, match="lacks the column 'family'"):
        read_spreadsheet(csv, images, columns=columns | {"family": "Familie"}, encoding="latin-1")
    with pytest.raises(BadInput, match="'colour' is none of"):
        read_spreadsheet(csv, images, columns={"colour": "Farbe"})


def test_the_columns_of_a_record_are_known_in_a_table_of_ones_own(tmp_path, images):
    csv = table(
        tmp_path,
        "file;barcode;genus;species;Collector;number;date;Determined by;date determined;type status;"
        "Qualifier;state;Country;references;Other catalog numbers;Earlier determinations",
        "K000123.jpg;K000123;Acer;cf. rubrum;Hill;7;1901;M. E. Sundew;1999;Isotype;cf.;Napo;Ecuador;"
        "http://x.example/1;H 12;Acer saccharum | Acer",
        "K000124.JPG;;Acer;rubrum" + ";" * 12,
        separator=";",
    )
    columns = {"identification_qualifier": "Qualifier"}
    specimens, _, _ = read_spreadsheet(csv, images, columns=columns)
    assert specimens.loc[0, list(RECORD)].to_dict() == {
        "catalog_number": "K000123",
        "other_catalog_numbers": "H 12",
        "institution_code": "",
        "collection_code": "",
        "recorded_by": "Hill",
        "record_number": "7",
        "event_date": "1901",
        "identified_by": "M. E. Sundew",
        "date_identified": "1999",
        "type_status": "Isotype",
        "identification_qualifier": "cf.",
        "scientific_name": "Acer cf. rubrum",
        "previous_identifications": "Acer saccharum | Acer",
        "references": "http://x.example/1",
        "country": "Ecuador",
        "state_province": "Napo",
    }
    second = specimens.loc[1, list(RECORD)]
    assert second[second != ""].to_dict() == {"scientific_name": "Acer rubrum"}


def test_what_a_table_calls_them_otherwise_is_said_once(tmp_path, images):
    csv = table(tmp_path, "Strichcode,Art,Sammler,Nr", "K000123,Isoetes lacustris L.,Hill,7")
    columns = {"barcode": "Strichcode", "name": "Art", "recorded_by": "Sammler", "record_number": "Nr"}
    specimens, _, _ = read_spreadsheet(csv, images, columns=columns)
    told = specimens.loc[0, ["catalog_number", "scientific_name", "recorded_by", "gathering"]]
    assert list(told) == ["K000123", "Isoetes lacustris L.", "Hill", "hill|7|"]


def test_the_page_says_of_every_column_of_a_record_what_fills_it(tmp_path, images):
    page = (ROOT / "book" / "getting_the_data.md").read_text()
    lines = re.findall(r"^\|[^|\n]+\|([^|\n]+)\|([^|\n]*)\|([^|\n]+)\|$", page, re.M)
    told = [[re.findall(r"`([^`]+)`", cell) for cell in line] for line in lines]
    told = [line for line in told if line[2] and {*line[2]} <= {*RECORD}]
    assert sorted(column for *_, ours in told for column in ours) == sorted(RECORD)
    for darwin_core, others, ours in told:
        for name in [*darwin_core, *others]:
            rows = f"file,genus,{name}", "K000123,Acer,Acer rubrum"
            specimens, _, _ = read_spreadsheet(table(tmp_path, *rows), images)
            filled = {column for column in RECORD if specimens.loc[0, column] == "Acer rubrum"}
            assert len(filled) == 1 and filled <= {*ours}, name


HOSTILE = [
    "../secret.jpg",
    "/etc/passwd",
    "..\\secret.jpg",
    "link.jpg",
    "x" * 5000 + ".jpg",
    "CON",
    "<script>",
    "*",
]


def test_no_name_leads_out_of_the_folder(tmp_path, images):
    rows = [f"{name},Acer rubrum" for name in [*HOSTILE, str(tmp_path / "secret.jpg")]]
    csv = table(tmp_path, "file,name", *rows, "K000123.jpg,<script>alert(1)</script> x", "K000124,Acer")
    specimens, _, missing = read_spreadsheet(csv, images)
    assert list(specimens["path"]) == ["K000124.JPG"] and list(specimens["species"]) == ["Acer sp."]
    assert (missing["problem"] == "is not in the folder of images").sum() == len(HOSTILE) + 1
    assert "is not a scientific name" in missing["problem"].iloc[-2]


def test_a_hostile_genus_stays_text(tmp_path, images):
    csv = table(tmp_path, "file,genus,species", 'K000123.jpg,<script>alert(1)</script>,"ru\nbrum"')
    specimens, _, _ = read_spreadsheet(csv, images)
    assert list(specimens["genus"]) == ["<script>alert(1)</script>"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["file,name"], "holds no record"),
        ([""], "is empty"),
        (["name", "Acer rubrum"], "lacks the column 'file'"),
        (["file", "K000123.jpg"], "lacks the column 'name'"),
        (["file,name", "K000123.jpg,Acer rubrum,more"], "record 1: it has more fields"),
        (["file,name", "K9.jpg,Acer rubrum"], r"no row passes .* there' \(row 1: is not in the folder"),
        (["file,name", "K000123.jpg,A. rubrum"], r"'named to a genus' \(row 1: the name 'A. rubrum' has"),
        (["file,name", "K000123.jpg,Acer\0"], "not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, images, lines, said):
    with pytest.raises(BadInput, match=said):
        read_spreadsheet(table(tmp_path, *lines), images)


def test_folders_that_hold_no_image_are_refused(tmp_path, images):
    csv = table(tmp_path, "file,name", "K000123.jpg,Acer rubrum")
    with pytest.raises(BadInput, match="is not a folder"):
        read_spreadsheet(csv, csv)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no image"):
        read_spreadsheet(csv, tmp_path / "empty")
    with pytest.raises(BadInput, match="is missing"):
        read_spreadsheet(tmp_path / "nowhere.csv", images)
