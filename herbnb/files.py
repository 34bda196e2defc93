"""Files: each whole or not there at all, made by one process at a time, and where relative paths begin."""

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from herbnb.errors import BadInput
from herbnb.leftovers import beside, hidden, remove, sweep

LARGEST = 2 * 1024**3
"""Bytes of a file that is read into memory: the largest honest one, the metadata of 2.3 million sheets, has
less than half of it."""

UNWRITABLE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP),
}
"""Why a file cannot be written: room, rights, and what is in its way."""

UNWRITABLE_DATABASE = {
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
}
"""The same of a database, whose library keeps the system's own word to itself."""

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""What may be where a file should be. Of these only a folder says so itself: the others may never end."""


def located(path: str | Path) -> Path:
    """Resolve a relative `path` against the book's folder: the nearest one upwards that has a
    `_toc.yml`.

    So `results/pocket` is one place, whether a chapter runs from the book's folder, from
    `chapters/` in JupyterLab, or from a folder of one's own (then: that folder).

    Raises:
        BadInput: the folder that one stands in has been deleted.
    """
    if Path(path).is_absolute():
        return Path(path)
    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise BadInput(
            f"{path} is nowhere, for the folder one stands in is gone: go to the book's."
        ) from error
    home = next((folder for folder in (here, *here.parents) if (folder / "_toc.yml").exists()), here)
    return home / path


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name beside `path` to write to, and rename it to `path` when the block
    succeeds.

    A file that exists is therefore a whole file: when the block raises, nothing is left.

    Raises:
        BadInput: it cannot be written there: the disk is full, the folder is read-only or none, the name too
            long.
    """
    path = Path(path)
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = hidden(path)
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def writable(path: Path, advice: str = "make room, or name another folder") -> Iterator[None]:
    """Say in a sentence why `path` cannot be written, if that is what stops the block, and what to do."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        said = why_unwritable(path, error)
        if not said:
            raise
        advice = "start again" if isinstance(error, FileNotFoundError) else advice
        raise BadInput(f"{path} cannot be written ({said}): {advice}.") from error


def why_unwritable(path: Path, error: OSError | sqlite3.OperationalError) -> str:
    """Return why `path`, or what is in it or beside it, cannot be written; "" where an error says otherwise.

    It may say something of a file elsewhere, which was read.
    """
    if isinstance(error, sqlite3.OperationalError):
        return str(error) if error.sqlite_errorcode & 0xFF in UNWRITABLE_DATABASE else ""
    about = Path(error.filename) if isinstance(error.filename, str | os.PathLike) else path
    if not (about.is_relative_to(path.parent) or path.is_relative_to(about)):
        return ""
    if isinstance(error, FileNotFoundError) and not about.parent.exists():
        return f"{about.parent} is gone"
    return os.strerror(error.errno) if error.errno in UNWRITABLE else ""


@contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """Yield an empty hidden folder beside `path`, for this user alone.

    It is removed, with what is in it, when the block ends.
    """
    with writable(path):
        folder = hidden(path)
        remove(folder)  # of a process of that number, before the machine was started again
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def alone(path: Path, wait: bool = True):
    """Hold the lock of what is made at `path` until the block ends; if need be, `wait` for it.

    The lock is a hidden file beside it, which stays: whoever deleted it might delete another's. What a killed
    process has left there goes, even if nothing is to be made any more.

    Raises:
        BadInput: another process has it, and this one does not wait; nothing can be written there.
    """
    sweep(path.parent, os.getpid())
    lock = FileLock(beside(path, path.name, ".lock"))
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return lock.acquire(timeout=0)
        except Timeout as error:
            if not wait:
                raise BadInput(
                    f"{path} is being made by another process: wait for it, or name another folder."
                ) from error
        print(f"{path.name}: another process is making it; this one waits.", flush=True)
        return lock.acquire()


def kind_of(path: str | Path) -> str:
    """Say what is at `path` if it is no plain file, such as "a named pipe"; "" for a file, or for nothing."""
    try:
        return KINDS.get(stat.S_IFMT(os.stat(path).st_mode), "")
    except (OSError, ValueError):  # whoever opens it will say what is wrong
        return ""


def check_plain(path: str | Path) -> None:
    """Raise BadInput when something is at `path` that is no plain file, before anybody waits for its end."""
    if kind := kind_of(path):
        raise BadInput(f"{path} is not a file but {kind}: name a file.")


def read_bytes(path: str | Path, largest: int = LARGEST) -> bytes:
    """Read a whole file into memory.

    Raises:
        BadInput: it is no plain file, or has more than `largest` bytes, of which none is read then.
        OSError: it is missing, or cannot be read.
        ValueError: no file can be called so.
    """
    check_plain(path)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > largest:
            raise BadInput(
                f"{path} has {size:,} bytes, and {largest:,} is the most that is read: is it the right file?"
            )
        return file.read()


def read_json(path: str | Path, largest: int = LARGEST) -> object:
    """Read a file of JSON, in any encoding of Unicode.

    Raises:
        BadInput, OSError: as `read_bytes`.
        ValueError: it is not JSON, or nested too deeply.
    """
    return json_of(read_bytes(path, largest))


def json_of(text: str | bytes) -> object:
    """Return what JSON says.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def spread(name: str) -> str:
    """Return three folders, one in the other, that `name` alone decides, such as "3/f/a".

    There are 4,096 of them, so two million files lie five hundred to a folder.
    """
    return "/".join(hashlib.sha256(name.encode()).hexdigest()[:3])


def fingerprint(*paths: str | Path) -> str:
    """Sixteen hexadecimal digits of SHA-256 over the contents of the files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
