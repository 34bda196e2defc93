"""Files of a run, which others may have handed on: tables, cards, weights, features and the cache."""

import functools
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from safetensors.torch import save as save_tensors

from herbnb.cabinet.suspects import read_list
from herbnb.data.collection import read_collection
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import read_sheet
from herbnb.networks.cards import card_of_run
from herbnb.networks.checkpoints import load_network, state_of_run
from herbnb.networks.weights import state_of
from herbnb.representations.features import read_features
from herbnb.representations.visitors import FeaturesFile
from herbnb.results import Results
from test_features import Toy, pretend, table, vectors, written
from torture import places, promises
from torture.row import SPRUNG, Row

SPECIMENS, CSV, CARD = "specimens.parquet", "identification_scores.csv", "networks/triplet/card.json"
WEIGHTS, CHECKPOINT, LAST = "weights.pth", "networks/triplet/checkpoint.ckpt", "networks/triplet/last.ckpt"
INDEX, PART = "features/colour/half_earth.json", "features/colour/half_earth/part-00000.parquet"
FEATURES = "mine.parquet"


class Trap:
    """Code that runs where a pickle is read as one."""

    def __init__(self, folder: Path):
        self.path = str(folder / SPRUNG)

    def __reduce__(self) -> tuple:
        return open, (self.path, "w")


def put(file: str) -> Callable:
    """Return what makes a row of the bytes, the text or the table of one file of a run."""

    def row(name: str, content: object, read: Callable, said: str = "", comes: object = None) -> Row:
        def make(folder: Path, size: int) -> Path:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            made = content(folder, size) if isinstance(content, Callable) else content
            if isinstance(made, pd.DataFrame | pa.Table):
                pq.write_table(
                    made if isinstance(made, pa.Table) else pa.Table.from_pandas(made, preserve_index=False),
                    path,
                )
            else:
                path.write_bytes(made if isinstance(made, bytes) else made.encode())
            return path

        return Row(name, make, read, said, comes)

    return row


# Tables.


def genera(path: Path) -> list[str]:
    """Read the specimens of a collection."""
    return list(read_collection(path.parent)["genus"])


def sheets(**change: object) -> pa.Table:
    """Return a table of two specimens with another column in it."""
    columns = {name: list(values) for name, values in table(2).items()}
    return pa.table(columns | change)


@functools.cache
def bomb() -> bytes:
    """A table of ten million rows of nothing, in a megabyte."""
    file = io.BytesIO()
    nothing = pa.nulls(10**7)
    pq.write_table(pa.table({name: nothing for name in ["image_id", "emb", *map(str, range(53))]}), file)
    return file.getvalue()


def with_pandas_words(words: bytes) -> pa.Table:
    """A table of specimens of which pandas is told something strange."""
    return sheets().replace_schema_metadata({b"pandas": words})


NO_UTF8 = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(struct.pack("<3i", 0, 3, 6)), pa.py_buffer(b"Po\xffPoa")]
)


def specimens(name: str, content: object, said: str = "", comes: object = None) -> Row:
    return put(SPECIMENS)(f"specimens: {name}", content, genera, said, comes)


def in_odd_folder(name: str) -> Callable[[Path, int], Path]:
    """Return what makes a collection in a folder whose name looks like a column."""

    def make(folder: Path, size: int) -> Path:
        (folder / name).mkdir()
        pq.write_table(sheets(), folder / name / SPECIMENS)
        return folder / name / SPECIMENS

    return make


def scores(path: Path) -> list:
    """Read a table that a chapter has written."""
    return Results(path.parent).read("identification_scores").to_numpy().tolist()


def read_again(path: Path) -> object:
    """Read the card of a review list as a run's files are read."""
    return Results(path.parent).read("review_card")


def chapter_table(name: str, content: object, said: str = "", comes: object = None) -> Row:
    return put(CSV)(f"table of a chapter: {name}", content, scores, said, comes)


LIST = (
    "image_id,standing,suggested,score,judged_by,reason,named_at,named,sure,neighbour_1\n"
    "NA,,None,0.5,both,far,genus,Poa,0.9,K1\n"
)


def suspected(path: Path) -> list[tuple[str, object]]:
    """Read a review list: the sheets on it, and their scores."""
    return [(each.image_id, each.score) for each in read_list(path).itertuples()]


def listed(name: str, content: object, said: str = "", comes: object = None) -> Row:
    return put("review_list.csv")(f"review list: {name}", content, suspected, said, comes)


# Networks.


def known(path: Path) -> int:
    """Read the card of a network that was trained on the run's specimens: how wide it is."""
    return card_of_run(Results(path.parents[2]), "triplet")["width"]


def with_card(folder: Path, **change: object) -> str:
    """Leave what a training leaves, and return the text of its card with another value in it."""
    here = Results(folder)
    here.write("specimens", table(6))
    pretend(here)
    card = here.read("card", network="triplet")
    return json.dumps({**card, **change}).replace('"NAN"', "NaN")


def card(name: str, said: str = "run chapter triplet", comes: object = None, **change: object) -> Row:
    """Return a row of a card with a value in it."""
    return put(CARD)(f"card: {name}", lambda folder, size: with_card(folder, **change), known, said, comes)


def card_text(name: str, text: str, said: str) -> Row:
    """Return a row of a card that is another text."""
    return put(CARD)(f"card: {name}", lambda folder, size: with_card(folder) and text, known, said)


GEOMETRY = Geometry(32).card()


def tensors(path: Path) -> list[str]:
    """Read a file of weights."""
    return list(state_of(path))


def loaded(path: Path) -> object:
    """Load the network of a run."""
    return load_network(Results(path.parents[2]), "triplet")


def saved(thing: object) -> bytes:
    """Return what torch writes."""
    file = io.BytesIO()
    torch.save(thing, file)
    return file.getvalue()


STATE = {"a": torch.zeros(3)}


def repacked(content: bytes, **other: bytes) -> bytes:
    """Return a file of torch's, packed, with other members."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, other.get(name.rpartition("/")[2], before.read(name)))
    return file.getvalue()


def trap(folder: Path, size: int) -> bytes:
    return pickle.dumps({"state_dict": Trap(folder)})


def trap_of_torch(folder: Path, size: int) -> bytes:
    return saved({"state_dict": {"a": Trap(folder)}})


def trap_of_training(folder: Path, size: int) -> bytes:
    return saved({"callbacks": {"EveryEpoch": Trap(folder)}})


def header(text: str, length: int = -1) -> bytes:
    """Return a file of safetensors with this header."""
    return struct.pack("<Q", len(text) if length < 0 else length) + text.encode() + b"\0" * 12


def tensor(shape: list[int], end: int = 12) -> str:
    return json.dumps({"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}})


def weights(
    name: str, content: object, said: str = "that torch can read safely", comes: object = None
) -> Row:
    return put(WEIGHTS)(f"weights: {name}", content, tensors, said, comes)


def safe(name: str, content: object, said: str = "that torch can read safely", comes: object = None) -> Row:
    return put("weights.safetensors")(f"safetensors: {name}", content, tensors, said, comes)


def checkpoint(name: str, content: object) -> Row:
    return put(CHECKPOINT)(
        f"checkpoint: {name}", content, loaded, "is not a whole checkpoint of the triplet: delete"
    )


def last(name: str, content: object) -> Row:
    return put(LAST)(
        f"last checkpoint: {name}", content, state_of_run, "is not a checkpoint of herbnb: delete it"
    )


# Features.


def first_column(path: Path) -> list[float]:
    """Read the features of the run's six sheets: the first number of each."""
    here = Results(path.parents[2] if path.name.endswith(".json") else path.parents[3])
    return read_features(here, "colour")[1][:, 0].tolist()


def run_with_features(folder: Path) -> Results:
    here = Results(folder)
    here.write("specimens", table(6))
    pretend(here)
    written(here, "colour", features=vectors(6, width=4), encoder=Toy("boxes", width=4))
    return here


FIRST = vectors(6, width=4)[:, 0].tolist()


def listing(name: str, said: str = "is no index of features: delete it", **change: object) -> Row:
    """Return a row of an index that lies."""

    def text(folder: Path, size: int) -> str:
        here = run_with_features(folder)
        return json.dumps(here.read("features", encoder="colour", collection="half_earth") | change)

    return put(INDEX)(f"index of features: {name}", text, first_column, said)


def part(name: str, spoil: Callable[[pa.Table], pa.Table], said: str = "", comes: object = None) -> Row:
    """Return a row of a part of features with other rows or columns."""

    def content(folder: Path, size: int) -> pa.Table:
        run_with_features(folder)
        kept = pq.read_table(folder / PART, partitioning=None)
        return spoil(kept).replace_schema_metadata(kept.schema.metadata)

    return put(PART)(f"part of features: {name}", content, first_column, said, comes)


def a_byte_more(folder: Path, size: int) -> bytes:
    """A part with a byte before its first, of which its reader says more than a line."""
    run_with_features(folder)
    return b"\0" + (folder / PART).read_bytes()


def in_place_of_part(lay: Callable[[Path], None]) -> Callable[[Path, int], Path]:
    """Return what makes a run with something else in the place of its part of features."""

    def make(folder: Path, size: int) -> Path:
        run_with_features(folder)
        (folder / PART).unlink()
        lay(folder / PART)
        return folder / PART

    return make


def numbers(width: int, *rows: float) -> pa.Array:
    """Return a vector of one number for each row."""
    values = np.repeat(np.asarray(rows, np.float32), width)
    return pa.FixedSizeListArray.from_arrays(pa.array(values), width)


def replaced(kept: pa.Table, column: str, values: object) -> pa.Table:
    return kept.set_column(kept.column_names.index(column), column, values)


def widest(path: Path) -> int:
    """Read features that were made elsewhere."""
    return FeaturesFile(path).width


def elsewhere(name: str, content: object, said: str = "", comes: object = None) -> Row:
    return put(FEATURES)(f"features made elsewhere: {name}", content, widest, said, comes)


# The cache.


def kept_sheets(spoil: Callable[[Path, Path], None]) -> Callable[[Path, int], Path]:
    """Return what keeps two sheets, and then spoils what it is given: the array and its index."""

    def make(folder: Path, size: int) -> Path:
        for number in range(2):
            pixels = np.random.default_rng(number).integers(0, 256, (40, 30, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
        cache = keep_sheets(pd.DataFrame({"path": ["0.png", "1.png"]}), folder, folder / "kept", Geometry(32))
        spoil(cache.path, cache.index)
        return folder

    return make


def same_as_files(folder: Path) -> bool:
    """Keep the sheets again, and see whether the cache holds what is in the files."""
    cache = keep_sheets(pd.DataFrame({"path": ["0.png", "1.png"]}), folder, folder / "kept", Geometry(32))
    rows = cache.rows(["0.png", "1.png"])
    return all(
        torch.equal(cache[row], read_sheet(folder / f"{n}.png", Geometry(32))) for n, row in enumerate(rows)
    )


def cache(name: str, spoil: Callable[[Path, Path], object]) -> Row:
    """Return a row of a cache that was spoilt, and is made again."""
    return Row(f"cache: {name}", kept_sheets(spoil), same_as_files, comes=True)


def other_array(array: np.ndarray, **how: object) -> Callable[[Path, Path], None]:
    return lambda path, index: np.save(path, array, **how)


def trap_in_cache(path: Path, index: Path) -> None:
    np.save(path, np.array([Trap(path.parents[1])] * 2, object), allow_pickle=True)


def archive_of_arrays(path: Path, index: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, a=np.zeros(2), b=np.zeros(2), c=np.zeros(2))


NA = "network,genus,value\nNA,None,0.5\nnan,True,\n"

ROWS = [
    specimens("as they should be", lambda folder, size: sheets(), comes=["Poa", "Poa"]),
    specimens(
        "text in bytes",
        lambda folder, size: sheets(genus=[b"Poa", b"Acer"]),
        "row 0: 'genus' holds bytes where text belongs",
    ),
    specimens(
        "lists for names",
        lambda folder, size: sheets(genus=[["Poa"], ["Acer"]]),
        "row 0: 'genus' holds ndarray where text belongs",
    ),
    specimens(
        "objects for names",
        lambda folder, size: sheets(genus=[{"a": 1}, {"a": 2}]),
        "row 0: 'genus' holds dict where text belongs",
    ),
    specimens("numbers for ids", lambda folder, size: sheets(image_id=[7, 8]), comes=["Poa", "Poa"]),
    specimens(
        "an id twice", lambda folder, size: sheets(image_id=["7", "7"]), "row 1: image_id '7' occurs twice"
    ),
    specimens(
        "a genus that is missing", lambda folder, size: sheets(genus=["Poa", None]), "row 1: 'genus' is blank"
    ),
    specimens("a genus NA", lambda folder, size: sheets(genus=["NA", "None"]), comes=["NA", "None"]),
    specimens(
        "a NUL in a path",
        lambda folder, size: sheets(path=["a.jpg", "b\0.jpg"]),
        "row 1: 'path' holds a character that no name",
    ),
    specimens(
        "text in no encoding", lambda folder, size: sheets(genus=NO_UTF8), "is not a readable parquet table"
    ),
    specimens("half a billion cells", lambda folder, size: bomb(), "claims 10,000,000 rows of 55 columns"),
    specimens(
        "strange words for pandas",
        lambda folder, size: with_pandas_words(b"[]"),
        "is not a readable parquet table",
    ),
    specimens(
        "deep words for pandas",
        lambda folder, size: with_pandas_words(b"[" * 100_000),
        "is not a readable parquet table",
    ),
    specimens(
        "dates for dates",
        lambda folder, size: sheets(event_date=pa.array([0, 1], pa.date32())),
        comes=["Poa", "Poa"],
    ),
    specimens("no column", lambda folder, size: pa.table({"a": [1]}), "lacks the column 'image_id'"),
    specimens("no row", lambda folder, size: sheets().slice(0, 0), "holds no specimen"),
    specimens("a CSV", "image_id,path\n1,2\n", "is not a readable parquet table"),
    specimens("a parquet that is cut", b"PAR1" + b"\0" * 100, "is not a readable parquet table"),
    specimens(
        "a parquet whose end lies",
        b"PAR1" + b"\0" * 100 + b"\xff\xff\xff\x7fPAR1",
        "is not a readable parquet table",
    ),
    *(
        Row(f"specimens: a folder called {name}", in_odd_folder(name), genera, comes=["Poa", "Poa"])
        for name in ("genus=Acer", "x=1")
    ),
    *places.rows(
        "specimens",
        SPECIMENS,
        genera,
        sparse="is not a readable parquet table",
        loop="is missing",
        dangling=r"metadata\.json is missing",
        forbidden="cannot be read|is missing",
    ),
    chapter_table("NA and None", NA, comes=[["NA", "None", 0.5], ["nan", "True", "none"]])._replace(
        read=lambda path: [["none" if each != each else each for each in row] for row in scores(path)]
    ),
    chapter_table("empty", "", "cannot be read: delete it and run chapter identification again"),
    chapter_table("UTF-16", NA.encode("utf-16"), "cannot be read: delete it and run chapter"),
    chapter_table("a quotation mark that is never closed", 'a,b\n1,"2\n3,4\n', "cannot be read: delete it"),
    chapter_table("a row that is too long", "a,b\n1,2\n3,4,5\n", "cannot be read: delete it"),
    *places.rows(
        "table of a chapter",
        CSV,
        scores,
        endless="cannot be read|is not a file but a device: delete it",
        loop="is missing: run chapter identification",
        dangling="is missing: run chapter",
        forbidden="check the rights|cannot be read",
        sparse="",
    ),
    put("review_card.json")(
        "card of a list: brackets without end", "[" * 100_000, read_again, "cannot be read: delete it"
    ),
    put("review_card.json")(
        "card of a list: UTF-16", '{"a": 1}'.encode("utf-16"), read_again, comes={"a": 1}
    ),
    *places.rows(
        "card of a list",
        "review_card.json",
        read_again,
        loop="is missing: run chapter",
        dangling="is missing: run chapter",
        forbidden="check the rights|cannot be read",
        sparse="cannot be read: delete it",
    ),
    listed("as it should be", LIST, comes=[("NA", 0.5)]),
    listed("no score", LIST.replace("0.5", ""), "is no review list .*: run the chapter"),
    listed("a score that is text", LIST.replace("0.5", "high"), "is no review list .*: run the chapter"),
    listed("a certainty that is text", LIST.replace("0.9", "sure"), "is no review list .*: run the chapter"),
    listed(
        "a column that is missing", LIST.replace("judged_by", "by"), "is no review list .*: run the chapter"
    ),
    listed("UTF-16", LIST.encode("utf-16"), "is no review list .*: run the chapter"),
    listed(
        "a row that is too long", LIST + "1,2,3,4,5,6,7,8,9,10,11\n", "is no review list .*: run the chapter"
    ),
    listed("empty", "", "is no review list .*: run the chapter"),
    *places.rows(
        "review list",
        "review_list.csv",
        suspected,
        loop="is no review list",
        dangling="is no review list",
        forbidden="is no review list",
        sparse="",
    ),
    card("as it should be", "", 512),
    card("no width", width=None),
    card("a width of 0", width=0),
    card("a width that is text", width="wide"),
    card("parameters that are a list", parameters=[]),
    card("a geometry that is text", geometry="64 px"),
    card("a geometry of an unknown fit", geometry=GEOMETRY | {"fit": "squash"}),
    card("a geometry with a strange key", geometry=GEOMETRY | {"depth": 3}),
    card("a backdrop of one colour", geometry=GEOMETRY | {"backdrop": [0]}),
    card("a beginning that is a list", beginning=["test_resnet"]),
    card("a fingerprint that is a number", fingerprint=7),
    card("no checkpoint", checkpoint=None),
    card_text(
        "brackets without end", "[" * 100_000, "card.json cannot be read: delete it and run chapter triplet"
    ),
    card_text("a list", "[]", "run chapter triplet"),
    weights("as they should be", saved(STATE), "", ["a"]),
    weights("no byte", b""),
    weights("a web page", b"<html>404</html>"),
    weights("cut", saved(STATE)[:-200]),
    weights("a pickle that is code", trap),
    weights("a pickle of torch that is code", trap_of_torch),
    weights("a pickle of the shell", b"\x80\x02cposix\nsystem\nq\x00X\x04\0\0\0trueq\x01\x85q\x02Rq\x03."),
    weights("packed", repacked(saved(STATE))),
    weights(
        "packed, and they swell",
        lambda folder, size: repacked(saved(STATE), **{"0": b"\0" * 30_000_000 * size}),
    ),
    weights("a list", saved([1, 2]), "holds a list, not a state dictionary"),
    weights("keys that are numbers", saved({1: torch.zeros(3)}), "no state dictionary, whose keys are names"),
    weights(
        "a state that is a list", saved({"state_dict": [1]}), "no state dictionary, whose keys are names"
    ),
    *places.rows(
        "weights",
        WEIGHTS,
        tensors,
        pipe="is not a file: give its path",
        endless="is not a file",
        mkdir="is not a file",
        loop="is not a file",
        dangling="is not a file",
        forbidden="is not a file|read safely",
        sparse="that torch can read safely",
    ),
    safe("as they should be", save_tensors(STATE), "", ["a"]),
    safe("no byte", b""),
    safe("a web page", b"<html>404</html>"),
    safe("a header of exabytes", header("{}", 2**62)),
    safe("a header that is no JSON", header("{")),
    safe("a header that is deep", header("[" * 100_000)),
    safe("a tensor beyond the end", header(tensor([300], 1200))),
    safe("a tensor of exabytes", header(tensor([2**31, 2**31, 2**31]))),
    safe("a tensor of another size", header(tensor([2]))),
    safe("a kind that there is not", header(tensor([3]).replace("F32", "F99"))),
    safe("a pickle that is code", trap),
    checkpoint("no byte", b""),
    checkpoint("a pickle that is code", trap),
    checkpoint("a pickle of torch that is code", trap_of_torch),
    checkpoint("weights alone", saved(STATE)),
    checkpoint(
        "packed, and it swells",
        lambda folder, size: repacked(saved(STATE), **{"0": b"\0" * 30_000_000 * size}),
    ),
    checkpoint("cut", saved(STATE)[:-200]),
    *places.rows(
        "checkpoint",
        CHECKPOINT,
        loaded,
        loop="is missing: run chapter triplet",
        dangling="is missing: run chapter",
        forbidden="check the rights|not a whole checkpoint",
        sparse="is not a whole checkpoint",
    ),
    last("no byte", b""),
    last("a pickle that is code", trap),
    last("a pickle of torch that is code", trap_of_training),
    last("weights alone", saved(STATE)),
    last("a callback that is a number", saved({"callbacks": {"EveryEpoch": 5}})),
    last("a callback without rows", saved({"callbacks": {"EveryEpoch": {"run": {}}}})),
    *places.rows(
        "last checkpoint",
        LAST,
        state_of_run,
        pipe="is not a checkpoint of herbnb",
        endless="is not a checkpoint",
        mkdir="is not a checkpoint",
        loop="",
        dangling="",
        forbidden="",
        sparse="is not a checkpoint",
    ),
    listing("a width of 0", width=0),
    listing("a width of a billion", width=10**9),
    listing("a width below 0", width=-4),
    listing("a width that is text", width="4"),
    listing("another width", "was made with another width|is another part than", width=5),
    listing("parts that are a list", parts=["part-00000.parquet"]),
    listing("a part that climbs", parts={"../../../secret.parquet": 6}),
    listing("a part elsewhere", parts={"/etc/passwd": 6}),
    listing(
        "a part that is not there",
        "part-00007.parquet is missing: run chapter features",
        parts={"part-00007.parquet": 6},
    ),
    listing("fewer sheets in a part", "is another part than", parts={"part-00000.parquet": 5}),
    listing("sheets below 0", parts={"part-00000.parquet": -1}),
    listing("no part", "lacks the features of image half_earth0", parts={}),
    part("as it should be", lambda kept: kept, comes=FIRST),
    put(PART)(
        "part of features: a byte too many", a_byte_more, first_column, "is not a whole part of features"
    ),
    *(
        Row(f"part of features: {lay.__name__}", in_place_of_part(lay), first_column, said)
        for lay, said in places.SENTENCES.items()
        if lay in (places.pipe, places.endless, Path.mkdir)
    ),
    part("rows in another order", lambda kept: kept.take([5, 3, 1, 0, 2, 4]), comes=FIRST),
    part(
        "a sheet twice",
        lambda kept: replaced(
            kept, "uuid", pa.array(["half_earth0"] * 2 + [f"half_earth{n}" for n in range(2, 6)])
        ),
        "lacks the features of image half_earth1",
    ),
    part(
        "a number that is none",
        lambda kept: replaced(kept, "emb", numbers(4, 0, 1, np.nan, 3, 4, 5)),
        "image half_earth2: a feature is not a finite number",
    ),
    part(
        "another width",
        lambda kept: replaced(kept, "emb", numbers(3, *range(6))),
        "is not a whole part of features",
    ),
    part(
        "one number a sheet",
        lambda kept: replaced(kept, "emb", numbers(1, *range(6))),
        "is not a whole part of features",
    ),
    part(
        "numbers without lists",
        lambda kept: replaced(kept, "emb", pa.array([1.0] * 6)),
        "is not a whole part of features",
    ),
    part(
        "lists of text",
        lambda kept: replaced(kept, "emb", pa.FixedSizeListArray.from_arrays(pa.array(["x"] * 24), 4)),
        "is not a whole part of features",
    ),
    elsewhere(
        "as they should be", lambda folder, size: pa.table({"image_id": ["1"], "emb": [[1.0, 2.0]]}), comes=2
    ),
    elsewhere(
        "three gigabytes of text",
        lambda folder, size: promises.long_text("image_id"),
        "its text claims 3,000,000,000 bytes",
    ),
    elsewhere(
        "numbers that are text",
        lambda folder, size: pa.table({"image_id": ["1"], "emb": [["1.5"]]}),
        "must hold a list of numbers in every row",
    ),
    elsewhere(
        "a number that is missing",
        lambda folder, size: pa.table({"image_id": ["1", "2"], "emb": [[1.0], [None]]}),
        "must hold a list of numbers in every row",
    ),
    *(
        elsewhere(
            f"numbers of {kind}",
            lambda folder, size, kind=kind: pa.table({"image_id": ["1"], "emb": pa.array([[1, 2]], kind)}),
            comes=2,
        )
        for kind in (pa.list_(pa.int64()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 2))
    ),
    elsewhere("no parquet", b"PAR1", "is not a parquet file that can be read"),
    elsewhere("half a billion cells", lambda folder, size: bomb(), "claims 10,000,000 rows"),
    elsewhere(
        "lists of two lengths",
        lambda folder, size: pa.table({"image_id": ["1", "2"], "emb": [[1.0], [1.0, 2.0]]}),
        "must hold a list of numbers in every row",
    ),
    elsewhere(
        "lists of text",
        lambda folder, size: pa.table({"image_id": ["1"], "emb": [["a"]]}),
        "must hold a list of numbers in every row",
    ),
    elsewhere(
        "lists of nothing",
        lambda folder, size: pa.table({"image_id": ["1"], "emb": [[]]}),
        "must hold a list of numbers in every row",
    ),
    elsewhere(
        "a sheet twice",
        lambda folder, size: pa.table({"image_id": ["1", "1"], "emb": [[1.0], [2.0]]}),
        "has two rows for image_id 1: keep one",
    ),
    *places.rows(
        "features made elsewhere",
        FEATURES,
        widest,
        pipe="is missing: give the path",
        endless="is missing",
        mkdir="is missing",
        loop="is missing",
        dangling="is missing",
        forbidden="can be read|is missing",
        sparse="can be read",
    ),
    cache("as it should be", lambda path, index: None),
    cache("an array of no byte", lambda path, index: path.write_bytes(b"")),
    cache("an array of another type", other_array(np.zeros((2, 3, 32, 32), np.float32))),
    cache("an array of another shape", other_array(np.zeros((2, 3, 16, 64), np.uint8))),
    cache("an array of one number", other_array(np.uint8(7))),
    cache("an array that is code", trap_in_cache),
    cache("an archive of arrays", archive_of_arrays),
    cache(
        "a head of an array that is code",
        lambda path, index: path.write_bytes(
            b"\x93NUMPY\x01\0\x40\0" + b"__import__('os').abort()" + b" " * 39 + b"\n"
        ),
    ),
    cache(
        "an index of other columns", lambda path, index: pd.DataFrame({"path": ["0.png"]}).to_parquet(index)
    ),
    cache(
        "an index of three gigabytes of text",
        lambda path, index: index.write_bytes(promises.long_text("path")),
    ),
    cache("an index that is no table", lambda path, index: index.write_text("[]")),
]
