"""The lock: what pyproject.toml names, and all that it rests on, is pinned for every system, and from no index."""

import tomllib
from importlib.metadata import PackageNotFoundError, requires, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conftest import ROOT
from herbnb.setup import CUDA, ENVIRONMENTS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
GROUPS = PROJECT["optional-dependencies"]
FILES = [pins for _, pins in ENVIRONMENTS.values()]
LINUX = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
}
MACOS = LINUX | {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"}
WINDOWS = LINUX | {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}


def lines_of(file: str) -> list[str]:
    return [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]


def pins_of(file: str) -> dict[str, list[Requirement]]:
    """The pins in a file by their names; a name has several where systems want several versions."""
    pins = {}
    for pin in map(Requirement, lines_of(file)):
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def direct(*groups: str) -> list[Requirement]:
    """What pyproject.toml names for reading, and in some groups."""
    named = [*PROJECT["dependencies"], *(each for group in groups for each in GROUPS[group])]
    return [each for each in map(Requirement, named) if each.name != PROJECT["name"]]


def here(requirement: Requirement, extras: set[str], system: dict | None = None) -> bool:
    """Whether a requirement is meant on a system, which is this one unless another is given."""
    wanted = [{"extra": extra} | (system or {}) for extra in extras or {""}]
    return requirement.marker is None or any(map(requirement.marker.evaluate, wanted))


@pytest.mark.parametrize("file", FILES)
def test_every_line_is_a_pin_and_nothing_else(file):
    for line in lines_of(file):
        pin = Requirement(line)
        assert [each.operator for each in pin.specifier] == ["=="], line
        assert not pin.url and not pin.extras and "*" not in str(pin.specifier), line
    text = (ROOT / file).read_text()
    assert "--" not in text and "://" not in text  # no index, no place to look for files


@pytest.mark.parametrize(("file", "groups"), [(FILES[0], [*GROUPS]), (FILES[1], [])])
def test_what_is_named_is_pinned_within_its_range(file, groups):
    pins = pins_of(file)
    assert len(direct(*groups)) >= 20
    for named in direct(*groups):
        for pin in pins[canonicalize_name(named.name)]:
            (exactly,) = pin.specifier
            assert named.specifier.contains(exactly.version, prereleases=True), f"{named}: make lock"


@pytest.mark.parametrize(("file", "groups"), [(FILES[0], [*GROUPS]), (FILES[1], [])])
def test_what_is_named_rests_on_is_pinned_too(file, groups):
    """As far as it is installed here: the rest is for other systems."""
    pins, seen, rests_on = pins_of(file), set(), [*direct(*groups)]
    while rests_on:
        needed = rests_on.pop()
        name, extras = canonicalize_name(needed.name), frozenset(needed.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        (pin,) = [each for each in pins.get(name, []) if here(each, set())] or [None]
        assert pin, f"{needed} is not pinned in {file}: make lock"
        (exactly,) = pin.specifier
        assert needed.specifier.contains(exactly.version, prereleases=True), f"{needed}, but {pin}: make lock"
        try:
            inner = map(Requirement, requires(name) or [])
        except PackageNotFoundError:
            assert CUDA.match(name), f"{name} is not installed: python -m herbnb.setup"
            continue
        rests_on += [each for each in inner if here(each, {"", *extras})]
    assert len(seen) > len(direct(*groups))
    assert {name for name, _ in seen} <= {*pins}


def test_what_is_installed_is_what_is_pinned():
    others = {}
    for name, of_name in pins_of(FILES[0]).items():
        for pin in of_name:
            if here(pin, set()) and not CUDA.match(name) and not pin.specifier.contains(version(name)):
                others[name] = version(name)
    assert not others


def test_reading_takes_the_same_versions_and_no_networks():
    read, run = (pins_of(file) for file in (FILES[1], FILES[0]))
    for name, pins in read.items():
        assert {str(pin.specifier) for pin in pins} <= {str(pin.specifier) for pin in run[name]}
    heavy = {"torch", "torchvision", "timm", "umap-learn", "numba", "pytorch-lightning", "open-clip-torch"}
    assert heavy <= {*run} and not heavy & {*read}
    assert not [name for name in read if CUDA.match(name)]


def test_what_is_there_for_cuda_is_for_linux_alone():
    of_cuda = [pin for name, pins in pins_of(FILES[0]).items() for pin in pins if CUDA.match(name)]
    assert len(of_cuda) > 10
    for pin in of_cuda:
        assert here(pin, set(), LINUX) and not here(pin, set(), MACOS) and not here(pin, set(), WINDOWS), pin
    asked = [Requirement(each).name for each in requires("torch") or []]
    assert {canonicalize_name(each) for each in asked if CUDA.match(each)} <= {*pins_of(FILES[0])}
