"""Delimited text: nothing lost, nothing invented."""

import pytest

from herbnb.data.records.delimited import content_of, header_of, rows_of, text_of
from herbnb.errors import BadInput


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        ("Münch".encode(), ""),
        ("\ufeffMünch".encode(), ""),
        ("Münch".encode(), "ISO-8859-1"),
        ("Münch".encode("latin-1"), "ISO-8859-1"),
        ("Münch".encode("cp1252"), "windows-1252"),
        ("Münch".encode("utf-16"), "UTF-16"),
        ("Münch".encode("utf-16-le"), "UTF-16LE"),
    ],
)
def test_text_is_read_as_utf_8_or_as_it_was_declared(content, declared):
    assert text_of(content, "x.csv", declared) == "Münch"


@pytest.mark.parametrize(
    ("content", "declared", "said"),
    [
        ("Münch".encode("latin-1"), "", r"x\.csv is not UTF-8 text.*save it as UTF-8"),
        ("Münch".encode("latin-1"), "ASCII", "not UTF-8 and not ASCII"),
        ("Münch".encode("latin-1"), "klingon", "'klingon' is no encoding"),
        ("Münch".encode("latin-1"), "base64", "'base64' is no encoding"),
        ("Acer".encode("utf-16-le"), "", "not UTF-8 text"),
        (b"Acer\0rubrum", "", "not UTF-8 text"),
        (b"", "", "is empty"),
        (b"\xef\xbb\xbf \n\n", "", "is empty"),
    ],
)
def test_no_character_ever_becomes_a_question_mark(content, declared, said):
    with pytest.raises(BadInput, match=said):
        text_of(content, "x.csv", declared)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(BadInput, match="nowhere is missing"):
        content_of(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="is not a file but a folder"):
        content_of(tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        content_of("a\0b")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_header_says_its_separator_whatever_the_line_ends(end, separator):
    names, found, body = header_of(
        end.join([separator.join(["id", '"genus']), separator.join("12")]), "x.csv"
    )
    assert names == ["id", "genus"] and found == separator
    assert rows_of(body, 2, "x.csv", separator=separator).to_numpy().tolist() == [["1", "2"]]


def test_a_header_may_be_quoted_or_have_one_mark_too_many():
    assert header_of('"Name, full","file"\n', "x.csv")[0] == ["Name, full", "file"]
    assert header_of('name,"file,x\n', "x.csv")[0] == ["name", "file", "x"]


def test_fields_are_text_with_plain_spaces():
    text = 'a,"b ""c""\r\nd",\x07e\n\n"",NA,\u00a0nan\u2028 \nf\n'
    table = rows_of(text, 3, "x.csv")
    assert table.to_numpy().tolist() == [["a", 'b "c" d', "e"], ["", "NA", "nan"], ["f", "", ""]]


def test_quotation_marks_are_text_where_nothing_is_enclosed():
    text = '1\t"a 5" leaf\rx\t3\n2\t"\t4\n'
    table = rows_of(text, 3, "x.txt", separator="\t", quote="", wanted=[0, 1])
    assert list(table.columns) == [0, 1]
    assert table.to_numpy().tolist() == [["1", '"a 5" leaf x'], ["2", '"']]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2\n3,4,5\n", "record 2: it has more fields than the 2 columns"),
        ("3,4,5\n1,2\n", "record 1"),
        ("1,2\n3,4,,,6\n", "record 2: it has more fields than the 2 columns"),
        ("1,2,,,5\n3,4\n", "record 1"),
        ('1,"2\n3,4\n', "cannot be read as a table"),
        ("\n\n", "holds no record"),
    ],
)
def test_what_is_no_table_is_refused(text, said):
    for wanted in (None, [0]):
        with pytest.raises(BadInput, match=said):
            rows_of(text, 2, "x.csv", wanted=wanted)


def test_a_separator_at_the_end_of_each_row_is_no_field():
    assert rows_of("1,2,\n3,4,\n", 2, "x.csv").to_numpy().tolist() == [["1", "2"], ["3", "4"]]


def test_a_huge_field_is_a_field():
    table = rows_of("1," + "x" * 3_000_000 + "\n", 2, "x.csv")
    assert len(table.loc[0, 1]) == 3_000_000
