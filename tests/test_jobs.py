"""Jobs: what is done before a chapter is what the chapter would do, and asks for what it needs."""

import re

import pytest
import yaml

from benchmarks.metadata import write_metadata
from conftest import ROOT, snakemake
from herbnb.book.chapters import chapter_names
from herbnb.book.jobs import extract_for_chapter, graphics_processors, train_for_chapter
from herbnb.book.profile import read_profile
from herbnb.book.scoring import SCORED, score_for_chapter
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.results import RUN, Results


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


def test_a_chapter_that_is_not_scored_in_parts_is_refused():
    with pytest.raises(BadInput, match="'kew' is not scored in parts: choose one of silhouettes, ident"):
        score_for_chapter("kew", "colour", read_profile("smoke"), {})


def parts(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


@pytest.mark.parametrize("chapter", SCORED)
def test_a_job_scores_what_its_chapter_does(executed, smoke_profile, workplace, chapter):
    """After the chapter has run, its job finds every part there, and each part was asked for by the job."""
    profile = read_profile(str(smoke_profile))
    here = Results(workplace / "results")
    entered = here.path("scores", chapter=chapter)
    made = {path: time for path, time in parts(entered).items() if path.parent.name == "colour"}
    assert made and score_for_chapter(chapter, "colour", profile, {}) == entered
    assert made.items() <= parts(entered).items()

    for path in made:  # alone, it makes the very same parts
        path.unlink()
    score_for_chapter(chapter, "colour", profile, {})
    assert made.keys() <= parts(entered).keys()


def test_an_encoder_that_has_seen_all_sheets_leaves_its_index_as_it_is(executed, smoke_profile, workplace):
    index = Results(workplace / "results").path("features", encoder="colour", collection=RUN)
    written = index.stat().st_mtime_ns
    assert extract_for_chapter("colour", read_profile(str(smoke_profile)), {}) == index
    assert index.stat().st_mtime_ns == written


@pytest.fixture(scope="module")
def half_earth(tmp_path_factory):
    """The paper profile with metadata of the Half-Earth layout, and without a single image."""
    folder = tmp_path_factory.mktemp("half_earth")
    write_metadata(folder, 2_000, 60)
    (folder / "kew").mkdir()
    for name in ("occurrence.csv", "multimedia.csv"):
        (folder / "kew" / name).touch()
    text = (ROOT / "profiles" / "paper.yml").read_text()
    for place in ("data/half-earth", "data/kew", "results/paper"):
        own = {"data/half-earth": "", "data/kew": "kew", "results/paper": "results"}[place]
        text = text.replace(place, str(folder / own))
    path = folder / "paper.yml"
    path.write_text(text)
    return path


@pytest.mark.slow
def test_the_paper_profile_is_planned_in_parts_with_what_each_asks_for(half_earth, tmp_path):
    cluster = ["--profile", str(ROOT / "profiles" / "slurm"), "--executor", "local", "--cores", "16"]
    ran = snakemake(half_earth, tmp_path, "--dry-run", *cluster, config=["parts=1", "gpus=1"])
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    said = re.split(r"\n\s*rule ", ran.stdout + ran.stderr)[1:]
    jobs = [(each.partition(":")[0], each) for each in said]
    asked = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())["set-resources"]
    seen = {"autoencoder", "triplet", "classifier", "untrained", "colour", "imagenet"}
    for rule in ("features_of", *(f"{chapter}_of" for chapter in SCORED)):
        of_rule = [text for name, text in jobs if name == rule]
        assert {re.search(r"wildcards: encoder=(\w+)", text)[1] for text in of_rule} == seen
        for text in of_rule:
            assert {f"mem_mb={asked[rule]['mem_mb']}", f"runtime={asked[rule]['runtime']}"} <= {
                each.strip() for each in re.search(r"resources: (.+)", text)[1].split(",")
            }
            assert ("gpu=1" in text) == (rule == "features_of")
    assert {name for name, _ in jobs if not name.endswith("_of")} == {*chapter_names(), "chapters"}
    chapters = {name: text for name, text in jobs if name in SCORED}
    assert all("threads:" not in text for text in chapters.values())
