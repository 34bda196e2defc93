"""Parquet: tables of which it is known how much memory they take before any is taken.

A file says how many values it has, and how long its pages are when they are unpacked. It may lie, and Arrow
sets aside what it is told, 17 GB for a file of 110 bytes; and where it does not lie, ten bytes say that half
a billion rows hold one number, or one text. So what every page says is added up first.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LARGEST = 2 * 1024**3
"""Bytes that a table may take: the records of 2.3 million sheets take half of it."""

DENSEST = 4
"""Bytes of a table for each of its file, where that is more: features hardly shrink when they are packed."""

DENSEST_DICTIONARY = 20
"""Bytes that one byte of a dictionary unpacks to at most where its texts differ, as they do."""

LONGEST_FOOTER = 4 * 1024**2
"""Bytes of what a file says at its end: Arrow takes two hundred times as many to keep it."""

WIDTH = 8
"""Bytes that a value takes at least, with where it begins and how deep it lies."""

SCHEMA, GROUPS, ROWS = 2, 4, 3
"""The numbers of what is needed of a file's end and of a group of rows, in the definition of the format
(https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift)."""

TYPE, CODEC, VALUES, PACKED, FIRST, FIRST_DICTIONARY = 1, 4, 5, 7, 9, 11
"""Of a column in a group: its type and codec, its values, the bytes of its pages, and where they begin."""

DATA, DICTIONARY, DATA_2, BYTE_ARRAY = 0, 2, 3, 6
"""The types of pages that hold values, and that of text."""

CODECS = {1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd"}

I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12
WHOLE = (4, I32, I64)
"""Types of Thrift's compact protocol."""

KINDS = {
    **dict.fromkeys(("end.2", "end.4", "end.5", "end.7", "end.4.1", "end.4.4"), STRUCT),
    **dict.fromkeys(("end.4.1.3", "end.4.1.3.8", "end.4.1.3.13", "page.5", "page.7", "page.8"), STRUCT),
    **dict.fromkeys(("end.3", "end.4.2", "end.4.3", "end.4.1.3.16.2", "end.4.1.3.16.3"), I64),
    **{f"end.4.1.3.{number}": I64 for number in (VALUES, 6, PACKED, FIRST, 10, FIRST_DICTIONARY)},
    **dict.fromkeys(("end.2.1", "end.2.2", "end.2.5", "end.4.1.3.2", "end.4.1.3.17.2"), I32),
    **dict.fromkeys(("end.4.1.3.1", "end.4.1.3.4", "page.1", "page.2", "page.3", "page.8.4"), I32),
    **{f"page.{head}.{number}": I32 for head in (5, 7, 8) for number in (1, 2)},
    **dict.fromkeys(("end.2.4", "end.4.1.3.3"), BINARY),
}
"""Types of what is, or of what a list holds, at the end of a file and in the head of a page: Arrow goes by
these, whatever the file says."""

STRANGE = "it is written in a way that is not read"

FORWARD = 7
"""How text is not packed here: as so much of the text before it, and what is new, which may be nothing."""


def read(path: str | Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a file of parquet, or those of the named columns that it has.

    Raises:
        FileNotFoundError, or another of `tables.BROKEN`: it is missing, damaged, or claims more than is read.
    """
    with opened(path, columns) as stored:
        table = stored.read(columns)
    table.validate(full=True)  # text is in UTF-8
    return table


def batches(path: str | Path, rows: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield columns of a file of parquet, so many rows at a time at most.

    Raises:
        As `read`.
    """
    with opened(path, columns) as stored:
        for batch in stored.iter_batches(rows, columns=columns):
            batch.validate(full=True)
            yield batch


@contextmanager
def opened(path: str | Path, columns: Sequence[str] | None) -> Iterator[pq.ParquetFile]:
    """Open a file whose columns may be read, or all of which may where none are named."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
        raise ValueError("it is no file")
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        footer = said(file, size)
        with pq.ParquetFile(path) as known:
            metadata, schema = known.metadata, known.schema_arrow
        if len(set(schema.names)) < len(schema.names):
            raise ValueError("two of its columns have one name")
        wanted = schema.names if columns is None else columns
        texts = [field.name for field in schema if field.name in wanted and is_text(field.type)]
        taken, written = claims(file, size, footer, texts, wanted)
    most = max(LARGEST, DENSEST * size)
    if taken > most:
        rows, wide = metadata.num_rows, metadata.num_columns
        raise ValueError(f"it claims {rows:,} rows of {wide:,} columns, {taken:,} bytes")
    if written > most and (exactly := text_bytes(path, metadata, texts)) > most:
        raise ValueError(f"its text claims {exactly:,} bytes")
    with pq.ParquetFile(path, metadata=metadata, page_checksum_verification=True) as stored:
        yield stored


def is_text(kind: pa.DataType) -> bool:
    """Say whether the values of a type, or its categories, are text, or bytes, of any length."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    kinds = ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    return any(getattr(pa.types, f"is_{each}")(kind) for each in kinds)


def text_bytes(path: str | Path, metadata: pq.FileMetaData, texts: Sequence[str]) -> int:
    """Return how many bytes the columns `texts` come to, which takes longer than to read them."""
    taken = 0
    with pq.ParquetFile(path, metadata=metadata, read_dictionary=texts) as stored:
        for batch in stored.iter_batches(columns=texts):
            for column in batch.columns:
                lengths = pc.binary_length(column.dictionary).take(column.indices)
                taken += pc.sum(lengths).as_py() or 0
    return taken


def said(file: BinaryIO, size: int) -> dict[int, object]:
    """Return what the end of a file says.

    Arrow, asked for a column of it, ends the process where that is strange.
    """
    file.seek(-8, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")
    if length > min(LONGEST_FOOTER, size - 8):
        raise ValueError(f"it claims to say {length:,} bytes about itself")
    file.seek(-8 - length, os.SEEK_END)
    return fields(BytesIO(file.read(length)))


def claims(
    file: BinaryIO, size: int, known: dict, texts: Sequence[str], columns: Sequence[str]
) -> tuple[int, int]:
    """Return how many bytes columns claim to take, without and with `texts` at their longest.

    Args:
        file: an open one.
        size: its bytes.
        known: what it says at its end.
        texts: the columns of text.
        columns: those that are read.

    Raises:
        ValueError: the pages are not as the end of the file says.
    """
    packed = taken = written = 0
    for number, (name, length) in enumerate(leaves(known[SCHEMA])):
        if name not in columns:
            continue
        for group in known[GROUPS]:
            chunk = group[1][number][3]
            if chunk[PACKED] < 0 or chunk[VALUES] < group[ROWS]:
                raise ValueError(f"it claims what cannot be of {name}")
            packed += chunk[PACKED]
            if packed > size:
                raise ValueError(f"it claims {packed:,} bytes of pages, and has {size:,}")
            fixed, text = claim(file, name, chunk, max(WIDTH, length))
            taken += fixed if name in texts else fixed + text
            written += fixed + text
    return taken, written


def leaves(schema: list[dict]) -> Iterator[tuple[str, int]]:
    """Yield for each column of values the name of what it is in, and the length of a value or 0."""
    elements, name, within = iter(schema[1:]), "", 0
    for element in elements:
        name = name if within else element[4].decode()
        within += element.get(5, 0) - bool(within)
        if TYPE in element and not element.get(5):
            yield name, element.get(2, 0)


def claim(file: BinaryIO, name: str, chunk: dict[int, object], width: int) -> tuple[int, int]:
    """Return how many bytes the pages of a column claim to take in a group of rows.

    Args:
        file: an open one.
        name: of the column.
        chunk: what the end of the file says of them.
        width: bytes of a value.

    Returns what they take unpacked and as values of this width; and what its text would take beside, were
    every value the longest in the dictionary.
    """
    dictionary = chunk.get(FIRST_DICTIONARY, 0)
    start = dictionary if 0 < dictionary < chunk[FIRST] else chunk[FIRST]
    end, seen, taken, longest = start + chunk[PACKED], 0, 0, 0
    while seen < chunk[VALUES] and start < end:
        file.seek(start)
        head = fields(file, "page")
        kind, unpacked, packed = head[1], head[2], head[3]
        page = head.get({DATA: 5, DICTIONARY: 7, DATA_2: 8}.get(kind), {1: 0, 2: 0, 4: 0})
        values, packing = page[1], page[4 if kind == DATA_2 else 2]
        if min(unpacked, packed, values) < 0 or packing == FORWARD:
            raise ValueError("it is packed in a way that is not read")
        taken += unpacked + values * width
        start = file.tell() + packed
        if kind != DICTIONARY:
            seen += values
        elif chunk[TYPE] == BYTE_ARRAY and packed <= chunk[PACKED]:
            longest = longest_of(file.read(packed), unpacked, chunk[CODEC])
    if seen != chunk[VALUES]:
        raise ValueError(f"it claims {chunk[VALUES]:,} values of {name}, and has {seen:,}")
    return taken, seen * longest


def longest_of(page: bytes, size: int, codec: int) -> int:
    """Return the bytes of the longest text in a dictionary, or of the whole where it is packed in a rare way.

    Args:
        page: as it lies in the file.
        size: of it when it is unpacked.
        codec: how it is packed, a number in `CODECS`, or 0.
    """
    if codec:
        if codec not in CODECS or size > DENSEST_DICTIONARY * (len(page) + 1000):
            return size
        page = pa.decompress(page, size, CODECS[codec])
    longest, at, page = 0, 0, memoryview(page)
    while at < len(page):
        length = int.from_bytes(page[at : at + 4], "little")
        longest, at = max(longest, length), at + 4 + length
    return longest


def fields(file: BinaryIO, place: str = "end") -> dict[int, object]:
    """Read a struct of Thrift's compact protocol to its end: what it holds, by the numbers of its fields.

    Args:
        file: an open one, where it begins.
        place: which it is, as `KINDS` names it.
    """
    found, number = {}, 0
    while head := file.read(1)[0]:
        number += head >> 4
        if not head >> 4:
            raise ValueError(STRANGE)
        found[number] = value(file, head & 15, f"{place}.{number}")
    return found


def value(file: BinaryIO, kind: int, place: str) -> object:
    """Read a value of one of Thrift's types."""
    if kind == LIST:
        head = file.read(1)[0]
        kind, length = head & 15, varint(file) if head >> 4 == 15 else head >> 4
        if kind not in (*WHOLE, BINARY, STRUCT):
            raise ValueError(STRANGE)
        return [value(file, kind, place) for _ in range(length)]
    if kind != KINDS.get(place, kind):
        raise ValueError(STRANGE)
    if kind in (1, 2):
        return kind == 1
    if kind in (3, 7):
        return file.read(1 if kind == 3 else 8)
    if kind in WHOLE:
        number = varint(file)
        return number >> 1 ^ -(number & 1)
    if kind == BINARY:
        return file.read(min(varint(file), LONGEST_FOOTER))
    if kind == STRUCT:
        return fields(file, place)
    raise ValueError(STRANGE)


def varint(file: BinaryIO) -> int:
    """Read a number that is written seven bits a byte, the lowest first."""
    number = shift = 0
    while (byte := file.read(1)[0]) > 127 and shift < 63:
        number, shift = number | (byte & 127) << shift, shift + 7
    return number | byte << shift
