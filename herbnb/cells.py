"""Cells: text that is text in every spreadsheet, whatever stands in it.

A spreadsheet takes for a formula what begins with =, +, - or @, even what merely follows a separator, where
its own separator is not ours. So an apostrophe is put before such a sign, which spreadsheets show and do not
obey, and `text_of` takes it away again.
"""

import re

PLACE = r'((?:^|[;,|"\t\r\n])[\x00-\x20\xa0]*)'
SIGN = "(?=[=+\\-@＝＋－＠])"  # the wide ones too, which some spreadsheets fold to the narrow
FORMULA = re.compile(f"{PLACE}('*){SIGN}")
"""Where a spreadsheet would begin a formula; the atlas writes cells by the same pattern."""
CELL = re.compile(f"{PLACE}'('*){SIGN}")
BLANK = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


def in_one_line(text: str) -> str:
    """Return `text` with a blank for all blanks, line ends and control characters that stand together."""
    return BLANK.sub(" ", text).strip()


def cell_of(text: str) -> str:
    """Write `text` as a cell that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1'\2", text)


def text_of(cell: str) -> str:
    """Return the text of which `cell_of` made the cell."""
    return CELL.sub(r"\1\2", cell)
