"""A packed run: whole or nothing, nowhere else, and scored again where there is no PyTorch."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from packaging.utils import canonicalize_name

from conftest import DRAWN, ROOT, SMOKE, profile_in
from herbnb.book.chapters import chapter_names
from herbnb.book.packing import pack, without_folders
from herbnb.book.profile import Profile, read_profile
from herbnb.book.rescoring import RESCORED
from herbnb.book.unpacking import unpack
from herbnb.cli import main
from herbnb.errors import BadInput
from herbnb.results import Results, images_of
from herbnb.tables import read_table

WITHOUT = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name.partition(".")[0] in {left_out} else found(name, *where)
"""
CONTENT = {
    "results/specimens.parquet": b"sheets",
    "results/features/x/kew.json": b"{}",
    "executed/a.ipynb": b"1",
}


def zipped(path, content=CONTENT, listed=None, **told):
    """Write a packed run by hand, with what its manifest tells of other files if those are given."""
    entries = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in (content if listed is None else listed).items()
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, data in content.items():
            file.writestr(name, data)
        manifest = {"herbnb": "0", "run": "mine", "profile": {}, "files": entries}
        file.writestr("manifest.json", json.dumps(manifest | told))
    return path


def left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_run_is_unpacked_with_its_executed_chapters(tmp_path):
    packed = zipped(tmp_path / "run.zip")
    (tmp_path / "executed").mkdir()
    (tmp_path / "executed" / "a.ipynb").write_text("0")
    to = unpack(packed, tmp_path / "executed", tmp_path / "results" / "mine")
    assert left(to) == ["features/x/kew.json", "profile.yml", "specimens.parquet"]
    assert (to / "specimens.parquet").read_bytes() == b"sheets"
    assert (tmp_path / "executed" / "a.ipynb").read_text() == "1"
    with pytest.raises(BadInput, match="mine is there already: move it away, or name another folder"):
        unpack(packed, tmp_path / "executed", to)
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["mine"]


def test_a_run_comes_under_its_own_name_unless_another_is_given(tmp_path, monkeypatch):
    (tmp_path / "_toc.yml").touch()
    monkeypatch.chdir(tmp_path)
    assert unpack(zipped(tmp_path / "run.zip"), tmp_path / "executed") == tmp_path / "results" / "mine"


@pytest.mark.parametrize(
    "name",
    [
        "../specimens.csv",
        "/results/specimens.csv",
        "results/../../specimens.csv",
        "results/..\\..\\specimens.csv",
        "C:/results/specimens.csv",
        "results//specimens.csv",
        "results/./specimens.csv",
        "elsewhere/specimens.csv",
        "results/networks/triplet/checkpoint.ckpt",
        "executed/run.sh",
        "results",
        "",
    ],
)
def test_a_name_that_would_lie_elsewhere_or_is_no_file_of_a_run_is_refused(tmp_path, name):
    packed = zipped(tmp_path / "run.zip", CONTENT | {name or "x": b""}, listed=CONTENT | {name: b""})
    with pytest.raises(BadInput, match=r"is no packed run .* is no file of a run"):
        unpack(packed, tmp_path / "executed", tmp_path / "results" / "mine")
    assert left(tmp_path) == ["run.zip"] and not (tmp_path / "executed").exists()


@pytest.mark.parametrize("run", ["..", "a/b", "", ".hidden", "C:"])
def test_a_run_whose_name_is_no_name_is_refused(tmp_path, run):
    with pytest.raises(BadInput, match="is no packed run"):
        unpack(zipped(tmp_path / "run.zip", run=run), tmp_path / "executed", tmp_path / "mine")


@pytest.mark.parametrize("other", [b"SHEETS", b"sheets and more", b""])
def test_what_is_not_as_the_manifest_says_leaves_nothing(tmp_path, other):
    packed = zipped(tmp_path / "run.zip", CONTENT | {"results/specimens.parquet": other}, listed=CONTENT)
    with pytest.raises(
        BadInput, match=r"is damaged: results/specimens.parquet is not what its manifest says"
    ):
        unpack(packed, tmp_path / "executed", tmp_path / "results" / "mine")
    assert left(tmp_path) == ["run.zip"]


def test_a_byte_that_has_changed_on_the_way_is_noticed(tmp_path):
    packed = zipped(tmp_path / "run.zip")
    data = packed.read_bytes()
    packed.write_bytes(data.replace(b"sheets", b"shoots", 1))
    with pytest.raises(BadInput, match=r"is damaged: results/specimens\.parquet is not"):
        unpack(packed, tmp_path / "executed", tmp_path / "mine")
    packed.write_bytes(data[: len(data) // 2])
    with pytest.raises(BadInput, match="cannot be unpacked"):
        unpack(packed, tmp_path / "executed", tmp_path / "mine")


def test_more_or_fewer_files_than_listed_are_refused(tmp_path):
    fewer = {name: data for name, data in CONTENT.items() if "kew" not in name}
    for content, listed in ((CONTENT, fewer), (fewer, CONTENT)):
        packed = zipped(tmp_path / "run.zip", content, listed=listed)
        with pytest.raises(BadInput, match="holds other files than its manifest says"):
            unpack(packed, tmp_path / "executed", tmp_path / "mine")


def test_what_is_no_packed_run_is_said_in_a_sentence(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("letter.txt", "Dear herbarium")
    (tmp_path / "text.zip").write_text("text")
    for name, message in (
        ("other.zip", "is no packed run: make one with"),
        ("text.zip", "cannot be unpacked"),
        ("none.zip", "is missing: name a file that is there"),
    ):
        said = CliRunner().invoke(
            main, ["results", "unpack", str(tmp_path / name), "--to", str(tmp_path / "to")]
        )
        assert said.exit_code == 1 and message in said.output and "Traceback" not in said.output


def test_a_run_that_lacks_something_is_not_packed(tmp_path):
    profile = read_profile(str(profile_in(tmp_path, tmp_path / "none", SMOKE)))
    with pytest.raises(BadInput, match=r"is missing: run chapter \w+ first"):
        pack(profile, tmp_path / "executed", tmp_path / "run.zip")
    assert left(tmp_path) == ["profile.yml"]


def pinned(file: str) -> set[str]:
    """The names of the packages that a file of requirements pins."""
    pins = re.findall(r"^([\w.-]+)==", (ROOT / file).read_text(), re.MULTILINE)
    return {canonicalize_name(name) for name in pins}


def left_out() -> set[str]:
    """The modules of all that `make read` does not install."""
    packages = pinned("requirements.txt") - pinned("requirements-read.txt")
    return {
        module
        for module, owners in packages_distributions().items()
        if {canonicalize_name(owner) for owner in owners} <= packages
    }


@pytest.fixture(scope="module")
def handed_on(executed, smoke_profile, tmp_path_factory):
    """The book's folder elsewhere, with the run of all chapters, packed and unpacked, and no herbarium.

    With it come its profile and what is in the pack.
    """
    folder = tmp_path_factory.mktemp("handed_on")
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, folder)
    for name in ("book", "chapters", "herbnb", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "executed"))
    manifest = pack(read_profile(str(smoke_profile)), executed, folder / "run.zip")
    unpack(folder / "run.zip", folder / "book" / "executed", folder / "results")
    return folder, folder / "results" / "profile.yml", manifest


def test_a_packed_run_holds_no_image_and_no_network(handed_on, workplace):
    folder, _, manifest = handed_on
    kinds = {name.rpartition(".")[2] for name in manifest.files}
    assert kinds == {"parquet", "csv", "json", "ipynb"}
    files = [name.removeprefix("results/") for name in manifest.files if name.startswith("results/")]
    assert left(folder / "results") == sorted([*files, "profile.yml"])
    for name in files:
        if name != "traits.parquet":
            assert (folder / "results" / name).read_bytes() == (workplace / "results" / name).read_bytes()


def test_a_packed_run_names_no_folder_of_the_machine_that_it_is_from(handed_on, workplace):
    folder, _, _ = handed_on
    assert Results(workplace / "results").path("place", collection="your_herbarium").exists()
    for name in left(folder / "results"):
        path = folder / "results" / name
        text = read_table(path).to_csv() if path.suffix == ".parquet" else path.read_text()
        assert str(workplace) not in text and str(Path.home()) not in text, name
    here = Results(folder / "results")
    kew, hers = (here.read("collection", collection=name) for name in ("kew", "your_herbarium"))
    assert hers["path"].tolist() == kew["path"].tolist()
    assert images_of(here, "your_herbarium") == folder / "results" / "your_herbarium"


def test_its_profile_comes_with_a_run_and_says_where_it_is_now(handed_on, smoke_profile):
    folder, profile, _ = handed_on
    came, was = read_profile(str(profile)), read_profile(str(smoke_profile))
    assert came.parameters["results"] == "results" and "data" not in came.parameters
    moved = {"results": str(folder / "results"), "data": None}
    assert came.of("triplet") | moved == was.of("triplet") | moved


def test_a_run_that_is_unpacked_in_the_books_folder_can_move_with_it(tmp_path, monkeypatch):
    (tmp_path / "_toc.yml").touch()
    monkeypatch.chdir(tmp_path)
    packed = zipped(tmp_path / "run.zip", profile={"parameters": {"results": "elsewhere", "seed": 7}})
    to = unpack(packed, tmp_path / "executed")
    assert (to / "profile.yml").read_text() == "parameters:\n  results: results/mine\n  seed: 7\n"


def test_a_profile_that_is_handed_on_names_no_folder_of_the_machine():
    chapters = {
        "your_herbarium": {"collection": "/home/her/scans", "network": "seen=/home/her/seen.parquet"},
        "few_labels": {"sheets_per_genus": [1, 2]},
    }
    parameters = {"data": "/home/her/data", "weights": "imagenet", "replicates": ["/home/her/a", "b"]}
    networks = ["triplet", "timm:resnet50@/home/her/a.pth", "own=features.parquet", "/home/her/made.parquet"]
    kept = without_folders(Profile(parameters=parameters | {"networks": networks}, chapters=chapters))
    assert kept.parameters == {
        "weights": "imagenet",
        "networks": ["triplet", "resnet50", "own=features.parquet", "made"],
    }
    assert kept.chapters == chapters | {"your_herbarium": {"network": "seen"}}


@pytest.fixture
def again(handed_on, tmp_path):
    """The run as if it were one's own, to be changed at will, and its profile."""
    folder, _, _ = handed_on
    shutil.copytree(folder / "results", tmp_path / "results")
    return Results(tmp_path / "results"), read_profile(str(profile_in(tmp_path, folder / "none", SMOKE)))


def test_a_collection_that_names_folders_of_this_machine_is_not_packed(again, tmp_path):
    here, profile = again
    table = here.read("collection", collection="your_herbarium")
    paths = [str(tmp_path / path) for path in table["path"]]
    here.write("collection", table.assign(path=paths), collection="your_herbarium")
    with pytest.raises(BadInput, match="on this machine: run chapter your_herbarium again"):
        pack(profile, tmp_path / "executed", tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_chapters_that_were_executed_for_another_run_are_not_packed(again, executed, tmp_path):
    _, profile = again
    with pytest.raises(BadInput, match=r"sampling\.ipynb is of the run in .* run chapter sampling again"):
        pack(profile, executed, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def without_pytorch(folder, *command):
    """Give a command of herbnb where nothing is installed that reading does not need."""
    (folder / "without").mkdir(exist_ok=True)
    (folder / "without" / "sitecustomize.py").write_text(WITHOUT.format(left_out=left_out()))
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder / "without"), str(folder)])}
    command = [sys.executable, "-m", "herbnb.cli", *command]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_what_reading_does_not_need_is_left_out():
    assert {"torch", "torchvision", "pytorch_lightning", "timm", "umap", "faiss", "snakemake"} < left_out()
    assert not {"sklearn", "cleanlab", "papermill", "jupyter_book", "yaml", "click"} & left_out()


@pytest.fixture(scope="module")
def scored_again(handed_on):
    """The book's folder after its features were scored again, with another seed, and the book was built."""
    folder, profile, _ = handed_on
    before = Results(folder / "results").read("identification_folds")
    for part in (folder / "results" / "scores").rglob("*.parquet"):
        part.unlink()
    ran = without_pytorch(folder, "results", "score", "--profile", str(profile), "-p", "seed", "7")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder, before, ran.stdout


def test_without_pytorch_its_features_are_scored_again_with_other_parameters(scored_again, workplace):
    folder, before, said = scored_again
    ran = re.findall(r"^(\w+) +[\d.]+ s ", said, re.MULTILINE)
    assert sorted(ran) == sorted(RESCORED) and ran.index("identification") < ran.index("few_labels")
    for chapter in chapter_names():
        cells = nbformat.read(folder / "book" / "executed" / f"{chapter}.ipynb", as_version=4).cells
        assert ("seed = 7" in cells[-1].source) == (chapter in RESCORED)
    here, there = Results(folder / "results"), Results(workplace / "results")
    pd.testing.assert_frame_equal(here.read("silhouettes"), there.read("silhouettes"), atol=1e-6)  # no seed
    after = here.read("identification_folds")
    assert len(before) == len(after) and not before.equals(after)


def test_the_book_that_is_made_of_it_is_whole(scored_again, visiting):
    folder, _, said = scored_again
    pages = folder / "_build" / "html"
    for what, page in (("book", "index"), ("slides", "slides"), ("atlas", "atlas/index")):
        assert f"The {what}: {pages / page}.html\n" in said
    dead = [
        f"{page.relative_to(pages)}: {link}"
        for page in pages.rglob("*.html")
        if "_static" not in page.parts
        for link in re.findall(r'\b(?:href|src)="([^"#?:]+)[#?"]', page.read_text())
        if not (page.parent / unquote(link)).exists()
    ]
    assert dead == []
    for page in ("book/index", "book/executed/mislabels", "slides"):
        with visiting(pages / f"{page}.html") as visit:
            drawn = visit.page.evaluate(DRAWN)
            assert all(drawn) and (drawn or page == "book/index")
    with visiting(pages / "atlas" / "index.html") as visit:
        visit.page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)
        assert visit.page.evaluate("Atlas.about().sheets") > 400
        assert visit.page.evaluate("Atlas.about().pictures") == 0


def test_without_pytorch_a_chapter_that_needs_it_says_what_brings_it(handed_on):
    folder, _, _ = handed_on
    ran = without_pytorch(folder, "encoders")
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1
    assert "`python -m herbnb.setup` installs it" in ran.stderr and "No module named" in ran.stderr


def test_a_parameter_that_no_chapter_has_is_refused_before_anything_runs(handed_on):
    folder, profile, _ = handed_on
    to = folder / "none_ran"
    asked = ["results", "score", "--profile", str(profile), "--to", str(to), "-p", "sed", "7"]
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 1 and "has no parameter 'sed': did you mean 'seed'?" in said.output
    assert not to.exists()
