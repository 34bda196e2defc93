"""Packing: a run without images and weights, in one file, so that others read it and score it again.

What a network has made of the sheets is small; the network, and PyTorch to open it, are not. Chapters that
ask nothing but features run on a packed run as they do on one's own.
"""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from herbnb import __version__
from herbnb.archives import undated
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.graph import files
from herbnb.book.packed import EXECUTED, MANIFEST, RESULTS, Manifest, copied
from herbnb.book.profile import Profile
from herbnb.book.rescoring import RESCORED
from herbnb.errors import BadInput
from herbnb.files import located, whole
from herbnb.networks import NETWORKS
from herbnb.pocket.folder import TRAITS
from herbnb.representations import spec_of
from herbnb.results import Results, artefact_at, chapter_of

MAPPED = ("embedding", "your_herbarium")
"""The chapters that place sheets on the maps of the atlas."""

REPRESENTATIONS = ("networks", "network", "reviewer")
"""Parameters that name them."""


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
