"""Archives of records and packed runs, as they should not be."""

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from herbnb.book import unpacking
from herbnb.book.unpacking import unpack
from herbnb.data.fetching.archive import Packed
from herbnb.data.records.darwin_core import read_archive
from herbnb.errors import BadInput
from test_darwin_core import PICTURES, core, lines, meta, pictures
from test_darwin_core import ROWS as RECORDS
from torture import places
from torture.row import Row

FILE = "records.zip"

PARTS = {
    "meta.xml": meta(core(), pictures()).encode(),
    "occurrence.txt": lines(RECORDS).encode(),
    "multimedia.txt": lines(PICTURES).encode(),
}
"""A Darwin Core Archive, as it should be."""

WHOLE = ["K1", "K2"]
"""The barcodes in it."""

SHEETS = b"sheets"
RUN = {"results/specimens.parquet": SHEETS, "executed/a.ipynb": b"1"}
"""What a packed run holds, as far as unpacking looks."""


def barcodes(path: Path) -> list[str]:
    """Read an archive of records."""
    return list(read_archive(path)["barcode"])


def unpacked(path: Path) -> list[str]:
    """Unpack a run beside its file, and list what is there then; nothing but the file is, where it is refused."""
    try:
        unpack(path, path.parent / "executed", path.parent / "run")
    except BadInput:
        assert [each.name for each in path.parent.iterdir()] == [path.name]
        raise
    return sorted(
        each.relative_to(path.parent).as_posix() for each in path.parent.rglob("*") if each.is_file()
    )


def zipped(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def twice(parts: dict[str, bytes]) -> bytes:
    """Return a zip in which the last member is there twice, under one name."""
    (*_, last) = parts
    content = zipped(parts | {last[:-1] + "~": b"another"})
    return content.replace((last[:-1] + "~").encode(), last.encode())


def told_manifest(parts: dict[str, bytes], **told: object) -> bytes:
    """Return the manifest of a packed run, with other words of it."""
    files = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in parts.items()
    }
    return json.dumps({"herbnb": "0", "run": "mine", "profile": {}, "files": files} | told).encode()


def packed(parts: dict[str, bytes] = RUN, how: int = zipfile.ZIP_DEFLATED, **told: object) -> bytes:
    """Return a packed run."""
    return zipped(parts | {"manifest.json": told_manifest(parts, **told)}, how)


def headers(content: bytes) -> list[tuple[int, int]]:
    """Return where the two headers of each member of a zip are."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        local = [member.header_offset for member in archive.infolist()]
    central, at = [], content.index(b"PK\x01\x02")
    while at >= 0:
        central.append(at)
        at = content.find(b"PK\x01\x02", at + 1)
    return list(zip(local, central, strict=True))


def changed(content: bytes, member: int, flags: int = 0, method: int = -1, **sizes: int) -> bytes:
    """Return a zip that says something else of a member: its flags, how it is packed, `packed` and `size`."""
    changed = bytearray(content)
    local, central = headers(content)[member]
    for flag_at, method_at, packed_at, size_at in (
        (local + 6, local + 8, local + 18, local + 22),
        (central + 8, central + 10, central + 20, central + 24),
    ):
        changed[flag_at] |= flags
        if method >= 0:
            changed[method_at : method_at + 2] = struct.pack("<H", method)
        for at, name in ((packed_at, "packed"), (size_at, "size")):
            if name in sizes:
                changed[at : at + 4] = struct.pack("<I", sizes[name])
    return bytes(changed)


def overlapping(parts: dict[str, bytes]) -> bytes:
    """Return a zip of which one member begins where another does."""
    content = bytearray(zipped(parts))
    (first, _), (_, central), *_ = headers(bytes(content))
    content[central + 42 : central + 46] = struct.pack("<I", first)
    return bytes(content)


def linked(parts: dict[str, bytes], name: str) -> bytes:
    """Return a zip of which one member is a link to a file elsewhere."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for each, content in parts.items():
            member = zipfile.ZipInfo(each)
            member.external_attr = (stat.S_IFLNK if each == name else stat.S_IFREG) << 16
            archive.writestr(member, b"/etc/passwd" if each == name else content)
    return file.getvalue()


def zeros(megabytes: int) -> bytes:
    return b"0" * 1_000_000 * megabytes


def row(kind: str, read: Callable, name: str, content: object, said: str = "", comes: object = None) -> Row:
    def make(folder: Path, size: int) -> Path:
        (folder / FILE).write_bytes(content(size) if isinstance(content, Callable) else content)
        return folder / FILE

    return Row(f"{kind}: {name}", make, read, said, comes)


def records(name: str, content: object, said: str = "", comes: object = None) -> Row:
    """Return a row of a Darwin Core Archive."""
    return row("records", barcodes, name, content, said, comes)


def run(name: str, content: object, said: str = "", comes: object = None) -> Row:
    """Return a row of a packed run."""
    return row("packed run", unpacked, name, content, said, comes)


def kaggle(path: Path) -> object:
    """Open the archive of Kaggle's, whose own rows are in test_kaggle.py."""
    with Packed(path):
        return None


def with_meta(content: bytes) -> bytes:
    return zipped(PARTS | {"meta.xml": content})


def unpacked_folder(**other: Callable[[Path], None]) -> Callable[[Path, int], Path]:
    """Return what makes the folder of an archive, with something else in the place of a file."""

    def make(folder: Path, size: int) -> Path:
        for name, content in PARTS.items():
            (folder / name).write_bytes(content)
        for name, lay in other.items():
            (folder / f"{name}.txt").unlink()
            lay(folder / f"{name}.txt")
        return folder

    return make


def all_disk() -> Callable[[Path], list[str]]:
    """Return what unpacks a run where the disk has room for a few bytes."""

    def read(path: Path) -> list[str]:
        before = unpacking.shutil.disk_usage
        unpacking.shutil.disk_usage = lambda folder: before(folder)._replace(free=5)
        try:
            return unpacked(path)
        finally:
            unpacking.shutil.disk_usage = before

    return read


DEEP_XML = meta(core(), pictures()).replace("</archive>", "<a>" * 20_000 + "</a>" * 20_000 + "</archive>")

ROWS = [
    records("as they should be", zipped(PARTS), comes=WHOLE),
    records("no byte", b"", "is no zip that is whole"),
    records("text", b"hello", "is no zip that is whole"),
    records("no member", zipped({}), r"has no meta\.xml"),
    records("only its end", b"PK\x05\x06" + b"\0" * 18, r"has no meta\.xml"),
    records("a zip in a zip", zipped({"dwca.zip": zipped(PARTS)}), r"has no meta\.xml"),
    records("without its end", zipped(PARTS)[:-30], "is no zip that is whole"),
    records("something before it", b"#!/bin/sh\nexit\n" + zipped(PARTS), comes=WHOLE),
    records("something behind it", zipped(PARTS) + b"\n\n", comes=WHOLE),
    records(
        "a descriptor twice",
        twice({**{k: PARTS[k] for k in sorted(PARTS)[1:]}, "meta.xml": PARTS["meta.xml"]}),
        "two of its members have one name",
    ),
    records("a table twice", twice(PARTS), "two of its members have one name"),
    records(
        "a table that swells",
        lambda size: zipped(PARTS | {"occurrence.txt": zeros(30 * size)}),
        "would unpack to [0-9,]+ bytes",
    ),
    records(
        "a descriptor that swells", lambda size: with_meta(zeros(30 * size)), "would unpack to [0-9,]+ bytes"
    ),
    records(
        "a descriptor of spaces",
        with_meta(PARTS["meta.xml"] + b" \t" * 8_000_000),
        "would unpack to 16,[0-9,]+ bytes",
    ),
    records(
        "a table that says it is packed less",
        changed(zipped(PARTS | {"occurrence.txt": zeros(30)}), 1, packed=2**31),
        "would unpack to 30,000,000 bytes",
    ),
    records("a table that says it is small", changed(zipped(PARTS), 1, size=10), "cannot be unpacked"),
    records("a table that says it is larger", changed(zipped(PARTS), 1, size=200), comes=WHOLE),
    records(
        "a table that says it has gigabytes",
        changed(zipped(PARTS), 1, size=2**32 - 2),
        "would unpack to 4,294,967,294 bytes",
    ),
    records("a descriptor with a password", changed(zipped(PARTS), 0, flags=1), "meta.xml is encrypted"),
    records("a table with a password", changed(zipped(PARTS), 1, flags=1), "occurrence.txt is encrypted"),
    records("packed by LZMA", zipped(PARTS, zipfile.ZIP_LZMA), "is packed in another way than by deflate"),
    records("packed by bzip2", zipped(PARTS, zipfile.ZIP_BZIP2), "is packed in another way than by deflate"),
    records("packed as nobody knows", changed(zipped(PARTS), 1, method=97), "is packed in another way"),
    records(
        "stored, and said to be packed",
        changed(zipped(PARTS, zipfile.ZIP_STORED), 1, method=8),
        "cannot be unpacked",
    ),
    records("members over one another", overlapping(PARTS), "cannot be unpacked|no zip that is whole"),
    records(
        "a table that is a link",
        linked(PARTS, "occurrence.txt"),
        "occurrence.txt is a link",
    ),
    records(
        "members that climb", zipped(PARTS | {"../../outside.txt": b"x", "/etc/outside": b"x"}), comes=WHOLE
    ),
    records(
        "names of members in no encoding",
        zipped(PARTS | {"name": b"x"}).replace(b"name", b"n\xff\xfee"),
        comes=WHOLE,
    ),
    records(
        "a descriptor in UTF-16",
        with_meta(PARTS["meta.xml"].decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16")),
        comes=WHOLE,
    ),
    records(
        "a descriptor with a byte order mark", with_meta(b"\xef\xbb\xbf" + PARTS["meta.xml"]), comes=WHOLE
    ),
    records(
        "a descriptor in no encoding",
        with_meta(PARTS["meta.xml"].replace(b'"1.0"', b'"1.0" encoding="klingon"')),
        "is not XML",
    ),
    records("a descriptor that is deep", with_meta(DEEP_XML.encode()), comes=WHOLE),
    records(
        "a descriptor that is a web page",
        with_meta(b"<!DOCTYPE html><html><body>404<br></body></html>"),
        "is not XML",
    ),
    records(
        "a million columns in a descriptor",
        with_meta(PARTS["meta.xml"].replace(b'index="6"', b'index="9998"')),
        "has 9,999 columns",
    ),
    *places.rows(
        "records",
        FILE,
        barcodes,
        mkdir=r"has no meta\.xml",
        loop="is no zip that is whole",
        forbidden="cannot be read|no zip that is whole",
        sparse="is no zip that is whole",
    ),
    Row("records: a folder that is whole", unpacked_folder(), barcodes, comes=WHOLE),
    Row(
        "records: a folder with a pipe for a table",
        unpacked_folder(occurrence=places.pipe),
        barcodes,
        "lacks the file 'occurrence.txt'",
    ),
    Row(
        "records: a folder with a device for a table",
        unpacked_folder(occurrence=places.endless),
        barcodes,
        "lacks the file|not inside the archive",
    ),
    Row(
        "records: a folder with a folder for a table",
        unpacked_folder(multimedia=Path.mkdir),
        barcodes,
        "lacks the file 'multimedia.txt'",
    ),
    Row(
        "records: a folder with a table of gigabytes",
        unpacked_folder(occurrence=places.sparse),
        barcodes,
        "has 5,368,709,120 bytes",
    ),
    run(
        "as it should be",
        packed(),
        comes=["executed/a.ipynb", FILE, "run/profile.yml", "run/specimens.parquet"],
    ),
    run(
        "a manifest that swells",
        lambda size: zipped(RUN | {"manifest.json": zeros(30 * size)}),
        "its manifest would unpack to",
    ),
    run("a manifest with a password", changed(packed(), 2, flags=1), "its manifest is encrypted"),
    run("a manifest that is deep", zipped(RUN | {"manifest.json": b"[" * 100_000}), "is no packed run"),
    run(
        "a manifest in UTF-16",
        zipped(RUN | {"manifest.json": told_manifest(RUN).decode().encode("utf-16")}),
        "is no packed run",
    ),
    run("a file with a password", changed(packed(), 0, flags=1), "results/specimens.parquet is encrypted"),
    run(
        "a file that swells",
        lambda size: packed(RUN | {"results/x.csv": zeros(30 * size)}),
        "results/x.csv would unpack to",
    ),
    run("a file packed by LZMA", packed(how=zipfile.ZIP_LZMA), "is packed in another way than by deflate"),
    run("a file packed as nobody knows", changed(packed(), 0, method=97), "is packed in another way"),
    run("a file that is cut", changed(packed(), 0, packed=3), "is damaged: results/specimens.parquet"),
    run(
        "a file twice",
        twice({**{"manifest.json": told_manifest(RUN)}, **RUN}),
        "two of its members have one name",
    ),
    run(
        "files over one another",
        overlapping(RUN | {"manifest.json": told_manifest(RUN)}),
        "is damaged|cannot be unpacked",
    ),
    run(
        "a file that is a link",
        linked(RUN | {"manifest.json": told_manifest(RUN)}, "results/specimens.parquet"),
        "results/specimens.parquet is a link",
    ),
    run("a name with a NUL", packed({"results/a\0.csv": b""}), "holds other files|is no packed run"),
    run(
        "a name of 300 letters",
        packed({f"results/{'x' * 300}.csv": b""}),
        "cannot be unpacked .*File name too long",
    ),
    run(
        "a file that is a folder too",
        packed({"results/a.csv": b"", "results/a.csv/b.csv": b""}),
        "cannot be unpacked",
    ),
    run(
        "bytes below zero",
        packed(files={"results/a.csv": {"bytes": -1, "sha256": ""}}),
        "holds other files|is damaged",
    ),
    run(
        "bytes that are text",
        packed(files={"results/a.csv": {"bytes": "1", "sha256": ""}}),
        "is no packed run",
    ),
    run("a name with two lines", packed({"results/a\nb.csv": b""}), "is no file of a run"),
    run("no manifest", zipped(RUN), "is no packed run: make one with"),
    run("a Darwin Core Archive", zipped(PARTS), "is no packed run: make one with"),
    row(
        "packed run",
        all_disk(),
        "more than the disk holds",
        packed(),
        "unpacks to 7 bytes, and .* has 5 free",
    ),
    *places.rows(
        "packed run",
        FILE,
        lambda path: unpack(path, path.parent / "executed", path.parent / "run"),
        loop="cannot be unpacked",
        forbidden="cannot be unpacked",
        sparse="cannot be unpacked",
    ),
    *places.rows(
        "Kaggle's archive",
        FILE,
        kaggle,
        loop="cannot be opened as a zip",
        dangling="cannot be opened as a zip",
        forbidden="cannot be opened as a zip",
        sparse="cannot be opened as a zip",
    ),
]
