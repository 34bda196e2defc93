"""Jobs: where there is a graphics processor, what is quicker on it asks for it."""

import pytest

from conftest import ROOT, snakemake
from herbnb.book.chapters import chapter_names
from herbnb.book.jobs import graphics_processors, train_for_chapter
from herbnb.book.profile import read_profile
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS


@pytest.mark.parametrize(
    ("visible", "seen"), [("", 0), ("-1", 0), ("0", 1), ("0,1,3", 3), ("GPU-8932f937", 1)]
)
def test_a_job_sees_the_processors_that_it_was_given(monkeypatch, visible, seen):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert graphics_processors() == seen


@pytest.mark.slow
@pytest.mark.parametrize(("visible", "asking"), [("", set()), ("0", {*NETWORKS, "features"})])
def test_what_is_quicker_on_a_graphics_processor_asks_for_it_where_there_is_one(
    monkeypatch, tmp_path, visible, asking
):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    ran = snakemake(ROOT / "profiles" / "smoke.yml", tmp_path, "--dry-run", "--forceall")
    assert ran.returncode == 0, ran.stderr
    rules = [part for part in (ran.stdout + ran.stderr).split("\nrule ") if "resources: " in part]
    named = {part.partition(":")[0]: part for part in rules}
    assert set(chapter_names()) <= set(named)
    assert {name for name, part in named.items() if "gpu=1" in part} == asking


def test_only_a_network_can_be_trained():
    with pytest.raises(BadInput, match="no network 'silhouettes': choose one of autoencoder, triplet"):
        train_for_chapter("silhouettes", read_profile("smoke"), {})


def test_a_job_refuses_a_parameter_that_its_chapter_lacks():
    with pytest.raises(BadInput, match="margins"):
        train_for_chapter("triplet", read_profile("smoke"), {"margins": "2"})
