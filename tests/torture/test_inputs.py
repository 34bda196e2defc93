"""Bad input: of whatever is read comes one sentence, or a result that is true."""

from pathlib import Path

import pytest

from torture.row import SIZES, Row, check
from torture.targets import TABLES

ROWS = [row for table in TABLES for row in table.ROWS]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_bad_input_is_a_sentence_or_a_true_result(row: Row, size: int, tmp_path: Path) -> None:
    check(row, tmp_path, size)


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 150
