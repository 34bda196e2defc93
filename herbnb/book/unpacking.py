"""Unpacking: a run that somebody has packed, put where this book reads it, whole or not at all."""

import shutil
import zipfile
from pathlib import Path

import pydantic

from herbnb.archives import DAMAGED, open_zip, refusal
from herbnb.book.packed import EXECUTED, MANIFEST, RESULTS, Manifest, Packed, copied
from herbnb.book.profile import Profile, yaml_of
from herbnb.errors import BadInput, in_short
from herbnb.files import folder_beside, located
from herbnb.tables import check_at_hand

PROFILE = "profile.yml"
"""The profile of an unpacked run, in its folder."""

LARGEST_MANIFEST = 20_000_000
"""Bytes of the list of what is in the file: a hundred thousand files have it."""


def unpack(packed: Path, executed: Path, to: Path | None = None) -> Path:
    """Write the run in a zip file into a folder that is not there yet, and return that.

    All is compared with the manifest first, so that it is whole or nothing. Executed chapters take the place
    of those that are there.

    Args:
        packed: what `pack` has written.
        executed: where executed chapters go.
        to: the folder of the run; None: that of its name in `results`.

    Raises:
        BadInput: no packed run, or a damaged one; a name in it that would lie elsewhere; the folder is there;
            too little space on the disk.
    """
    try:
        file = open_zip(packed)
    except FileNotFoundError as error:
        raise BadInput(f"{packed} is missing: name a file that is there.") from error
    except (OSError, *DAMAGED) as error:
        check_at_hand(error)
        raise BadInput(f"{packed} cannot be unpacked ({in_short(error)}): fetch it again.") from error
    try:
        with file:
            manifest = manifest_of(file, packed)
            to = located("results") / manifest.run if to is None else to
            with folder_beside(to) as kept:
                check_free(to)
                check_room(manifest, to.parent, packed)
                for folder in {(kept / name).parent for name in [f"{RESULTS}/{PROFILE}", *manifest.files]}:
                    folder.mkdir(parents=True, exist_ok=True)
                for name, told in manifest.files.items():
                    write_checked(file, name, told, kept, packed)
                (kept / RESULTS / PROFILE).write_text(yaml_of(unpacked(manifest, to)), encoding="utf-8")
                check_free(to)  # another process may have unpacked it meanwhile
                executed.mkdir(parents=True, exist_ok=True)
                for notebook in sorted((kept / EXECUTED).glob("*.ipynb")):
                    shutil.move(notebook, executed / notebook.name)
                (kept / RESULTS).rename(to)
    except OSError as error:
        check_at_hand(error)
        if to:
            check_free(to)
        where = f" to {to}" if to else ""
        raise BadInput(
            f"{packed} cannot be unpacked{where} ({in_short(error)}): make room, or name another folder."
        ) from error
    return to


def manifest_of(file: zipfile.ZipFile, packed: Path) -> Manifest:
    """Return the manifest of an opened file, which lists all that is in it, each once.

    Raises:
        BadInput: it has none, or another content.
    """
    try:
        if refused := refusal(file, file.getinfo(MANIFEST), LARGEST_MANIFEST):
            raise BadInput(f"{packed} is no packed run (its manifest {refused}): do not trust it.")
        manifest = Manifest.model_validate_json(file.read(MANIFEST))
    except KeyError as error:
        raise BadInput(f"{packed} is no packed run: make one with `herbnb results pack`.") from error
    except pydantic.ValidationError as error:
        raise BadInput(f"{packed} is no packed run ({error.errors()[0]['msg']}): fetch it again.") from error
    except DAMAGED as error:
        raise BadInput(f"{packed} is damaged ({in_short(error)}): fetch it again.") from error
    if sorted(file.namelist()) != sorted([MANIFEST, *manifest.files]):
        raise BadInput(f"{packed} holds other files than its manifest says: fetch it again.")
    return manifest


def unpacked(manifest: Manifest, to: Path) -> Profile:
    """Return the profile of a packed run whose results are in the folder `to`."""
    folder = to.absolute()
    home = next((above for above in folder.parents if (above / "_toc.yml").exists()), None)
    results = str(folder.relative_to(home) if home else folder)  # so it moves with the book that it is in
    return manifest.profile.model_copy(
        update={"parameters": manifest.profile.parameters | {"results": results}}
    )


def check_free(to: Path) -> None:
    """Raise BadInput when a run would be unpacked to where something is."""
    if to.exists():
        raise BadInput(f"{to} is there already: move it away, or name another folder with --to.")


def check_room(manifest: Manifest, folder: Path, packed: Path) -> None:
    """Raise BadInput when the disk of a folder has no room for what a packed run holds."""
    needed, free = sum(told.bytes for told in manifest.files.values()), shutil.disk_usage(folder).free
    if needed > free:
        raise BadInput(
            f"{packed} unpacks to {needed:,} bytes, and {folder} has {free:,} free: make room first."
        )


def write_checked(file: zipfile.ZipFile, name: str, told: Packed, folder: Path, packed: Path) -> None:
    """Write a file of a packed run below a folder, or raise BadInput where it is not what was told of it."""
    path = folder / name
    if refused := refusal(file, file.getinfo(name)):
        raise BadInput(f"{packed}: {name} {refused}; do not trust it.")
    try:
        if file.getinfo(name).file_size == told.bytes:
            with file.open(name) as source, path.open("wb") as target:
                if copied(source, target) == told:
                    return
    except DAMAGED:
        pass
    raise BadInput(f"{packed} is damaged: {name} is not what its manifest says. Fetch it again.")
