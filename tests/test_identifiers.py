"""Ids of specimens: safe names of files, one each."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herbnb.data.records.identifiers import specimen_ids


def ids(*rows):
    return list(
        specimen_ids(pd.DataFrame(rows, columns=["institution", "collection_code", "barcode"], dtype=str))
    )


def test_a_barcode_is_its_own_id():
    assert ids(("K", "", "K000123"), ("K", "", "k000124"), ("NY", "", "00145025")) == [
        "K000123",
        "K000124",
        "00145025",
    ]


def test_rows_of_one_specimen_share_its_id():
    assert ids(("K", "Herb", "K1"), ("k", "herb", "k1")) == ["K1", "K1"]


def test_one_barcode_in_two_institutions_gets_their_codes():
    assert ids(("F", "", "123"), ("NY", "", "123"), ("F", "", "124")) == ["F-123", "NY-123", "124"]


def test_one_barcode_in_two_collections_of_one_institution_stays_two():
    first, second = ids(("F", "Bryophytes", "123"), ("F", "Ferns", "123"))
    assert first != second and first.startswith("F-123-")


def test_a_prefixed_id_does_not_take_the_place_of_another():
    found = ids(("F", "", "123"), ("NY", "", "123"), ("", "", "F-123"))
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    "barcode", ["../../etc/passwd", "CON", "com1", "nul", "K 1/2", "-x", "K1.jpg", "a" * 300]
)
def test_a_hostile_barcode_becomes_a_plain_name(barcode):
    (found,) = ids(("K", "", barcode))
    assert re.fullmatch("[A-Z0-9]([A-Z0-9-]*[A-Z0-9])?", found) and len(found) <= 80
    assert found not in ("CON", "COM1", "NUL")


def test_barcodes_that_come_to_the_same_name_stay_two():
    found = ids(("K", "", "K 1"), ("K", "", "K-1"), ("K", "", "标本"), ("K", "", "植物"))
    assert len(set(found)) == 4


NAMES = st.text(max_size=6) | st.sampled_from(["K1", "k1", "K-1", "F-K1", "F", "../", "CON", "é", "x" * 200])


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=12))
def test_ids_are_safe_one_a_specimen_and_the_same_in_any_order(rows):
    found = ids(*rows)
    assert ids(*rows[::-1]) == found[::-1]
    keys = [tuple(value.upper() for value in row) for row in rows]
    assert len(set(found)) == len(set(keys)) == len(set(zip(keys, found, strict=True)))
    assert all(re.fullmatch("[A-Z0-9]([A-Z0-9-]*[A-Z0-9])?", name) and len(name) <= 80 for name in found)
