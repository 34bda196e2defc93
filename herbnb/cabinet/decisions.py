"""Decisions: what people said of the sheets on a review list, in a file that travels between them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import pydantic

from herbnb.cabinet.card import Run
from herbnb.errors import BadInput
from herbnb.files import read_json, whole

VERDICTS = ("right", "wrong", "unsure", "no plant")
LONGEST_REMARK = 1000
"""Characters: with the words of `provenance` it stays below the 2000 of Symbiota."""

Name = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=200)]
Person = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Remark = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=LONGEST_REMARK)]


class Decision(pydantic.BaseModel, extra="forbid", frozen=True):
    """What one person said of one sheet.

    `right` confirms the name `given`, as it is written there. `wrong` may say what the sheet is (`name`,
    with a `qualifier` such as "cf."); blank means that the person does not know. `unsure` and `no plant`
    (there is nothing on the picture to judge) say nothing of the name.
    """

    image_id: Annotated[str, pydantic.StringConstraints(min_length=1)]
    occurrence_id: str = ""
    catalog_number: str = ""
    given: Name
    verdict: Literal[VERDICTS]
    name: Name = ""
    qualifier: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=45)] = ""
    remarks: Remark = ""
    decided_by: Person
    decided_on: pydantic.AwareDatetime
    suspicion: Annotated[float, pydantic.Field(ge=0, le=1)] | None = None
    """None for a sheet that no network doubts: a duplicate of it bears another name."""
    suggested: Name = ""

    @pydantic.model_validator(mode="after")
    def only_a_wrong_name_has_another(self) -> "Decision":
        if self.name and self.verdict != "wrong":
            raise ValueError(f"the verdict is {self.verdict!r}, which has no other name")
        if self.qualifier and not self.name:
            raise ValueError("a qualifier stands alone, without a name")
        return self

    @property
    def said(self) -> str:
        """The verdict in words, such as "wrong: cf. Eugenia"."""
        name = " ".join(filter(None, [self.qualifier, self.name]))
        return f"{self.verdict}: {name}" if name else self.verdict


class Decisions(pydantic.BaseModel, extra="forbid", frozen=True):
    """A decisions file: what was decided about the sheets of one list, each once."""

    format: Literal["herbnb decisions"] = "herbnb decisions"
    version: Literal[1] = 1
    collection: Annotated[str, pydantic.StringConstraints(min_length=1)]
    run: Run
    decisions: list[Decision]


class Disagreement(NamedTuple):
    """Two people said different things of one sheet; the newer decision counts."""

    newer: Decision
    older: Decision

    def __str__(self) -> str:
        return (
            f"{self.newer.image_id}: {self.newer.decided_by} says {self.newer.said}, and before that "
            f"{self.older.decided_by} said {self.older.said}."
        )


def read_decisions(path: str | Path) -> Decisions:
    """Read a decisions file.

    Raises:
        BadInput: it is missing, no decisions file, or has an entry that is wrong; the entry is named.
    """
    try:
        content = read_json(path)
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing: name the file that the review page saved.") from error
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path} is no decisions file, for it is not JSON: save it from the page again."
        ) from error
    if not isinstance(content, dict) or content.get("format") != "herbnb decisions":
        raise BadInput(f"{path} is no decisions file: name the one that the review page saved.")
    if content.get("version") != 1:
        raise BadInput(
            f"{path} is of version {content.get('version')!r}; this herbnb reads 1: update herbnb."
        )
    try:
        found = Decisions.model_validate(content)
    except pydantic.ValidationError as error:
        raise BadInput(
            f"{path}{fault_of(error, content)}; mend it, or save it from the page again."
        ) from error
    entry_of = {}
    for entry, decision in enumerate(found.decisions, 1):
        if first := entry_of.get(decision.image_id):
            raise BadInput(
                f"{path}, entry {entry}: {decision.image_id} is decided in entry {first} already; keep one."
            )
        entry_of[decision.image_id] = entry
    return found


def fault_of(error: pydantic.ValidationError, content: dict) -> str:
    """Say where in a decisions file the first fault is, and what it is."""
    first = error.errors()[0]
    said = first["msg"].removeprefix("Value error, ")
    match first["loc"]:
        case ("decisions", int(place), *rest):
            entry = content["decisions"][place]
            sheet = f" ({entry['image_id']})" if isinstance(entry, dict) and entry.get("image_id") else ""
            column = f": {'.'.join(map(str, rest))}" if rest else ""
            return f", entry {place + 1}{sheet}{column}: {said}"
        case where:
            return f": {'.'.join(map(str, where))}: {said}"


def write_decisions(decisions: Decisions, path: str | Path) -> Path:
    """Write a decisions file as the review page does, whole."""
    with whole(path) as temporary:
        text = json.dumps(decisions.model_dump(mode="json"), indent=1, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return Path(path)


def merge(files: Sequence[str | Path]) -> tuple[Decisions, list[Disagreement]]:
    """Read decisions files of one list and put them together: of each sheet the newer decision counts.

    Returns the decisions in the order in which their sheets were first met, and every disagreement of two
    people, in the same order.

    Raises:
        BadInput: a file that cannot be read, or two of different lists.
    """
    first, *others = [read_decisions(path) for path in files]
    kept, disagreements = {each.image_id: each for each in first.decisions}, {}
    for path, other in zip(files[1:], others, strict=True):
        if other.collection != first.collection or other.run != first.run:
            raise BadInput(
                f"{path} belongs to another list ({described(other)}) than {files[0]} ({described(first)}): "
                "export them one by one."
            )
        for decision in other.decisions:
            known = kept.get(decision.image_id, decision)
            older, newer = sorted([known, decision], key=lambda each: each.decided_on)
            kept[decision.image_id] = newer
            if newer.decided_by != older.decided_by and newer.said != older.said:
                disagreements.setdefault(decision.image_id, []).append(Disagreement(newer, older))
    order = [disagreement for image in kept for disagreement in disagreements.get(image, [])]
    return first.model_copy(update={"decisions": list(kept.values())}), order


def described(decisions: Decisions) -> str:
    """Name the list that decisions are about."""
    run = decisions.run
    return f"{decisions.collection}, {run.network}, seed {run.seed}, {run.date}, table {run.specimens}"
