"""The profile `paper`: the published settings, and at a small size the networks that they make."""

import numpy as np
import pytest
import torch

from herbnb.book.chapters import chapter_parameters
from herbnb.book.profile import read_profile
from herbnb.data.images.geometry import IMAGENET_MEAN
from herbnb.networks import NETWORKS, training
from herbnb.networks.cards import beginning_of_run
from herbnb.networks.checkpoints import load_network
from herbnb.networks.dealing import DrawnTriplets
from herbnb.networks.encoder import encoder_of, geometry_for
from herbnb.results import Results
from test_training import herbarium

PUBLISHED = {
    "sampling": {"seed": 89, "max_images": 25, "species_sample": 0.1, "rand_sample": 0.1},
    "autoencoder": {"learning_rate": 1e-4, "encoder": "resnet18_cifar", "detail": "full", "batch_size": 32},
    "triplet": {"learning_rate": 1e-3, "margin": 1.0, "negatives": "drawn", "batch_size": 96},
    "classifier": {"learning_rate": 1e-3, "batch_size": 32},
    "embedding": {"seed": 89, "start": "spectral"},
    "activations": {"steps": 1024, "image_size": 512},
    "mislabels": {"mislabel_frac": [0.1]},
}
ALIKE = {"seed": 89, "max_epochs": 25, "input_height": 256, "fit": "crop", "schedule": "constant"}
ALIKE |= {"augment": True, "trainable": "all", "precision": "32-true"}
NOT_OURS = {"data", "results", "cache", "num_workers"}


def settings_of(chapter):
    """What a chapter is run with under the profile."""
    defaults = {name: each.default for name, each in chapter_parameters(chapter).items()}
    return defaults | read_profile("paper").of(chapter)


@pytest.mark.parametrize("chapter", PUBLISHED)
def test_the_settings_are_the_published_ones(chapter):
    expected = PUBLISHED[chapter] | (ALIKE if chapter in NETWORKS else {})
    assert {name: settings_of(chapter)[name] for name in expected} == expected


def test_two_networks_begin_from_photographs_and_one_from_an_autoencoder():
    began = {name: settings_of(name) for name in NETWORKS}
    for name in ("triplet", "classifier"):
        assert (began[name]["encoder"], began[name]["weights"]) == ("resnet18.tv_in1k", "imagenet")
    assert began["autoencoder"]["weights"].endswith("ae-cifar10.ckpt")
    squares = {geometry_for(each["encoder"], each["input_height"], each["fit"]) for each in began.values()}
    assert len(squares) == 1 and squares.pop().mean == IMAGENET_MEAN  # so that they can be compared


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of the three networks under the profile, all but the size and the weights of photographs."""
    folder = herbarium(tmp_path_factory.mktemp("paper"))
    here, small = Results(folder), {"input_height": 32, "max_epochs": 1, "weights": "none"}
    torch.manual_seed(1)
    cifar = encoder_of("resnet18_cifar", "none", geometry_for("resnet18_cifar", 32)).backbone.state_dict()
    cifar = {f"encoder.{key}": tensor for key, tensor in cifar.items()}
    torch.save({"state_dict": cifar | {"fc.bias": torch.zeros(256)}}, folder / "ae-cifar10.ckpt")
    for name in NETWORKS:
        given = {key: value for key, value in settings_of(name).items() if key not in NOT_OURS} | small
        if name == "autoencoder":
            given["weights"] = str(folder / "ae-cifar10.ckpt")
        kept = here.path("resized", collection="half_earth")
        training.train(name, folder, here, cache=kept, **given)
        training.test(name, folder, here, cache=kept)
    return here


@pytest.mark.slow
def test_the_published_networks_train_at_a_small_size(run):
    autoencoder = load_network(run, "autoencoder")
    assert autoencoder.decoder.detail == "full" and autoencoder.encoder.backbone.conv1.stride == (1, 1)
    drawn = autoencoder(autoencoder.trunk(torch.zeros(2, 3, 32, 32, dtype=torch.uint8)))
    assert drawn.shape == (2, 3, 32, 32)
    triplet = load_network(run, "triplet")
    deal = triplet.dealt([0, 0, 1, 1], 96, 89, training=True)["batch_sampler"]
    assert isinstance(deal, DrawnTriplets) and deal.at_once == 32
    assert triplet.encoder.backbone.conv1.stride == (2, 2)
    kept = run.path("resized", collection="half_earth")
    assert sorted(path.name for path in kept.glob("*.npy")) == ["32-crop.npy", "64-crop.npy"]
    for name in NETWORKS:
        assert np.isfinite(run.read("metrics", network=name)["value"]).all()
        assert run.path("test", network=name).exists()


@pytest.mark.slow
def test_they_are_compared_with_what_looks_at_the_same_squares(run):
    card = run.read("card", network="classifier")
    run.write("card", card | {"beginning": card["beginning"] | {"weights": "imagenet"}}, network="classifier")
    began = beginning_of_run(run)
    assert began.encoder == "resnet18.tv_in1k" and str(began.geometry) == "32 px, crop"
