"""Tables of parquet that promise more than a memory holds."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from herbnb.tables import read_table
from torture.row import Row
from torture.thrift import (
    BY_DICTIONARY,
    BYTES,
    DOUBLE,
    FIXED,
    GZIP,
    Long,
    column,
    doubles,
    ended,
    page,
    parquet,
    run,
    texts,
    thrift,
)

FILE = "promises.parquet"

MOST = 2**31 - 1
"""What a number of 32 bits can promise."""

TWO = doubles(1, 2)
PAGE = page(TWO, 2)


def cells(path: Path) -> list[list[object]]:
    """Read a table, as every reader of tables does: what is in its columns."""
    table = pa.Table.from_pandas(read_table(path), preserve_index=False)
    return [column.to_pylist() for column in table.columns]


def row(name: str, content: object, said: str = "", comes: object = None, read: Callable = cells) -> Row:
    """Return a row of the bytes of a file, or of a function that makes them in a size."""

    def make(folder: Path, size: int) -> Path:
        (folder / FILE).write_bytes(content(size) if isinstance(content, Callable) else content)
        return folder / FILE

    return Row(f"parquet: {name}", make, read, said, comes)


def numbers(*pages: bytes, values: int = 2, rows: int = 2, **how: object) -> bytes:
    """Return a table of a column of numbers."""
    return parquet(rows, column("a", DOUBLE, values, *pages, **how))


def one_word(times: int, word: bytes, kind: int = BYTES, length: int = 0, name: str = "a") -> bytes:
    """Return a table of one text, in so many rows."""
    words = page(word if length else texts(word), 1, dictionary=True)
    rows = page(run(times), times, BY_DICTIONARY)
    return parquet(times, column(name, kind, times, rows, dictionary=words, length=length))


def long_text(name: str) -> bytes:
    """Return a table of three gigabytes of text, in a hundred kilobytes."""
    return one_word(30_000, b"x" * 100_000, name=name)


def written(table: pa.Table, **how: object) -> Callable[[int], bytes]:
    """Return what writes an honest table."""

    def make(size: int) -> bytes:
        with pa.BufferOutputStream() as stream:
            pq.write_table(table, stream, **how)
            return stream.getvalue().to_pybytes()

    return make


def deltas(times: int) -> bytes:
    """Return texts of which each is the whole of the one before it."""
    with pa.BufferOutputStream() as stream:
        pq.write_table(
            pa.table({"a": ["x" * 10_000] * times}),
            stream,
            use_dictionary=False,
            column_encoding="DELTA_BYTE_ARRAY",
        )
        return stream.getvalue().to_pybytes()


def many_chunks(size: int) -> bytes:
    """Return a table whose end names hundreds of thousands of columns that say nothing."""
    group = {1: [{2: Long(0)}] * 300_000, 2: Long(0), 3: Long(0)}
    schema = [{4: b"schema", 5: 1}, {1: DOUBLE, 3: 0, 4: b"a"}]
    return ended(b"PAR1", thrift({1: 2, 2: schema, 3: Long(0), 4: [group]}))


def one_page_for_all(size: int) -> bytes:
    """Return a table of which a hundred columns are one page."""
    one = page(doubles(*range(1000)), 1000)
    others = [column(f"a{number}", DOUBLE, 1000, _9=4, _7=len(one)) for number in range(1, 100)]
    return parquet(1000, column("a0", DOUBLE, 1000, one), *others)


LONG = {"a": ["x" * 1000, "y", "z"] * 5, "b": [["u", "v" * 100]] * 15, "c": [{"d": "w" * 100}] * 15}
"""Text of all kinds, some of it long and often the same."""

ALL = [[*LONG["a"]], [["u", "v" * 100]] * 15, LONG["c"]]

REMARKS = pa.table({"a": ["x" * 5_000_000, *[""] * 999]})
"""A long text, and many that are not."""

ROWS = [
    row("as it should be", numbers(PAGE), comes=[[1.0, 2.0]]),
    row("two pages", numbers(PAGE, PAGE, values=4, rows=4), comes=[[1.0, 2.0, 1.0, 2.0]]),
    row("a page packed", numbers(page(zlib.compress(TWO), 2, size=16), codec=GZIP), comes=[[1.0, 2.0]]),
    row(
        "values that are not there", numbers(PAGE, values=MOST), "claims 2,147,483,647 values of a, and has 2"
    ),
    row("rows that are not there", numbers(PAGE, rows=MOST), "claims what cannot be of a"),
    row(
        "rows and values that are not there",
        numbers(PAGE, values=MOST, rows=MOST),
        "claims 2,147,483,647 values",
    ),
    row("rows below zero", numbers(PAGE, rows=-2, values=-2), "is not a readable parquet table"),
    row(
        "values in a page that are not there",
        numbers(page(TWO, MOST)),
        "claims 2 values of a, and has 2,147,4",
    ),
    row("a page of gigabytes", numbers(page(TWO, 2, size=MOST)), "claims 2 rows of 1 columns, 2,147,4"),
    row(
        "a page of gigabytes, packed",
        numbers(page(zlib.compress(TWO), 2, size=MOST), codec=GZIP),
        "claims 2 rows of 1 columns, 2,147,4",
    ),
    row("a page of a size below zero", numbers(page(TWO, 2, size=-16)), "packed in a way that is not read"),
    row(
        "a dictionary of gigabytes",
        numbers(page(run(2), 2, BY_DICTIONARY), dictionary=page(TWO, 2, size=MOST, dictionary=True)),
        "claims 2 rows of 1 columns, 2,147,4",
    ),
    row(
        "a dictionary of gigabytes, packed",
        numbers(
            page(zlib.compress(run(2)), 2, BY_DICTIONARY, size=3),
            dictionary=page(zlib.compress(TWO), 2, size=MOST, dictionary=True),
            codec=GZIP,
        ),
        "claims 2 rows of 1 columns, 2,147,4",
    ),
    row(
        "words of a dictionary that are not there",
        numbers(page(run(2), 2, BY_DICTIONARY), dictionary=page(TWO, MOST, dictionary=True)),
        "claims 2 rows of 1 columns, 17,179,8",
    ),
    row(
        "half a billion times a number",
        numbers(
            page(run(2**29), 2**29, BY_DICTIONARY),
            dictionary=page(TWO, 2, dictionary=True),
            values=2**29,
            rows=2**29,
        ),
        "claims 536,870,912 rows of 1 columns, 4,294,9",
    ),
    row(
        "a run that is longer than its page",
        numbers(page(run(2**30), 2, BY_DICTIONARY), dictionary=page(TWO, 2, dictionary=True)),
        comes=[[1.0, 1.0]],
    ),
    row(
        "a run of a word that there is not",
        numbers(page(b"\1\4\7", 2, BY_DICTIONARY), dictionary=page(TWO, 2, dictionary=True)),
        "is not a readable parquet table",
    ),
    row(
        "thirty thousand times a long text",
        long_text("a"),
        "its text claims 3,000,000,000 bytes",
    ),
    row("a thousand times a long text", one_word(1000, b"x" * 1000), comes=[[b"x" * 1000] * 1000]),
    row(
        "thirty thousand times many bytes",
        one_word(30_000, b"x" * 100_000, FIXED, 100_000),
        "claims 30,000 rows of 1 columns, 3,000,",
    ),
    row(
        "a text of gigabytes",
        parquet(1, column("a", BYTES, 1, page(b"\xff\xff\xff\x7fx", 1))),
        "is not a readable parquet table",
    ),
    row(
        "a text of gigabytes in a dictionary",
        parquet(
            1,
            column(
                "a",
                BYTES,
                1,
                page(run(1), 1, BY_DICTIONARY),
                dictionary=page(b"\xff\xff\xff\x7fx", 1, dictionary=True),
            ),
        ),
        "is not a readable parquet table",
    ),
    row(
        "numbers of a gigabyte",
        parquet(2, column("a", FIXED, 2, page(b"xy", 2), length=2**30)),
        "claims 2 rows of",
    ),
    row("texts that are each the one before", lambda size: deltas(1000), "packed in a way that is not read"),
    row(
        "a long end",
        lambda size: ended(b"PAR1", b"\0" * 9_000_000),
        "claims to say 9,000,000 bytes about itself",
    ),
    row("columns that say nothing", many_chunks, "claims to say|is not a readable parquet table"),
    row("a hundred columns of one page", one_page_for_all, "bytes of pages, and has"),
    row(
        "two columns of one name",
        parquet(2, column("a", DOUBLE, 2, PAGE), column("a", DOUBLE, 2, PAGE)),
        "two of its columns have one name",
    ),
    row("pages behind the end", numbers(PAGE, _9=10**15), "is not a readable parquet table"),
    row("pages before the beginning", numbers(PAGE, _9=-4), "is not a readable parquet table"),
    row("pages longer than the file", numbers(PAGE, _7=10**15), "bytes of pages, and has"),
    row(
        "a page with a head that does not end",
        numbers(b"\x15" + b"\xff" * 200, values=2),
        "is not a readable parquet table",
    ),
    row("a page with a deep head", numbers(b"\x1c" * 100_000), "is not a readable parquet table"),
    *(
        row(f"text of all kinds, packed by {codec}", written(pa.table(LONG), compression=codec), comes=ALL)
        for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4")
    ),
    row("pages of the second kind", written(pa.table(LONG), data_page_version="2.0"), comes=ALL),
    row("pages with their sums", written(pa.table(LONG), write_page_checksum=True), comes=ALL),
    row("no dictionary", written(pa.table(LONG), use_dictionary=False), comes=ALL),
    row("many small pages", written(pa.table(LONG), data_page_size=1, write_batch_size=1), comes=ALL),
    row(
        "a text that would be long in every row",
        written(REMARKS),
        comes=[5_000_000, 1000],
        read=lambda path: [len(max(cells(path)[0])), len(cells(path)[0])],
    ),
    *(
        row(
            f"text that is {kind}",
            written(pa.table({"a": pa.array(["x", "y", "x"], kind)})),
            comes=[["x", "y", "x"]],
        )
        for kind in (pa.large_string(), pa.string_view())
    ),
    row(
        "text that is a category",
        written(pa.table({"a": pa.array(["x", "y", "x"]).dictionary_encode()})),
        comes=[["x", "y", "x"]],
    ),
    row(
        "a category that is long",
        lambda size: written(
            pa.table(
                {"a": pa.DictionaryArray.from_arrays(pa.array([0] * 30_000, pa.int32()), ["x" * 100_000])}
            )
        )(size),
        "its text claims 3,000,000,000 bytes",
    ),
]
