"""Features: baselines, one pass over the sheets, and files that know which run they are of."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.representations.features import (
    REPRESENTATIONS,
    extract,
    extract_together,
    load_encoder,
    read_features,
    write_features,
)
from herbnb.specimens import write_specimens


def table(count, collection="half_earth"):
    split = ["train", "random"] * count if collection == "half_earth" else [collection] * count
    names = dict(species="Poa annua", genus="Poa", family="Poaceae", order="Poales")
    ids = [f"{collection}{i}" for i in range(count)]
    rows = {"image_id": ids, "path": [f"{i}.jpg" for i in ids], "split": split[:count]}
    return pd.DataFrame(rows).assign(institution="K", **names)


@pytest.fixture
def run(tmp_path):
    """A results folder with tables of six and four sheets, and a network that was never trained."""
    write_specimens(table(6), tmp_path / "specimens.parquet")
    write_specimens(table(4, "kew"), tmp_path / "kew" / "specimens.parquet")
    pretend(tmp_path, b"weights")
    return tmp_path


def pretend(results, weights):
    folder = results / "networks" / "triplet"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint.ckpt").write_bytes(weights)
    card = {"fingerprint": fingerprint(results / "specimens.parquet")}
    card["checkpoint"] = fingerprint(folder / "checkpoint.ckpt")
    (folder / "card.json").write_text(json.dumps(card))


def vectors(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 512)).astype(np.float32)


@pytest.mark.parametrize("name", ["triplet", "colour"])
@pytest.mark.parametrize(("collection", "count"), [("half_earth", 6), ("kew", 4)])
def test_what_is_written_is_read(run, name, collection, count):
    path = write_features(run, name, collection, table(count, collection), vectors(count))
    assert path == run / "features" / name / f"{collection}.parquet"
    assert pq.read_schema(path).field("feature").type == pa.list_(pa.float32(), 512)
    specimens, features = read_features(run, name, collection)
    assert list(specimens["image_id"]) == list(table(count, collection)["image_id"])
    assert features.dtype == np.float32 and (features == vectors(count)).all()


def test_a_split_is_rows_and_features_together(run):
    write_features(run, "colour", "half_earth", table(6), vectors(6))
    specimens, features = read_features(run, "colour", split="random")
    assert list(specimens.index) == [0, 1, 2] and set(specimens["split"]) == {"random"}
    assert (features == vectors(6)[1::2]).all()


def test_missing_features_name_the_chapter(run):
    with pytest.raises(BadInput, match="run chapter features first"):
        read_features(run, "colour")
    with pytest.raises(BadInput, match="run chapter kew first"):
        read_features(run, "colour", "kew")


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_feature_that_is_no_number_is_refused_both_ways(run, broken):
    features = vectors(6)
    features[4, 100] = broken
    with pytest.raises(BadInput, match=r"row 4 \(image half_earth4\).*diverged"):
        write_features(run, "triplet", "half_earth", table(6), features)
    assert not (run / "features").exists() or not list((run / "features").rglob("*.parquet"))
    path = write_features(run, "triplet", "half_earth", table(6), vectors(6))
    kept = pq.read_table(path)
    broken_column = pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), 512)
    pq.write_table(kept.set_column(2, "feature", broken_column), path)
    with pytest.raises(BadInput, match="row 4"):
        read_features(run, "triplet")


def test_features_of_other_specimens_are_refused(run):
    write_features(run, "colour", "half_earth", table(6), vectors(6))
    write_specimens(table(5), run / "specimens.parquet")
    with pytest.raises(BadInput, match=r"another specimens table.*run chapter features again"):
        read_features(run, "colour")


def test_features_of_another_training_are_refused(run):
    write_features(run, "triplet", "half_earth", table(6), vectors(6))
    pretend(run, b"other weights")
    with pytest.raises(BadInput, match=r"another network.*run chapter features again"):
        read_features(run, "triplet")


def test_a_network_trained_on_other_specimens_is_refused(run):
    write_specimens(table(5), run / "specimens.parquet")
    with pytest.raises(BadInput, match="run chapter triplet first"):
        write_features(run, "triplet", "half_earth", table(5), vectors(5))


def test_a_file_cut_short_is_refused(run):
    path = write_features(run, "colour", "half_earth", table(6), vectors(6))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(BadInput, match="not a whole file of features"):
        read_features(run, "colour")


def test_features_of_fewer_sheets_are_refused(run):
    write_features(run, "colour", "half_earth", table(6).head(5), vectors(5))
    with pytest.raises(BadInput, match="row for row"):
        read_features(run, "colour")


@pytest.fixture
def sheets(tmp_path):
    rng = np.random.default_rng(7)
    for name in table(6)["path"]:
        Image.fromarray(rng.integers(0, 255, (80, 56, 3), dtype=np.uint8)).save(tmp_path / name)
    return tmp_path


def test_the_histogram_counts_colours():
    colour = load_encoder("colour", "nowhere", seed=89)
    images = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)
    images[1, 0] = 255  # red
    images[1, 0, :2] = 31  # and half of it almost black
    features = colour.encode(images)
    assert features.shape == (2, 512) and features[0, 0] == 1
    assert features[1, 0] == 0.5 and features[1, 7 * 64] == 0.5 and features.sum() == 2


def test_the_untrained_encoder_is_fixed_by_its_seed():
    images = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    before = torch.random.get_rng_state()
    one, same, other = (load_encoder("untrained", "nowhere", seed) for seed in (1, 1, 2))
    assert (torch.random.get_rng_state() == before).all()
    assert (one.encode(images) == same.encode(images)).all()
    assert not torch.allclose(one.encode(images), other.encode(images))
    # a batch of one is as good as a batch of three: no batch statistics
    assert torch.allclose(one.encode(images[:1]), one.encode(images)[:1], atol=1e-5)


def test_one_pass_for_all_encoders_gives_what_each_alone_gives(sheets):
    encoders = {name: load_encoder(name, sheets, seed=89) for name in ("untrained", "colour")}
    together = extract_together(encoders, table(6), sheets, 32, "letterbox", batch_size=4)
    for name, encoder in encoders.items():
        alone = extract(encoder, table(6), sheets, 32, "letterbox", batch_size=4)
        assert alone.shape == (6, 512) and alone.dtype == np.float32
        np.testing.assert_array_equal(together[name], alone)


def test_an_unknown_name_is_refused():
    with pytest.raises(BadInput, match="clasifier"):
        load_encoder("clasifier", "nowhere", seed=89)
    assert REPRESENTATIONS == ("autoencoder", "triplet", "classifier", "untrained", "colour")
