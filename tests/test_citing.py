"""Citing: what is said of the book for reference managers, for archives and on its page agrees."""

import json
import re
import subprocess
import tomllib

import pytest
import yaml

import herbnb
from conftest import ROOT

CFFCONVERT = ROOT / ".venv-validators" / "bin" / "cffconvert"
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
CODEMETA = json.loads((ROOT / "codemeta.json").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_all_say_the_same_version_licence_and_authors():
    assert CITATION["version"] == CODEMETA["version"] == herbnb.__version__
    assert CITATION["license"] == PROJECT["license"] == "MIT"
    assert CODEMETA["license"] == f"https://spdx.org/licenses/{PROJECT['license']}"
    assert CODEMETA["name"] == PROJECT["name"] and CODEMETA["description"] == PROJECT["description"]
    (author,) = CITATION["authors"]
    assert author["name"] == CODEMETA["author"]["name"]
    assert author["name"].lower() in (ROOT / "LICENSE").read_text().lower()


def test_the_page_and_the_list_of_works_cite_this_version():
    page, works = ((ROOT / "book" / name).read_text() for name in ("bibliography.md", "references.bib"))
    for text in (page, works):
        (entry,) = re.findall(r"^@\w+\{herbnb,\n.+?^\}", text, re.MULTILINE | re.DOTALL)
        assert f"{{{{{CITATION['authors'][0]['name']}}}}}" in entry and herbnb.__version__ in entry
    assert f"## {herbnb.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_the_paper_is_the_one_that_the_book_rests_on():
    (paper,) = CITATION["references"]
    works = (ROOT / "book" / "references.bib").read_text()
    assert f"doi     = {{{paper['doi']}}}" in works.split("@article{walker2022,")[1].split("@")[0]
    assert CODEMETA["referencePublication"]["@id"] == f"https://doi.org/{paper['doi']}"
    assert CODEMETA["referencePublication"]["name"] == paper["title"]


def test_the_citation_has_what_its_format_demands():
    assert {"cff-version", "message", "title", "authors"} <= CITATION.keys()
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"


@pytest.mark.skipif(not CFFCONVERT.exists(), reason="no .venv-validators (see .ci/run)")
def test_the_citation_is_valid():
    command = [CFFCONVERT, "--validate", "-i", "CITATION.cff"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_what_a_contributor_is_told_to_touch_is_there():
    told = (ROOT / "CONTRIBUTING.md").read_text()
    assert len(told.splitlines()) <= 45, "one screen"
    paths = re.findall(r"`((?:herbnb|chapters|book)/[\w/.]+)`", told) + re.findall(
        r"\]\(([\w/]+\.md)\)", told
    )
    there = [path for path in paths if "NAME" not in path]
    assert len(there) >= 8 and all((ROOT / path).exists() for path in there)
    for name, path in re.findall(r"`([A-Z]{5,})`, in `([\w/.]+)`", told):
        assert re.search(rf"^{name}\b", (ROOT / path).read_text(), re.MULTILINE), (name, path)
