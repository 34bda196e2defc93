"""The graph of chapters: what each reads and writes, by its opening lines, and what code it rests on.

A chapter says at its top which artefacts it reads and writes. That is what Snakemake waits for, so a new
chapter needs no other place to say it.
"""

import ast
import re
from functools import cache
from itertools import product
from pathlib import Path

from herbnb.book.chapters import chapter_names, chapter_parameters, chapter_path
from herbnb.book.percent import read_chapter
from herbnb.book.profile import Profile
from herbnb.data.collection import description_of
from herbnb.errors import BadInput
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES, spec_of, with_baselines
from herbnb.results import Results, artefact_at
from herbnb.sources import imports, stands_on
from herbnb.specimens import FILE

ARTEFACT = r"[\w<>./-]+(?:/|\.(?:parquet|csv|json|ckpt|png))"
"""What in backticks names an artefact, and not a parameter or a column."""


def told(chapter: str, verb: str) -> list[str]:
    """Return what stands in backticks after `verb` ("Reads" or "Writes") at the top of a chapter.

    After a folder and a colon come the files in it: "`networks/triplet/`: `card.json`".

    Raises:
        BadInput: the chapter does not say.
    """
    opening = opening_of(chapter_path(chapter))
    line = re.search(rf"^{verb}: (.+?)(?:\n\n|\Z)", opening, re.MULTILINE | re.DOTALL)
    if not line:
        raise BadInput(f"chapters/{chapter}.py has no line “{verb}: …” at its top: write one.")
    found, folder = [], ""
    for name, colon in re.findall(r"`([^`]+)`(:?)", line[1]):
        if colon and name.endswith("/"):
            folder = name
        else:
            inside = "/" not in name and re.fullmatch(ARTEFACT, name)
            found.append(folder + name if inside else name)
    return found


@cache
def opening_of(chapter: Path) -> str:
    """Return the first cell of a chapter."""
    return read_chapter(chapter).cells[0].source


def artefacts(chapter: str, verb: str) -> list[tuple[str, dict[str, str]]]:
    """Return the artefacts that a chapter reads or writes, with the placeholders that stand in them.

    Raises:
        BadInput: it names one that nobody writes.
    """
    return [artefact_at(name) for name in told(chapter, verb) if re.fullmatch(ARTEFACT, name)]


def files(chapter: str, verb: str, profile: Profile, **only: str) -> list[Path]:
    """Return the files that a chapter reads or writes in a run of `profile`; folders are left out.

    What it reads from outside the run it names by the parameter. What a profile's pocket herbarium will
    hold is drawn before any chapter, and is left out. `encoder="triplet"` asks for the features by this one
    alone, and `network="triplet"` for what comes from its training.
    """
    here = Results(str(profile.value("results", chapter)))
    found = []
    for artefact, fields in artefacts(chapter, verb):
        choices = [
            [only[text.strip("<>")]] if text.strip("<>") in only else names(text, chapter, profile)
            for text in fields.values()
        ]
        found += [here.path(artefact, **dict(zip(fields, each, strict=True))) for each in product(*choices)]
    if verb == "Reads":
        known, drawn = chapter_parameters(chapter), located(str(profile.value("data")))
        for name in told(chapter, verb):
            given = str(profile.value(name, chapter)) if name in known else ""
            path = located(given)
            if given and not (profile.pocket and path.is_relative_to(drawn)):
                found.append(path if path.suffix else description_in_run(path, here))
    return [path for path in found if path.suffix]


def waits(profile: Profile) -> dict[str, list[str]]:
    """Return for each chapter those whose artefacts it reads, in the order of the book."""
    reads = {name: set(files(name, "Reads", profile)) for name in chapter_names()}
    writes = {name: set(files(name, "Writes", profile)) for name in chapter_names()}
    return {name: [each for each in writes if reads[name] & writes[each]] for name in reads}


def before(chapter: str, profile: Profile) -> list[str]:
    """Return the chapters that `chapter` waits for, directly or through others, in the order of the book."""
    direct, found, wanted = waits(profile), set(), [chapter]
    while wanted:
        new = set(direct[wanted.pop()]) - found
        found |= new
        wanted += new
    return [name for name in chapter_names() if name in found]


def in_order(profile: Profile) -> list[str]:
    """Return all chapters in the order of the book, but each after those that it waits for."""
    direct, ordered = waits(profile), []

    def add(name: str) -> None:
        if name not in ordered:
            for each in direct[name]:
                add(each)
            ordered.append(name)

    for name in chapter_names():
        add(name)
    return ordered


def description_in_run(folder: Path, here: Results) -> Path:
    """Return the file that says what a folder of sheets holds; one inside the run is still to be written."""
    return folder / FILE if folder.is_relative_to(here.folder) else description_of(folder)


def names(text: str, chapter: str, profile: Profile) -> list[str]:
    """Return what `text` stands for: itself or, in angle brackets, what a parameter of the chapter says.

    `<network>` is each of the parameter `networks`, of which none means all, or the parameter `network`,
    as far as they are networks; `<encoder>` is each of those and the baselines, by their short names.
    A visitor that one chapter alone invites has not been shown the run's sheets.
    """
    if not (inside := re.fullmatch("<(.+)>", text)):
        return [text]
    name, known = inside[1], chapter_parameters(chapter)
    several = ("network" if name == "encoder" else name) + "s"
    chosen = profile.value(several, chapter) if several in known else [profile.value(several[:-1], chapter)]
    if name not in ("encoder", "network"):
        return [str(each) for each in chosen]
    if name == "network":
        return [spec.name for spec in map(spec_of, chosen or NETWORKS) if spec.name in NETWORKS]
    return [name for name, text in encoders(chosen).items() if several in known or not spec_of(text).scheme]


def encoders(chosen: list[str]) -> dict[str, str]:
    """Return the representations that a parameter `networks` asks for, as it names them, by short names."""
    return {spec_of(text).name: text for text in with_baselines(chosen)}


def modules(chapter: str) -> list[Path]:
    """Return the modules of the package that a chapter uses, directly or through others.

    The chapter of a network uses its class, and who loads encoders the baselines, though both are named
    in a table and not imported.
    """
    used = set()
    for node in ast.walk(ast.parse(chapter_path(chapter).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "herbnb":
            used |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
    used |= {module_of(NETWORKS[chapter])} if chapter in NETWORKS else set()
    if "herbnb.representations.extraction" in used:
        used |= {module_of(place) for place in BASELINES.values()}
    return stands_on(used & imports().modules)


def module_of(place: str) -> str:
    """Return the module in `place`, such as "herbnb.networks.triplet:Triplet"."""
    return place.partition(":")[0]
