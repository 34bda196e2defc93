"""`herbnb encoders`: what can be named, and how its weights are brought here."""

import pytest
from click.testing import CliRunner

from herbnb.cli import main
from herbnb.representations import BASELINES, catalogue, visitors
from herbnb.representations.catalogue import WELL_KNOWN


def encoders(*arguments):
    return CliRunner().invoke(main, ["encoders", *arguments])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the hub."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def brought(cache, monkeypatch):
    """What was fetched, by a stand-in of the hub that leaves a file in the cache."""
    asked = []

    def fetch(spec):
        asked.append(spec.model)
        folder = cache / f"models--timm--{spec.model}.r160_in1k" / "snapshots" / "0"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")

    monkeypatch.setitem(visitors.SCHEMES, "timm", visitors.SCHEMES["timm"]._replace(fetch=fetch))
    return asked


def test_what_can_be_named_is_listed():
    listed = encoders()
    assert listed.exit_code == 0, listed.output
    for name in ("autoencoder", *BASELINES, *WELL_KNOWN):
        assert name in listed.output
    assert "384 numbers from squares of 518 px; licence apache-2.0; weights not here; from" in listed.output
    assert "1280 numbers from squares of 224 px; licence Apache-2.0; weights here, in" in listed.output


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("timm:test_vit.*", "timm:test_vit.r160_in1k\n    64 numbers from squares of 160 px"),
        ("timm:tf_efficientnet_lite0*", "weights here"),
        ("torchvision:shufflenet_v2_x0_5", "1024 numbers from squares of 224 px"),
        ("open_clip:ViT-B-32/openai", "512 numbers"),
        ("timm:resnet*", "timm:resnet50.a1_in1k\n"),
    ],
)
def test_the_models_of_a_library_are_listed_by_a_pattern(pattern, found):
    listed = encoders(pattern)
    assert listed.exit_code == 0 and found in listed.output


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("timm:nothing*", "no model that fits"), ("tim:*", "names no scheme"), ("resnet50", "names no scheme")],
)
def test_a_pattern_that_nothing_fits_is_said(pattern, said):
    listed = encoders(pattern)
    assert listed.exit_code == 1 and said in listed.output and "Traceback" not in listed.output


def test_what_is_fetched_is_fetched_once_and_said_where_it_lies(cache, brought):
    for _ in range(2):
        ran = encoders("fetch", "timm:test_vit", "timm:tf_efficientnet_lite0")
        assert ran.exit_code == 0, ran.output
        assert f"timm:test_vit is here, in {cache}" in ran.output
    assert brought == ["test_vit"]
    assert "weights here" in encoders("timm:test_vit.*").output


@pytest.mark.parametrize("error", [OSError("no route\nto host"), RuntimeError("hash"), ValueError()])
def test_a_hub_that_does_not_answer_is_one_sentence(monkeypatch, error):
    def fetch(spec):
        raise error

    monkeypatch.setitem(visitors.SCHEMES, "timm", visitors.SCHEMES["timm"]._replace(fetch=fetch))
    ran = encoders("fetch", "timm:test_vit")
    assert ran.exit_code == 1 and "timm:test_vit did not come from https://huggingface.co/timm/" in ran.output
    assert ran.output.count("\n") == 1


def test_weights_on_request_say_where_to_ask(monkeypatch):
    class GatedRepoError(Exception):
        pass

    def fetch(spec):
        raise GatedRepoError("403")

    monkeypatch.setitem(visitors.SCHEMES, "timm", visitors.SCHEMES["timm"]._replace(fetch=fetch))
    ran = encoders("fetch", "timm:vit_small_patch16_dinov3")
    assert ran.exit_code == 1 and "is given on request: ask for it at https://huggingface.co" in ran.output


@pytest.mark.parametrize("spec", ["triplet", "imagenet", "timm:resnet50@none", "f.parquet"])
def test_what_has_no_weights_to_fetch_is_said(spec):
    ran = encoders("fetch", spec)
    assert ran.exit_code == 1 and "has nothing to fetch" in ran.output


def test_no_cache_holds_what_was_never_fetched(cache):
    assert catalogue.on_hub("timm/test") == "" == catalogue.on_hub(None)
    (cache / "models--timm--test" / "snapshots" / "0").mkdir(parents=True)
    (cache / "models--timm--test" / "snapshots" / "0" / "config.json").write_text("{}")
    assert catalogue.on_hub("timm/test") == ""
