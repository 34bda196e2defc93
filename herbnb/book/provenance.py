"""Provenance: the footer of an executed chapter, which says where its numbers came from."""

import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from herbnb.files import fingerprint, located
from herbnb.results import Results

LIBRARIES = ("herbnb", "torch", "pytorch-lightning", "scikit-learn", "umap-learn", "cleanlab")


def commit() -> str:
    """Return the short git commit of the book's folder, with "with changes" if it is not clean."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(located(".")), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changes = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "--short=12", "HEAD") + (", with changes" if changes else "")
    except (OSError, subprocess.CalledProcessError):
        return "not in a git checkout"


def versions() -> dict[str, str]:
    """Return the versions of Python and of those of `LIBRARIES` that are installed, by name."""
    found = {"Python": platform.python_version()}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def footer(parameters: dict[str, object], seconds: float) -> str:
    """Return Markdown that records a run: parameters, seed, commit, versions, duration and data.

    Args:
        parameters: every parameter of the chapter with the value it ran with.
        seconds: how long the chapter took.
    """
    from herbnb.figures.words import words  # after the chapter, for whose start nobody waits longer then

    table = Results(str(parameters["results"])).path("specimens")
    rows = {
        "parameters": ", ".join(f"{name} = {value!r}" for name, value in parameters.items()),
        "seed": parameters.get("seed", "none is used"),
        "specimens table": fingerprint(table) if table.exists() else "not written yet",
        "commit": commit(),
        "versions": ", ".join(f"{name} {number}" for name, number in versions().items()),
        "duration": f"{seconds:.0f} seconds",
    }
    lines = [words("**{key}**\n: {text}\n", key=key.capitalize(), text=text) for key, text in rows.items()]
    return "\n".join([":::{dropdown} Where these numbers came from", *lines, ":::"])
