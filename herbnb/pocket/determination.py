"""Determinations: what the database of the drawn Kew knows of a sheet beyond its label.

Who named it last, when and how surely, whether it is a type, and where in the world it was gathered.
Nothing of it is drawn on the sheet, and all of it comes from a generator of its own, so that no picture
depends on it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from herbnb.pocket.accession import Accession


class Determiner(NamedTuple):
    """Somebody who names sheets, as cataloguers have written the name."""

    spellings: tuple[str, ...]
    years: tuple[int, int]  # of work, first and last
    family: str = ""  # that alone, for a specialist


DETERMINERS = (
    Determiner(("R. Pimpernel",), (1900, 1939)),
    Determiner(("S. Teasel", "Teasel, S."), (1935, 1974)),
    Determiner(("S. Teasel & W. Woodruff", "S. Teasel; W. Woodruff"), (1968, 1974)),
    Determiner(("W. Woodruff",), (1968, 2007)),
    Determiner(("M. E. Sundew", "Sundew, M.E."), (1962, 2001), "Myrtaceae"),
    Determiner(("T. Bogbean", "Bogbean, T."), (1970, 2009), "Orchidaceae"),
)
BLANK, LATER = 0.25, 0.45
"""Share of sheets of which no determiner is known, and of those that somebody named after the collector."""

QUALIFIERS, QUALIFIED = ("cf.", "aff.", "cf."), 0.05
TYPIFIED = 0.3
"""Share of species that have their type here: a neotype, for the names are older than any sheet."""
RENUMBERED = 0.2

REGIONS = {
    "Syzygium": (("Malaysia", "Sabah"), ("Indonesia", "Jawa Barat"), ("Thailand", ""), ("Fiji", "")),
    "Eugenia": (("Brazil", "Bahia"), ("Costa Rica", "Limón"), ("Jamaica", ""), ("Ecuador", "Napo")),
    "Dendrobium": (("Papua New Guinea", ""), ("Australia", "Queensland"), ("Myanmar", "Kachin")),
}
"""Countries and states where each genus is gathered."""


class Determination(NamedTuple):
    """What is known of one sheet; "" where nothing is."""

    identified_by: str
    date_identified: str  # a year or a day
    qualifier: str  # how unsure the name is: cf., aff.
    type_status: str
    country: str
    state: str
    other_number: str
    previous: str = ""  # what the sheet was called before, | between the names


def draw_determinations(accessions: list[Accession], seed: int) -> list[Determination]:
    """Draw what is known of each of `accessions`, in their order.

    Pieces of a gathering come from one country. A piece that bears another name than its plant was given it
    by somebody who came later.
    """
    rng = np.random.default_rng([seed, 3002])
    gathered: dict[int, Accession] = {}
    for sheet in accessions:
        gathered.setdefault(sheet.gathering, sheet)
    regions = {number: one_of(REGIONS[each.true_species.genus], rng) for number, each in gathered.items()}
    types = draw_types(list(gathered.values()), rng)
    found = []
    for sheet in accessions:
        who, when = draw_determiner(sheet, rng)
        unsure, renumbered = rng.random(2) < (QUALIFIED, RENUMBERED)
        qualifier, number = one_of(QUALIFIERS, rng), int(rng.integers(1000, 10_000))
        first = gathered[sheet.gathering] is sheet
        status = ("Neotype" if first else "Isoneotype") if sheet.gathering in types else ""
        known = Determination(
            who,
            when,
            qualifier if unsure else "",
            status,
            *regions[sheet.gathering],
            f"Herb. Pocket {number}" if renumbered else "",
        )
        found.append(known)
    return found


def draw_types(gathered: list[Accession], rng: np.random.Generator) -> set[int]:
    """Draw the gatherings that are types: one of a species, of some species."""
    types = set()
    for species in sorted({sheet.true_species for sheet in gathered}):
        own = [sheet.gathering for sheet in gathered if sheet.true_species == species]
        chosen = one_of(own, rng)
        if rng.random() < TYPIFIED:
            types.add(chosen)
    return types


def draw_determiner(sheet: Accession, rng: np.random.Generator) -> tuple[str, str]:
    """Draw who named a sheet last, and when: nobody knows, its collector, or somebody later."""
    collected, misnamed = int(sheet.date[:4]), sheet.species != sheet.true_species
    lot, dated = rng.random(2)
    if lot < BLANK and not misnamed:
        return "", ""
    if lot < 1 - LATER and not misnamed:
        return sheet.collector, str(collected)
    able = [who for who in DETERMINERS if who.family in ("", sheet.species.family)]
    who = one_of([who for who in able if who.years[1] > collected], rng)
    year = int(rng.integers(max(who.years[0], collected + 1), who.years[1] + 1))
    day = f"-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}"
    return one_of(who.spellings, rng), f"{year}{day if dated < 0.3 else ''}"


def one_of(choices: Sequence, rng: np.random.Generator):
    """Draw one of `choices`."""
    return choices[int(rng.integers(len(choices)))]
