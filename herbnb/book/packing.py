"""Packing: a run without images and weights, in one file, so that others read it and score it again.

What a network has made of the sheets is small; the network, and PyTorch to open it, are not. Chapters that
ask nothing but features run on a packed run as they do on one's own.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import pydantic

from herbnb import __version__
from herbnb.archives import DAMAGED, open_zip, refusal, undated
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.graph import files
from herbnb.book.profile import Profile, write_profile
from herbnb.book.rescoring import RESCORED
from herbnb.errors import BadInput, in_short
from herbnb.files import folder_beside, located, whole
from herbnb.networks import NETWORKS
from herbnb.pocket.folder import TRAITS
from herbnb.representations import spec_of
from herbnb.results import Results, artefact_at, chapter_of
from herbnb.tables import check_at_hand

MAPPED = ("embedding", "your_herbarium")
"""The chapters that place sheets on the maps of the atlas."""

MANIFEST = "manifest.json"
RESULTS, EXECUTED = "results", "executed"
"""Folders in the file: of the run, and of the executed chapters."""

PROFILE = "profile.yml"
"""The profile of an unpacked run, in its folder."""

LARGEST_MANIFEST = 20_000_000
"""Bytes of the list of what is in the file: a hundred thousand files have it."""

KINDS = {RESULTS: {".parquet", ".csv", ".json"}, EXECUTED: {".ipynb"}}
"""What may lie in each."""

REPRESENTATIONS = ("networks", "network", "reviewer")
"""Parameters that name them."""

AT_ONCE = 2**20
"""Bytes that are copied at a time."""


class Packed(pydantic.BaseModel, extra="forbid", strict=True):
    """A file in a packed run."""

    bytes: int
    sha256: str


class Manifest(pydantic.BaseModel, extra="forbid", strict=True):
    """What a packed run says of itself: which herbnb packed it, which run it is, and every file in it."""

    herbnb: str
    run: str = pydantic.Field(pattern=r"^\w[\w.-]*$")
    """The name of the run's folder."""

    profile: Profile
    """As it was run, but for the folders of the machine where it was."""

    files: dict[str, Packed]

    @pydantic.field_validator("files")
    @classmethod
    def check_names(cls, files: dict[str, Packed]) -> dict[str, Packed]:
        """Refuse what is no file of a run, and a name that would lie elsewhere."""
        for name in files:
            path, folder = PurePosixPath(name), name.partition("/")[0]
            plain = path.as_posix() == name and name.isprintable() and not {"\\", ":"} & set(name)
            if not plain or ".." in path.parts or path.suffix not in KINDS.get(folder, ()):
                raise ValueError(f"{name!r} is no file of a run")
        return files


def pack(profile: Profile, executed: Path, to: Path) -> Manifest:
    """Write a run of `profile` into the zip file `to`, whole or not at all, and return its manifest.

    In it is what the chapters `RESCORED` read and write, what the chapters `MAPPED` write, what the plants
    were drawn from if they were drawn, and every chapter that has been executed. Of these a book is made, its
    slides and its atlas. Sheets with their names are in it, but no image, no network, and no folder of this
    machine.

    Args:
        profile: whose run, with its replicates.
        executed: the folder of executed chapters.
        to: a path that ends in .zip.

    Raises:
        BadInput: an artefact is missing or too old, or a chapter was executed for another run: it says what
            to run first.
    """
    here = Results(str(profile.value("results")))
    kept = {f"{RESULTS}/{path.relative_to(here.folder).as_posix()}": path for path in artefacts(profile)}
    drawn = located(str(profile.value("data"))) / TRAITS
    kept |= {f"{RESULTS}/{path.name}": path for path in [drawn] if path.exists()}
    kept |= {f"{EXECUTED}/{path.name}": path for path in notebooks(executed, here)}
    listed = {}
    with whole(to) as temporary, zipfile.ZipFile(temporary, "w") as file:
        for name, path in sorted(kept.items()):
            with path.open("rb") as source, file.open(undated(name), "w", force_zip64=True) as target:
                listed[name] = copied(source, target)
        told = {"herbnb": __version__, "run": here.folder.name, "profile": without_folders(profile)}
        manifest = Manifest(**told, files=listed)
        file.writestr(undated(MANIFEST), manifest.model_dump_json(indent=1))
    return manifest


def artefacts(profile: Profile) -> Iterator[Path]:
    """Yield the files of a run and of its replicates that are packed.

    Raises:
        BadInput: one that the chapters `RESCORED` read is missing, or one is too old: it says what to run.
    """
    first = Results(str(profile.value("results")))
    read = {path for chapter in RESCORED for path in files(chapter, "Reads", profile)}
    written = {path for chapter in (*RESCORED, *MAPPED) for path in files(chapter, "Writes", profile)}
    yield from needed(first, read | {path for path in written if path.exists()})
    for chapter in RESCORED:
        yield from sorted(first.path("scores", chapter=chapter).rglob("*.parquet"))
    for replicate in map(profile.replicate, profile.seeds):
        yield from needed(Results(str(replicate.value("results"))), {*files("verdict", "Reads", replicate)})


def needed(here: Results, wanted: set[Path]) -> Iterator[Path]:
    """Yield files of a run, with the parts of features, the cards of networks, and the specimens.

    Where images are on this machine is left out.

    Raises:
        BadInput: something is missing, with the chapter to run first; or the images of a collection go by
            folders of this machine, as they once did.
    """
    for path in sorted(wanted | {here.path("specimens")}):
        name, fields = artefact_at(path.relative_to(here.folder).as_posix())
        if name == "place":
            continue
        yield here.needed(name, **fields)
        if name == "features":
            yield from sorted(path.with_suffix("").glob("part-*.parquet"))
        if name == "collection" and any(map(os.path.isabs, here.read(name, **fields)["path"])):
            chapter = chapter_of(name, **fields)
            raise BadInput(f"{path} says where images are on this machine: run chapter {chapter} again.")
    cards = [here.path("card", network=network) for network in NETWORKS]
    yield from (path for path in cards if path.exists())


def notebooks(executed: Path, here: Results) -> Iterator[Path]:
    """Yield the chapters that have been executed for a run.

    Raises:
        BadInput: one was executed for another, with the chapter to run again.
    """
    for chapter in chapter_names():
        path = executed / f"{chapter}.ipynb"
        if not path.exists():
            continue
        told = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("papermill", {})
        default = chapter_parameters(chapter)["results"].default
        run = Results(told.get("parameters", {}).get("results", default)).folder
        if run != here.folder:
            raise BadInput(
                f"{path} is of the run in {run}, not of {here.folder}: run chapter {chapter} again."
            )
        yield path


def without_folders(profile: Profile) -> Profile:
    """Return a profile without the folders of this machine that it names.

    A packed run asks for none of them: features made from a file, or by a visitor with weights of a file, are
    read by their short name.
    """
    said = profile.model_dump()
    for values in (said["parameters"], *said["chapters"].values()):
        for name, value in list(values.items()):
            if name in REPRESENTATIONS:
                values[name] = [*map(short, value)] if isinstance(value, list) else short(value)
            elif any(map(is_folder, value if isinstance(value, list) else [value])):
                del values[name]
    return Profile(**said)


def is_folder(value: object) -> bool:
    """Say whether the value of a parameter is the path of something on this machine, wherever one stands."""
    return isinstance(value, str) and os.path.isabs(value)


def short(text: str) -> str:
    """Return the short name of a representation that comes from a folder of this machine, others as given."""
    spec = spec_of(text)
    return spec.name if is_folder(spec.model) or is_folder(spec.weights) else text


def copied(source: BinaryIO, target: BinaryIO) -> Packed:
    """Copy a file, a part at a time, and return its size and checksum."""
    digest, size = hashlib.sha256(), 0
    while some := source.read(AT_ONCE):
        target.write(some)
        digest.update(some)
        size += len(some)
    return Packed(bytes=size, sha256=digest.hexdigest())


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
                for name, told in manifest.files.items():
                    write_checked(file, name, told, kept, packed)
                check_free(to)  # another process may have unpacked it meanwhile
                executed.mkdir(parents=True, exist_ok=True)
                write_profile(unpacked(manifest, to), kept / RESULTS / PROFILE)
                for notebook in sorted((kept / EXECUTED).glob("*.ipynb")):
                    shutil.move(notebook, executed / notebook.name)
                (kept / RESULTS).rename(to)
    except OSError as error:
        check_at_hand(error)
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
    home, folder = located("."), to.absolute()
    results = folder.relative_to(home) if folder.is_relative_to(home) else folder
    return manifest.profile.model_copy(
        update={"parameters": manifest.profile.parameters | {"results": str(results)}}
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
    path.parent.mkdir(parents=True, exist_ok=True)
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
