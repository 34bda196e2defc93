"""History: what a specimen was called before, from a table of determinations to the specimens table."""

import pandas as pd
import pytest

from conftest import REAL_RECORDS, on_real_records
from herbnb.data.records import terms
from herbnb.data.records.darwin_core import read_archive
from herbnb.data.records.history import age_of, parts_of, with_history
from herbnb.data.records.idigbio import read_records
from herbnb.data.records.selection import choose_specimens
from herbnb.errors import BadInput
from herbnb.specimens import read_specimens, write_specimens
from test_darwin_core import DWC, PLAIN, core, fields, lines, meta, pictures, zipped

SYMBIOTA = "https://symbiota.org/terms/"
CORE = ["basisOfRecord", "catalogNumber", "scientificName", "identifiedBy", "dateIdentified"]
CORE += ["previousIdentifications"]
RECORDS = [
    ["1", "PreservedSpecimen", "K1", "Syzygium jambos", "W. Woodruff", "1971", ""],
    ["2", "PreservedSpecimen", "K2", "Eugenia uniflora", "", "", "Myrtus L. | Eugenia aquea"],
    ["3", "PreservedSpecimen", "K3", "Acer rubrum", "", "", "Acer"],
]
TABLE = ["identifiedBy", "dateIdentified", "identificationQualifier", "scientificName"]
FLAG, AUTHOR = f"{SYMBIOTA}identificationIsCurrent", f"{DWC}scientificNameAuthorship"
DETERMINATIONS = [
    ["1", "Woodruff W.", "1971-05-03", "", "Syzygium jambos", "1", "(L.) Alston"],
    ["1", "", "1901", "cf.", "Eugenia sp.", "0", ""],
    ["1", "A. Nettle", "", "", "Myrtus jambos", "0", "Kunth"],
    ["1", "A. Bentham", "3 May 1867", "", "Eugenia jambos", "0", "L."],
    ["1", "a. bentham", "3 May 1867", "", "EUGENIA JAMBOS", "0", "L."],
    ["1", "W. Woodruff", "1971", "", "Syzygium jambos", "", ""],
    ["1", "B. Sorrel", "1870", "", "", "0", ""],
    ["2", "A. Nettle | B. Sorrel", "1899-02-01T00:00:00", "", "Eugenia aquea", "0", "Burm.f."],
    ["2", "", "", "", "Eugenia uniflora", "0", ""],
    ["9", "A. Nettle", "1899", "", "Poa annua", "0", ""],
]
FIRST = (
    "Eugenia jambos L., by A. Bentham, 3 May 1867 | cf. Eugenia sp., 1901 | Myrtus jambos Kunth, by A. Nettle"
)
SECOND = "Myrtus L. | Eugenia aquea Burm.f., by A. Nettle; B. Sorrel, 1899-02-01"
PICTURES = [[number, f"http://x.example/{number}.jpg", "CC0"] for number in "123"]


def identification(columns=(*(DWC + name for name in TABLE), FLAG, AUTHOR), key='<coreid index="0"/>'):
    """The part of a `meta.xml` that describes the table of determinations; it has a header."""
    body = "".join(f'<field index="{n}" term="{term}"/>' for n, term in enumerate(columns, 1))
    return (
        f'<extension {PLAIN} ignoreHeaderLines="1" rowType="{DWC}Identification"><files><location>'
        f"identifications.csv</location></files>{key}{body}</extension>"
    )


HEADER = ["coreid", *TABLE, "identificationIsCurrent", "scientificNameAuthorship"]


def archive(folder, determinations=DETERMINATIONS, header=HEADER, described=None):
    """Write a folder with an archive of three sheets; `determinations` None leaves that file out."""
    folder.mkdir()
    described = identification() if described is None else described
    (folder / "meta.xml").write_text(meta(core(body=fields(CORE)), described, pictures()))
    (folder / "occurrence.txt").write_text(lines(RECORDS))
    (folder / "multimedia.txt").write_text(lines(PICTURES))
    if determinations is not None:
        (folder / "identifications.csv").write_text(lines([header, *determinations]))
    return folder


def told(path):
    """What the specimens table says of the three sheets, on the way through its file."""
    specimens, _ = choose_specimens(read_archive(path))
    table = path.with_name(f"{path.name}.parquet")
    return read_specimens(write_specimens(specimens, table)).set_index("image_id")["previous_identifications"]


def test_determinations_of_an_archive_travel_to_the_specimens_table(tmp_path):
    folder = archive(tmp_path / "dwca")
    assert told(folder).to_dict() == {"K1": FIRST, "K2": SECOND, "K3": "Acer"}
    zipped(folder, tmp_path / "dwca.zip")
    assert told(tmp_path / "dwca.zip").to_dict() == told(folder).to_dict()


def test_the_rest_of_the_record_is_as_it_was(tmp_path):
    whole, alone = (
        read_archive(archive(tmp_path / name, rows)) for name, rows in (("a", DETERMINATIONS), ("b", []))
    )
    assert list(alone["previous_identifications"]) == ["", RECORDS[1][-1], "Acer"]
    columns = [column for column in whole if column != "previous_identifications"]
    pd.testing.assert_frame_equal(whole[columns], alone[columns])


def test_an_archive_without_their_file_is_read_and_a_broken_file_is_refused(tmp_path):
    assert told(archive(tmp_path / "none", None))["K1"] == ""
    with pytest.raises(
        BadInput, match=r"identifications\.csv, record 1: it has more fields than the 7 columns"
    ):
        read_archive(archive(tmp_path / "broken", [[*DETERMINATIONS[0], "more"]]))
    with pytest.raises(BadInput, match="neither the file nor the column of ids"):
        read_archive(archive(tmp_path / "keyless", described=identification(key="")))


def test_without_a_flag_the_current_one_is_known_by_name_determiner_and_date(tmp_path):
    rows = [
        ["1", "w. woodruff", "1971", "", "Syzygium jambos"],
        ["1", "W. Woodruff", "1970", "", "Syzygium jambos"],
        ["1", "S. Teasel", "1971", "", "Syzygium jambos"],
    ]
    plain = identification([DWC + name for name in TABLE])
    found = told(archive(tmp_path / "dwca", rows, HEADER[:5], plain))
    assert found["K1"] == "Syzygium jambos, by W. Woodruff, 1970 | Syzygium jambos, by S. Teasel, 1971"


def test_the_unpacked_file_is_read_where_it_lies_beside_the_records(tmp_path):
    names = ["coreid", "dwc:basisOfRecord", *CORE[1:]]
    (tmp_path / "occurrences.csv").write_text(lines([names, *RECORDS]))
    (tmp_path / "multimedia.csv").write_text(lines([["coreid", "accessURI", "rights"], *PICTURES]))
    paths = tmp_path / "occurrences.csv", tmp_path / "multimedia.csv"
    assert list(read_records(*paths)["previous_identifications"]) == ["", RECORDS[1][-1], "Acer"]
    (tmp_path / "identifications.csv").write_text(lines([HEADER, *DETERMINATIONS]))
    assert list(read_records(*paths)["previous_identifications"]) == [FIRST, SECOND, "Acer"]
    (tmp_path / "identifications.csv").write_text(lines([HEADER]))
    assert list(read_records(*paths)["previous_identifications"]) == ["", RECORDS[1][-1], "Acer"]
    (tmp_path / "identifications.csv").write_text("name\nAcer\n")
    with pytest.raises(BadInput, match=r"identifications\.csv lacks the column 'coreid'"):
        read_records(*paths)


def test_a_blank_whole_name_is_put_together_from_its_parts():
    records = pd.DataFrame([{"coreid": "a", "genus": "Acer", "epithet": "rubrum"}])
    records = records.reindex(columns=list(terms.OCCURRENCE), fill_value="")
    rows = [
        {"coreid": "a", "genus": "Acer", "epithet": "rubrum", "author": "L."},
        {"coreid": "a", "genus": "Acer", "epithet": "nigrum", "qualifier": "aff."},
        {"coreid": "a", "name": "Acer cf. nigrum", "qualifier": "cf.", "date_identified": "1901"},
    ]
    determinations = pd.DataFrame(rows, columns=list(terms.IDENTIFICATION), dtype=object).fillna("")
    found = with_history(records.set_axis([7]), determinations)
    assert found.loc[7, "previous_identifications"] == "Acer cf. nigrum, 1901 | aff. Acer nigrum"


def test_dates_are_sorted_by_their_year_however_they_are_written():
    dates = ["1867", "1867-05-03", "5 May 1901", "3/1912", "1912-01-01/1912-02-01", "", "s.d.", "no. 12345"]
    shuffled = [dates[number] for number in (4, 7, 1, 5, 3, 0, 2, 6)]
    assert sorted(shuffled, key=age_of)[:5] == dates[:5]
    assert {age_of(date) for date in dates[5:]} == {"undated"}


def test_a_text_of_several_determinations_is_taken_apart_at_its_bars():
    assert parts_of("Acer rubrum, 1901|  Acer sp.; Acer | | ") == ["Acer rubrum, 1901", "Acer sp.; Acer"]
    assert parts_of("") == []


@on_real_records
def test_the_real_archive_names_a_file_of_determinations_that_is_not_there():
    folder = REAL_RECORDS / "symbiota-pectocarya"
    assert "identifications.csv" in (folder / "meta.xml").read_text("latin-1")
    assert not (folder / "identifications.csv").exists()
    assert (read_archive(folder)["previous_identifications"] == "").all()
