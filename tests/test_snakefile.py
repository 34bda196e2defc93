"""The graph of chapters, after they have all run once."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from conftest import ROOT, snakemake
from herbnb.book.chapters import chapter_names


def planned(executed, profile, *arguments, home=ROOT):
    ran = snakemake(profile, executed, "--dry-run", *arguments, home=home)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {name for name in chapter_names() if f"rule {name}:" in ran.stdout + ran.stderr}


def test_nothing_is_run_again_when_nothing_changed(executed, smoke_profile):
    assert planned(executed, smoke_profile) == set()


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
    assert "absent.yml is missing: choose paper, pocket, smoke" in ran.stdout + ran.stderr


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
        ("representations/silhouettes", {"silhouettes", "verdict"}),
        ("applications/calibration", {"your_herbarium"}),
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
