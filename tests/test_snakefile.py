"""The graph of chapters, after they have all run once."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from conftest import ROOT, SMOKE, profile_in, snakemake
from herbnb.book.chapters import chapter_names
from herbnb.book.graph import before
from herbnb.book.profile import read_profile
from herbnb.results import Results


def planned(executed, profile, *arguments, home=ROOT):
    ran = snakemake(profile, executed, "--dry-run", *arguments, home=home)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {name for name in chapter_names() if f"rule {name}:" in ran.stdout + ran.stderr}


def test_nothing_is_run_again_when_nothing_changed(executed, smoke_profile):
    assert planned(executed, smoke_profile) == set()


def test_nothing_is_run_again_because_another_profile_says_the_same(executed, smoke_profile, tmp_path):
    other = tmp_path / "other.yml"
    shutil.copy(smoke_profile, other)
    assert planned(executed, other) == set()


def test_the_notebooks_of_another_run_do_not_stand_for_what_this_one_writes(executed, hostile, tmp_path):
    assert planned(executed, profile_in(tmp_path, hostile, SMOKE)) == set(chapter_names())


@pytest.mark.parametrize(
    ("changed", "follow"),
    [
        ("silhouettes", {"silhouettes", "verdict"}),
        ("mislabels", {"mislabels", "verdict"}),
        ("verdict", {"verdict"}),
    ],
)
def test_a_chapter_that_runs_again_takes_with_it_what_reads_it(executed, smoke_profile, changed, follow):
    assert planned(executed, smoke_profile, "--forcerun", changed) == follow


def test_every_chapter_has_its_place_in_the_graph(executed, smoke_profile):
    assert planned(executed, smoke_profile, "--forceall") == set(chapter_names())


def test_a_wrong_profile_is_one_sentence():
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", "--nolock"]
    ran = subprocess.run(
        [*command, "--config", "profile=absent"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode != 0
    assert "absent.yml is missing: choose paper, pocket, replicates, smoke" in ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def replicated(executed, workplace, hostile, tmp_path_factory):
    """The run again in another place, now with a replicate, and what Snakemake did about it."""
    folder = tmp_path_factory.mktemp("replicated")
    shutil.copytree(workplace / "results", folder / "results")
    shutil.copytree(executed, folder / "executed")
    profile = profile_in(folder, hostile, SMOKE | {"seeds": [1]})
    # in another place Snakemake does not remember with what parameters the verdict was reached
    ran = snakemake(profile, folder / "executed", "--forcerun", "verdict")
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-6000:]
    return folder, profile, ran.stdout + ran.stderr


def test_a_replicate_is_what_the_verdict_rests_on_with_another_seed(replicated, workplace):
    folder, profile, said = replicated
    rested_on = before("verdict", read_profile(str(profile)))
    assert {"sampling", "triplet", "features", "kew", "mislabels"} < set(rested_on)
    assert not {"embedding", "activations", "your_herbarium", "verdict"} & set(rested_on)
    assert all(f"rule {chapter}_of_seed_1:" in said for chapter in rested_on)
    assert {name for name in chapter_names() if f"rule {name}:" in said} == {"verdict"}

    first, second = Results(folder / "results"), Results(folder / "results" / "seed-1")
    assert second.path("specimens").read_bytes() == first.path("specimens").read_bytes()
    cards = [run.read("card", network="triplet") for run in (first, second)]
    assert [card["parameters"]["seed"] for card in cards] == [89, 1]
    assert cards[0]["checkpoint"] != cards[1]["checkpoint"]
    assert (folder / "results" / "seed-1" / "chapters" / "mislabels.ipynb").exists()


def test_the_verdict_reads_the_replicates(replicated, workplace):
    folder, _, _ = replicated
    runs = [Results(workplace / "results"), Results(folder / "results" / "seed-1")]
    scores = [of.read("silhouette_means").set_index(["network", "split", "rank"])["mean"] for of in runs]
    mean = (scores[0] + scores[1]) / 2
    verdict = Results(folder / "results").read("verdict").set_index(["task", "network"])["score"]
    told = verdict["silhouettes: genus, random", "triplet"]
    assert told == pytest.approx(mean["triplet", "random", "genus"], abs=1e-6)


def test_with_its_replicates_a_run_is_up_to_date(replicated):
    folder, profile, _ = replicated
    ran = snakemake(profile, folder / "executed", "--dry-run")
    assert ran.returncode == 0 and "rule " not in ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the book and its package, to be changed at will; times are those of the originals."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("Snakefile", "_toc.yml", "_config.yml"):
        shutil.copy2(ROOT / name, folder)
    for name in ("chapters", "herbnb", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


AFTER_FEATURES = {
    "silhouettes",
    "embedding",
    "activations",
    "identification",
    "few_labels",
    "retrieval",
    "verdict",
    "your_herbarium",
    "costs",
}
OF_KEW = {"kew", "discrimination", "mislabels", "verdict", "your_herbarium"}


@pytest.mark.parametrize(
    ("module", "follow"),
    [
        ("data/fetching/queue", OF_KEW),
        ("data/records/names", OF_KEW),
        ("data/images/sheets", set(chapter_names()) - {"sampling"}),
        ("pocket/leaf", set()),
        ("networks/triplet", {"triplet", "features"} | AFTER_FEATURES | OF_KEW),
        ("representations/silhouettes", {"silhouettes", "verdict", "costs"}),
        ("applications/calibration", {"mislabels", "verdict", "your_herbarium"}),
        ("figures/grid", set(chapter_names())),
        ("book/provenance", set()),
    ],
)
def test_a_module_makes_out_of_date_what_uses_it_and_nothing_else(
    executed, smoke_profile, house, module, follow
):
    path = house / "herbnb" / f"{module}.py"
    kept = path.stat().st_mtime_ns
    now = time.time_ns()
    try:
        os.utime(path, ns=(now, now))
        assert planned(executed, smoke_profile, "--rerun-triggers", "mtime", home=house) == follow
    finally:
        os.utime(path, ns=(kept, kept))
