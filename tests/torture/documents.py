"""Documents of JSON from elsewhere: decisions, IIIF manifests, queries, and what a download has noted."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pandas as pd
from click.testing import CliRunner

from herbnb.cabinet.decisions import read_decisions
from herbnb.cli import main
from herbnb.data.fetching import api
from herbnb.data.fetching.documents import opened
from herbnb.data.fetching.manifest import COLUMNS, read_manifest
from herbnb.data.fetching.source import Unusable
from herbnb.errors import BadInput
from test_decisions import decision, file_of
from test_iiif import image_3, manifest_3, service_3
from torture import places, promises
from torture.row import Row

DECISIONS, IIIF, MANIFEST = "decisions.json", "iiif.json", "manifest.jsonl"

DECIDED = json.dumps(file_of(decision()))


def row(kind: str, file: str, read: Callable, name: str, content: object, said: str = "", comes=None) -> Row:
    """Return a row of the text or the bytes of a file, or of a function that makes them in a size."""

    def make(folder: Path, size: int) -> Path:
        text = content(size) if isinstance(content, Callable) else content
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder / file

    return Row(f"{kind}: {name}", make, read, said, comes)


def said(path: Path) -> list[str]:
    """Read a file of decisions: what was said of each sheet."""
    return [each.said for each in read_decisions(path).decisions]


def decisions(name: str, content: object, said_: str = "", comes: object = None) -> Row:
    """Return a row of a file of decisions."""
    return row("decisions", DECISIONS, said, name, content, said_, comes)


def changed(**change: object) -> str:
    """Return a file of one decision with another value in it."""
    return json.dumps(file_of(decision() | change))


URL = "https://museum.example/K1.jpg"


def images(path: Path) -> tuple[list[list[str]], str]:
    """Open a kept document: the addresses of the images in it, and what is wrong with it."""
    row = {"url": "https://museum.example/manifest", "urls": ["https://museum.example/manifest", URL]}
    rows, reason = opened(row, path.parent, path.name, "", 800)
    return [row["urls"] for row in rows], reason


def document(name: str, content: object, comes: object) -> Row:
    """Return a row of a IIIF document; what lists it has another address besides."""
    return row("IIIF", IIIF, images, name, content, comes=comes)


def sized(**size: object) -> str:
    """Return a manifest with an image of that width and height, on a server that can do little."""
    return json.dumps(manifest_3(image_3(service_3("level1", **size))))


ELSEWHERE = [[URL]]
NO_DOCUMENT = (ELSEWHERE, "not a IIIF document that can be read")
NOT_JSON = (ELSEWHERE, "not JSON")


def ids(path: Path) -> list[str]:
    """Read the manifest of a download."""
    return list(read_manifest(path.parent)["image_id"])


def noted(**change: object) -> str:
    """Return a line of the manifest of a download."""
    empty = {name: "" if kind == "str" else 0 for name, kind in COLUMNS.items()}
    return json.dumps(empty | change) + "\n"


def manifest(name: str, content: object, comes: object) -> Row:
    """Return a row of lines between two that are right."""

    def lines(size: int) -> bytes:
        text = content(size) if isinstance(content, Callable) else content
        text = text if isinstance(text, bytes) else text.encode()
        return noted(image_id="K1").encode() + text + noted(image_id="K2").encode()

    return row("manifest", MANIFEST, ids, name, lines, comes=comes)


def of_parquet(path: Path) -> list[str]:
    return ids(path)


def asked(path: Path) -> str:
    """Let `herbnb data idigbio` read a query, which the file holds."""
    command = ["data", "idigbio", "--query", path.read_text(), "--to", str(path.parent)]
    ran = CliRunner().invoke(main, command)
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    raise BadInput(f"{path}: {ran.output.strip()}")  # a query has no file of its own


def answered(largest: int) -> Callable[[Path], int | str]:
    """Return what asks a portal whose answer the file holds, and may hold so many bytes."""

    def ask(path: Path) -> int | str:
        before, api.LARGEST = api.LARGEST, largest
        try:
            with api.Api(pause=0.0) as portal:
                portal.client = httpx.Client(
                    transport=httpx.MockTransport(lambda _: httpx.Response(200, content=path.read_bytes()))
                )
                return len(portal.ask("GET", "http://portal.example/").content)
        except Unusable as error:
            return str(error)
        finally:
            api.LARGEST = before

    return ask


WRONG_MANIFEST = pd.DataFrame({"image_id": ["K1"], "path": [3.5]})

ROWS = [
    decisions("as they should be", DECIDED, comes=["right"]),
    decisions("a byte order mark", "\ufeff" + DECIDED, comes=["right"]),
    decisions("UTF-16", DECIDED.encode("utf-16"), comes=["right"]),
    decisions("Latin-1", changed(given="Isoëtes").encode() + b"\xff", "it is not JSON"),
    decisions(
        "a name in Latin-1", changed().replace("Botanist", "Linné").encode("latin-1"), "it is not JSON"
    ),
    decisions("empty", "", "it is not JSON"),
    decisions("cut", DECIDED[:-20], "it is not JSON"),
    decisions("a web page", "<html>404</html>", "it is not JSON"),
    decisions("brackets without end", lambda size: "[" * 100_000 * size, "it is not JSON"),
    decisions(
        "a deep remark",
        lambda size: DECIDED.replace('"remarks": ""', '"remarks": ' + "[" * 50_000 + "]" * 50_000),
        "it is not JSON",
    ),
    decisions(
        "a number of 5,000 digits",
        DECIDED.replace('"version": 1', '"version": 1' + "0" * 5_000),
        "it is not JSON",
    ),
    decisions(
        "a suspicion that is NaN", DECIDED.replace("0.84", "NaN"), "entry 1 .*suspicion: Input should be"
    ),
    decisions(
        "a suspicion without end", DECIDED.replace("0.84", "1e999"), "entry 1 .*suspicion: Input should be"
    ),
    decisions(
        "a date before all calendars",
        changed(decided_on="0000-00-00T00:00:00Z"),
        "entry 1 .*decided_on: Input",
    ),
    decisions(
        "a name of megabytes",
        lambda size: changed(given="x" * 1_000_000 * size),
        "entry 1 .*given: String should",
    ),
    decisions(
        "a remark with half a character",
        DECIDED.replace('"remarks": ""', '"remarks": "\\ud800"'),
        "entry 1 .*remarks: ",
    ),
    decisions("a list of names", "Acer rubrum\nPoa annua\n", "it is not JSON"),
    *places.rows("decisions", DECISIONS, said, loop="it is not JSON", forbidden="it is not JSON"),
    document("empty", "", NOT_JSON),
    document("damaged since it came", "{}"[:1], NOT_JSON),
    document("brackets without end", lambda size: "[" * 100_000 * size, NOT_JSON),
    document("a width of 400 digits", sized(width=10**400, height=1), NO_DOCUMENT),
    document("a width that is infinite", sized(width=float("inf"), height=1.0), NO_DOCUMENT),
    document("a width that is NaN", sized(width=float("nan"), height=1.0), NO_DOCUMENT),
    document("a width that is text", sized(width="wide", height="high"), NO_DOCUMENT),
    document(
        "an address of a file",
        json.dumps(manifest_3(image_3(id="file:///etc/passwd"))),
        (ELSEWHERE, "a IIIF document without addresses"),
    ),
    document(
        "an address that is an object",
        json.dumps(manifest_3(image_3(id={"a": 1}))),
        (ELSEWHERE, "a IIIF document without addresses"),
    ),
    document(
        "a document of megabytes",
        lambda size: json.dumps({"items": [{"items": [{"items": [{}] * 1000 * size}]}]}),
        NO_DOCUMENT,
    ),
    manifest("a line that was torn", '{"image_id": "K9', ["K1"]),
    manifest("a line that is deep", lambda size: "[" * 100_000 * size + "\n", ["K1", "K2"]),
    manifest("a line of NULs", b"\0" * 4096 + b"\n", ["K1", "K2"]),
    manifest("a line in no encoding", b'{"image_id": "\xff"}\n', ["K1", "K2"]),
    manifest("a status that is text", noted(image_id="K9", status="two hundred"), ["K1", "K2"]),
    manifest("bytes that are a fraction", noted(image_id="K9", bytes=1.5), ["K1", "K2"]),
    manifest("an id that is a number", noted(image_id=9), ["K1", "K2"]),
    manifest("a width beyond all numbers", noted(image_id="K9", width=10**30), ["K1", "K2"]),
    row(
        "manifest",
        "manifest.parquet",
        of_parquet,
        "three gigabytes of text",
        promises.long_text("image_id"),
        "its text claims 3,000,000,000 bytes",
    ),
    row("manifest", "manifest.parquet", of_parquet, "no parquet", b"PAR1", "is not a readable manifest"),
    Row(
        "manifest: other columns",
        lambda folder, size: (
            WRONG_MANIFEST.to_parquet(folder / "manifest.parquet") or folder / "manifest.parquet"
        ),
        of_parquet,
        "is not a readable manifest",
    ),
    row("query", "query.txt", asked, "no JSON", "{genus: acer}", "--query is not JSON .*: write it like"),
    row(
        "query",
        "query.txt",
        asked,
        "brackets without end",
        "[" * 100_000,
        "--query is not JSON .*: write it like",
    ),
    row("query", "query.txt", asked, "a list", "[]", "--query is not a JSON object: write it like"),
    row("query", "query.txt", asked, "wrong parts", '{"rq": []}', "The query is .*: write it as"),
    row("answer", "answer.json", answered(100), "a small one", "x" * 100, comes=100),
    row(
        "answer",
        "answer.json",
        answered(100),
        "a large one",
        "x" * 101,
        comes="an answer larger than 100 bytes",
    ),
]
