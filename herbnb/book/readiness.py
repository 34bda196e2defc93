"""Readiness: whether a workshop can be held on this machine, a finding a line, with what to do about it."""

import importlib.metadata
import platform
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from herbnb.book.chapters import chapter_names
from herbnb.book.jobs import graphics_processors
from herbnb.book.profile import Profile
from herbnb.book.runner import EXECUTED
from herbnb.errors import BadInput
from herbnb.files import located
from herbnb.pocket.folder import is_drawn
from herbnb.pocket.herbarium import card_asked

WELL, MIND, STOP = "well", "mind", "STOP"
"""How a finding is: as it should be; worth a thought; or it would stop a workshop."""

GB = 1e9
ROOM = 1 * GB
"""A pocket run has filled 0.8 GB: its herbarium, its results, its pages."""

MEMORY = 3.3 * GB
"""All processes of a pocket run together have held as much, while networks train."""

FOLDERS = ("data", "results", EXECUTED, "_build")
"""Where a run writes, relative to the book's folder."""

MOST = 4
"""Packages that one line names."""


class Finding(NamedTuple):
    """What was looked at, what was found, how that is, and what to do if it is not well."""

    of: str
    found: str
    state: str = WELL
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.state}  {self.of:<9}  {self.found}" + (f": {self.advice}." if self.advice else ".")


def findings(profile: Profile) -> Iterator[Finding]:
    """Yield what is found, one thing after the other.

    Args:
        profile: whose herbarium is looked for.

    Raises:
        BadInput: the process does not stand in the book's folder.
    """
    yield python(platform.python_version(), importlib.metadata.metadata("herbnb")["Requires-Python"])
    yield space(shutil.disk_usage(located(".")).free)
    yield cores(psutil.cpu_count(logical=False) or psutil.cpu_count() or 1)
    memory_now = psutil.virtual_memory()
    yield memory(memory_now.total, memory_now.available)
    yield graphics()
    yield browser()
    yield packages(located("requirements.txt"))
    yield folders([located(folder) for folder in FOLDERS])
    yield herbarium(profile)
    yield book()


def python(version: str, wanted: str) -> Finding:
    """Look at the version of Python."""
    if version in SpecifierSet(wanted):
        return Finding("Python", version)
    return Finding("Python", version, STOP, f"herbnb wants {wanted}; install one, and the libraries with it")


def space(free: float) -> Finding:
    """Look at the bytes that are free where the book lies."""
    found = f"{free / GB:.1f} GB free"
    if free >= ROOM:
        return Finding("space", found)
    return Finding(
        "space", found, STOP, f"a run wants {ROOM / GB:.0f} GB; delete something, or move the book"
    )


def cores(count: int) -> Finding:
    """Look at the cores of the processor."""
    if count > 1:
        return Finding("cores", str(count))
    return Finding(
        "cores", "one", MIND, "chapters run one after the other, so run the book the evening before"
    )


def memory(total: float, available: float) -> Finding:
    """Look at the bytes of memory."""
    found = f"{total / GB:.1f} GB, {available / GB:.1f} of them free"
    if total < MEMORY:
        return Finding(
            "memory", found, STOP, f"training takes {MEMORY / GB:.1f} GB; bring a book run elsewhere"
        )
    if available < MEMORY:
        return Finding("memory", found, MIND, "close other programs before networks train")
    return Finding("memory", found)


def graphics() -> Finding:
    """Look for a graphics processor, as the chapters would."""
    if not find_spec("torch"):
        return Finding("GPU", "not looked for, as PyTorch is not installed")
    try:
        import torch
    except (ImportError, OSError) as error:  # a library of its own that is missing, or of another system
        again = "pip install --force-reinstall torch"
        return Finding("GPU", f"PyTorch cannot be loaded ({error})", STOP, again)
    if torch.accelerator.is_available():
        kind = torch.accelerator.current_accelerator().type
        return Finding("GPU", torch.cuda.get_device_name() if kind == "cuda" else kind)
    if graphics_processors():
        return Finding(
            "GPU", "one that this build of PyTorch cannot use", MIND, "training takes longer without"
        )
    return Finding("GPU", "none, and the pocket herbarium needs none")


def browser() -> Finding:
    """Look for the browser that tests the pages; any browser reads them."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    only = "only the tests want it; any browser shows the book"
    return Finding("browser", f"Chromium {'is here' if found else 'is not here'}, and {only}")


def packages(pins: Path) -> Finding:
    """Compare what is installed with a file of pinned versions, a line each.

    What herbnb itself asks for must be there; what only its extras ask for may be missing.
    """
    pinned = [Requirement(line) for line in stripped(pins.read_text(encoding="utf-8"))]
    pinned = [each for each in pinned if not each.marker or each.marker.evaluate()]
    asked = map(Requirement, importlib.metadata.requires("herbnb") or [])
    needed = {each.name for each in asked if not each.marker or each.marker.evaluate({"extra": ""})}
    versions = {each.name: version_of(each.name) for each in [*pinned, *map(Requirement, sorted(needed))]}
    missing = [name for name in sorted(needed) if not versions[name]]
    others = [
        f"{each.name} {versions[each.name]} (not {str(each.specifier).lstrip('=')})"
        for each in pinned
        if versions[each.name] and not each.specifier.contains(versions[each.name], prereleases=True)
    ]
    again = f"pip install --requirement {pins.name} --editable ."
    if missing:
        return Finding("packages", f"missing: {listed(missing)}", STOP, again)
    if others:
        return Finding("packages", f"of another version: {listed(others)}", MIND, again)
    return Finding("packages", f"{sum(map(bool, versions.values()))}, all of the versions that are pinned")


def stripped(text: str) -> list[str]:
    """Return the requirements in a file: its lines without comments, options and hashes."""
    lines = [line.partition(" #")[0].partition(" --hash")[0].strip(" \\") for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def version_of(package: str) -> str:
    """Return the version of a package that is installed, or "" if it is not."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def listed(names: list[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def folders(wanted: list[Path]) -> Finding:
    """Try whether folders, or where they would be made, can be written to."""
    refused = [folder for folder in wanted if not can_write(folder)]
    names = ", ".join(map(str, refused or [folder.relative_to(located(".")) for folder in wanted]))
    if refused:
        return Finding("folders", f"cannot write to {names}", STOP, "make them yours, or move the book")
    return Finding("folders", f"can write to {names}")


def can_write(folder: Path) -> bool:
    """Whether a file can be made in a folder or, if it is not there yet, in the nearest one above it."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return True
    except OSError:
        return False


def herbarium(profile: Profile) -> Finding:
    """Look for the sheets that a profile's chapters are about."""
    folder = located(str(profile.value("data")))
    if not profile.pocket:
        there = folder.exists()
        advice = "" if there else "the page Getting the data says how"
        return Finding("sheets", f"in {folder}" if there else f"no {folder}", WELL if there else STOP, advice)
    try:
        drawn = is_drawn(folder, card_asked(**profile.pocket.model_dump()))
    except BadInput as error:
        return Finding("sheets", str(error).rstrip("."), STOP)
    if not drawn:
        return Finding("sheets", "the pocket herbarium is not drawn yet", MIND, "`herbnb book` draws it")
    return Finding("sheets", f"the pocket herbarium is drawn, in {folder}")


def book() -> Finding:
    """Look for the finished book."""
    page = located("_build/html/index.html")
    run = sum(located(EXECUTED).joinpath(f"{name}.ipynb").exists() for name in chapter_names())
    chapters = f"{run} of {len(chapter_names())} chapters have run"
    if not page.exists():
        return Finding("book", f"not built yet, {chapters}", STOP, "`herbnb book` runs and builds it")
    built = datetime.fromtimestamp(page.stat().st_mtime)
    return Finding("book", f"built on {built:%d %B at %H:%M}, {chapters}; open {page}")
