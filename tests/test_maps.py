"""Maps: made once for all encoders that begin alike, and the same as those made anew."""

import numpy as np
import pytest
import torch

from herbnb.data.images.resizing import keep_sheets
from herbnb.data.images.sheets import SheetImages
from herbnb.errors import BadInput
from herbnb.networks import maps, training
from herbnb.networks.encoder import Encoder, encoder_of, geometry_for
from herbnb.networks.maps import SheetsWithMaps, keep_maps
from herbnb.representations.extraction import extract, load_encoders
from herbnb.results import Results
from test_training import SMALL, herbarium

FROZEN = {**SMALL, "encoder": "test_resnet", "trainable": "layer3", "augment": False, "max_epochs": 1}


@pytest.fixture
def here(tmp_path):
    return Results(herbarium(tmp_path))


@pytest.fixture
def looks(monkeypatch):
    """The numbers of sheets that trunks have looked at, one entry a batch."""
    seen, trunk = [], Encoder.trunk

    def noted(encoder, images):
        if encoder.frozen and len(images) > 1:  # a single one is only to try
            seen.append(len(images))
        return trunk(encoder, images)

    monkeypatch.setattr(Encoder, "trunk", noted)
    return seen


def resized(here, encoder):
    kept = here.path("resized", collection="half_earth")
    return keep_sheets(here.read("specimens"), here.folder, kept, encoder.geometry)


def small_encoder(trainable, seed=0):
    torch.manual_seed(seed)
    return encoder_of("test_resnet", "none", geometry_for("test_resnet", 32), trainable)


@pytest.mark.parametrize("trainable", ["layer3", "head"])
def test_maps_are_those_of_the_trunk_and_lead_to_the_same_features(here, trainable):
    encoder, specimens = small_encoder(trainable).eval(), here.read("specimens").sample(frac=1)
    cache = resized(here, encoder)
    sheets = SheetImages(specimens, here.folder, encoder.geometry, cache=cache)
    kept = SheetsWithMaps(sheets, specimens, keep_maps(specimens, here.folder, cache, encoder))
    assert len(kept) == len(specimens)
    for number in (0, 7):
        image, label, seen = kept[number]
        assert torch.equal(image, sheets[number][0]) and label == 0 and seen.dtype == torch.float16
        features = encoder.encode(image[None])
        close = {"rtol": 1e-2, "atol": 1e-2}
        with torch.inference_mode():
            torch.testing.assert_close(encoder.crown(seen[None].float()), features, **close)


def test_every_network_its_test_and_its_features_look_at_a_sheet_once(here, looks):
    specimens, folder = here.read("specimens"), here.folder
    reading = {"cache": here.path("resized", collection="half_earth")}
    for name in ("autoencoder", "triplet", "classifier"):
        training.train(name, folder, here, **reading, **FROZEN)
        training.test(name, folder, here, **reading)
    encoders = load_encoders(["autoencoder", "triplet", "classifier"], here)
    extract(encoders, specimens, folder, **reading)
    assert sum(looks) == len(specimens)


def test_features_from_kept_maps_are_those_made_anew(here):
    specimens, folder = here.read("specimens"), here.folder
    reading = {"cache": here.path("resized", collection="half_earth")}
    training.train("triplet", folder, here, **reading, **FROZEN)
    encoders = load_encoders(["triplet", "untrained", "colour"], here)
    some = specimens.iloc[::-2]
    kept = extract(encoders, some, folder, batch_size=12, **reading)
    anew = extract(encoders, some, folder, batch_size=5)
    for name in encoders:
        np.testing.assert_allclose(kept[name], anew[name], rtol=0.02, atol=0.02)


def test_encoders_that_begin_otherwise_have_maps_of_their_own(here):
    specimens, one, other = here.read("specimens"), small_encoder("layer3"), small_encoder("layer3", seed=1)
    cache = resized(here, one)
    paths = [keep_maps(specimens, here.folder, cache, e).path for e in (one, other, one)]
    assert paths[0] == paths[2] != paths[1]
    assert not np.array_equal(np.load(paths[0]), np.load(paths[1]))


def test_maps_beyond_half_precision_are_refused(here, monkeypatch):
    encoder, looked_at = small_encoder("layer3"), maps.looked_at
    monkeypatch.setattr(maps, "looked_at", lambda *given: looked_at(*given) + 1e6)
    with pytest.raises(BadInput, match="too large to be kept in half precision: set the parameter cache"):
        keep_maps(here.read("specimens"), here.folder, resized(here, encoder), encoder)
