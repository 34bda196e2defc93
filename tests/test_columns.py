"""Delimited files with a header, read under our names."""

import pytest

from herbnb.data.records.columns import read_columns
from herbnb.errors import BadInput

NAMES = {"genus": ("genericname", "genus"), "family": ("family",)}
META = (
    '<archive xmlns="http://rs.tdwg.org/dwc/text/"><core encoding="{}" fieldsEnclosedBy="{}"><files>'
    "<location>{}</location></files></core></archive>"
)


@pytest.fixture
def write(tmp_path):
    def written(text, encoding="utf-8", name="x.csv"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return written


def test_our_names_are_filled_from_theirs_in_the_order_of_the_rows(write):
    table = read_columns(write("dwc:genus;genericName;note\nAcer;;x\nB;A;\n"), NAMES, [["genus"]])
    assert list(table.columns) == ["genus", "family"]
    assert list(table["genus"]) == ["Acer", "A"] and list(table["family"]) == ["", ""]


def test_a_column_that_must_be_there_is_missed(write):
    with pytest.raises(BadInput, match=r"x\.csv lacks the column 'family', called one of family"):
        read_columns(write("genus\nAcer\n"), NAMES, [["genus"], ["family"]])


def test_a_descriptor_beside_the_file_says_its_encoding_and_its_marks(write, tmp_path):
    path = write('genus\tfamily\n"Acér\tx\n', "latin-1")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_columns(path, NAMES, [])
    (tmp_path / "meta.xml").write_text(META.format("ISO-8859-1", "", "x.csv"))
    assert list(read_columns(path, NAMES, [])["genus"]) == ['"Acér']
    (tmp_path / "meta.xml").write_text(META.format("ISO-8859-1", "", "other.csv"))
    with pytest.raises(BadInput, match="not UTF-8"):
        read_columns(path, NAMES, [])
    assert list(read_columns(write("genus\nAcér\n", "latin-1"), NAMES, [], encoding="latin-1")["genus"]) == [
        "Acér"
    ]


def test_gbif_encloses_nothing(write):
    table = read_columns(write('gbifID\tgenus\n1\t"Acer\n2\tQuercus"\n'), NAMES, [])
    assert list(table["genus"]) == ['"Acer', 'Quercus"']
