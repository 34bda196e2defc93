"""Parquet written by hand, byte by byte: what it says of itself need not be so."""

import struct

DOUBLE, BYTES, FIXED = 5, 6, 7
"""Types of values."""

PLAIN, RUNS, FORWARD, BY_DICTIONARY = 0, 3, 7, 8
"""How values are packed."""

GZIP = 2
"""How pages are, or 0."""


class Long(int):
    """A number of 64 bits."""


def parquet(rows: int, *columns: tuple[dict, bytes]) -> bytes:
    """Return a file of one group of rows."""
    body, chunks = b"PAR1", []
    for said, pages in columns:
        first, start = said.pop("first", 0), len(body)
        where = {9: Long(start + first), **({11: Long(start)} if first else {})}
        told = {2: [PLAIN, RUNS], 3: [said["schema"][4]], 6: Long(len(pages)), 7: Long(len(pages))}
        meta = {1: said["schema"][1], 4: said["codec"], 5: Long(said["values"])} | told | where
        chunks.append({2: Long(start), 3: dict(sorted((meta | said.get("meta", {})).items()))})
        body += pages
    schema = [{4: b"schema", 5: len(columns)}, *(said["schema"] for said, _ in columns)]
    group = {1: chunks, 2: Long(len(body)), 3: Long(rows)}
    return ended(body, thrift({1: 2, 2: schema, 3: Long(rows), 4: [group]}))


def ended(body: bytes, footer: bytes) -> bytes:
    """Return a file that ends with this footer."""
    return body + footer + struct.pack("<I", len(footer)) + b"PAR1"


def column(
    name: str,
    kind: int,
    values: int,
    *pages: bytes,
    dictionary: bytes = b"",
    codec: int = 0,
    length: int = 0,
    **meta: int,
) -> tuple[dict, bytes]:
    """Return a column of so many values, as it is said to be, and its pages, a dictionary first.

    A value may have a length that its type does not say. What the footer says otherwise is given by the number of
    its field: `_7` is how long the pages are, `_9` where they begin.
    """
    schema = {1: kind, **({2: length} if length else {}), 3: 0, 4: name.encode()}
    told = {int(number[1:]): Long(value) for number, value in meta.items()}
    said = dict(schema=schema, codec=codec, values=values, first=len(dictionary), meta=told)
    return said, dictionary + b"".join(pages)


def page(
    data: bytes, values: int, packing: int = PLAIN, size: int | None = None, dictionary: bool = False
) -> bytes:
    """Return a page, and what it says: its values and its size when it is unpacked."""
    says = {1: values, 2: packing} | ({} if dictionary else {3: RUNS, 4: RUNS})
    head = {1: 2 if dictionary else 0, 2: len(data) if size is None else size, 3: len(data)}
    return thrift(head | {7 if dictionary else 5: says}) + data


def run(times: int) -> bytes:
    """Say so many times the first word of a dictionary."""
    return b"\1" + varint(times << 1) + b"\0"


def texts(*words: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(word)) + word for word in words)


def doubles(*numbers: float) -> bytes:
    return struct.pack(f"<{len(numbers)}d", *numbers)


def thrift(value: object) -> bytes:
    """Write a value in Thrift's compact protocol: a dictionary is a struct, by the numbers of its fields."""
    if isinstance(value, int):
        return varint(value << 1 if value >= 0 else ~(value << 1))
    if isinstance(value, bytes):
        return varint(len(value)) + value
    if isinstance(value, list):
        return bytes([0xF0 | kind(value[0])]) + varint(len(value)) + b"".join(map(thrift, value))
    written, last = b"", 0
    for number, each in value.items():
        written += bytes([number - last << 4 | kind(each)]) + thrift(each)
        last = number
    return written + b"\0"


def kind(value: object) -> int:
    return {int: 5, Long: 6, bytes: 8, list: 9, dict: 12}[type(value)]


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])
