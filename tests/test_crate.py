"""The crate of a run: what ran, on what, with what, by whom, and what came of it."""

import hashlib
import json
import subprocess

import nbformat
import pandas as pd
import pytest
import yaml
from rocrate.rocrate import ROCrate

from conftest import ROOT, SMOKE, row
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.crate import FILE, write_crate
from herbnb.book.profile import Profile, read_profile
from herbnb.errors import BadInput
from herbnb.results import Results

VALIDATOR = ROOT / ".venv-validators" / "bin" / "python"
validated = pytest.mark.skipif(not VALIDATOR.exists(), reason="no .venv-validators (see .ci/run)")
BY = {"name": "Ada <b>Lovelace</b>", "orcid": "https://orcid.org/0000-0002-1825-0097"}
SOFTWARE = {"commit": "0123456789ab", "versions": {"Python": "3.11.7", "herbnb": "0.1.0", "torch": "2.14.1"}}


@pytest.fixture
def ran(tmp_path):
    """A run of which sampling alone was executed, on sheets under two licences, and its profile."""
    here = Results(tmp_path / "results")
    licences = ["CC BY 4.0 https://creativecommons.org/licenses/by/4.0/", "ask us", ""]
    sheets = [row(str(number)) | {"licence": text} for number, text in enumerate(licences)]
    here.write("specimens", pd.DataFrame(sheets))
    here.write("splits", pd.DataFrame({"split": ["train"], "images": [3]}))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "specimens.parquet").write_bytes(b"a table")
    (tmp_path / "data" / "citation.txt").write_text(
        "GBIF.org (1 May 2026) https://doi.org/10.15468/dl.abc\nkey: 1\n"
    )
    notebook = nbformat.v4.new_notebook(cells=[])
    times = {"start_time": "2026-05-01T10:00:00+00:00", "end_time": "2026-05-01T10:01:00+00:00"}
    notebook.metadata["papermill"] = {"parameters": {"seed": 7}, **times}
    notebook.metadata["herbnb"] = SOFTWARE
    (tmp_path / "executed").mkdir()
    nbformat.write(notebook, tmp_path / "executed" / "sampling.ipynb")
    folders = {"data": str(tmp_path / "data"), "results": str(here.folder)}
    profile = Profile(parameters=folders, by=BY, cites=["https://doi.org/10.3389/fpls.2021.787127"])
    return profile, tmp_path / "executed"


def valid(folder) -> str:
    """What roc-validator has to say against a crate."""
    command = [VALIDATOR, ROOT / "tests" / "validate_crate.py", folder]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if told.returncode == 0 else told.stdout + told.stderr[-2000:]


def test_a_chapter_is_an_action_with_all_that_belongs_to_it(ran):
    path = write_crate(*ran)
    assert path.name == FILE and path.parent.name == "results"
    crate = ROCrate(path.parent)
    (action,) = crate.get_by_type("CreateAction")
    assert action["startTime"] == "2026-05-01T10:00:00+00:00" and action["agent"].id == BY["orcid"]
    told = {
        each["name"]: json.loads(each["value"]) for each in action["object"] if each.type == "PropertyValue"
    }
    defaults = {name: each.default for name, each in chapter_parameters("sampling").items()}
    assert told == defaults | {"seed": 7}

    source = action["instrument"]
    assert source.id == "#chapters/sampling.py" and source["version"] == "0.1.0 (0123456789ab)"
    needed = {each["name"]: each["softwareVersion"] for each in source["softwareRequirements"]}
    assert needed == {"Python": "3.11.7", "torch": "2.14.1"}

    (herbarium,) = [each for each in action["object"] if each.type == "Dataset"]
    assert {each["name"] for each in herbarium["license"]} == {"CC BY 4.0", "ask us"}
    assert {each.id for each in herbarium["citation"]} == {
        "https://doi.org/10.3389/fpls.2021.787127",
        "https://doi.org/10.15468/dl.abc",
    }
    assert herbarium["sha256"] == hashlib.sha256(b"a table").hexdigest()


def test_what_came_of_it_is_told_file_by_file(ran):
    path = write_crate(*ran)
    (action,) = ROCrate(path.parent).get_by_type("CreateAction")
    assert {each.id for each in action["result"]} == {"specimens.parquet", "splits.csv"}
    for each in action["result"]:
        content = (path.parent / each.id).read_bytes()
        assert each["sha256"] == hashlib.sha256(content).hexdigest() and int(each["contentSize"]) == len(
            content
        )


def test_who_says_nothing_is_not_named_and_a_drawn_herbarium_is_free(ran):
    profile, executed = ran
    drawn = Profile(pocket={"sheets": 420, "kew_sheets": 72}, parameters=profile.parameters)
    text = write_crate(drawn, executed).read_text()
    assert "Ada" not in text and "Person" not in text
    assert "drawn by herbnb: sheets 420, kew_sheets 72, seed 89" in text and "publicdomain/zero" in text


def test_a_folder_where_nothing_has_run_is_an_error(ran, tmp_path):
    with pytest.raises(BadInput, match="holds no chapter that has run"):
        write_crate(ran[0], tmp_path / "nowhere")


def test_a_notebook_that_does_not_say_how_it_was_run_is_an_error(ran):
    profile, executed = ran
    nbformat.write(nbformat.v4.new_notebook(), executed / "kew.ipynb")
    with pytest.raises(BadInput, match=r"kew.ipynb does not say how it was run: run chapter kew again"):
        write_crate(profile, executed)


@validated
def test_a_crate_is_a_process_run_crate(ran):
    assert valid(write_crate(*ran).parent) == ""


@validated
def test_a_crate_without_an_instrument_is_none(ran):
    path = write_crate(*ran)
    path.write_text(path.read_text().replace('"instrument"', '"alternateName"'))
    assert "MUST have an instrument" in valid(path.parent)


def test_the_run_of_the_book_is_described_chapter_by_chapter(executed, workplace, smoke_profile, tmp_path):
    profile = tmp_path / "profile.yml"
    profile.write_text(yaml.safe_dump(yaml.safe_load(smoke_profile.read_text()) | {"by": BY}))
    path = write_crate(read_profile(str(profile)), executed)
    crate = ROCrate(path.parent)
    actions = crate.get_by_type("CreateAction")
    assert [each.id for each in actions] == [f"#{chapter}" for chapter in chapter_names()]
    for action in actions:
        assert all((path.parent / each.id).is_file() for each in action["result"]), action.id
    assert SMOKE["pocket"]["sheets"] == 420
    if VALIDATOR.exists():
        assert valid(path.parent) == ""
