"""The cache: the pixels of the files, whatever interrupts its making and whatever changes later."""

import errno
import os
import pickle
import random
import sys
import time
from collections import namedtuple
from multiprocessing import Process, get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from herbnb.data.images import cache as caches
from herbnb.data.images import resizing
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import SheetImages, read_sheet
from herbnb.errors import BadInput
from herbnb.networks import training
from herbnb.representations.extraction import extract, load_encoders
from herbnb.results import Results
from test_training import SMALL, herbarium

SMALL_SHEETS = Geometry(32)


@pytest.fixture
def sheets(tmp_path):
    """A folder of forty small sheets, and their table in an order of its own."""
    rng = np.random.default_rng(89)
    for number in range(40):
        pixels = rng.integers(0, 256, (60 + number, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.jpg")
    return tmp_path, pd.DataFrame({"path": [f"{number}.jpg" for number in rng.permutation(40)]})


@pytest.fixture
def read(monkeypatch, tmp_path):
    """A function that returns the names of the files that were read for the cache so far, sorted."""
    log = tmp_path / "read.txt"
    log.touch()

    def noted(path, *rest):
        with open(log, "a") as file:
            file.write(f"{path.name}\n")
        return read_sheet(path, *rest)

    monkeypatch.setattr(resizing, "read_sheet", noted)
    return lambda: sorted(log.read_text().split())


def check_pixels(cache, folder, table):
    kept = SheetImages(table, folder, cache.geometry, cache=cache)
    for (sheet, _), path in zip(kept, table["path"], strict=True):
        assert torch.equal(sheet, read_sheet(folder / path, cache.geometry)), path


@pytest.mark.parametrize(("fit", "num_workers"), [("letterbox", 0), ("letterbox", 2), ("crop", 0)])
def test_the_cache_holds_the_pixels_of_the_files(sheets, fit, num_workers):
    folder, table = sheets
    cache = keep_sheets(table, folder, folder / "images" / "half_earth", Geometry(32, fit), num_workers)
    assert cache.path == folder / "images" / "half_earth" / f"{Geometry(32, fit).file}.npy"
    check_pixels(cache, folder, table)
    assert np.load(cache.path, mmap_mode="r").shape == (40, 3, 32, 32)
    index = pd.read_parquet(cache.index)
    assert index.columns.tolist() == ["path", "bytes", "mtime_ns", "done"] and index["done"].all()
    assert index["bytes"].tolist() == [(folder / path).stat().st_size for path in index["path"]]


def test_what_is_there_is_not_made_again(sheets, read, capsys):
    folder, table = sheets
    keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    assert read() == sorted(table["path"]) and "40 sheets to make" in capsys.readouterr().out
    keep_sheets(table.iloc[::-1], folder, folder / "kept", SMALL_SHEETS)  # in another order
    few = keep_sheets(table.head(7), folder, folder / "kept", SMALL_SHEETS)  # or some of them
    assert len(read()) == 40 and capsys.readouterr().out == ""
    check_pixels(few, folder, table.head(7))


def test_a_changed_file_is_made_again_and_no_other(sheets, read):
    folder, table = sheets
    keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    before = read()
    Image.new("RGB", (40, 60), "red").save(folder / "7.jpg")
    os.utime(folder / "8.jpg", ns=(1, 1))
    cache = keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    assert read() == sorted([*before, "7.jpg", "8.jpg"])
    check_pixels(cache, folder, table)


def test_a_changed_file_that_is_not_asked_for_is_noticed_later(sheets, read):
    folder, table = sheets
    keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    Image.new("RGB", (40, 60), "red").save(folder / "7.jpg")
    keep_sheets(table[table["path"] != "7.jpg"], folder, folder / "kept", SMALL_SHEETS)
    assert len(read()) == 40
    check_pixels(keep_sheets(table, folder, folder / "kept", SMALL_SHEETS), folder, table)
    assert len(read()) == 41


def damage_nothing(cache, monkeypatch):
    monkeypatch.setattr(caches, "VERSION", caches.VERSION + 1)


def damage_backdrop(cache, monkeypatch):
    index = pd.read_parquet(cache.index)
    index.attrs = index.attrs | {"backdrop": [0, 0, 0]}
    index.to_parquet(cache.index)


def damage_array(cache, monkeypatch):
    cache.path.write_bytes(cache.path.read_bytes()[:-1])


def lose_array(cache, monkeypatch):
    cache.path.unlink()


def damage_index(cache, monkeypatch):
    cache.index.write_bytes(b"PAR1")


@pytest.mark.parametrize("damage", [damage_nothing, damage_backdrop, damage_array, lose_array, damage_index])
def test_a_cache_of_another_kind_or_a_damaged_one_is_made_anew(sheets, read, monkeypatch, damage):
    folder, table = sheets
    damage(keep_sheets(table, folder, folder / "kept", SMALL_SHEETS), monkeypatch)
    cache = keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    assert len(read()) == 80
    check_pixels(cache, folder, table)


def test_more_sheets_cost_only_themselves_and_readers_keep_what_they_had(sheets, read):
    folder, table = sheets
    some = table[5:25]
    old = SheetImages(
        some, folder, SMALL_SHEETS, cache=keep_sheets(some, folder, folder / "kept", SMALL_SHEETS)
    )
    before = [sheet.clone() for sheet, _ in old]
    keep_sheets(table[30:], folder, folder / "kept", SMALL_SHEETS)  # none of the others among them
    cache = keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    assert read() == sorted(table["path"]) and len(cache.array) == 40
    check_pixels(cache, folder, table)
    assert all(torch.equal(sheet, was) for (sheet, _), was in zip(old, before, strict=True))


@pytest.mark.parametrize("rows", [9, 10, 99_999])
def test_a_file_that_grew_is_what_numpy_would_have_written(tmp_path, rows):
    cache = caches.Cache(tmp_path / "small.npy", (2, 3), np.uint8, SMALL_SHEETS)
    np.save(cache.path, np.arange(54, dtype=np.uint8).reshape(9, 2, 3))
    caches.lengthen(cache, rows)
    grown = np.load(cache.path)
    assert grown.shape == (rows, 2, 3) and grown[:9].ravel().tolist() == list(range(54))
    assert not grown[9:].any() and grown.dtype == np.uint8
    caches.lengthen(cache, 3)
    assert len(np.load(cache.path)) == rows


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_unreadable_image_says_what_it_always_says_and_costs_no_work_twice(
    sheets, read, monkeypatch, num_workers
):
    folder, table = sheets
    monkeypatch.setattr(resizing, "CHUNK", 1)
    good = (folder / "9.jpg").read_bytes()  # the last path in the order of the cache
    (folder / "9.jpg").write_bytes(good[: len(good) // 2])
    with pytest.raises(BadInput) as alone:
        read_sheet(folder / "9.jpg", SMALL_SHEETS)
    with pytest.raises(BadInput) as here:
        keep_sheets(table, folder, folder / "kept", SMALL_SHEETS, num_workers=num_workers)
    assert str(here.value) == str(alone.value)
    (folder / "9.jpg").write_bytes(good)
    before = read()
    check_pixels(keep_sheets(table, folder, folder / "kept", SMALL_SHEETS), folder, table)
    assert read() == sorted([*before, "9.jpg"])
    (folder / "9.jpg").unlink()
    with pytest.raises(BadInput, match=r"9\.jpg is missing"):
        keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    check_pixels(
        keep_sheets(table[table["path"] != "9.jpg"], folder, folder / "kept", SMALL_SHEETS),
        folder,
        table[table["path"] != "9.jpg"],
    )


def test_too_little_space_is_said_in_bytes_before_anything_is_made(sheets, monkeypatch):
    folder, table = sheets
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(caches.shutil, "disk_usage", lambda path: usage(200_000, 80_000, 120_000))
    with pytest.raises(
        BadInput, match=r"room for 120,000 bytes, and 40 sheets in 32-letterbox-7c7468.npy need 122,880"
    ):
        keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    assert not list((folder / "kept").glob("*.npy"))


@pytest.mark.parametrize("where", ["cache.os.fsync", "resizing.read_sheet"])
@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_disk_that_fills_up_meanwhile_is_said(sheets, monkeypatch, where, num_workers):
    folder, table = sheets

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(BadInput, match="No space left on device"):
        patched.setattr(f"herbnb.data.images.{where}", full)
        keep_sheets(table, folder, folder / "kept", SMALL_SHEETS, num_workers=num_workers)
    check_pixels(keep_sheets(table, folder, folder / "kept", SMALL_SHEETS), folder, table)


def test_an_unknown_fit_is_refused_before_it_names_a_file(sheets):
    folder, table = sheets
    with pytest.raises(BadInput, match="letterbox, crop"):
        keep_sheets(table, folder, folder / "kept", Geometry(32, "../../squash"))
    assert not (folder / "kept").exists()


def test_a_cache_that_does_not_fit_is_refused(sheets):
    folder, table = sheets
    cache = keep_sheets(table[:20], folder, folder / "kept", SMALL_SHEETS)
    with pytest.raises(BadInput, match=f"does not hold {table['path'][20]}"):
        SheetImages(table, folder, SMALL_SHEETS, cache=cache)
    with pytest.raises(BadInput, match="32 px, letterbox, and sheets of 32 px, crop"):
        SheetImages(table, folder, Geometry(32, "crop"), cache=cache)


def test_worker_processes_map_the_file_for_themselves(sheets):
    folder, table = sheets
    kept = SheetImages(
        table, folder, SMALL_SHEETS, cache=keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    )
    there = kept[3][0]
    sent = pickle.dumps(kept.cache)
    assert len(sent) < 2000 and torch.equal(pickle.loads(sent)[kept.rows[3]], there)
    dealt = torch.cat([sheets for sheets, _ in DataLoader(kept, batch_size=16, num_workers=2)])
    assert torch.equal(dealt, torch.stack([sheet for sheet, _ in kept]))


def make_slowly(folder: Path, paths: list[str], pause: float) -> None:
    """Make the cache, `pause` seconds a sheet, noting in files what is read and what is said."""

    def slowly(path, *rest):
        time.sleep(pause)
        with open(folder / "read.txt", "a") as log:
            log.write(f"{path.name}\n")
        return read_sheet(path, *rest)

    resizing.read_sheet, resizing.CHUNK, caches.SAVED_EVERY = slowly, 1, 0.0
    with open(folder / f"said {os.getpid()}.txt", "w") as sys.stdout:
        keep_sheets(pd.DataFrame({"path": paths}), folder, folder / "kept", SMALL_SHEETS, num_workers=2)


def maker(sheets, pause: float) -> Process:
    """Start a process that makes the cache of `sheets`."""
    folder, table = sheets
    process = get_context("fork").Process(target=make_slowly, args=(folder, list(table["path"]), pause))
    process.start()
    return process


def test_a_maker_killed_ten_times_loses_nothing(sheets):
    folder, table = sheets
    rng, done = random.Random(89), 0
    index, log = folder / "kept" / "32-letterbox-7c7468.parquet", folder / "read.txt"
    for kill in range(10):
        process = maker(sheets, 0.04)
        time.sleep(rng.uniform(0.05, 0.25) * 1.2**kill)  # a busy machine needs longer to do anything
        process.kill()
        process.join()
        now = pd.read_parquet(index)["done"].sum() if index.exists() else 0
        assert now >= done
        done = now
    assert done > 0
    time.sleep(0.5)  # until the workers of the last one have ended
    before = len(log.read_text().split())
    process = maker(sheets, 0.0)
    process.join()
    assert process.exitcode == 0
    assert len(log.read_text().split()) - before == 40 - done
    check_pixels(keep_sheets(table, folder, folder / "kept", SMALL_SHEETS), folder, table)
    assert len(log.read_text().split()) - before == 40 - done


def test_three_makers_at_once_make_one_cache(sheets):
    folder, table = sheets
    processes = [maker(sheets, 0.05) for _ in range(3)]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert sorted((folder / "read.txt").read_text().split()) == sorted(table["path"])
    said = [path.read_text() for path in folder.glob("said *.txt")]
    assert sum("another process is making it" in text for text in said) == 2
    assert sum("40 sheets to make" in text for text in said) == 1
    check_pixels(keep_sheets(table, folder, folder / "kept", SMALL_SHEETS), folder, table)


def test_another_backdrop_is_another_cache_and_another_mean_is_not(sheets):
    folder, table = sheets
    cache = keep_sheets(table, folder, folder / "kept", SMALL_SHEETS)
    with pytest.raises(BadInput, match="make another cache"):
        SheetImages(table, folder, Geometry(32, backdrop=(0, 0, 0)), cache=cache)
    SheetImages(table, folder, Geometry(32, mean=(0.0, 0.0, 0.0)), cache=cache)


def test_networks_and_features_are_the_same_from_the_cache(tmp_path, monkeypatch):
    scores, tests = [], []
    for cached in (False, True):
        folder = tmp_path / str(cached)
        folder.mkdir()
        here = Results(herbarium(folder))
        table = here.read("specimens")
        to = here.path("resized", collection="half_earth")
        kept = to if cached else None
        if cached:
            keep_sheets(table, folder, to, SMALL_SHEETS)
            monkeypatch.setattr("herbnb.data.images.sheets.read_sheet", None)
        training.train("triplet", folder, here, cache=kept, **{**SMALL, "max_epochs": 1})
        scores.append(here.read("metrics", network="triplet"))
        tests.append(training.test("triplet", folder, here, cache=kept))
        encoders = load_encoders(["colour"], here)
        tests.append(extract(encoders, table, folder, batch_size=8, cache=kept)["colour"])
    pd.testing.assert_frame_equal(scores[0], scores[1])
    pd.testing.assert_frame_equal(tests[0], tests[2])
    np.testing.assert_array_equal(tests[1], tests[3])
