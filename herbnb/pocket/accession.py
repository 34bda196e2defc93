"""Accessions: what is to be drawn, sheet by sheet, settled before any is drawn."""

from typing import NamedTuple

import numpy as np

from herbnb.errors import BadInput
from herbnb.pocket.institution import HALF_EARTH as INSTITUTIONS
from herbnb.pocket.institution import Institution
from herbnb.pocket.taxonomy import HALF_EARTH, Species, species_of
from herbnb.pocket.traits import relatives_of

FEWEST = 3
"""Sheets that every species has at least, so that each of three splits can have one."""
SPLIT, MISNAMED = 0.12, 0.03
"""Share of gatherings that are split among institutions, and of sheets that bear a wrong name."""

FLORA = 4.0
"""How much likelier an institution keeps a sheet of an order that it collects."""

CUSTOM = 0.5
"""Share of what an institution has of a genus that one collector brought."""

FIRST_YEAR = 1881
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

    @property
    def collected(self) -> str:
        """Collector and number, which name the gathering."""
        return f"{self.collector} {self.record_number}"

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


def draw_notes(gathering: int, who: int, rng: np.random.Generator) -> dict:
    """What collector number `who` wrote of a gathering; no two share a collector and a number.

    A collector works for eighteen years, one after another from 1881, so that who collected a sheet says how
    old it is.
    """
    year, month, day = (
        FIRST_YEAR + 11 * who + int(rng.integers(18)),
        int(rng.integers(1, 13)),
        int(rng.integers(1, 29)),
    )
    return {
        "collector": COLLECTORS[who],
        "record_number": 100 + gathering,
        "date": f"{year}-{month:02d}-{day:02d}",
        "place": PLACES[int(rng.integers(len(PLACES)))],
    }


def collector_for(keeper: Institution, genus: str, seed: int, rng: np.random.Generator) -> int:
    """Who collected for an institution: half of what it has of a genus came in one collector's years.

    Another institution got it from another, so the age of the paper tells of the genus in one house only.
    """
    if rng.random() >= CUSTOM:
        return int(rng.integers(len(COLLECTORS)))
    house = [kept.code for kept in INSTITUTIONS].index(keeper.code)
    lot = np.random.default_rng([seed, 2002, house, *genus.encode()])
    return int(lot.integers(len(COLLECTORS)))


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


def keepers_of(species: Species, pieces: int, rng: np.random.Generator) -> list[Institution]:
    """Where the pieces of a gathering are kept: each in another house, likelier where its flora is."""
    liking = [FLORA if species.order in keeper.flora else 1.0 for keeper in INSTITUTIONS]
    weights = np.array([keeper.share for keeper in INSTITUTIONS]) * liking
    # The first house has its share of every order, for it is where the collecting was paid for.
    weights[1:] *= (1 - weights[0]) / weights[1:].sum()
    places = rng.choice(len(INSTITUTIONS), size=pieces, replace=False, p=weights)
    return [INSTITUTIONS[place] for place in places]


def misname(species: Species, seed: int, named: list[Species], rng: np.random.Generator) -> Species:
    """A wrong name among those in use: in three cases of four that of a relative, if there is one."""
    relatives = [kin for kin in relatives_of(seed, species) if kin in named]
    others = relatives if relatives and rng.random() < 0.75 else [kin for kin in named if kin != species]
    return others[int(rng.integers(len(others)))]


def plan_half_earth(seed: int, sheets: int) -> list[Accession]:
    """Plan the Half-Earth part: `sheets` accessions with their institutions and image ids.

    Some gatherings are split, and their pieces kept by several institutions; a few sheets bear a wrong
    name. Image ids have gaps and are far from the ids of annotations.

    Raises:
        BadInput: `sheets` are too few.
    """
    rng = np.random.default_rng([seed, 2001])
    counts = sheets_by_species(seed, sheets)
    ids = rng.permutation(100_000 + np.cumsum(rng.integers(1, 9, sheets)))
    named = sorted(counts, key=lambda kin: kin.name)
    accessions: list[Accession] = []
    gathering = 0
    for true in named:
        drawn = 0
        while drawn < counts[true]:
            split = rng.random() < SPLIT
            pieces = min(int(rng.integers(2, 4)) if split else 1, counts[true] - drawn)
            keepers = keepers_of(true, pieces, rng)
            notes = draw_notes(gathering, collector_for(keepers[0], true.genus, seed, rng), rng)
            for keeper in keepers:
                # A rare species keeps its sheets: each of three splits may want one.
                wrong = rng.random() < MISNAMED and counts[true] > 2 * FEWEST
                species = misname(true, seed, named, rng) if wrong else true
                image_id, category = int(ids[len(accessions)]), named.index(species)
                path = f"train/images/{category // 100:03d}/{category % 100:02d}/{image_id}.jpg"
                accessions.append(
                    Accession(
                        "half_earth",
                        len(accessions),
                        str(image_id),
                        path,
                        species,
                        true,
                        keeper,
                        gathering,
                        **notes,
                    )
                )
            drawn += pieces
            gathering += 1
    return accessions
