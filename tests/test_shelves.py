"""Shelves: features are made once, in parts of any size, whatever interrupts that and whatever changes later."""

import os
import signal
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from herbnb.data.images import resizing
from herbnb.data.images import sheets as images
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.sheets import read_sheet
from herbnb.errors import BadInput
from herbnb.networks.cards import Beginning
from herbnb.representations.baselines import untrained
from herbnb.representations.extraction import extract, keep_features
from herbnb.representations.features import read_features, read_listed
from herbnb.representations.visitors import FeaturesFile
from herbnb.results import Results

SQUARE = Geometry(32)
SHEETS = 20


class Eye:
    """An encoder that sees the mean colours of a sheet, and writes down how many sheets it has seen."""

    width, geometry = 3, SQUARE

    def __init__(self, here, fingerprint="0" * 16):
        self.log, self.fingerprint, self.last = here.folder / "seen.txt", fingerprint, None

    def encode(self, images, begun=None):
        with open(self.log, "a") as log:
            log.write("1\n" * len(images))
        if self.seen == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return images.float().mean(dim=(2, 3))

    @property
    def seen(self) -> int:
        return len(self.log.read_text().split()) if self.log.exists() else 0


def draw(here, number):
    pixels = np.random.default_rng(number).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(here.folder / f"{number}.jpg")


def table(numbers, genus="Poa"):
    rows = {"image_id": [f"H{n}" for n in numbers], "path": [f"{n}.jpg" for n in numbers]}
    names = dict(species=f"{genus} annua", genus=genus, family="Poaceae", order="Poales")
    return pd.DataFrame(rows).assign(institution="K", split="collection", **names)


@pytest.fixture
def here(tmp_path):
    """A run with a collection of twenty sheets, "mine", whose images lie in its folder."""
    here = Results(tmp_path)
    for number in range(SHEETS):
        draw(here, number)
    here.write("collection", table(range(SHEETS)), collection="mine")
    return here


def kept(here, eye, **more):
    """Keep the features by `eye`, as those of a visitor, and return what is read of them."""
    keep_features(here, "mine", {"eye": eye}, here.folder, **more)
    specimens = here.read("collection", collection="mine")
    features = read_listed(here, "eye", "mine", specimens["image_id"])
    return features


def parts(here):
    return sorted((here.folder / "features" / "eye" / "mine").glob("part-*"))


def seen_anew(here):
    """Return what an eye sees of the sheets as they are now, without any shelf."""
    other = Eye(here)
    other.log = here.folder / "anew.txt"
    return extract({"eye": other}, here.read("collection", collection="mine"), here.folder)["eye"]


@pytest.mark.parametrize("shard", [1, 7, 50_000])
def test_parts_of_any_size_hold_the_same_features(here, shard):
    eye = Eye(here)
    np.testing.assert_array_equal(kept(here, eye, shard=shard), seen_anew(here))
    assert eye.seen == SHEETS and len(parts(here)) == -(-SHEETS // shard)
    held = pd.concat([pq.read_table(part).to_pandas() for part in parts(here)], ignore_index=True)
    assert list(held["uuid"]) == list(table(range(SHEETS))["image_id"])
    listing = here.read("features", encoder="eye", collection="mine")["parts"]
    assert list(listing) == [part.name for part in parts(here)] and sum(listing.values()) == SHEETS


def test_a_network_sees_the_same_in_parts_of_any_size(here):
    encoder = untrained(Beginning("test_resnet", "none", SQUARE, "all"), 89)
    whole = kept(here, encoder)
    for shard in (1, 7):
        for part in parts(here):
            part.unlink()
        np.testing.assert_allclose(kept(here, encoder, shard=shard), whole, rtol=0.02, atol=0.02)


def test_what_is_there_is_not_made_again_in_whatever_order_it_is_asked_for(here):
    eye = Eye(here)
    first = kept(here, eye, shard=7)
    before = [part.read_bytes() for part in parts(here)]
    here.write("collection", table(range(SHEETS)).iloc[::-1], collection="mine")
    np.testing.assert_array_equal(kept(here, eye, shard=3), first[::-1])
    assert eye.seen == SHEETS and [part.read_bytes() for part in parts(here)] == before


def test_a_run_that_was_killed_goes_on_after_its_last_whole_part(here):
    eye = Eye(here)
    eye.last = 16  # in the third part of seven
    process = get_context("fork").Process(target=kept, args=(here, eye), kwargs={"shard": 7, "batch_size": 1})
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    left = [path.name for path in (here.folder / "features" / "eye" / "mine").iterdir()]
    assert len(left) == 3 and [part.name for part in parts(here)] == [
        "part-00000.parquet",
        "part-00001.parquet",
    ]
    with pytest.raises(BadInput, match="run chapter your_herbarium with"):
        read_features(here, "eye=timm:test_resnet", "mine")
    before = [part.read_bytes() for part in parts(here)]
    eye.last = None
    np.testing.assert_array_equal(kept(here, eye, shard=7), seen_anew(here))
    assert eye.seen - 16 == SHEETS - 14
    assert len(parts(here)) == 3 and [part.read_bytes() for part in parts(here)[:2]] == before
    assert len([*parts(here)[0].parent.iterdir()]) == 3


def test_sheets_that_are_added_cost_only_themselves(here):
    eye = Eye(here)
    kept(here, eye, shard=7)
    before = [part.read_bytes() for part in parts(here)]
    for number in (100, 101):
        draw(here, number)
    here.write("collection", table([100, *range(10), 101, *range(10, SHEETS)]), collection="mine")
    np.testing.assert_array_equal(kept(here, eye, shard=7), seen_anew(here))
    assert eye.seen == SHEETS + 2 and [part.read_bytes() for part in parts(here)[:-1]] == before
    assert pq.read_table(parts(here)[-1])["uuid"].to_pylist() == ["H100", "H101"]


def test_sheets_that_are_added_are_seen_by_a_new_encoder_with_all_others(here):
    eye, other = Eye(here), Eye(here)
    other.log = here.folder / "other.txt"
    kept(here, eye)
    draw(here, 100)
    here.write("collection", table([*range(SHEETS), 100]), collection="mine")
    keep_features(here, "mine", {"other": other, "eye": eye}, here.folder, cache=here.folder / "cache")
    ids = here.read("collection", collection="mine")["image_id"]
    assert (eye.seen, other.seen) == (SHEETS + 1, SHEETS + 1)
    for name in ("eye", "other"):
        np.testing.assert_array_equal(read_listed(here, name, "mine", ids), seen_anew(here))


def test_a_second_pair_of_eyes_opens_no_image_again(here, monkeypatch):
    opened = []

    def noted(path, *rest):
        opened.append(path.name)
        return read_sheet(path, *rest)

    monkeypatch.setattr(resizing, "read_sheet", noted)
    monkeypatch.setattr(images, "read_sheet", noted)
    cache = {"cache": here.folder / "cache"}
    first = kept(here, Eye(here), shard=7, **cache)
    assert sorted(opened) == sorted(f"{number}.jpg" for number in range(SHEETS))
    np.testing.assert_array_equal(kept(here, Eye(here, "f" * 16), **cache), first)
    assert len(opened) == SHEETS


def test_a_changed_image_is_seen_again_and_no_other(here):
    eye = Eye(here)
    first = kept(here, eye, shard=7)
    Image.new("RGB", (30, 40), "red").save(here.folder / "9.jpg")
    os.utime(here.folder / "10.jpg", ns=(1, 1))
    now = kept(here, eye, shard=7)
    np.testing.assert_array_equal(now, seen_anew(here))
    assert eye.seen == SHEETS + 2 and np.flatnonzero((now != first).any(axis=1)).tolist() == [9]
    assert pq.read_metadata(parts(here)[1]).num_rows == 5


def test_another_encoder_or_geometry_sees_all_anew_and_nothing_old_stays(here):
    kept(here, Eye(here), shard=7)
    other = Eye(here, "f" * 16)
    kept(here, other)
    assert other.seen == 2 * SHEETS and [part.name for part in parts(here)] == ["part-00000.parquet"]
    other.geometry = Geometry(32, "crop")
    kept(here, other)
    assert other.seen == 3 * SHEETS and len(parts(here)) == 1


def test_a_sheet_that_is_gone_or_named_anew_costs_no_look(here):
    eye = Eye(here)
    first = kept(here, eye, shard=7)
    fewer = table(range(1, SHEETS))
    fewer.loc[0, "genus"] = "Festuca"
    here.write("collection", fewer, collection="mine")
    np.testing.assert_array_equal(kept(here, eye, shard=7), first[1:])
    assert eye.seen == SHEETS
    held = pq.read_table(parts(here)[0]).to_pandas()
    assert list(held["genus"]) == ["Festuca", *5 * ["Poa"]] and "H0" not in set(held["uuid"])
    here.write("collection", table(range(7, SHEETS)), collection="mine")
    np.testing.assert_array_equal(kept(here, eye, shard=7), first[7:])
    assert eye.seen == SHEETS and parts(here)[0].name == "part-00001.parquet"


def cut(part):
    part.write_bytes(part.read_bytes()[:-9])


def flip(part):
    content, group = bytearray(part.read_bytes()), pq.read_metadata(part).row_group(0)
    vectors = group.column(group.num_columns - 1)
    start = vectors.dictionary_page_offset or vectors.data_page_offset
    content[start + vectors.total_compressed_size - 1] ^= 1
    part.write_bytes(content)


def empty(part):
    part.write_bytes(b"")


def lose(part):
    part.unlink()


@pytest.mark.parametrize("damage", [cut, flip, empty, lose])
def test_a_damaged_part_is_refused_by_readers_and_made_again(here, damage):
    eye = Eye(here)
    first = kept(here, eye, shard=7)
    damage(parts(here)[1])
    ids = here.read("collection", collection="mine")["image_id"]
    with pytest.raises(BadInput, match=r"part-00001\.parquet is .*run chapter your_herbarium again") as said:
        read_listed(here, "eye", "mine", ids)
    assert "\n" not in str(said.value)
    np.testing.assert_array_equal(kept(here, eye, shard=7), first)
    assert eye.seen == SHEETS + 7


def test_four_processes_at_once_make_every_part_once(here):
    eye = Eye(here)
    fork = get_context("fork")
    more = {"shard": 7, "batch_size": 1}
    processes = [fork.Process(target=kept, args=(here, eye), kwargs=more) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert eye.seen == SHEETS and len(parts(here)) == 3
    np.testing.assert_array_equal(kept(here, eye), seen_anew(here))


def test_features_made_elsewhere_are_taken_anew_each_time(here):
    made = pd.DataFrame({"path": [f"{n}.jpg" for n in range(SHEETS)]})
    for value in (1.0, 2.0):
        vectors = np.full((SHEETS, 3), value, np.float32)
        made.assign(feature=list(vectors)).to_parquet(here.folder / "made.parquet")
        np.testing.assert_array_equal(
            kept(here, FeaturesFile(here.folder / "made.parquet"), shard=7), vectors
        )
        assert len(parts(here)) == 3


def test_a_folder_of_parts_is_what_emb_explorer_reads(here):
    features = kept(here, Eye(here), shard=7)
    folder = here.folder / "features" / "eye" / "mine"
    opened = pq.read_table(folder).to_pandas()  # as it does itself
    assert {"uuid", "emb", "species", "genus", "family", "order", "institution"} < {*opened}
    assert opened["uuid"].is_unique and set(opened["genus"]) == {"Poa"}
    np.testing.assert_array_equal(np.stack(opened["emb"]), features)
    mine = FeaturesFile(parts(here)[0])
    np.testing.assert_array_equal(mine.of(table(range(7))), features[:7])
