"""Training: whole artefacts, skipped when done, resumed when interrupted, refused with a sentence."""

import gc
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from herbnb.data.images.geometry import Geometry
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks import NETWORKS, precision, training
from herbnb.networks.cards import beginning_of_run, card_of_run, read_card
from herbnb.networks.checkpoints import EveryEpoch, load_network
from herbnb.networks.data_module import genera_of, parted
from herbnb.networks.encoder import DEFAULT, geometry_for
from herbnb.networks.network import Network, network_class
from herbnb.representations.extraction import extract, load_encoders
from herbnb.results import Results
from herbnb.specimens import write_specimens

pytestmark = pytest.mark.slow

SMALL = {"seed": 89, "max_epochs": 2, "batch_size": 8, "learning_rate": 1e-3, "input_height": 32}
SMALL |= {"precision": "32-true"}
COLOURS = {"Acer": (180, 60, 60), "Betula": (60, 160, 60), "Carex": (60, 60, 180)}


def herbarium(folder, sheets=12):
    """Draw plain sheets of three genera, most of them for training, and write their table."""
    rng = np.random.default_rng(89)
    rows = []
    for genus, colour in COLOURS.items():
        for number in range(sheets):
            name = f"{genus}{number}"
            pixels = np.clip(rng.normal(colour, 40, (48, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{name}.jpg")
            rows.append({"image_id": name, "path": f"{name}.jpg", "genus": genus})
    table = pd.DataFrame(rows).assign(species="sp.", family="F", order="O", institution="NY")
    place = table.groupby("genus").cumcount()
    table["split"] = np.select([place < 2, place < 4], ["random", "species"], "train")
    write_specimens(table, folder / "specimens.parquet")
    return folder


@pytest.fixture(autouse=True)
def nothing_kept():
    """Collect what a training leaves: a quarter of a gigabyte, in circles that Python finds late."""
    yield
    gc.collect()


@pytest.fixture
def here(tmp_path):
    return Results(herbarium(tmp_path))


def scores_of(here, name):
    return here.read("metrics", network=name)


@pytest.mark.parametrize("name", NETWORKS)
def test_training_leaves_all_artefacts_and_they_load_safely(here, capsys, name):
    card = training.train(name, here.folder, here, **SMALL)
    folder = here.folder / "networks" / name
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.ckpt", "last.ckpt", "metrics.csv", "card.json"
    }  # fmt: skip
    assert json.loads((folder / "card.json").read_text()) == card
    assert card["parameters"]["max_epochs"] == card["epochs"] == 2
    assert card["genera"] == list(COLOURS) and card["precision"] == "32-true"
    assert card["width"] == 512 and Geometry.of_card(card["geometry"]) == Geometry(32)
    assert card["checkpoint"] == fingerprint(folder / "checkpoint.ckpt")
    assert card_of_run(here, name) == read_card(here, name) == card

    for kept in ("checkpoint.ckpt", "last.ckpt"):
        assert "state_dict" in torch.load(folder / kept, weights_only=True)
    network = load_network(here, name)
    features = network.encode(torch.zeros(2, 3, 32, 32, dtype=torch.uint8))
    assert features.shape == (2, 512) and not network.training
    assert network.fingerprint == card["checkpoint"] and network.width == 512
    assert network.geometry == Geometry(32)

    metrics = scores_of(here, name)
    assert metrics.columns.tolist() == ["epoch", "split", "metric", "value"]
    assert set(metrics["split"]) == {"train", "validation"} and set(metrics["epoch"]) == {0, 1}
    assert np.isfinite(metrics["value"]).all()

    tested = training.test(name, here.folder, here)
    assert set(tested["split"]) == {"random", "species"}
    assert pd.read_csv(folder / "test.csv").shape == tested.shape
    assert "'institutions' is not tested. It holds no sheet." in capsys.readouterr().out


def test_a_matching_training_is_skipped_and_another_starts_anew(here, capsys):
    (here.folder / "networks" / "classifier").mkdir(parents=True)  # as Snakemake does before a chapter runs
    card = training.train("classifier", here.folder, here, **SMALL)
    assert "starts anew" not in capsys.readouterr().out
    written = (here.folder / "networks" / "classifier" / "checkpoint.ckpt").stat().st_mtime_ns
    capsys.readouterr()
    assert training.train("classifier", here.folder, here, **SMALL) == card
    assert "trained already" in capsys.readouterr().out
    assert (here.folder / "networks" / "classifier" / "checkpoint.ckpt").stat().st_mtime_ns == written

    other = training.train("classifier", here.folder, here, **{**SMALL, "max_epochs": 1})
    assert "starts anew" in capsys.readouterr().out
    assert other["epochs"] == 1 and set(scores_of(here, "classifier")["epoch"]) == {0}

    table = pd.read_parquet(here.folder / "specimens.parquet")
    write_specimens(table.iloc[:-1], here.folder / "specimens.parquet")
    with pytest.raises(BadInput, match="on the specimens that the run has now: run chapter classifier"):
        training.test("classifier", here.folder, here)
    training.train("classifier", here.folder, here, **{**SMALL, "max_epochs": 1})
    assert "starts anew" in capsys.readouterr().out


@pytest.mark.parametrize(("pause", "least", "most"), [(0.0, 0.0, 0.4), (0.2, 0.6, 1.0)])
def test_a_card_tells_for_which_share_of_the_time_steps_waited(here, monkeypatch, pause, least, most):
    fetch = SheetImages.__getitems__
    monkeypatch.setattr(
        SheetImages, "__getitems__", lambda sheets, rows: time.sleep(pause) or fetch(sheets, rows)
    )
    small = {**SMALL, "encoder": "test_efficientnet", "max_epochs": 1, "augment": False}
    card = training.train("classifier", here.folder, here, **small)
    assert least <= card["waits"] <= most and card["processes"] == 1


class Killed(Exception):
    """What stands for a power cut."""


def interrupted(monkeypatch, after):
    """Make a training stop as soon as the epoch `after` is written."""
    written = EveryEpoch.on_train_epoch_end

    def stop(self, trainer, network):
        written(self, trainer, network)
        if trainer.current_epoch == after:
            raise Killed

    monkeypatch.setattr(EveryEpoch, "on_train_epoch_end", stop)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_resumed_training_is_the_uninterrupted_one(tmp_path, monkeypatch, capsys, name):
    for folder in (tmp_path / "whole", tmp_path / "broken"):
        folder.mkdir()
        herbarium(folder)
    whole, broken = Results(tmp_path / "whole"), Results(tmp_path / "broken")
    settings = {**SMALL, "max_epochs": 2}
    training.train(name, whole.folder, whole, **settings)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        interrupted(patched, after=0)
        training.train(name, broken.folder, broken, **settings)
    assert not broken.path("card", network=name).exists()
    capsys.readouterr()
    card = training.train(name, broken.folder, broken, **settings)
    assert "interrupted after epoch 0" in capsys.readouterr().out
    assert card["epochs"] == 2
    pd.testing.assert_frame_equal(scores_of(whole, name), scores_of(broken, name), rtol=1e-3)


def test_a_training_killed_after_its_last_epoch_only_needs_its_card(here, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(Killed):
        interrupted(patched, after=1)
        training.train("triplet", here.folder, here, **SMALL)
    before = scores_of(here, "triplet")
    training.train("triplet", here.folder, here, **SMALL)
    pd.testing.assert_frame_equal(before, scores_of(here, "triplet"))
    assert (here.folder / "networks" / "triplet" / "card.json").exists()


def test_a_killed_process_leaves_whole_files_that_resume(here):
    script = (
        "from herbnb.networks.training import train; from herbnb.results import Results; "
        f"here = Results({str(here.folder)!r}); "
        f"train('triplet', here.folder, here, **{ {**SMALL, 'max_epochs': 500}!r})"
    )
    folder = here.folder / "networks" / "triplet"
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        deadline = time.monotonic() + 60
        while not (folder / "last.ckpt").exists() and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    for name in ("last.ckpt", "checkpoint.ckpt"):
        torch.load(folder / name, weights_only=True)
    epochs = scores_of(here, "triplet")["epoch"].unique()
    assert epochs.tolist() == list(range(len(epochs)))


def test_two_runs_with_one_seed_give_the_same_features(tmp_path):
    features = []
    for run in ("one", "other"):
        (tmp_path / run).mkdir()
        here = Results(herbarium(tmp_path / run))
        training.train("triplet", here.folder, here, **SMALL)
        images = torch.arange(3 * 32 * 32).reshape(1, 3, 32, 32).remainder(256).to(torch.uint8)
        features.append(load_network(here, "triplet").encode(images))
    assert torch.cosine_similarity(*features).min() > 0.999


def test_a_card_without_its_checkpoint_does_not_count(here):
    training.train("triplet", here.folder, here, **SMALL)
    checkpoint = here.folder / "networks" / "triplet" / "checkpoint.ckpt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(BadInput, match="not a whole checkpoint of the triplet"):
        load_network(here, "triplet")
    training.train("triplet", here.folder, here, **SMALL)
    load_network(here, "triplet")


def test_a_missing_or_unknown_network_is_said(here):
    with pytest.raises(BadInput, match="run chapter triplet first"):
        load_network(here, "triplet")
    with pytest.raises(BadInput, match="autoencoder, triplet, classifier"):
        load_network(here, "transformer")


def test_each_network_is_found_by_its_name_and_made_for_the_genera():
    for name in NETWORKS:
        network = network_class(name).made_for(["Acer", "Poa"], input_height=32)
        assert isinstance(network, Network) and type(network).__name__.lower() == name
        assert network.geometry.height == 32 and network.width == 512


@pytest.mark.parametrize("text", ["{}", "[]", '{"checkpoint": "0", "fingerprint": "1"}'])
def test_a_card_that_lacks_what_is_asked_of_it_is_none(here, capsys, text):
    training.train("triplet", here.folder, here, **SMALL)
    here.path("card", network="triplet").write_text(text)
    assert read_card(here, "triplet") == {}
    with pytest.raises(BadInput, match="run chapter triplet"):
        card_of_run(here, "triplet")
    training.train("triplet", here.folder, here, **SMALL)
    assert "starts anew" in capsys.readouterr().out and read_card(here, "triplet")["width"] == 512


def test_a_network_that_was_left_behind_has_its_card_and_is_trained_anew(here, capsys):
    card = training.train("triplet", here.folder, here, **SMALL)
    here.path("checkpoint", network="triplet").unlink()
    assert card_of_run(here, "triplet") == card
    with pytest.raises(BadInput, match="run chapter triplet first"):
        load_network(here, "triplet")
    again = training.train("triplet", here.folder, here, **SMALL)
    assert "trained already" not in capsys.readouterr().out and again["checkpoint"]
    assert here.path("checkpoint", network="triplet").exists()
    here.path("checkpoint", network="triplet").write_bytes(b"another's")
    assert read_card(here, "triplet") == {}


def test_a_broken_card_is_named_with_its_chapter(here):
    training.train("triplet", here.folder, here, **SMALL)
    here.path("card", network="triplet").write_text('{"checkpoint": ')
    with pytest.raises(BadInput, match=r"card\.json cannot be read: delete it and run chapter triplet again"):
        read_card(here, "triplet")


def test_a_run_begins_with_its_networks_or_with_what_needs_no_training(here):
    assert beginning_of_run(here) == (DEFAULT, "imagenet", geometry_for(DEFAULT), "head")
    for name, height in (("triplet", 48), ("classifier", 32)):
        training.train(name, here.folder, here, **{**SMALL, "max_epochs": 1, "input_height": height})
        if name == "triplet":
            assert beginning_of_run(here) == ("resnet18", "none", Geometry(48), "all")
    with pytest.raises(BadInput) as said:
        beginning_of_run(here)
    assert (
        "the triplet was trained with a resnet18 and squares of 48 px, letterbox, "
        "the classifier with a resnet18 and squares of 32 px" in str(said.value)
    )
    assert "\n" not in str(said.value)


def test_of_networks_that_began_differently_the_run_is_compared_with_photographs(here):
    apart = {"autoencoder": "resnet18_cifar", "triplet": "resnet18"}
    for name, encoder in apart.items():
        training.train(name, here.folder, here, **{**SMALL, "max_epochs": 1, "encoder": encoder})
    assert beginning_of_run(here) == ("resnet18_cifar", "none", Geometry(32), "all")
    card = read_card(here, "triplet")
    here.write("card", card | {"beginning": card["beginning"] | {"weights": "imagenet"}}, network="triplet")
    assert beginning_of_run(here) == ("resnet18", "imagenet", Geometry(32), "all")
    encoders = load_encoders([*apart, "untrained", "colour"], here)
    seen = extract(encoders, here.read("specimens"), here.folder)
    assert {of_encoder.shape for of_encoder in seen.values()} == {(36, 512)}


def test_a_checkpoint_of_another_network_is_refused(here):
    training.train("triplet", here.folder, here, **SMALL)
    (here.folder / "networks" / "triplet").rename(here.folder / "networks" / "classifier")
    with pytest.raises(BadInput, match="not a whole checkpoint of the classifier"):
        load_network(here, "classifier")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("max_epochs", 0),
        ("batch_size", 1),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("input_height", 8),
        ("fit", "squash"),
        ("precision", "8-bit"),
        ("trainable", "layer9"),
        ("negatives", "hardest"),
        ("margin", -1.0),
    ],
)
def test_a_parameter_out_of_range_is_named(here, parameter, value):
    with pytest.raises(BadInput, match=f"^{parameter} is"):
        training.train("triplet", here.folder, here, **{**SMALL, parameter: value})


def test_a_divergent_training_says_so(here):
    with pytest.raises(BadInput, match="lower learning_rate"):
        training.train("autoencoder", here.folder, here, **{**SMALL, "learning_rate": 1e30})


def test_too_few_genera_are_said(here):
    table = pd.read_parquet(here.folder / "specimens.parquet")
    write_specimens(table[table["genus"] == "Acer"], here.folder / "specimens.parquet")
    with pytest.raises(BadInput, match="two genera with two sheets"):
        training.train("autoencoder", here.folder, here, **SMALL)


def test_an_unreadable_sheet_is_named(here):
    for path in here.folder.glob("Betula*.jpg"):
        path.write_bytes(b"")
    with pytest.raises(BadInput, match=r"Betula\d+\.jpg is empty"):
        training.train("triplet", here.folder, here, **SMALL)


def test_a_held_out_genus_that_training_never_saw_is_said(here, capsys):
    table = pd.read_parquet(here.folder / "specimens.parquet")
    table.loc[(table["genus"] == "Carex") & (table["split"] == "train"), "genus"] = "Betula"
    write_specimens(table, here.folder / "specimens.parquet")
    training.train("classifier", here.folder, here, **SMALL)
    assert training.test("classifier", here.folder, here).empty
    assert "Its genus Carex is not among the training sheets." in capsys.readouterr().out


def test_validation_is_a_fifth_stratified_by_genus():
    genera = np.repeat(["A", "B", "C", "D"], [100, 51, 20, 3])
    ids = [f"{i:03d}" for i in range(len(genera))]
    table = pd.DataFrame({"image_id": ids, "genus": genera, "split": "train"})
    learnt, judged = parted(table, seed=89)
    assert set(learnt["image_id"]) | set(judged["image_id"]) == set(ids)
    assert len(learnt) + len(judged) == len(ids)
    counts = judged["genus"].value_counts()
    assert counts["A"] == 20 and counts["B"] in (10, 11) and counts["C"] == 4
    again = parted(table.sample(frac=1, random_state=1), seed=89)[1]
    assert again["image_id"].tolist() == judged["image_id"].tolist()
    assert genera_of(table.assign(split=["train"] * 173 + ["random"])) == ["A", "B", "C", "D"]
    assert genera_of(table.assign(split=["train"] * 151 + ["random"] * 23)) == ["A", "B"]
    other = parted(table, seed=90)[1]
    assert set(other["image_id"]) != set(judged["image_id"])


FROZEN = {**SMALL, "encoder": "test_resnet", "trainable": "layer3", "batch_size": 4}


def weights_of(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("augment", [True, False])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_frozen_trunk_stays_as_it_was_and_the_rest_learns(here, monkeypatch, name, augment):
    begun, practised = {}, training.SheetData

    def noted(specimens, folder, network, **settings):
        begun.update(weights_of(network.encoder.backbone), mode=network.training)
        return practised(specimens, folder, network, **settings)

    monkeypatch.setattr(training, "SheetData", noted)
    margin = {"margin": 100.0} if name == "triplet" else {}  # which no random features keep
    card = training.train(name, here.folder, here, **FROZEN, **margin, augment=augment)
    assert card["beginning"] == {"encoder": "test_resnet", "weights": "none", "trainable": "layer3"}
    now = load_network(here, name).encoder.backbone.state_dict()
    frozen = ("conv1.", "bn1.", "layer1.", "layer2.")
    assert begun["mode"] and any("running_mean" in key and key.startswith(frozen) for key in now)
    changed = {key for key, tensor in now.items() if not torch.equal(tensor, begun[key])}
    assert changed and not any(key.startswith(frozen) for key in changed)
    assert any(key.endswith("weight") for key in changed)


@pytest.mark.parametrize("name", NETWORKS)
def test_kept_maps_teach_what_maps_made_anew_do(tmp_path, name):
    scores, features = [], []
    for folder in (tmp_path / "kept", tmp_path / "anew"):
        folder.mkdir()
        here = Results(herbarium(folder))
        kept = here.path("resized", collection="half_earth") if folder.name == "kept" else None
        training.train(name, here.folder, here, cache=kept, **FROZEN, augment=False)
        scores.append(scores_of(here, name))
        images = torch.arange(3 * 32 * 32).reshape(1, 3, 32, 32).remainder(256).to(torch.uint8)
        features.append(load_network(here, name).encode(images))
    pd.testing.assert_frame_equal(*scores, rtol=0.05, atol=0.02)
    assert torch.cosine_similarity(*features).min() > 0.99


def test_varied_sheets_are_kept_larger_and_the_others_as_they_are_looked_at(here):
    kept = here.path("resized", collection="half_earth")
    settings = {**SMALL, "max_epochs": 1, "fit": "crop", "augment": True}
    training.train("triplet", here.folder, here, cache=kept, **settings)
    training.test("triplet", here.folder, here, cache=kept)
    small, large = (np.load(kept / f"{side}-crop.npy").shape for side in (32, 64))
    assert small == (36, 3, 32, 32) and large == (24, 3, 64, 64)  # of all, and of those that teach


def test_a_network_of_which_nothing_learns_is_refused(here):
    with pytest.raises(BadInput, match="trainable is 'head', and the triplet has none"):
        training.train("triplet", here.folder, here, **{**FROZEN, "trainable": "head"})


@pytest.mark.parametrize("name", ["autoencoder", "classifier"])
def test_a_head_learns_on_an_encoder_that_stays(here, name):
    card = training.train(name, here.folder, here, **{**FROZEN, "trainable": "head"})
    assert card["epochs"] == 2 and np.isfinite(scores_of(here, name)["value"]).all()


def test_auto_takes_the_precision_that_is_sooner_done(here, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    took = {False: 2.0, True: 1.0}
    monkeypatch.setattr(precision, "seconds_of", lambda step, half: step() or took[half])
    steps = []
    for known, quick, expected in (
        (True, True, "bf16-mixed"),
        (True, False, "32-true"),
        (False, True, "32-true"),
    ):
        monkeypatch.setattr(precision, "has_bfloat16", lambda known=known: known)
        took[True] = 1.0 if quick else 3.0
        assert precision.faster(lambda: steps.append(1)) == expected
    assert len(steps) == 4  # none where there is no choice
    card = training.train("triplet", here.folder, here, **{**SMALL, "precision": "auto", "max_epochs": 1})
    assert card["precision"] == "32-true"


def test_the_clock_leaves_a_network_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "faster", lambda step, alone: (step(), "32-true")[1])
    rows = []
    for chosen in ("auto", "32-true"):
        (tmp_path / chosen).mkdir()
        here = Results(herbarium(tmp_path / chosen))
        training.train("classifier", here.folder, here, **{**FROZEN, "precision": chosen})
        rows.append(scores_of(here, "classifier"))
    pd.testing.assert_frame_equal(*rows)
