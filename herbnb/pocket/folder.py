"""The folder of a herbarium: either whole, with a card that says what it is, or not there."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from herbnb.errors import BadInput
from herbnb.files import located, read_json
from herbnb.leftovers import LONGEST_NAME, fitted
from herbnb.tables import read_table

CARD = "pocket.json"
TRAITS = "traits.parquet"
ORACLE = "oracle.parquet"
"""The traits as features, for whom a profile names it among its networks."""


def read_traits(folder: str | Path) -> pd.DataFrame | None:
    """Read what the plants of a drawn herbarium were drawn from, one row an image, with their true names.

    The folder is relative to the book's or absolute. None for any other collection: what a real plant is
    like is written nowhere.
    """
    path = located(folder) / TRAITS
    return read_table(path) if path.exists() else None


def is_drawn(out: Path, asked: dict) -> bool:
    """Whether `out` is the herbarium of what is `asked`, as its card says.

    Raises:
        BadInput: `out` exists and is something else.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return False
    try:
        found = read_json(out / CARD)
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("herbarium") != "pocket":
        raise BadInput(f"{out} exists and is no pocket herbarium: name a folder that is not there yet.")
    if not asked.items() <= found.items():
        raise BadInput(
            f"{out} holds a pocket herbarium of other parameters (seed {found.get('seed')}, "
            f"{found.get('sheets')} sheets, {found.get('kew_sheets')} at Kew, "
            f"version {found.get('version')}): "
            "delete it or name another folder."
        )
    return True


@contextmanager
def whole_folder(out: Path, card: dict) -> Iterator[Path]:
    """Yield `<out>.part`, marked with `card`, and rename it to `out` when the block succeeds.

    Raises:
        BadInput: a folder of that name is there and was not left by a drawing that was killed.
    """
    part = out.with_name(fitted(out.name, LONGEST_NAME - len(".part")) + ".part")
    if part.exists():
        if not (part / CARD).is_file():
            raise BadInput(f"{part} is in the way and is not ours: move it elsewhere.")
        shutil.rmtree(part)
    part.mkdir(parents=True)
    (part / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    try:
        yield part
        if out.exists():
            out.rmdir()  # an empty folder, as `is_drawn` has seen
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
