"""Setup: from a bare Python to the finished book, on any system.

It needs nothing but Python's own library, and make calls it, too:

    python -m herbnb.setup           what all chapters need, into .venv
    python -m herbnb.setup book      the same, then every chapter that is out of date, and the book
    python -m herbnb.setup read      what reading and re-scoring need, no PyTorch, into .venv-read

What is installed is what requirements.txt pins, package for package, so pip looks for no versions of its own.
"""

from __future__ import annotations  # an older Python is told so, and no more

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
"""The book's folder."""

ENVIRONMENTS = {"run": (".venv", "requirements.txt"), "read": (".venv-read", "requirements-read.txt")}
"""The folder of each environment, and the file that pins what is in it."""

CUDA = re.compile(r"(nvidia|cuda)-|triton\b")
"""What begins so is there for NVIDIA's graphics processors alone: most of what PyTorch brings on Linux."""

INDEX = "TORCH_INDEX"
"""The variable that names a package index with the PyTorch that one wants, such as one without CUDA."""

ASKS = "import importlib.metadata as m; print(*(m.requires('torch') or []), sep='\\n')"


def main(arguments: list[str] | None = None) -> None:
    """Install, and do what else is asked for."""
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"This is Python {sys.version.split()[0]}, and herbnb needs 3.11 or later: call another.")
    from herbnb.following import follow  # which an older Python might not read

    about = "Install herbnb, and make the book."
    parser = argparse.ArgumentParser(prog="python -m herbnb.setup", description=about)
    parser.add_argument("what", nargs="?", default="install", choices=("install", "book", "read"))
    parser.add_argument("--profile", default="pocket", help="with book: a file of profiles/, or a .yml")
    parser.add_argument("--results", help="with read: a run that `herbnb results pack` has packed")
    asked = parser.parse_args(arguments)
    follow()
    try:
        python = installed("read" if asked.what == "read" else "run")
        if asked.what == "book":
            book(python, asked.profile)
        elif asked.what == "read" and asked.results:
            read(python, os.path.abspath(asked.results))
    except subprocess.CalledProcessError as error:  # it has said why
        sys.exit(error.returncode)
    except OSError as error:
        sys.exit(f"{error.filename or HOME} cannot be used ({error.strerror}): make room, or move the book.")


def installed(name: str) -> Path:
    """Return the Python of an environment, which is made or brought up to date if need be."""
    folder, pins = (HOME / each for each in ENVIRONMENTS[name])
    python = folder / ("Scripts/python.exe" if is_windows() else "bin/python")
    stamp, wanted = folder / "installed", fingerprint(pins, HOME / "pyproject.toml")
    if stamp.exists() and stamp.read_text() == wanted:
        stamp.touch()  # for make, which looks at dates
        return python
    if not python.exists():
        venv.create(folder, with_pip=True)
    install(python, pins.read_text(encoding="utf-8").splitlines())
    pip(python, "--no-build-isolation", "--editable", str(HOME))
    stamp.write_text(wanted)
    return python


def is_windows() -> bool:
    return os.name == "nt"


def fingerprint(*paths: Path) -> str:
    """Return the SHA-256 of the contents of some files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def install(python: Path, pins: list[str]) -> None:
    """Install what is pinned, and of what only CUDA needs no more than the PyTorch that came asks for.

    Args:
        python: of the environment.
        pins: lines of a requirements file.
    """
    pins = [line for line in pins if line and not line.startswith("#")]
    of_cuda = [line for line in pins if CUDA.match(line)]
    others, index = [line for line in pins if line not in of_cuda], os.environ.get(INDEX, "")
    if of_cuda and sys.platform == "linux" and not index and not has_nvidia():
        print(
            f"No NVIDIA driver is here, and {INDEX} names no index that has a PyTorch without CUDA: unless "
            "pip knows one, 5 GB are installed for nothing (book/installing.md says how to avoid that)."
        )
    print(f"Installing {len(others)} packages into {python.parents[1]}.", flush=True)
    install_all(python, others, index)
    if of_cuda and CUDA.search(output(python, "-c", ASKS)):
        print(f"This PyTorch asks for CUDA: installing {len(of_cuda)} packages more.", flush=True)
        install_all(python, of_cuda, index)


def has_nvidia() -> bool:
    """Say whether Linux, or Windows beneath it, shows a graphics processor of NVIDIA."""
    return any(Path("/dev").glob("nvidia[0-9]*")) or Path("/usr/lib/wsl/lib/libcuda.so.1").exists()


def install_all(python: Path, pins: list[str], index: str) -> None:
    """Install some pins; an index, if one is given, is asked beside the usual one."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(pins), encoding="utf-8")
        pip(python, *(["--extra-index-url", index] if index else []), "--requirement", str(listed))


def pip(python: Path, *what: str) -> None:
    """Let pip install something, and nothing that it depends on."""
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", *what], check=True)


def output(python: Path, *arguments: str) -> str:
    """Return what an environment's Python prints, in the book's folder."""
    asked = [python, *arguments]
    return subprocess.run(asked, cwd=HOME, stdout=subprocess.PIPE, text=True, check=True).stdout


def book(python: Path, profile: str) -> None:
    """Run every chapter that is out of date, and render the book.

    Windows lacks the commands that the Snakefile gives: there all chapters run, one after another.
    """
    if is_windows():
        herbnb(python, "run", "--all", "--profile", profile)
        herbnb(python, "build", "--profile", profile)
    else:
        herbnb(python, "book", "--profile", profile)


def read(python: Path, packed: str) -> None:
    """Unpack a run, score its features again, and render the book."""
    run = output(python, "-m", "herbnb.cli", "results", "unpack", packed).strip()
    print(run, flush=True)
    herbnb(python, "results", "score", "--profile", os.path.join(run, "profile.yml"))


def herbnb(python: Path, *arguments: str) -> None:
    """Give a command of herbnb in the book's folder; it ends with this process."""
    from herbnb.following import LEADER

    env = os.environ | {LEADER: str(os.getpid())}
    subprocess.run([str(python), "-m", "herbnb.cli", *arguments], cwd=HOME, env=env, check=True)


if __name__ == "__main__":
    main()
