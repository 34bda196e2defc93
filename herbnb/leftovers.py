"""Leftovers: what a process makes beside a file for a while, under a name that says whose it is.

If that process is killed, the next one that writes there clears it away.
"""

import hashlib
import os
import platform
import re
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

LONGEST_NAME = 255
"""Bytes that the name of a file may have."""

LONGEST_SUFFIX = 20
"""Characters of what tells the kind of a file; a longer one is part of its name."""

LEFT = re.compile(r"\..+\.([0-9a-f]{6})-(\d+)(\.[^.]+)?")
"""What is called as `hidden` calls it: a machine and a process."""


def hidden(path: Path) -> Path:
    """Return the name of what this process makes beside `path` for a while.

    What a killed process has left in that folder goes when the next one asks for the first time. Its name
    says whose it was: the machine, for a folder may be shared by many, and the process.

    Raises:
        OSError: nothing can be called as `path` is.
    """
    with suppress(FileNotFoundError):
        os.lstat(path)
    sweep(path.parent, os.getpid())
    suffix = path.suffix if len(path.suffix) <= LONGEST_SUFFIX else ""
    return beside(path, path.name.removesuffix(suffix), f".{machine()}-{os.getpid()}{suffix}")


def beside(path: Path, name: str, end: str) -> Path:
    """Return the path beside another of a hidden file called `name`, with an end; both fit into one name."""
    return path.with_name(f".{fitted(name, LONGEST_NAME - 1 - len(end))}{end}")


def fitted(name: str, room: int) -> str:
    """Return a name that has `room` bytes at most: of a longer one the beginning, and what tells it apart."""
    whole_name = os.fsencode(name)
    if len(whole_name) <= room:
        return name
    told = hashlib.sha256(whole_name).hexdigest()[:12]
    return whole_name[: room - 13].decode(errors="ignore") + "-" + told


@cache
def sweep(folder: Path, process: int) -> None:
    """Remove from a folder what processes of this machine that are no more have left there.

    Args:
        folder: looked through once, however many files a process writes there.
        process: who asks.
    """
    try:
        names = [name for name in os.listdir(folder) if name.startswith(".")]
    except OSError:  # it is not there yet; whoever writes there will say what else is wrong
        return
    for name in names:
        if (found := LEFT.fullmatch(name)) and found[1] == machine() and not psutil.pid_exists(int(found[2])):
            remove(folder / name)


@cache
def machine() -> str:
    """Return six letters that stand for this machine."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, as far as one may."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
