"""Activations: a channel is chosen, shown in sheets, and driven both ways."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.networks.encoder import DEFAULT, encoder_of
from herbnb.representations.activations import (
    PANELS,
    drive,
    examples,
    last_maps,
    mosaic,
    most_variable,
    write_activations,
)
from herbnb.representations.fourier import FourierImages, unsteady
from herbnb.results import Results

pytestmark = pytest.mark.slow


def random(name):
    torch.manual_seed(89)
    return encoder_of(name, "none", Geometry(64)).eval()


@pytest.fixture(scope="module")
def encoder():
    return random("resnet18")


@pytest.fixture(scope="module")
def driven(encoder):
    return drive(encoder, channel=50, image_size=64, steps=48, seed=89)


def test_the_most_variable_channel_has_the_largest_spread():
    features = np.random.default_rng(0).normal(size=(50, 512)).astype(np.float32)
    features[:, 137] *= 5
    assert most_variable(features) == 137


@pytest.mark.parametrize("value", [0.0, 1.5])
def test_a_collapsed_network_is_said(value):
    with pytest.raises(BadInput, match="collapsed"):
        most_variable(np.full((9, 512), value, dtype=np.float32))


def test_images_drive_the_channel_both_ways(encoder, driven):
    images, reached = driven
    assert images.shape == (2, 3, 64, 64) and images.dtype == np.uint8
    noise = np.random.default_rng(0).integers(0, 256, (16, 3, 64, 64), dtype=np.uint8)
    waves = (FourierImages(16, 64, seed=1)() * 255).round()
    with torch.inference_mode():
        random = encoder(torch.from_numpy(noise).float() / 255)[:, 50]
        start = encoder(waves / 255)[:, 50]
        again = encoder(torch.from_numpy(images).float() / 255)[:, 50]
    assert reached[1] > max(random.max(), start.max()) and reached[0] < random.min()
    np.testing.assert_allclose(again, reached, rtol=1e-4, atol=1e-6)


def test_the_seed_decides(encoder):
    one, same, other = (drive(encoder, 50, image_size=32, steps=3, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_encoder_is_left_as_it_was(encoder):
    hooks = encoder.backbone.layer4[-1].act2._forward_pre_hooks
    assert not hooks and all(weight.requires_grad for weight in encoder.parameters())
    assert all(weight.grad is None for weight in encoder.parameters())


def test_a_dead_channel_is_said(encoder):
    dead = random("resnet18")
    block = dead.backbone.layer4[-1]
    with torch.no_grad():  # neither the block nor its shortcut passes anything on
        for norm in (block.bn2, dead.backbone.layer4[0].bn2, dead.backbone.layer4[0].downsample[1]):
            norm.weight[50] = norm.bias[50] = 0
    with pytest.raises(BadInput, match="Channel 50 is dead"):
        drive(dead, channel=50, image_size=32, steps=2, seed=89)


@pytest.mark.parametrize("name", ["resnet18", DEFAULT, "test_convnext"])
def test_the_means_of_the_last_maps_are_the_features(name):
    encoder, images = random(name), torch.rand(2, 3, 64, 64)
    maps = last_maps(encoder, images)
    assert maps.shape[:2] == (2, encoder.width)
    if name != "test_convnext":  # which normalises the means once more
        torch.testing.assert_close(maps.mean((2, 3)), encoder(images))


def test_a_transformer_has_no_such_maps():
    with pytest.raises(BadInput, match="VisionTransformer has no maps"):
        last_maps(random("test_vit"), torch.rand(1, 3, 64, 64))


@pytest.mark.parametrize("name", [DEFAULT, "test_vit", "test_convnext"])
def test_any_encoder_draws(name):
    images, reached = drive(random(name), channel=5, image_size=64, steps=12, seed=89)
    assert images.shape == (2, 3, 64, 64) and reached[0] < reached[1]


def test_waves_make_images_and_take_gradients():
    images = FourierImages(2, 33, seed=89)
    assert images().shape == (2, 3, 33, 33) and 0 < images().min() < images().max() < 1
    moved = unsteady(seed=89)(images())
    assert moved.shape == (2, 3, 33, 33)
    moved.sum().backward()
    assert images.waves.grad.isfinite().all() and images.waves.grad.any()


def test_moves_are_small_and_seeded():
    ramp = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    one, same = unsteady(seed=1), unsteady(seed=1)
    moves = [one(ramp) for _ in range(5)]
    assert all(torch.equal(move, same(ramp)) for move in moves)
    assert not torch.equal(moves[0], moves[1])
    centre = (slice(None), slice(None), slice(24, 40), slice(24, 40))
    assert all((move - ramp)[centre].abs().max() < 0.2 for move in moves)


def test_panels_come_from_their_part_of_the_range():
    values = np.linspace(0, 10, 101)
    ids = [f"s{i}" for i in range(101)]
    chosen = examples(ids, values, seed=89)
    assert list(chosen) == ["panel", "image_id", "value"]
    assert list(chosen["panel"].unique()) == list(PANELS) and len(chosen) == 16
    of = chosen.groupby("panel")["value"]
    assert of.get_group("minimum").max() == pytest.approx(0.3)
    assert of.get_group("maximum").min() == pytest.approx(9.7)
    assert of.get_group("low").between(2, 3).all() and of.get_group("high").between(7, 8).all()
    pd.testing.assert_frame_equal(chosen, examples(ids, values, seed=89))
    assert list(examples(ids, values, seed=1)["image_id"]) != list(chosen["image_id"])


def test_an_empty_band_has_no_examples():
    chosen = examples(list("abcdefgh"), np.array([0, 0, 0, 0, 0, 0, 0, 1.0]), seed=89, count=2)
    assert list(chosen["panel"]) == ["minimum"] * 2 + ["maximum"] * 2
    assert chosen["image_id"].iloc[-1] == "h"


def test_a_mosaic_has_four_quarters():
    black = np.zeros((3, 10, 10), dtype=np.uint8)
    tile = mosaic([black] * 3, 40)
    assert tile.shape == (40, 40, 3) and tile[:19, :19].mean() < 30 and tile[21:, 21:].min() == 255


def test_what_was_found_is_written_whole(tmp_path, driven):
    images, reached = driven
    chosen = examples(list("abcdefgh"), np.arange(8.0), seed=89)
    about = {"channel": 50, "maximum": float(reached[1])}
    here = Results(tmp_path)
    write_activations(here, "untrained", images, chosen, about)
    folder = tmp_path / "activations" / "untrained"
    assert sorted(path.name for path in folder.iterdir()) == [
        "channel.json",
        "examples.csv",
        "maximum.png",
        "minimum.png",
    ]
    np.testing.assert_array_equal(
        np.asarray(Image.open(folder / "maximum.png")), images[1].transpose(1, 2, 0)
    )
    assert json.loads((folder / "channel.json").read_text()) == about
    assert here.read("channel", encoder="untrained") == about
    pd.testing.assert_frame_equal(here.read("examples", encoder="untrained"), chosen)
