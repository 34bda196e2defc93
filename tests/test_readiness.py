"""Readiness: what would stop a workshop, and what to do about it."""

import importlib.metadata
import os
import shutil
import sys

import pytest
from click.testing import CliRunner

from conftest import ROOT
from herbnb.book import readiness
from herbnb.book.profile import Profile
from herbnb.book.readiness import GB, MIND, STOP, WELL
from herbnb.cli import main


@pytest.mark.parametrize(
    ("finding", "state", "says"),
    [
        (readiness.python("3.12.1", ">=3.11"), WELL, "3.12.1"),
        (readiness.python("3.10.9", ">=3.11"), STOP, "herbnb wants >=3.11"),
        (readiness.space(0.4 * GB), STOP, "0.4 GB free: a run wants 1 GB"),
        (readiness.space(40 * GB), WELL, "40.0 GB"),
        (readiness.cores(1), MIND, "one after the other"),
        (readiness.cores(8), WELL, "8"),
        (readiness.memory(2 * GB, 1 * GB), STOP, "training takes 3.3 GB"),
        (readiness.memory(8 * GB, 2 * GB), MIND, "close other programs"),
        (readiness.memory(8 * GB, 6 * GB), WELL, "8.0 GB"),
    ],
)
def test_a_machine_that_is_too_small_is_said_so(finding, state, says):
    assert finding.state == state and says in str(finding)
    assert bool(finding.advice) == (state != WELL), "what is not well says what to do"


@pytest.fixture
def pins(tmp_path):
    def written(text):
        path = tmp_path / "requirements.txt"
        path.write_text(text)
        return readiness.packages(path)

    return written


def test_packages_are_compared_with_their_pins(pins):
    click = importlib.metadata.version("click")
    rest = "# by hand\n--prefer-binary\n    # via herbnb\nabsent-of-windows==1.0 ; sys_platform == 'absent'\n"
    assert pins(f"{rest}click=={click} --hash=sha256:00").state == WELL
    other = pins(f"{rest}click==0.1 \\\n    --hash=sha256:00\n")
    assert other.state == MIND and f"click {click} (not 0.1)" in other.found
    assert "pip install --requirement requirements.txt" in other.advice


def test_a_build_for_another_processor_is_the_version_that_is_pinned(pins, monkeypatch):
    monkeypatch.setattr(readiness, "version_of", lambda name: "2.14.1+cpu" if name == "torch" else "1.0")
    assert pins("torch==2.14.1\n").state == WELL


def test_a_package_that_herbnb_asks_for_and_is_not_there_stops_a_workshop(pins, monkeypatch):
    asked = ["click>=8", "lichen-scanner>=1", "moss; extra == 'test'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: asked)
    missing = pins("lichen-scanner==1.0\nmoss==1.0\n")
    assert missing.state == STOP and missing.found == "missing: lichen-scanner"


def test_a_pytorch_that_cannot_be_loaded_stops_a_workshop(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # what Python then says is an ImportError
    monkeypatch.setattr(readiness, "find_spec", lambda name: object())
    assert readiness.graphics().state == STOP
    monkeypatch.setattr(readiness, "find_spec", lambda name: None)
    assert readiness.graphics().state == WELL


def test_a_browser_is_for_the_tests_only(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert readiness.browser().state == WELL and "only the tests want it" in readiness.browser().found


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A folder that has all sources of a book and has never run, in which the process stands."""
    for name in ("chapters", "profiles"):
        os.symlink(ROOT / name, tmp_path / name)
    for name in ("_toc.yml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_that_cannot_be_written_to_is_named(house):
    (house / "data").write_text("a file is in the way")
    found = readiness.folders([house / "data" / "pocket", house / "results"])
    assert found.state == STOP and found.found == f"cannot write to {house / 'data' / 'pocket'}"
    assert readiness.folders([house / "results", house / "book" / "executed"]).state == WELL
    assert not (house / "results").exists()


def test_the_herbarium_is_drawn_or_not_or_something_else(house):
    profile = Profile(pocket={"sheets": 420}, parameters={"data": "data/here"})
    assert readiness.herbarium(profile).state == MIND
    (house / "data" / "here").mkdir(parents=True)
    card = '{"herbarium": "pocket", "version": 4, "seed": 89, "sheets": 420, "kew_sheets": 360, "licence": "CC0 1.0"}'
    (house / "data" / "here" / "pocket.json").write_text(card)
    assert readiness.herbarium(profile).state == WELL
    (house / "data" / "here" / "pocket.json").write_text(card.replace("420", "421"))
    assert readiness.herbarium(profile).state == STOP and "421 sheets" in readiness.herbarium(profile).found

    theirs = Profile(parameters={"data": "data/theirs"})
    assert readiness.herbarium(theirs).state == STOP
    (house / "data" / "theirs").mkdir()
    assert readiness.herbarium(theirs).state == WELL


def test_the_command_fails_as_long_as_there_is_no_book(house, monkeypatch):
    monkeypatch.setattr(
        readiness.psutil, "virtual_memory", lambda: type("Memory", (), {"total": 16e9, "available": 8e9})
    )
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 1 and "1 of these would stop a workshop" in ran.output
    assert "STOP  book       not built yet, 0 of 17 chapters have run: `herbnb book`" in ran.output
    (house / "_build" / "html").mkdir(parents=True)
    (house / "_build" / "html" / "index.html").touch()
    (house / "book" / "executed").mkdir(parents=True)
    (house / "book" / "executed" / "kew.ipynb").touch()
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 0, ran.output
    assert "1 of 17 chapters have run; open" in ran.output and "Nothing here would stop" in ran.output
    names = [line.split()[1] for line in ran.output.splitlines()[:-1]]
    wanted = ["Python", "space", "cores", "memory", "GPU", "browser", "packages", "folders", "sheets", "book"]
    assert names == wanted


@pytest.mark.parametrize("command", ["check", "book"])
def test_the_command_wants_the_folder_of_the_book(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, [command])
    assert ran.exit_code == 1 and "is no folder of the book" in ran.output
