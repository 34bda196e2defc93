"""Plain YAML: the part of YAML that the book's files are written in, read within bounds.

It has mappings, lists and values, and no more: no tags, and no anchors and aliases, with which ten lines ask
for a billion copies. A file is small, UTF-8 and shallow, and says everything once.
"""

from pathlib import Path
from typing import TypeVar

import pydantic
import yaml

from herbnb.errors import BadInput, in_short
from herbnb.tables import check_at_hand

MOST = 100_000
"""Bytes of a file: ten times what the longest of ours has."""

DEEPEST = 20
"""How many lists and mappings may lie in one another."""

Model = TypeVar("Model", bound=pydantic.BaseModel)


class Loader(yaml.SafeLoader):
    """PyYAML's loader of plain types, which refuses what plain YAML lacks before it makes anything of it."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        """Return the next node.

        Raises:
            YAMLError: it has an anchor or a tag, is an alias, or lies too deep.
        """
        event = self.peek_event()
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            raise at(event.start_mark, "anchors, aliases and tags, & * !, are not read here: write it out")
        if self.depth == DEEPEST:
            raise at(event.start_mark, f"more than {DEEPEST} lists and mappings lie in one another")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Return a mapping.

        Raises:
            YAMLError: it has a key twice, or a key that is no single value.
        """
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key) if isinstance(key, yaml.ScalarNode) else None
            if name is None or name in seen:
                fault = "a key must be a single value" if name is None else f"{name!r} is there twice"
                raise at(key.start_mark, fault)
            seen.add(name)
        return super().construct_mapping(node, deep)


def at(mark: yaml.Mark, fault: str) -> yaml.MarkedYAMLError:
    """Return the error of a fault at a place."""
    return yaml.MarkedYAMLError(problem=fault, problem_mark=mark)


def parsed(text: str, name: str) -> object:
    """Return what a text in plain YAML says, in plain types; None where it says nothing.

    Args:
        text: of any origin.
        name: what the sentence calls the text if there is something wrong with it.

    Raises:
        BadInput: it is not plain YAML, with the line.
    """
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        mark, fault = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f"line {mark.line + 1}: " if mark else ""
        said = fault or " ".join(str(error).split())
        raise BadInput(f"{name} is not plain YAML ({where}{said}): mend it.") from error
    except (ValueError, OverflowError) as error:  # a month 13, or an integer of five thousand digits
        raise BadInput(f"{name} has a number or a date that there is not ({error}): mend it.") from error


def read_yaml(path: Path) -> object:
    """Return what a file in plain YAML says, in plain types; None where it says nothing.

    Raises:
        BadInput: it cannot be read, is too large, is not UTF-8, or is not plain YAML.
        FileNotFoundError: it is missing; the caller knows what there is instead.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise BadInput(f"{path} is no file: name one that is.")
        with path.open("rb") as file:
            content = file.read(MOST + 1)
        if len(content) > MOST:
            raise BadInput(f"{path} has more than {MOST:,} bytes: it is not one of ours, name another.")
        return parsed(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    except FileNotFoundError:
        raise
    except OSError as error:
        check_at_hand(error)
        raise BadInput(f"{path} cannot be read ({error.strerror}): name a file that can.") from error


def read_model(model: type[Model], path: Path, example: str) -> Model:
    """Return what a file in plain YAML says, checked by a model of pydantic's.

    Args:
        model: an empty file is checked as an empty mapping.
        path: of the file.
        example: a file that is right, for the sentence where this is not.

    Raises:
        BadInput: as `read_yaml`; or it breaks a rule of the model's, with the place.
        FileNotFoundError: it is missing.
    """
    said = read_yaml(path)
    try:
        return model.model_validate({} if said is None else said)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = in_short(".".join(str(part) for part in first["loc"])) or "the file"
        raise BadInput(f"{path}: {place}: {first['msg']}; see {example}.") from error
