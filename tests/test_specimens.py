"""Specimens: a table that is checked, its gatherings, and what may be shown of it."""

import pandas as pd
import pytest

from conftest import row
from herbnb.errors import BadInput
from herbnb.specimens import (
    COLUMNS,
    NAMES,
    RANKS,
    RECORD,
    check_specimens,
    gatherings,
    may_show,
    read_specimens,
    write_specimens,
)


def test_a_table_comes_back_with_all_columns_as_text(tmp_path):
    write_specimens(pd.DataFrame([row("1"), row("2")]), tmp_path / "specimens.parquet")
    table = read_specimens(tmp_path / "specimens.parquet")
    assert tuple(table.columns) == COLUMNS
    assert table["image_id"].tolist() == ["1", "2"]
    assert (table["licence"] == "").all()


def test_the_words_of_a_record_are_kept_and_a_table_that_has_none_is_read(tmp_path):
    assert len({*COLUMNS}) == len(COLUMNS) and COLUMNS[-len(RECORD) :] == RECORD
    older = pd.DataFrame([row("1"), row("2")]).assign(licence="CC0", gathering="")
    older.to_parquet(tmp_path / "specimens.parquet", index=False)
    table = read_specimens(tmp_path / "specimens.parquet")
    assert tuple(table.columns) == COLUMNS and (table[list(RECORD)] == "").all(axis=None)
    told = older.assign(identified_by=["M. E. Sundew", None], catalog_number=[12, 13])
    write_specimens(told, tmp_path / "specimens.parquet")
    table = read_specimens(tmp_path / "specimens.parquet")
    assert table["identified_by"].tolist() == ["M. E. Sundew", ""]
    assert table["catalog_number"].tolist() == ["12", "13"]


def test_numbers_categories_and_gaps_become_text():
    table = pd.DataFrame([row("1"), row("2"), row("3")])
    table = table.assign(
        image_id=[7, 8, 9],
        genus=table["genus"].astype("category"),
        occurrence_id=[1, None, 3],
        gathering=pd.array([1, None, 3], dtype="Int64"),
        licence=["CC0", None, float("nan")],
    )
    checked = check_specimens(table.iloc[::-1], "a table")
    assert (checked.dtypes == "str").all() and checked.index.tolist() == [0, 1, 2]
    assert checked["image_id"].tolist() == ["9", "8", "7"]
    assert checked["occurrence_id"].tolist() == ["3.0", "", "1.0"]
    assert checked["gathering"].tolist() == ["3", "", "1"]
    assert checked["licence"].tolist() == ["", "", "CC0"] and (checked["genus"] == "Acer").all()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns="family"), "lacks the column 'family'"),
        (lambda t: t.iloc[:0], "holds no specimen"),
        (lambda t: t.assign(genus=["Acer", " "]), "row 1: 'genus' is blank"),
        (lambda t: t.assign(genus=["Acer", None]), "row 1: 'genus' is blank"),
        (lambda t: t.assign(image_id="7"), "row 1: image_id '7' occurs twice"),
    ],
)
def test_a_spoilt_table_is_refused_with_its_row(spoil, message):
    table = spoil(pd.DataFrame([row("1"), row("2")]))
    with pytest.raises(BadInput, match=message):
        check_specimens(table, "specimens.parquet")


def test_unknown_gatherings_part_sheets():
    sheets = pd.DataFrame({"image_id": ["1", "2", "3"], "gathering": ["g", "", "g"]})
    assert list(gatherings(sheets)) == ["g", "2", "g"]
    assert list(gatherings(sheets.set_axis([7, 7, 9]))) == ["g", "2", "g"]


def test_a_missing_table_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"specimens\.parquet is missing"):
        read_specimens(tmp_path / "specimens.parquet")


def test_ranks_are_some_of_the_names_from_fine_to_coarse():
    assert [rank for rank in NAMES if rank in RANKS] == list(RANKS)
    assert {*RANKS} <= {*COLUMNS} and {*NAMES} <= {*COLUMNS}


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        ("CC0 1.0 https://creativecommons.org/publicdomain/zero/1.0/", True),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/", True),
        ("CC BY 4.0", True),
        ("CC BY-NC-ND 4.0", False),
        ("http://creativecommons.org/licenses/by-nd/4.0/", False),
        ("see NOTICE.md", False),
        ("", False),
    ],
)
def test_only_an_open_licence_lets_an_image_into_the_book(licence, shown):
    assert may_show(pd.Series([licence])).tolist() == [shown]
