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

from herbnb.thrift import (
    CODEC,
    FIRST,
    FIRST_DICTIONARY,
    GROUPS,
    LONGEST_FOOTER,
    PACKED,
    ROWS,
    SCHEMA,
    TYPE,
    VALUES,
    fields,
)

LARGEST = 2 * 1024**3
"""Bytes that a table may take: the records of 2.3 million sheets take half of it."""

DENSEST = 4
"""Bytes of a table for each of its file, where that is more: features hardly shrink when they are packed."""

DENSEST_DICTIONARY = 20
"""Bytes that one byte of a dictionary unpacks to at most where its texts differ, as they do."""

WIDTH = 8
"""Bytes that a value takes at least, with where it begins and how deep it lies."""

DATA, DICTIONARY, DATA_2, BYTE_ARRAY = 0, 2, 3, 6
"""The types of pages that hold values, and that of text."""

CODECS = {1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd"}

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
