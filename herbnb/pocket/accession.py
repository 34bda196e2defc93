"""Accessions: what is to be drawn, sheet by sheet, settled before any is drawn."""

from typing import NamedTuple

import numpy as np

from herbnb.errors import BadInput
from herbnb.pocket.institution import HALF_EARTH as INSTITUTIONS
from herbnb.pocket.institution import Institution
from herbnb.pocket.taxonomy import HALF_EARTH, Species, species_of

FEWEST = 3
"""Sheets that every species has at least, so that each of three splits can have one."""
COLLECTORS = (
    "A. Nettle",
    "B. Sorrel",
    "C. Tansy",
    "D. Yarrow",
    "E. Burdock",
    "F. Campion",
    "G. Dock",
    "H. Figwort",
    "J. Medick",
    "K. Orache",
)
PLACES = (
    "Roadside near the ferry",
    "Hill forest, 420 m",
    "Wet meadow",
    "Dry slope over limestone",
    "River bank, gravel",
    "Edge of the mangrove",
    "Old quarry",
    "Ridge above the village",
)


class Accession(NamedTuple):
    """One sheet to draw. Sheets of one gathering share the traits of their specimen."""

    collection: str  # half_earth, kew
    number: int  # of the sheet in its collection; seeds its drawing
    image_id: str
    path: str  # of the image, relative to the herbarium's folder
    species: Species  # as the label says
    true_species: Species  # as it was drawn
    institution: Institution
    gathering: int  # seeds the traits of the specimen
    collector: str
    record_number: int
    date: str
    place: str

    def label(self) -> tuple[str, ...]:
        """Lines of the sheet's label."""
        return (
            "FLORA OF THE POCKET",
            self.species.name,
            f"{self.collector}  {self.record_number}",
            self.date,
            self.place,
            self.species.family,
            f"det. {self.collector}",
        )


def draw_notes(gathering: int, rng: np.random.Generator) -> dict:
    """What the collector wrote of a gathering; no two share a collector and a number."""
    who = int(rng.integers(len(COLLECTORS)))
    year, month, day = (
        1881 + 11 * who + int(rng.integers(18)),
        int(rng.integers(1, 13)),
        int(rng.integers(1, 29)),
    )
    return {
        "collector": COLLECTORS[who],
        "record_number": 100 + gathering,
        "date": f"{year}-{month:02d}-{day:02d}",
        "place": PLACES[int(rng.integers(len(PLACES)))],
    }


def sheets_by_species(seed: int, sheets: int) -> dict[Species, int]:
    """Number of sheets of every species: a long tail from 3 upwards, `sheets` in all.

    A smaller herbarium has fewer species (about six sheets each) but never fewer genera.

    Raises:
        BadInput: `sheets` are too few for three sheets of every genus.
    """
    genera: dict[str, list[Species]] = {}
    for species in species_of(HALF_EARTH):
        genera.setdefault(species.genus, []).append(species)
    if sheets < (FEWEST + 1) * len(genera):
        raise BadInput(
            f"sheets is {sheets}, but a pocket herbarium of {len(genera)} genera needs at least "
            f"{(FEWEST + 1) * len(genera)}."
        )
    # By lot: a common species of every genus, then a rarer one of every genus, and so on, so that
    # no genus is made up of rarities.
    rng = np.random.default_rng([seed, 2000])
    shuffled = [[kin[place] for place in rng.permutation(len(kin))] for kin in genera.values()]
    ordered: list[Species] = []
    for depth in range(max(len(kin) for kin in shuffled)):
        layer = [kin[depth] for kin in shuffled if depth < len(kin)]
        ordered += [layer[place] for place in rng.permutation(len(layer))]
    chosen = ordered[: max(len(genera), sheets // 6)]
    ranks = np.arange(len(chosen))
    weights = (1 - ranks / len(chosen)) ** 1.7 + 0.5 / (ranks + 1)
    spare = (sheets - FEWEST * len(chosen)) * weights / weights.sum()
    counts = FEWEST + np.floor(spare).astype(int)
    counts[: sheets - counts.sum()] += 1
    return {species: int(count) for species, count in zip(chosen, counts, strict=True)}


def plan_half_earth(seed: int, sheets: int) -> list[Accession]:
    """Plan the Half-Earth part: `sheets` accessions with their institutions and image ids.

    Image ids have gaps and are far from the ids of annotations.

    Raises:
        BadInput: `sheets` are too few.
    """
    rng = np.random.default_rng([seed, 2001])
    counts = sheets_by_species(seed, sheets)
    ids = rng.permutation(100_000 + np.cumsum(rng.integers(1, 9, sheets)))
    keepers = rng.choice(len(INSTITUTIONS), size=sheets, p=[keeper.share for keeper in INSTITUTIONS])
    accessions = []
    for category, species in enumerate(sorted(counts, key=lambda kin: kin.name)):
        for _ in range(counts[species]):
            number = len(accessions)
            image_id = int(ids[number])
            path = f"train/images/{category // 100:03d}/{category % 100:02d}/{image_id}.jpg"
            accessions.append(
                Accession(
                    "half_earth",
                    number,
                    str(image_id),
                    path,
                    species,
                    species,
                    INSTITUTIONS[keepers[number]],
                    number,
                    **draw_notes(number, rng),
                )
            )
    return accessions
