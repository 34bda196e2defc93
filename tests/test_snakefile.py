"""The graph of chapters, after they have all run once."""

import subprocess
import sys

import pytest

from conftest import ROOT, snakemake
from herbnb.book.chapters import chapter_names


def planned(executed, profile, *arguments):
    ran = snakemake(profile, executed, "--dry-run", *arguments)
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
