"""Histories: what sheets of the drawn Kew were called before somebody named them again.

As in any herbarium, a new name is not always the better one. A sheet that bears a wrong name today may have
borne the right one, and a sheet that is named rightly may have been named wrongly first, so that the earlier
names tell a curator something, and an algorithm nothing that it could count on.
"""

import numpy as np

from herbnb.pocket.accession import Accession
from herbnb.pocket.determination import DETERMINERS, Determination, one_of
from herbnb.pocket.kew import misname

KEPT, TWICE = 0.6, 0.3
"""Share of renamed sheets whose first name is kept, and of these with another between it and today's."""
RIGHT, VAGUE = 0.5, 0.3
"""Share of first names that were right, and of those that stopped at the genus; the others were wrong."""


def draw_histories(accessions: list[Accession], known: list[Determination], seed: int) -> list[Determination]:
    """Return what is `known` of each of `accessions`, in their order, with what it was called before.

    All of it comes from a generator of its own, so that nothing else that is known depends on it.
    """
    rng = np.random.default_rng([seed, 3003])
    pairs = zip(accessions, known, strict=True)
    return [each._replace(previous=draw_history(sheet, each, rng)) for sheet, each in pairs]


def draw_history(sheet: Accession, known: Determination, rng: np.random.Generator) -> str:
    """Draw the earlier names of a sheet, oldest first, | between them; "" if it was not named again.

    The first is from the year when it was gathered, a second by somebody who worked in the years between.
    """
    if known.identified_by in ("", sheet.collector) or rng.random() >= KEPT:
        return ""
    gathered, now = int(sheet.date[:4]), int(known.date_identified[:4])
    names = [f"{draw_first_name(sheet, rng)}, {gathered}"]
    able = [who for who in DETERMINERS if who.family in ("", sheet.species.family)]
    years = [range(max(who.years[0], gathered + 1), min(who.years[1] + 1, now)) for who in able]
    between = [(who, span) for who, span in zip(able, years, strict=True) if span]
    if between and rng.random() < TWICE:
        who, span = one_of(between, rng)
        name = one_of((sheet.true_species.name, sheet.species.name), rng)
        names.append(f"{name}, by {one_of(who.spellings, rng)}, {one_of(span, rng)}")
    return " | ".join(names)


def draw_first_name(sheet: Accession, rng: np.random.Generator) -> str:
    """Draw what a sheet was called when it was gathered: the right name, its genus, or a wrong name."""
    lot, wrong = rng.random(), misname(sheet.true_species, rng)
    if lot < RIGHT:
        return sheet.true_species.name
    return f"{sheet.true_species.genus} sp." if lot < RIGHT + VAGUE else wrong.name
