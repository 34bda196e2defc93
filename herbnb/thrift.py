"""Thrift: what a parquet file says of itself, read from the bytes of Thrift's compact protocol.

The protocol is at https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from typing import BinaryIO

LONGEST_FOOTER = 4 * 1024**2
"""Bytes of what a file says at its end: Arrow takes two hundred times as many to keep it."""

SCHEMA, GROUPS, ROWS = 2, 4, 3
"""The numbers of what is needed of a file's end and of a group of rows, in the definition of the format
(https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift)."""

TYPE, CODEC, VALUES, PACKED, FIRST, FIRST_DICTIONARY = 1, 4, 5, 7, 9, 11
"""Of a column in a group: its type and codec, its values, the bytes of its pages, and where they begin."""

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
