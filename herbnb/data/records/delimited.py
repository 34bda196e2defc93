"""Delimited text: the files that herbaria exchange, read without losing or inventing a character."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from herbnb.errors import BadInput, in_short
from herbnb.files import LARGEST, read_bytes

WIDEST = 2_000
"""Columns of a table: four times as many as any portal's has."""

AT_ONCE = 2_000_000
"""Fields that are in memory at a time, of which those of the wanted columns are kept."""

WIDE = ("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32")
"""Encodings of which plain letters would pass for UTF-8, with a null byte beside each."""


def content_of(path: str | Path, largest: int = LARGEST) -> bytes:
    """Read the bytes of a file.

    Raises:
        BadInput: it is missing, no plain file, larger than `largest` bytes, or cannot be read.
    """
    try:
        return read_bytes(path, largest)
    except FileNotFoundError as error:
        raise BadInput(
            f"{path} is missing: name a file that is there, or draw the pocket herbarium."
        ) from error
    except (OSError, ValueError) as error:  # a null byte in the name is a ValueError
        raise BadInput(
            f"{path} cannot be read ({in_short(error)}): check the name and the rights."
        ) from error


def text_of(content: bytes, source: str | Path, declared: str = "") -> str:
    """Decode a text file as UTF-8, with or without a byte order mark, else as `declared`.

    UTF-8 is tried first because many a file is declared ISO-8859-1 and is not, and because no other
    text passes for UTF-8 by chance.

    Raises:
        BadInput: the file is empty, it is in neither encoding, or it holds null bytes; never does a
            character become a question mark.
    """
    encodings = ["utf-8-sig"]
    if declared:
        encodings.insert(0 if declared.lower().startswith(WIDE) else 1, declared)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        except LookupError as error:
            raise BadInput(f"{source}: {encoding!r} is no encoding of text; save it as UTF-8.") from error
        if "\0" in text:
            break
        if not text.strip():
            raise BadInput(f"{source} is empty: make the download again.")
        return text
    tried = " and not ".join(dict.fromkeys(filter(None, ("UTF-8", declared.upper()))))
    raise BadInput(
        f"{source} is not {tried} text: open it in a spreadsheet or an editor and save it as UTF-8 "
        "(“CSV UTF-8” in Excel)."
    )


def header_of(text: str, source: str | Path) -> tuple[list[str], str, str]:
    """Take the first line off `text`: return the names in it, their separator, and the rest.

    The separator is a tab, a semicolon or a comma, whichever the line has most of. The header of the
    iDigBio download of 2015 has one quotation mark too many, which an ordinary reader takes for the
    start of a field that swallows the first record: there the marks are left out.

    Raises:
        BadInput: there are more than `WIDEST` names, or one that is none; `source` is the file.
    """
    line = re.match(r"([^\r\n]*)(\r\n|\r|\n)?", text)
    header = line[1]
    separator = max("\t;,", key=header.count)
    check_width(header.count(separator) + 1, source)
    plain = header.replace('"', "") if header.count('"') % 2 else header
    try:
        names = [name.strip() for name in next(csv.reader([plain], delimiter=separator))]
    except csv.Error as error:
        raise BadInput(
            f"{source} has no names of columns in its first line ({in_short(error)}): write them."
        ) from error
    return names, separator, text[line.end() :]


def check_width(width: int, source: str | Path) -> None:
    """Raise BadInput when a table has more columns than anyone fills."""
    if width > WIDEST:
        raise BadInput(f"{source} has {width:,} columns, more than the {WIDEST:,} that are read: mend it.")


def rows_of(
    text: str,
    width: int,
    source: str | Path,
    *,
    separator: str = ",",
    quote: str = '"',
    wanted: Sequence[int] | None = None,
    may_be_empty: bool = False,
) -> pd.DataFrame:
    """Read the rows of `text`, which has no header, as text; columns are numbered from 0.

    Args:
        text: the rows, each ended by a line end of any kind; blank lines are left out.
        width: how many fields a row has; the missing ones of a shorter row are blank.
        source: the file, for messages.
        separator: one character.
        quote: one character, or "" where fields are not enclosed.
        wanted: the columns to keep (all by default).
        may_be_empty: whether a table without a row will do.

    Returns:
        A table of text, in which a run of white space or control characters is one space.

    Raises:
        BadInput: there is no row and must be one, a row has too many fields, a quotation mark is never
            closed, or there are more than `WIDEST` columns.
    """
    check_width(width, source)
    if not quote:
        text = text.replace("\r\n", "\n").replace("\r", " ")
    keep = sorted({*(range(width) if wanted is None else wanted)})
    first = separator.join("x" * (width + 1))  # it fixes the width, so that no longer row is cut
    try:
        parts = [part[[*keep, width]] for part in chunks(f"{first}\n{text}", width, separator, quote)]
    except (ValueError, csv.Error) as error:  # pandas' own errors are ValueErrors
        line = re.search(r"in line (\d+), saw", str(error))
        if line:
            raise too_many(source, int(line[1]) - 1, width) from error
        raise BadInput(
            f"{source} cannot be read as a table ({in_short(error)}): mend the row, or download it again."
        ) from error
    table = pd.concat(parts, ignore_index=True)[1:].reset_index(drop=True).fillna("")
    if table.empty and not may_be_empty:
        raise BadInput(f"{source} holds no record: make the search again.")
    for column in table:
        table[column] = cleaned(table[column])
    more = table.index[table[width] != ""]
    if len(more):
        raise too_many(source, more[0] + 1, width)
    return table.drop(columns=width)


def chunks(text: str, width: int, separator: str, quote: str) -> Iterator[pd.DataFrame]:
    """Read a table piece by piece, because of hundreds of columns a dozen are kept.

    pandas has an option to read those alone, with which it no longer sees that a row is too long.
    """
    return pd.read_csv(
        io.StringIO(text),
        sep=separator,
        quotechar=quote or '"',
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        header=None,
        names=range(width + 1),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        chunksize=max(1, AT_ONCE // (width + 1)),
    )


def too_many(source: str | Path, record: int, width: int) -> BadInput:
    """Return the error of a row that has too many fields."""
    return BadInput(
        f"{source}, record {record}: it has more fields than the {width} columns; "
        "mend the row, or download the file again."
    )


def cleaned(values: pd.Series) -> pd.Series:
    """Make a run of white space, line ends or control characters one space, and none at the ends."""
    return values.str.replace(UNPRINTED, " ", regex=True).str.strip()


UNPRINTED = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
