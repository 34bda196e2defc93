"""Works: what herbnb makes, each so small that it takes a fraction of a second, for whoever breaks it off."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import torch
from PIL import Image

from herbnb.atlas.page import write_atlas
from herbnb.book import notebooks, packing, unpacking
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.profile import Profile
from herbnb.data.fetching.downloads import fetch
from herbnb.data.fetching.loopback import serve
from herbnb.data.fetching.manifest import Manifest
from herbnb.data.fetching.web import Web
from herbnb.data.images import cache as caches
from herbnb.data.images import resizing
from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.networks.training import train
from herbnb.pocket import herbarium
from herbnb.representations.extraction import keep_features
from herbnb.representations.scorebook import Scorebook
from herbnb.results import Results
from test_atlas import run_of_nine
from test_downloads import wanted
from test_manifest import row as row_of_manifest
from test_scorebook import ORIGINS, scored
from test_shelves import table as sheets_of_shelf
from test_training import SMALL
from test_training import herbarium as three_genera
from torture import house
from torture.archives import packed

SHEETS = 12
"""Sheets of a work."""

chapter_parameters(chapter_names()[0])  # what is read once is read before anybody is nobody

TIMED = {"seconds", "core_seconds", "waits"}
"""What the card of a network says that no two trainings share."""


def as_it_is(path: Path) -> bytes:
    return path.read_bytes()


class Work(NamedTuple):
    """Something that herbnb makes."""

    do: Callable[[Path], None]
    """Makes it in a folder, or goes on with what is there; it leaves nothing else there."""
    content: Callable[[Path], bytes] = as_it_is
    """Returns what a file of it holds, without what differs from one unbroken run to another."""
    slow: bool = False
    moments: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """After how much of it the suite ends it."""
    workers: bool = False
    """Whether processes work for it, each of which may be ended alone."""


def given(folder: Path) -> Path:
    """Return where what works are given lies, beside the folder of each."""
    return folder.parent / "given"


def give(folder: Path) -> None:
    """Write what works are given; they read it, and its files keep their times."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(89)
    for number in range(SHEETS):
        pixels = rng.integers(0, 256, (40 + number, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{number}.jpg")
    (folder / "genera").mkdir()
    three_genera(folder / "genera")
    run_of_nine(folder / "atlas")
    files = {f"results/features/eye/{n}.parquet": b"%d" % n * 5000 for n in range(3)}
    (folder / "run.zip").write_bytes(packed(files | {f"executed/{n}.ipynb": b"%d" % n for n in range(2)}))
    house.give(folder / "house")


# The works.


def draw(folder: Path) -> None:
    """Draw the first sheets of a herbarium, in two processes."""
    plan = herbarium.plan_half_earth
    herbarium.plan_half_earth = lambda *asked: plan(*asked)[:24]
    herbarium.CHUNK = 4
    herbarium.draw_herbarium(folder / "drawn", sheets=124, kew_sheets=24, processes=2, progress=False)


class Colours:
    """An encoder that sees the mean colours of a sheet."""

    width, geometry, fingerprint = 3, Geometry(32), "0" * 16

    def encode(self, images: torch.Tensor, begun: object = None) -> torch.Tensor:
        return images.float().mean(dim=(2, 3))


def look(folder: Path, cached: bool = False, num_workers: int = 0) -> None:
    """Make the features of a collection, in parts of three sheets."""
    here = Results(folder)
    here.write("collection", sheets_of_shelf(range(SHEETS)), collection="mine")
    cache = here.path("resized", collection="mine") if cached else None
    keep_features(
        here,
        "mine",
        {"eye": Colours()},
        given(folder) / "images",
        batch_size=2,
        shard=3,
        cache=cache,
        num_workers=num_workers,
    )


def score(folder: Path) -> None:
    """Score the silhouettes of two networks, part by part."""
    scored(Scorebook(folder, ORIGINS))


def download(folder: Path) -> None:
    """Fetch images from a server on this machine, two at a time."""
    with serve(given(folder) / "images") as address, Web() as web:
        rows = wanted(*[f"n{number}" for number in range(SHEETS)])
        rows["urls"] = [[f"{address}/{number}.jpg"] for number in range(SHEETS)]
        fetch(rows, folder, web, workers=2)


def note(folder: Path) -> None:
    """Add rows to a manifest, which becomes one file in the end."""
    with Manifest(folder) as manifest:
        for number in range(SHEETS):
            if manifest.row(f"n{number}") is None:
                manifest.add(row_of_manifest(f"n{number}"))


def resize(folder: Path, num_workers: int = 0) -> None:
    """Make the cache of resized sheets, two at a time, each of which is noted as done."""
    resizing.CHUNK, caches.SAVED_EVERY = 2, 0.0
    table = sheets_of_shelf(range(SHEETS))
    resizing.keep_sheets(table, given(folder) / "images", folder, Geometry(32), num_workers)


def pack(folder: Path) -> None:
    """Pack a run into one file, over the file of before."""
    here = Results(given(folder) / "atlas" / "run")
    packing.artefacts = lambda profile: here.folder.rglob("*.parquet")
    profile = Profile(parameters={"results": str(here.folder), "data": str(folder / "nothing")})
    packing.pack(profile, folder / "executed", folder / "run.zip")


def unpack(folder: Path) -> None:
    """Unpack a run, unless it has been unpacked already."""
    try:
        unpacking.unpack(given(folder) / "run.zip", folder / "executed", folder / "run")
    except BadInput as error:
        if "is there already" not in str(error):
            raise


def map_sheets(folder: Path) -> None:
    """Write an atlas, in the place of the one that is there."""
    run = given(folder) / "atlas"
    write_atlas(Results(run / "run"), run / "data", folder / "atlas")


def take_along(folder: Path) -> None:
    """Write two chapters as notebooks for students and teachers."""
    notebooks.chapter_names = lambda: ["sampling", "silhouettes"]
    notebooks.write_notebooks(folder)


def write_tables(folder: Path) -> None:
    """Write what a chapter does: tables of two kinds, and a card."""
    here, table = Results(folder), pd.DataFrame({"network": list("abc") * 50, "f1": np.linspace(0, 1, 150)})
    for name in ("identification", "identification_folds", "identification_scores"):
        here.write(name, table)
    here.write("review_card", {"sheets": 150})


def bring_up_to_date(folder: Path) -> None:
    """Run the chapters of a small book and render it, with its slides and its atlas."""
    house.settle(given(folder) / "house", folder)
    house.order("book", "--cores", "1")


def teach(folder: Path, num_workers: int = 0) -> None:
    """Train a network, with a checkpoint after every epoch."""
    genera, here = given(folder) / "genera", Results(folder)
    here.write("specimens", Results(genera).read("specimens"))
    train("triplet", genera, here, **SMALL | {"max_epochs": 3, "num_workers": num_workers})


# What differs from one run to another: where, when something was done, and how long it took.


def without_times(path: Path) -> bytes:
    """Return a manifest in the order of its images, and without the times at which they came."""
    if path.suffix != ".parquet":
        return path.read_bytes()
    table = pq.read_table(path).to_pandas().sort_values("image_id")
    urls = table["url"].str.rpartition("/")[2]  # the server has another port every time
    return table.assign(time="", url=urls).to_csv(index=False).encode()


def without_places(path: Path) -> bytes:
    """Return a file of an unpacked run, whose profile says where that is."""
    return path.read_bytes().replace(str(path.parent).encode(), b"")


def learnt(path: Path) -> bytes:
    """Return what a training has left, without how long it took."""
    if path.name == "last.ckpt":
        return repr(sorted(torch.load(path, weights_only=True)["state_dict"].items())).encode()
    if path.name == "card.json":
        card = json.loads(path.read_text())
        return json.dumps({name: card[name] for name in card.keys() - TIMED}, sort_keys=True).encode()
    return path.read_bytes()


WORKS = {
    "drawing": Work(draw, workers=True),
    "features": Work(look),
    "features from the cache": Work(partial(look, cached=True)),
    "features by two processes": Work(partial(look, num_workers=2), workers=True),
    "scores": Work(score),
    "downloads": Work(download, without_times),
    "manifest": Work(note, without_times),
    "cache": Work(resize),
    "cache by two processes": Work(partial(resize, num_workers=2), workers=True),
    "packing": Work(pack),
    "unpacking": Work(unpack, without_places),
    "atlas": Work(map_sheets),
    "book": Work(bring_up_to_date, house.timeless, slow=True, moments=(0.2, 0.5, 0.9), workers=True),
    "notebooks": Work(take_along),
    "tables": Work(write_tables),
    "training": Work(teach, learnt, slow=True),
    "training by a process": Work(
        partial(teach, num_workers=1), learnt, slow=True, moments=(0.5,), workers=True
    ),
}
"""The works, by what they are called in the table."""
