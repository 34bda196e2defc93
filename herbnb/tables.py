"""Tables: CSV and parquet, whole or not there at all, with text that is text."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa

from herbnb import parquet
from herbnb.cells import cell_of, text_of
from herbnb.errors import SCARCE, BadInput, in_short
from herbnb.files import check_plain, whole

BROKEN = (
    *(pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError),
    *(MemoryError, RecursionError),
)
"""What reading a table raises when the file is damaged, or made to mislead."""


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write `table`, without its index, as CSV or parquet: the suffix of `path` says which.

    In CSV, which people open, text that a spreadsheet would take for a formula is written as a cell.
    """
    path = Path(path)
    with whole(path) as temporary:
        if path.suffix == ".csv":
            with_text(table, cell_of).to_csv(temporary, index=False, lineterminator="\n")
        else:
            table.to_parquet(temporary, index=False)
    return path


def read_table(path: str | Path) -> pd.DataFrame:
    """Read the table at `path`, `.csv` or `.parquet`; image ids are text, and so is what spells NA or None.

    Raises:
        BadInput: the file is missing, it is no such table, or it claims more than is read.
    """
    path = Path(path)
    try:
        check_plain(path)
        if path.suffix == ".csv":
            text = dict(dtype={"image_id": str}, keep_default_na=False, na_values=[""])
            return with_text(pd.read_csv(path, **text), text_of)
        return parquet.read(path).to_pandas()
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing: name a file that is there.") from error
    except BROKEN as error:
        check_at_hand(error)
        raise BadInput(
            f"{path} is not a readable {path.suffix[1:]} table ({in_short(error)}): "
            "delete it and make it again."
        ) from error


def check_at_hand(error: Exception) -> None:
    """Raise an error of `BROKEN` again where the machine lacks something, which tells nothing of the file."""
    if isinstance(error, OSError) and error.errno in SCARCE:
        raise error


def with_text(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Return a table whose text is changed, cell by cell."""
    changed = table.copy()
    for column in table.select_dtypes(exclude=["number", "bool"]):
        changed[column] = [change(value) if isinstance(value, str) else value for value in table[column]]
    return changed
