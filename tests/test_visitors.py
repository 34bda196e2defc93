"""Visitors: how they are named, loaded without a network, and what features made elsewhere must be."""

import time

import numpy as np
import open_clip
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import timm
import torch
import torchvision

from conftest import row
from herbnb.errors import BadInput
from herbnb.networks.weights import offline
from herbnb.representations import Spec, spec_of
from herbnb.representations.extraction import extract, load_encoders
from herbnb.representations.visitors import FeaturesFile, visitor
from herbnb.results import Results


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("triplet", ("triplet",)),
        ("bioclip-2", ("bioclip-2",)),
        ("timm:resnet50", ("resnet50", "timm", "resnet50")),
        ("timm:resnet50.a1_in1k", ("resnet50", "timm", "resnet50.a1_in1k")),
        ("timm:resnet50@my/weights.pth", ("resnet50", "timm", "resnet50", "my/weights.pth")),
        ("timm:resnet50@none", ("resnet50", "timm", "resnet50", "none")),
        ("torchvision:resnet50", ("resnet50", "torchvision", "resnet50")),
        ("open_clip:ViT-B-32/openai", ("ViT-B-32", "open_clip", "ViT-B-32/openai")),
        ("open_clip:hf-hub:imageomics/bioclip-2", ("bioclip-2", "open_clip", "hf-hub:imageomics/bioclip-2")),
        ("some/features.parquet", ("features", "file", "some/features.parquet")),
        ("mine=a b/features.parquet", ("mine", "file", "a b/features.parquet")),
        ("mine=timm:resnet50@w=1.pth", ("mine", "timm", "resnet50", "w=1.pth")),
    ],
)
def test_a_spec_is_read(text, spec):
    assert spec_of(text) == Spec(*spec)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tim:resnet50", "no kind of encoder 'tim'.*timm, torchvision, open_clip"),
        ("mine=triplet", "names no encoder: write name=timm:model"),
        ("colour=timm:resnet50", "'colour'.*is taken: write another, such as mine=timm:resnet50"),
        ("some/triplet.parquet", "is taken"),
        ("../triplet", "There is no representation '../triplet': did you mean 'triplet'"),
        ("a b=timm:resnet50", "no short name"),
        ("timm:", "no short name"),
        ("", "There is no representation ''"),
        (f"{'x' * 61}=timm:resnet50", "no short name"),
    ],
)
def test_a_spec_that_is_none_is_said(text, said):
    with pytest.raises(BadInput, match=said) as error:
        spec_of(text)
    assert "\n" not in str(error.value)


def test_a_card_names_no_folder_of_this_machine():
    assert spec_of("mine=timm:resnet50@/home/me/w.pth").source == "timm:resnet50@w.pth"
    assert spec_of("/home/me/features.parquet").source == "features.parquet"


TINY = {
    "timm:test_efficientnet": 256,
    "timm:test_vit": 64,
    "torchvision:shufflenet_v2_x0_5": 1024,
    "open_clip:ViT-S-32-alt": 256,
}


@pytest.mark.parametrize("name", TINY)
def test_a_visitor_with_random_weights_looks(name):
    encoder, same, other = (visitor(spec_of(f"{name}@none"), seed) for seed in (1, 1, 2))
    size = encoder.geometry.height
    images = torch.randint(0, 256, (2, 3, size, size), dtype=torch.uint8)
    features = encoder.encode(images).cpu()
    assert features.shape == (2, encoder.width) == (2, TINY[name]) and features.isfinite().all()
    assert encoder.fingerprint == same.fingerprint != other.fingerprint
    assert encoder.card == {
        "model": f"{name}@none",
        "trained on": "nothing",
        "by": "not said",
        "licence": "not said",
    }
    assert encoder.geometry.fit == "letterbox" and not encoder.training
    assert encoder.geometry.backdrop == tuple(round(255 * each) for each in encoder.geometry.mean)


def whole_model(name):
    """Return a model of a library with its last layer."""
    scheme, _, model = name.partition(":")
    torch.manual_seed(5)
    if scheme == "timm":
        return timm.create_model(model)
    if scheme == "torchvision":
        return torchvision.models.get_model(model, weights=None)
    return open_clip.create_model(model)


@pytest.mark.parametrize("name", [name for name in TINY if name != "timm:test_vit"])
def test_the_weights_of_a_file_are_taken(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    torch.save(whole_model(name).state_dict(), "own.pth")
    encoder = visitor(spec_of(f"mine={name}@own.pth"))
    assert encoder.fingerprint == visitor(spec_of(f"mine={name}@own.pth"), seed=3).fingerprint
    assert encoder.fingerprint != visitor(spec_of(f"{name}@none")).fingerprint
    assert encoder.card["model"] == f"{name}@own.pth" and encoder.card["trained on"] == "own.pth"
    torch.save({"strange": torch.zeros(3)}, "other.pth")
    with pytest.raises(BadInput, match=r"other\.pth: not those of"):
        visitor(spec_of(f"{name}@other.pth"))
    (tmp_path / "code.pth").write_bytes(b"\x80\x02cposix\nsystem\nq\x00.")
    with pytest.raises(BadInput, match=r"code\.pth is not a file of weights"):
        visitor(spec_of(f"{name}@code.pth"))
    with pytest.raises(BadInput, match=r"nowhere\.pth is not a file"):
        visitor(spec_of(f"{name}@nowhere.pth"))


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """Empty caches, and a socket that is not to be touched."""

    def unreachable(*arguments, **settings):
        raise AssertionError("a chapter fetches nothing")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", unreachable)


@pytest.mark.parametrize(
    "name",
    [
        "timm:test_efficientnet",
        "torchvision:shufflenet_v2_x0_5",
        "open_clip:RN50/openai",
        "open_clip:hf-hub:imageomics/bioclip-2",
    ],
)
def test_weights_that_are_not_here_are_one_sentence_at_once(nowhere, capfd, name):
    started = time.monotonic()
    with pytest.raises(BadInput) as said:
        visitor(spec_of(name))
    assert time.monotonic() - started < 20
    assert f"`herbnb encoders fetch {name}`" in str(said.value) and "\n" not in str(said.value)
    assert capfd.readouterr() == ("", "")


def test_offline_ends_where_it_began():
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    with pytest.raises(RuntimeError), offline():
        assert constants.HF_HUB_OFFLINE
        raise RuntimeError
    assert before == constants.HF_HUB_OFFLINE


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("timm:resnet81", "no model 'resnet81': did you mean 'resnet18'"),
        ("timm:resnet18.mine", "no weights 'mine' for resnet18: choose among"),
        ("torchvision:resnet81", "no model 'resnet81': did you mean 'resnet18'"),
        ("torchvision:squeezenet1_1@none", "no linear layer"),
        ("open_clip:ViT-B32/openai", "no model 'ViT-B32': did you mean 'ViT-B-32'"),
        ("open_clip:ViT-B-32/opena", "no weights 'opena' for ViT-B-32: did you mean 'openai'"),
        ("open_clip:ViT-B-32", "no weights '' for ViT-B-32"),
    ],
)
def test_what_there_is_not_is_answered_with_the_nearest(name, said):
    with pytest.raises(BadInput, match=said):
        visitor(spec_of(name))


SHEETS = pd.DataFrame([row(f"s{n}") for n in range(4)])


def features_file(path, key="image_id", column="feature", names=None, vectors=None):
    names = list(SHEETS[key]) if names is None else names
    vectors = [[float(n), 1.0, 2.0] for n in range(len(names))] if vectors is None else vectors
    pq.write_table(pa.table({key: names, column: vectors}), path)
    return path


@pytest.mark.parametrize("key", ["image_id", "path"])
@pytest.mark.parametrize("column", ["feature", "emb", "embedding"])
def test_features_made_elsewhere_are_found_by_their_sheets(tmp_path, key, column):
    path = features_file(tmp_path / "f.parquet", key, column, [*SHEETS[key][::-1], "another"])
    encoders = load_encoders([str(path)], Results(tmp_path))
    (found,) = extract(encoders, SHEETS, tmp_path).values()
    assert list(encoders) == ["f"] and encoders["f"].width == 3 and found.dtype == np.float32
    assert found[:, 0].tolist() == [3, 2, 1, 0]
    assert encoders["f"].card["model"] == "f.parquet" and encoders["f"].geometry is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"names": ["s0", "s1", "s2", "s2"]}, "two rows for image_id s2: keep one"),
        ({"vectors": [[1.0], [1.0], [1.0], [1.0, 2.0]]}, "all of one length"),
        ({"vectors": [[1.0], [1.0], [1.0], None]}, "all of one length"),
        ({"vectors": [1.0, 2.0, 3.0, 4.0]}, "a list of numbers in every row"),
        ({"vectors": [["a"], ["b"], ["c"], ["d"]]}, "a list of numbers in every row"),
        ({"vectors": [[[1.0]]] * 4}, "a list of numbers in every row"),
        ({"vectors": [[], [], [], []]}, "all of one length"),
        ({"names": [], "vectors": pa.array([], pa.list_(pa.float32()))}, "all of one length"),
        ({"column": "numbers"}, "columns image_id, numbers: it needs image_id or path"),
    ],
)
def test_features_that_cannot_be_taken_are_said(tmp_path, changed, said):
    if changed.get("names"):
        changed = {**changed, "vectors": [[1.0]] * 4}
    with pytest.raises(BadInput, match=said):
        FeaturesFile(features_file(tmp_path / "f.parquet", **changed))


def test_features_of_another_collection_are_said(tmp_path):
    file = FeaturesFile(features_file(tmp_path / "f.parquet", names=["s0", "s1", "x", "y"]))
    with pytest.raises(BadInput, match="no row for 2 of 4 sheets, the first with image_id s2"):
        file.of(SHEETS)


def test_a_features_file_that_is_missing_or_broken_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"f\.parquet is missing"):
        visitor(spec_of(str(tmp_path / "f.parquet")))
    (tmp_path / "f.parquet").write_bytes(b"<html>")
    with pytest.raises(BadInput, match="not a parquet file that can be read"):
        visitor(spec_of(str(tmp_path / "f.parquet")))
