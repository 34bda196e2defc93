"""Setup: an environment with what is pinned, of CUDA no more than PyTorch asks for, from Python's own library."""

import ast
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from herbnb import setup

PINS = ["leaf==1.0", "torch==2.0", "nvidia-cublas==13.0 ; sys_platform == 'linux'", "triton==3.0"]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """No test may install anything into an environment of the book."""
    monkeypatch.setattr(setup, "HOME", tmp_path)


def wheel(folder: Path, name: str, version: str, needs: tuple[str, ...] = ()) -> None:
    """Put a wheel, which holds nothing, into a package index that is a folder."""
    folder, about = folder / name, f"{name.replace('-', '_')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {each}" for each in needs]
    with zipfile.ZipFile(folder / f"{about}-py3-none-any.whl", "w") as file:
        file.writestr(f"{about}.dist-info/METADATA", "\n".join(metadata) + "\n")
        file.writestr(
            f"{about}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{about}.dist-info/RECORD", "")
    links = "".join(f'<a href="{each.name}">{each.name}</a>' for each in folder.glob("*.whl"))
    (folder / "index.html").write_text(f"<html><body>{links}</body></html>")


@pytest.fixture
def indices(tmp_path, monkeypatch):
    """A package index with CUDA builds, which is the usual one, and another with a PyTorch that needs none."""
    usual, other = tmp_path / "usual", tmp_path / "other"
    wheel(usual, "leaf", "1.0", ("twig",))
    wheel(usual, "torch", "2.0", ('nvidia-cublas==13.0; sys_platform == "linux"', "triton"))
    for name, version in (("nvidia-cublas", "13.0"), ("triton", "3.0")):
        wheel(usual, name, version)
    wheel(other, "torch", "2.0+cpu")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", usual.as_uri())
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.delenv(setup.INDEX, raising=False)
    monkeypatch.setattr(setup.sys, "platform", "linux")
    monkeypatch.setattr(setup, "has_nvidia", lambda: False)
    return other


@pytest.fixture
def python(tmp_path) -> Path:
    """The Python of a new environment, with pip."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "new"], check=True)
    return tmp_path / "new" / "bin" / "python"


def versions(python: Path) -> dict[str, str]:
    """What is installed beside pip."""
    asked = "import importlib.metadata as m\nfor d in m.distributions(): print(d.name, d.version)"
    found = dict(line.split() for line in setup.output(python, "-c", asked).splitlines())
    return {name: version for name, version in found.items() if name not in ("pip", "setuptools")}


def test_cuda_comes_with_the_pytorch_that_asks_for_it(indices, python, capsys):
    setup.install(python, ["# made by hand", "", *PINS])
    expected = {"leaf": "1.0", "torch": "2.0", "nvidia-cublas": "13.0", "triton": "3.0"}
    assert versions(python) == expected  # and no twig, which nobody has pinned
    said = capsys.readouterr().out
    assert "No NVIDIA driver is here, and TORCH_INDEX names no index" in said and "asks for CUDA" in said


def test_an_index_with_another_pytorch_spares_one_cuda(indices, python, capsys, monkeypatch):
    monkeypatch.setenv(setup.INDEX, indices.as_uri())
    setup.install(python, PINS)
    assert versions(python) == {"leaf": "1.0", "torch": "2.0+cpu"}
    assert "CUDA" not in capsys.readouterr().out


def test_where_no_pytorch_is_pinned_none_is_asked(indices, python, capsys):
    setup.install(python, PINS[:1])
    assert versions(python) == {"leaf": "1.0"}
    assert capsys.readouterr().out.startswith("Installing 1 packages into ")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A book's folder in which installing is only noted down."""
    for name in ("requirements.txt", "requirements-read.txt", "pyproject.toml"):
        (tmp_path / name).write_text(f"# {name}\nleaf==1.0\n")
    done = []
    monkeypatch.setattr(
        setup.venv, "create", lambda folder, with_pip: Path(folder).mkdir() or done.append("venv")
    )
    monkeypatch.setattr(setup, "install", lambda python, pins: done.append(pins[0]))
    monkeypatch.setattr(setup, "pip", lambda python, *what: done.append(what[-1]))
    return tmp_path, done


def test_what_is_installed_already_is_not_installed_again(home):
    folder, done = home
    for _ in range(2):
        python = setup.installed("run")
    assert python.parents[1] == folder / ".venv" and done == ["venv", "# requirements.txt", str(folder)]
    python.parent.mkdir()
    python.touch()
    (folder / "requirements.txt").write_text("leaf==2.0\n")
    setup.installed("run")
    assert done[3:] == ["leaf==2.0", str(folder)]


def test_an_install_that_fails_is_not_taken_for_done(home, monkeypatch):
    folder, _ = home
    monkeypatch.setattr(
        setup, "pip", lambda *what: (_ for _ in ()).throw(subprocess.CalledProcessError(3, "pip"))
    )
    with pytest.raises(SystemExit) as end:
        setup.main(["read"])
    assert end.value.code == 3 and not (folder / ".venv-read" / "installed").exists()


@pytest.mark.parametrize(
    ("system", "asked", "given"),
    [
        ("posix", ["book"], ["book --profile pocket"]),
        ("nt", ["book", "--profile", "smoke"], ["run --all --profile smoke", "build --profile smoke"]),
        (
            "posix",
            ["read", "--results", "run.zip"],
            ["results unpack {}", "results score --profile results/mine/profile.yml"],
        ),
        ("posix", ["read"], []),
        ("posix", [], []),
    ],
)
def test_each_word_does_what_it_says_on_every_system(monkeypatch, tmp_path, system, asked, given):
    commands = []
    monkeypatch.setattr(setup, "installed", lambda name: Path(name))
    monkeypatch.setattr(setup, "is_windows", lambda: system == "nt")

    def run(command, **_):
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "results/mine\n")

    monkeypatch.setattr(setup.subprocess, "run", run)
    monkeypatch.chdir(tmp_path)
    setup.main(asked)
    said = [
        " ".join(map(str, command)).partition(" -m ")[2].removeprefix("herbnb.cli ") for command in commands
    ]
    assert said == [each.format(tmp_path / "run.zip") for each in given]
    assert {str(command[0]) for command in commands} <= {"read" if "read" in asked else "run"}


def test_an_older_python_is_told_so(monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 7))
    with pytest.raises(SystemExit, match=r"herbnb needs 3\.11 or later"):
        setup.main([])


def test_it_needs_nothing_but_the_library_of_python_and_what_needs_no_more():
    tree = ast.parse((ROOT / "herbnb" / "setup.py").read_text())
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"herbnb"}
    ran = subprocess.run(
        [sys.executable, "-S", "-m", "herbnb.setup", "--help"], cwd=ROOT, capture_output=True
    )
    assert ran.returncode == 0 and b"read" in ran.stdout


@pytest.mark.parametrize("name", ["tests", "book", "weekly"])
def test_workflows_give_commands_that_there_are_and_name_no_address(name):
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text()
    assert "://" not in text and "TORCH_INDEX: ${{ vars.TORCH_INDEX }}" in text
    workflow = yaml.safe_load(text)
    assert {"name", "permissions", "jobs"} <= set(workflow)
    verbs = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    for made in re.findall(r"^make (\w+)$", "\n".join(commands), re.MULTILINE):
        assert made in verbs
    words = re.findall(r"herbnb\.setup ?(\w*)", "\n".join(commands))
    assert words or "make test" in commands
    assert set(words) <= {"", "book", "read"}


def test_a_folder_that_may_not_be_written_is_a_sentence(monkeypatch):
    def refuse(name):
        raise PermissionError(13, "Permission denied", "/book/.venv")

    monkeypatch.setattr(setup, "installed", refuse)
    with pytest.raises(
        SystemExit, match=r"^/book/\.venv cannot be used \(Permission denied\): make room, or "
    ):
        setup.main(["install"])
