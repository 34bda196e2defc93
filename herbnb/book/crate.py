"""Crate: what a run was, for machines: an RO-Crate, in the profile of process runs (Leo et al. 2024).

Every chapter that has run is an action: who, when, with which software and parameters, on what, and what came
out of it, file by file with its checksum. The crate lies in the folder of the run, above the files that it
describes; nothing is copied, and whoever packs the folder has the crate with it.
"""

import hashlib
import json
import mimetypes
import re
from pathlib import Path
from urllib.parse import quote

import nbformat
from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from herbnb.book.chapters import chapter_names, chapter_parameters, chapter_path
from herbnb.book.graph import files
from herbnb.book.launch import repository
from herbnb.book.profile import Profile
from herbnb.data.collection import CITATION, description_of
from herbnb.errors import BadInput
from herbnb.files import located, whole
from herbnb.results import Results

FILE = "ro-crate-metadata.json"

PROCESS = "https://w3id.org/ro/wfrun/process/0.5"
"""The profile that the crate follows."""

CC0 = "CC0 1.0 https://creativecommons.org/publicdomain/zero/1.0/"
"""The licence of the drawn herbarium, and of what is made of it."""

MIT = "MIT License https://spdx.org/licenses/MIT"
"""The licence of the code."""

HOMES = {"Python": "https://www.python.org/"}
"""Of what is no package of the Python Package Index."""

TYPES = {".parquet": "application/vnd.apache.parquet", ".ckpt": "application/octet-stream"}
"""Of files that Python knows no type for."""


def write_crate(profile: Profile, executed: Path) -> Path:
    """Describe a run whose chapters lie, executed, in the folder `executed`, and return the crate's file.

    Raises:
        BadInput: no chapter of the run has been executed.
    """
    crate, here = ROCrate(version="1.1"), Results(str(profile.value("results")))
    crate.metadata.extra_terms["sha256"] = "http://schema.org/sha256"
    crate.name = f"A run of herbnb: {here.folder.name}"
    crate.description = "What neural networks see in herbarium sheets: the files of one run."
    crate.license = add_licence(crate, CC0 if profile.pocket else "As far as the sheets' licences allow")
    process = add(crate, PROCESS, "CreativeWork", name="Process Run Crate", version="0.5")
    crate.root_dataset["conformsTo"] = process
    for chapter in chapter_names():
        if (executed / f"{chapter}.ipynb").exists():
            action = add_action(crate, chapter, profile, executed)
            crate.root_dataset.append_to("mentions", action)
    if not crate.get_by_type("CreateAction"):
        raise BadInput(f"{executed} holds no chapter that has run: run them first (herbnb run --all).")
    with whole(here.folder / FILE) as temporary:
        temporary.write_text(json.dumps(crate.metadata.generate(), indent=2, ensure_ascii=False), "utf-8")
    return here.folder / FILE


def add(crate: ROCrate, identifier: str, kind: str, **properties: object) -> ContextEntity:
    """Add what is not a file of the run, unless it is there, and return it; what is blank is left out."""
    if found := crate.dereference(identifier):
        return found
    said = {name: value for name, value in properties.items() if value}
    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **said}))


def add_licence(crate: ROCrate, text: str) -> ContextEntity:
    """Add a licence by its name, its address or both."""
    address = re.search(r"https?://\S+", text)
    name = re.sub(r"\s*https?://\S+", "", text) or text
    return add(crate, address[0] if address else f"#{quote(text)}", "CreativeWork", name=name)


def add_herbarium(crate: ROCrate, profile: Profile) -> ContextEntity:
    """Add the sheets that the run began with, their licences, and what to cite for them."""
    if found := crate.dereference("#herbarium"):
        return found
    folder = located(str(profile.value("data")))
    description = description_of(folder)
    cites = list(profile.cites)
    if (folder / CITATION).exists():
        cites += re.findall(r"https://doi\.org/\S+", (folder / CITATION).read_text("utf-8"))
    if profile.pocket:
        drawn = ", ".join(f"{name} {value}" for name, value in profile.pocket.model_dump().items())
        name, licences = f"A pocket herbarium, drawn by herbnb: {drawn}", [CC0]
    else:
        table = Results(str(profile.value("results"))).read("specimens")
        name, licences = f"The sheets in {profile.value('data')}", sorted({*table["licence"]} - {""})
    return add(
        crate,
        "#herbarium",
        "Dataset",
        name=name,
        license=[add_licence(crate, licence) for licence in licences],
        citation=[add(crate, cited, "CreativeWork", name=cited) for cited in cites],
        sha256=checksum(description) if description.exists() else "",
    )


def add_action(crate: ROCrate, chapter: str, profile: Profile, executed: Path) -> ContextEntity:
    """Add the run of a chapter, with what it read, what it wrote and what was told to it.

    Raises:
        BadInput: its notebook was run by an older herbnb, or by something else.
    """
    notebook = executed / f"{chapter}.ipynb"
    metadata = nbformat.read(notebook, as_version=4).metadata
    if not {"papermill", "herbnb"} <= metadata.keys():
        raise BadInput(f"{notebook} does not say how it was run: run chapter {chapter} again.")
    ran = metadata["papermill"]
    values = {name: each.default for name, each in chapter_parameters(chapter).items()} | ran["parameters"]
    told = [
        add(crate, f"#{chapter}/{name}", "PropertyValue", name=name, value=json.dumps(value))
        for name, value in values.items()
    ]
    sheets = [add_herbarium(crate, profile)] if "data" in values else []
    return add(
        crate,
        f"#{chapter}",
        "CreateAction",
        name=f"Chapter {chapter}",
        instrument=add_source(crate, chapter, metadata["herbnb"]),
        startTime=ran["start_time"],
        endTime=ran["end_time"],
        agent=profile.by and add(crate, profile.by.orcid or "#person", "Person", name=profile.by.name),
        object=[*sheets, *add_files(crate, chapter, "Reads", profile), *told],
        result=add_files(crate, chapter, "Writes", profile),
        actionStatus="http://schema.org/CompletedActionStatus",
    )


def add_source(crate: ROCrate, chapter: str, software: dict) -> ContextEntity:
    """Add the source of a chapter, with the package, its commit and the libraries that it ran on."""
    libraries = [
        add(crate, f"{home}#{number}", "SoftwareApplication", name=name, url=home, softwareVersion=number)
        for name, number in software["versions"].items()
        for home in [HOMES.get(name, f"https://pypi.org/project/{name}/")]
        if name != "herbnb"
    ]
    source = chapter_path(chapter)
    return add(
        crate,
        f"#chapters/{source.name}",
        "SoftwareSourceCode",
        name=f"herbnb {software['versions']['herbnb']}, chapters/{source.name}",
        version=f"{software['versions']['herbnb']} ({software['commit']})",
        url=repository(),
        license=add_licence(crate, MIT),
        softwareRequirements=libraries,
        sha256=checksum(source),
    )


def add_files(crate: ROCrate, chapter: str, verb: str, profile: Profile) -> list[ContextEntity]:
    """Add the files of the run that a chapter "Reads" or "Writes", as far as they are there."""
    home, found = Results(str(profile.value("results"))).folder, []
    for path in dict.fromkeys(files(chapter, verb, profile)):
        if path.is_file() and path.is_relative_to(home):
            name = path.relative_to(home).as_posix()
            about = {
                "name": name,
                "contentSize": str(path.stat().st_size),
                "encodingFormat": TYPES.get(path.suffix) or mimetypes.guess_type(path)[0],
                "sha256": checksum(path),
            }
            found.append(crate.dereference(name) or crate.add_file(path, name, properties=about))
    return found


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
