"""Exports: what people decided, in the forms of databases, and nothing that they did not."""

import csv
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from dwca.read import DwCAReader
from hypothesis import given
from hypothesis import strategies as st

from herbnb.cabinet.darwin_core import IDENTIFICATION, TERMS, write_archive
from herbnb.cabinet.decisions import Decisions
from herbnb.cabinet.specify import write_specify
from herbnb.cabinet.symbiota import LIMITS, write_symbiota
from herbnb.cells import cell_of, in_one_line, text_of
from herbnb.cli import main
from herbnb.errors import BadInput
from test_decisions import RUN, decision, file_of

MARKUP = '<b>"Eugenia"</b>; =HYPERLINK("x")\r\n@home'
REFERENCES = (
    "herbnb 0.1.0, review list of 2026-11-28: features of imagenet, seed 89, specimens table 3870de2b1ecc73e9"
)


def every_kind() -> dict:
    """A file with one decision of each kind, and one that a spreadsheet would obey."""
    return file_of(
        decision("K1"),
        decision("K2", "wrong", name="Eugenia uniflora", qualifier="cf.", remarks="leaves opposite"),
        decision("K3", "wrong"),
        decision("K4", "unsure", remarks="no flower"),
        decision("K5", "no plant"),
        decision("K6", "wrong", name=MARKUP, remarks="=1+1", decided_by="@Ben", suspicion=None, suggested=""),
        decision("K7", catalog_number="", occurrence_id=""),
    )


@pytest.fixture
def decided():
    return Decisions.model_validate(every_kind())


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_symbiota_gets_exactly_what_was_decided(decided, tmp_path):
    determined = write_symbiota(decided, tmp_path / "symbiota.csv")
    rows = rows_of(tmp_path / "symbiota.csv")
    assert [row["catalogNumber"] for row in rows] == ["K1", "K2", "K6"]
    assert rows[1] == {
        "catalogNumber": "K2",
        "occurrenceID": "urn:K2",
        "identifiedBy": "A. Botanist",
        "dateIdentified": "2026-11-28",
        "sciname": "Eugenia uniflora",
        "identificationQualifier": "cf.",
        "identificationRemarks": "leaves opposite [Asked because software doubted Syzygium cumini: suspicion 0.84, Eugenia suggested.]",
        "identificationReferences": REFERENCES,
        "identificationVerificationStatus": "changed by a person",
        "isCurrent": "",
        "printQueue": "",
    }
    assert rows[0]["sciname"] == "Syzygium cumini"
    assert rows[0]["identificationVerificationStatus"] == "confirmed by a person"
    assert determined.left_out == {
        "wrong without a name": 1,
        "unsure": 1,
        "no plant": 1,
        "without a catalogue number or an occurrence id": 1,
    }


def test_labels_are_printed_if_asked(decided, tmp_path):
    write_symbiota(decided, tmp_path / "symbiota.csv", print_queue=True)
    assert {row["printQueue"] for row in rows_of(tmp_path / "symbiota.csv")} == {"1"}


def test_no_software_determines(decided, tmp_path):
    write_symbiota(decided, tmp_path / "symbiota.csv")
    for row in rows_of(tmp_path / "symbiota.csv"):
        assert "herbnb" not in row["identifiedBy"] + row["sciname"]


def test_the_longest_decision_fits_the_columns(tmp_path):
    longest = decision(
        verdict="wrong",
        **{"given": "g" * 200, "name": "n" * 200, "qualifier": "q" * 45, "remarks": "r" * 1000},
        **{"decided_by": "d" * 200, "suggested": "s" * 200},
    )
    write_symbiota(Decisions.model_validate(file_of(longest)), tmp_path / "symbiota.csv")
    (row,) = rows_of(tmp_path / "symbiota.csv")
    assert row["identificationRemarks"].startswith("r" * 1000)
    assert all(len(row[column]) <= most for column, most in LIMITS.items())


def test_what_would_be_too_long_is_refused_and_not_cut(tmp_path):
    run = {**RUN, "network": "n" * 2000}
    with pytest.raises(
        BadInput, match=r"Sheet K1: identificationReferences has \d+ characters, and takes 2000"
    ):
        write_symbiota(Decisions.model_validate(file_of(decision(), run=run)), tmp_path / "symbiota.csv")
    assert not (tmp_path / "symbiota.csv").exists()


OBEYED = re.compile(r'(^|[;,|\t"]) *[=+\-@\t\r]')


def test_no_cell_is_a_formula_in_any_spreadsheet(decided, tmp_path):
    write_symbiota(decided, tmp_path / "symbiota.csv")
    text = (tmp_path / "symbiota.csv").read_text(encoding="utf-8")
    assert text.count("\n") == 4 and "\r" not in text and "\t" not in text
    for separator in ",;":
        for line in text.splitlines():
            assert not [cell for cell in line.split(separator) if OBEYED.match(cell.strip('"'))], line
    row = rows_of(tmp_path / "symbiota.csv")[2]
    assert text_of(row["sciname"]) == in_one_line(MARKUP) and "<b>" in row["sciname"]
    assert row["identifiedBy"] == "'@Ben" and row["identificationRemarks"].startswith(
        "'=1+1 [Asked because a duplicate"
    )


@given(st.text() | st.text(alphabet="=+-@'\";, |x\t\n"))
def test_a_cell_is_no_formula_and_comes_back_as_text(text):
    line = in_one_line(text)
    assert len((line + "x").splitlines()) == 1
    for written in (text, line):
        assert not OBEYED.search(in_one_line(cell_of(written)))
        assert text_of(cell_of(written)) == written


def test_specify_gets_a_list_a_new_name(tmp_path):
    content = file_of(
        decision("K1"),
        decision("K2", "wrong", name="Eugenia uniflora"),
        decision("K3", "wrong", name="Eugenia uniflora"),
        decision("K4", "wrong", name="../Eugenia <x>", qualifier="aff."),
        decision("K5", "wrong", name="Eugenia uniflora", catalog_number=""),
    )
    determined = write_specify(Decisions.model_validate(content), tmp_path / "lists")
    files = {path.name: path.read_text() for path in (tmp_path / "lists").glob("*.txt")}
    assert files == {"001 Eugenia x.txt": "K4\n", "002 Eugenia uniflora.txt": "K2\nK3\n"}
    rows = rows_of(tmp_path / "lists" / "determinations.csv")
    assert [(row["file"], row["catalogNumber"], row["taxon"], row["qualifier"]) for row in rows] == [
        ("001 Eugenia x.txt", "K4", "../Eugenia <x>", "aff."),
        ("002 Eugenia uniflora.txt", "K2", "Eugenia uniflora", ""),
        ("002 Eugenia uniflora.txt", "K3", "Eugenia uniflora", ""),
    ]
    assert {row["references"] for row in rows} == {REFERENCES}
    assert determined.left_out == {"right": 1, "without a catalogue number": 1}
    with pytest.raises(BadInput, match="lists is there already: name a new folder"):
        write_specify(Decisions.model_validate(content), tmp_path / "lists")


def test_a_reader_of_archives_reads_ours(decided, tmp_path):
    write_archive(decided, tmp_path / "dwca.zip")
    with DwCAReader(str(tmp_path / "dwca.zip")) as archive:
        assert archive.descriptor.core.type == f"{TERMS}Occurrence"
        rows = {row.id: row for row in archive}
        assert [*rows] == ["urn:K1", "urn:K2", "urn:K6", "K7"]
        assert rows["urn:K2"].data[f"{TERMS}scientificName"] == "Syzygium cumini"
        assert rows["urn:K2"].data[f"{TERMS}catalogNumber"] == "K2"
        (history,) = rows["urn:K2"].extensions
        assert history.rowtype == f"{TERMS}Identification"
        assert set(history.data) == {f"{TERMS}{term}" for term in IDENTIFICATION[1:]}
        assert history.data[f"{TERMS}scientificName"] == "Eugenia uniflora"
        assert history.data[f"{TERMS}identifiedBy"] == "A. Botanist"
        assert history.data[f"{TERMS}identificationReferences"] == REFERENCES
        (history,) = rows["urn:K6"].extensions
        assert text_of(history.data[f"{TERMS}scientificName"]) == in_one_line(MARKUP)
        assert archive.metadata.find(".//title").text == "Determinations of doubtful sheets of mine"
        people = [each.text for each in archive.metadata.findall(".//creator//surName")]
        assert people == ["@Ben", "A. Botanist"]


def test_two_images_of_a_sheet_are_one_occurrence(tmp_path):
    content = file_of(
        decision("K1", occurrence_id="urn:K"),
        decision("K1_2", "wrong", name="Eugenia", occurrence_id="urn:K"),
    )
    write_archive(Decisions.model_validate(content), tmp_path / "dwca.zip")
    with DwCAReader(str(tmp_path / "dwca.zip")) as archive:
        (row,) = archive
        assert len(row.extensions) == 2


def test_an_archive_of_nothing_is_an_archive(tmp_path):
    determined = write_archive(Decisions.model_validate(file_of()), tmp_path / "dwca.zip")
    assert not determined.determinations
    with zipfile.ZipFile(tmp_path / "dwca.zip") as archive:
        assert sorted(archive.namelist()) == ["eml.xml", "identifications.csv", "meta.xml", "occurrence.csv"]
        ElementTree.fromstring(archive.read("eml.xml"))
    with DwCAReader(str(tmp_path / "dwca.zip")) as archive:
        assert list(archive) == []


def herbnb(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_says_what_it_wrote_and_what_it_left_out(tmp_path):
    (tmp_path / "ann.json").write_text(json.dumps(every_kind()))
    bens = file_of(decision("K1", "unsure", decided_by="Ben", decided_on="2026-11-30T10:00:00+00:00"))
    (tmp_path / "ben.json").write_text(json.dumps(bens))
    result = herbnb(
        "export",
        "symbiota",
        tmp_path / "ann.json",
        tmp_path / "ben.json",
        "--to",
        tmp_path / "out.csv",
        "--print",
    )
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "Two opinions on K1: Ben says unsure, and before that A. Botanist said right.",
        f"2 determinations in {tmp_path / 'out.csv'}.",
        "Left out: 2 unsure, 1 wrong without a name, 1 no plant, 1 without a catalogue number or an occurrence id.",
    ]
    assert [row["printQueue"] for row in rows_of(tmp_path / "out.csv")] == ["1", "1"]


@pytest.mark.parametrize(("form", "to"), [("specify", "lists"), ("dwca", "out.zip")])
def test_every_form_is_a_command(tmp_path, form, to):
    (tmp_path / "ann.json").write_text(json.dumps(file_of(decision("K1", "wrong", name="Eugenia"))))
    result = herbnb("export", form, tmp_path / "ann.json", "--to", tmp_path / to)
    assert result.output == f"1 determination in {tmp_path / to}.\n" and (tmp_path / to).exists()
    assert herbnb("export", form, tmp_path / "none.json", "--to", tmp_path / "x").exit_code == 1
