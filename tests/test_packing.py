"""A packed run: whole or nothing, nowhere else, and scored again where there is no PyTorch."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner

from conftest import ROOT, SMOKE, profile_in
from herbnb.book.packing import RESCORED, pack, unpack
from herbnb.book.profile import read_profile
from herbnb.cli import main
from herbnb.errors import BadInput
from herbnb.results import Results

LEFT_OUT = {"torch", "torchvision", "torchmetrics", "pytorch_lightning", "timm", "open_clip", "umap", "faiss"}
WITHOUT = f"""
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LEFT_OUT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Without())
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
        file.writestr("manifest.json", json.dumps({"herbnb": "0", "run": "mine", "files": entries} | told))
    return path


def left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_run_is_unpacked_with_its_executed_chapters(tmp_path):
    packed = zipped(tmp_path / "run.zip")
    (tmp_path / "executed").mkdir()
    (tmp_path / "executed" / "a.ipynb").write_text("0")
    to = unpack(packed, tmp_path / "executed", tmp_path / "results" / "mine")
    assert left(to) == ["features/x/kew.json", "specimens.parquet"]
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


@pytest.fixture(scope="module")
def handed_on(executed, workplace, smoke_profile, tmp_path_factory):
    """A folder with the run of all chapters, packed and unpacked, and its profile, which has no herbarium."""
    folder = tmp_path_factory.mktemp("handed_on")
    manifest = pack(read_profile(str(smoke_profile)), executed, folder / "run.zip")
    unpack(folder / "run.zip", folder / "executed", folder / "results")
    return folder, profile_in(folder, folder / "none", SMOKE), manifest


def test_a_packed_run_holds_no_image_and_no_network(handed_on, workplace):
    folder, _, manifest = handed_on
    kinds = {name.rpartition(".")[2] for name in manifest.files}
    assert kinds == {"parquet", "csv", "json", "ipynb"}
    assert left(folder / "results") == sorted(
        name.removeprefix("results/") for name in manifest.files if name.startswith("results/")
    )
    for name in left(folder / "results"):
        if name != "traits.parquet":
            assert (folder / "results" / name).read_bytes() == (workplace / "results" / name).read_bytes()


def without_pytorch(folder, *command):
    """Give a command of herbnb where no network can be opened."""
    (folder / "without").mkdir(exist_ok=True)
    (folder / "without" / "sitecustomize.py").write_text(WITHOUT)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder / "without"), str(ROOT)])}
    command = [sys.executable, "-m", "herbnb.cli", *command]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_without_pytorch_its_features_are_scored_again_with_other_parameters(handed_on, workplace):
    folder, profile, _ = handed_on
    for part in (folder / "results" / "scores").rglob("*.parquet"):
        part.unlink()
    asked = ["--profile", str(profile), "--to", str(folder / "again"), "-p", "seed", "7"]
    ran = without_pytorch(folder, "results", "score", *asked)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert left(folder / "again") == sorted(f"{chapter}.ipynb" for chapter in RESCORED)
    footer = nbformat.read(folder / "again" / "verdict.ipynb", as_version=4).cells[-1].source
    assert "seed = 7" in footer and "scikit-learn" in footer

    before, after = (
        Results(where).read("silhouettes") for where in (workplace / "results", folder / "results")
    )
    pd.testing.assert_frame_equal(before, after, atol=1e-6)  # no seed is in them
    one, two = (
        Results(where).read("identification_folds") for where in (workplace / "results", folder / "results")
    )
    assert len(one) == len(two) and not one.equals(two)


def test_without_pytorch_a_chapter_that_needs_it_says_what_brings_it(handed_on):
    folder, _, _ = handed_on
    ran = without_pytorch(folder, "encoders")
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1
    assert "`python -m herbnb.setup` installs it" in ran.stderr and "No module named" in ran.stderr


def test_a_parameter_that_no_chapter_has_is_refused_before_anything_runs(handed_on):
    folder, profile, _ = handed_on
    asked = [
        "results",
        "score",
        "--profile",
        str(profile),
        "--to",
        str(folder / "none_ran"),
        "-p",
        "sed",
        "7",
    ]
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 1 and "has no parameter 'sed': did you mean 'seed'?" in said.output
    assert not (folder / "none_ran").exists()
