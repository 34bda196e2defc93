"""Standing: what the name on a sheet weighs, because the sheet is a type or a specialist gave it the name."""

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

from herbnb.errors import BadInput

TYPE = r"(?i)t[yi]p(?:e|es|en|us|i|o|os)\b"
DENIED = r"(?i)^\W*no[nt]?(?:[\W_]|a?t[yi]p)"
"""A type status that says type, in English, Latin, German or Spanish ("Isotype of …", "holotypus", "tipo"),
and one that says the contrary ("Not a type", "NOTATYPE", "non-type")."""

WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"


def standing(specimens: pd.DataFrame, specialists: Sequence[str] = ()) -> list[str]:
    """Say in words what the name of each sheet weighs.

    Args:
        specimens: text columns `type_status` and `identified_by`.
        specialists: people whose determinations weigh more; see `people` for how names are compared.

    Returns:
        Of each sheet "type", "specialist" (one of them is among those who gave the name), both with a
        comma between them, or "".

    Raises:
        BadInput: an entry of `specialists` names nobody.
    """
    said = {
        "type": is_type(specimens["type_status"]),
        "specialist": by_specialist(specimens["identified_by"], specialists),
    }
    return [
        ", ".join(word for word, holds in zip(said, each, strict=True) if holds)
        for each in zip(*said.values(), strict=True)
    ]


def is_type(type_status: pd.Series) -> pd.Series:
    """Say for each type status whether it makes a type of its sheet: see `TYPE` and `DENIED`."""
    return type_status.str.contains(TYPE) & ~type_status.str.contains(DENIED)


def by_specialist(identified_by: pd.Series, specialists: Sequence[str]) -> pd.Series:
    """Say for each text in `identified_by` whether one of `specialists` is among the people in it.

    Raises:
        BadInput: an entry of `specialists` names nobody.
    """
    wanted = set()
    for name in specialists:
        if not isinstance(name, str) or not people(name):
            raise BadInput(f'specialists has {name!r}, which names nobody: write names, as ["B. E. Walker"].')
        wanted |= people(name)
    return identified_by.map(lambda text: not wanted.isdisjoint(people(text))).astype(bool)


def people(text: str) -> set[tuple[str, ...]]:
    """Return the people in a text, each as the words of a name in alphabetical order.

    People are separated by ; or | or &. Of a name count the words and single letters, and neither their
    order nor capitals, full stops and commas: "Walker, B.E.", "B. E. Walker" and "WALKER B E" are one
    person. Numbers (a year) and what stands in brackets (a herbarium) do not count. All words must agree:
    "B. Walker", "Barnaby E. Walker" and "BE Walker" are three others, because a computer cannot know.
    """
    named = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", unicodedata.normalize("NFC", text))
    names = (sorted(re.findall(WORD, part.casefold())) for part in re.split(r"[;|&]", named))
    return {tuple(name) for name in names if name}
