"""Profiles: small YAML files of parameters, all that differs from one herbarium to another."""

from pathlib import Path
from typing import Annotated

import pydantic
import yaml

from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.kinds import Whole, shown
from herbnb.book.parameters import check_names, converted
from herbnb.book.plain_yaml import read_model
from herbnb.book.ranges import COUNT, SEED
from herbnb.errors import BadInput
from herbnb.files import located


def within(whole: Whole) -> object:
    """Return the type of a whole number in a range."""
    return Annotated[int, pydantic.Field(strict=True, ge=whole.low, le=whole.high)]


Seed, Count = within(SEED), within(COUNT)


class Pocket(pydantic.BaseModel, extra="forbid"):
    """The size and seed of a pocket herbarium, drawn into `data` before the first chapter."""

    sheets: Count = 2200
    kew_sheets: Count = 360
    seed: Seed = 89


class Person(pydantic.BaseModel, extra="forbid"):
    """Who runs a profile, if they say so."""

    name: str
    orcid: str = pydantic.Field(default="", pattern=r"^(https://orcid\.org/(\d{4}-){3}\d{3}[\dX])?$")


class Profile(pydantic.BaseModel, extra="forbid"):
    """A profile file: parameters for every chapter that has them, and for single chapters."""

    pocket: Pocket | None = None
    parameters: dict[str, object] = {}
    chapters: dict[str, dict[str, object]] = {}
    seeds: list[Seed] = []
    """Of further trainings: each is a replicate, a run on the same specimens, which the verdict reads too."""
    by: Person | None = None
    cites: list[str] = []
    """Addresses of what the sheets came from, such as the DOI of a data set or of a paper about it."""

    def of(self, chapter: str) -> dict[str, object]:
        """Return what the profile sets for `chapter`, converted to the types it declares."""
        known = chapter_parameters(chapter)
        shared = {name: value for name, value in self.parameters.items() if name in known}
        where, values = f"The profile, for {chapter}", shared | self.chapters.get(chapter, {})
        found = {name: converted(value, known[name], where) for name, value in values.items()}
        if "replicates" in known and self.seeds and "replicates" not in self.chapters.get(chapter, {}):
            found["replicates"] = [str(self.replicate(seed).value("results")) for seed in self.seeds]
        return found

    def value(self, name: str, chapter: str | None = None) -> object:
        """Return the parameter `name` as `chapter`, or else the first, gets it: the profile's, else
        its default."""
        chapter = chapter or chapter_names()[0]
        return self.of(chapter).get(name, chapter_parameters(chapter)[name].default)

    def replicate(self, seed: int) -> "Profile":
        """Return the profile of the run in which everything but the sample is drawn by another seed.

        Its artefacts lie in a folder of that of the first run.
        """
        changed = {"results": f"{self.value('results')}/seed-{seed}", "seed": seed}
        sample = self.chapters.get("sampling", {}) | {"seed": self.value("seed", "sampling")}
        return Profile(
            pocket=self.pocket,
            parameters=self.parameters | changed,
            chapters=self.chapters | {"sampling": sample},
            by=self.by,
            cites=self.cites,
        )


def read_profile(name: str) -> Profile:
    """Read `profiles/<name>.yml`, or a file of one's own when `name` ends in `.yml`.

    Raises:
        BadInput: the file is missing or not a profile, or names a chapter or parameter there is
        not.
    """
    path = Path(name) if name.endswith(".yml") else located("profiles") / f"{name}.yml"
    try:
        profile = read_model(Profile, path, "profiles/pocket.yml")
    except FileNotFoundError as error:
        ours = ", ".join(sorted(file.stem for file in located("profiles").glob("*.yml")))
        raise BadInput(f"{path} is missing: choose {ours}, or a .yml file of your own.") from error

    everything = {}
    for chapter in chapter_names():
        everything |= chapter_parameters(chapter)
    check_names(list(profile.parameters), everything, f"{path}: the book")
    for chapter, values in profile.chapters.items():
        if chapter not in chapter_names():
            names = ", ".join(chapter_names())
            raise BadInput(f"{path}: There is no chapter {shown(chapter)}: choose one of {names}.")
        check_names(list(values), chapter_parameters(chapter), f"{path}: {chapter}")
    for chapter in chapter_names():
        try:
            profile.of(chapter)
        except BadInput as error:
            raise BadInput(f"{path}: {error}") from error
    own = profile.value("seed", "verdict")
    if len({own, *profile.seeds}) <= len(profile.seeds):
        raise BadInput(f"{path}: seeds: name every seed once, and not {own}, which the first run has.")
    return profile


def yaml_of(profile: Profile) -> str:
    """Return a profile as the text of a file that `read_profile` reads."""
    return yaml.safe_dump(profile.model_dump(exclude_defaults=True), sort_keys=False, allow_unicode=True)
