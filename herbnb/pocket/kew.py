"""The second collection, which plays Kew: three genera, some gatherings split into duplicates.

A duplicate is part of the same gathering on another sheet. Now and then the two have been named by
different people, and differently: the label says one thing, the plant another.
"""

import numpy as np

from herbnb.errors import BadInput
from herbnb.pocket.accession import COLLECTORS, Accession, draw_notes
from herbnb.pocket.institution import KEW as KEEPER
from herbnb.pocket.taxonomy import KEW, Species, species_of

SHARES = {"Syzygium": 150, "Eugenia": 130, "Dendrobium": 80}
"""Sheets of each genus, out of 360."""
LOOKALIKES = {"Syzygium": "Eugenia", "Eugenia": "Syzygium"}
SPLIT, MISNAMED = 0.13, 0.5
"""Share of gatherings that are split, and of the split ones that go under two names."""
FEWEST = 24


def plan_kew(seed: int, sheets: int) -> list[Accession]:
    """Plan the Kew part: `sheets` accessions, in the order of their barcodes.

    Raises:
        BadInput: fewer than 24 sheets were asked for.
    """
    if sheets < FEWEST:
        raise BadInput(f"kew_sheets is {sheets}, but three genera with duplicates need at least {FEWEST}.")
    rng = np.random.default_rng([seed, 3000])
    wanted = {genus: sheets * share // sum(SHARES.values()) for genus, share in SHARES.items()}
    wanted["Syzygium"] += sheets - sum(wanted.values())
    barcodes = np.cumsum(rng.integers(1, 40, sheets)) + 310_000
    accessions: list[Accession] = []
    gathering = 0
    for genus, count in wanted.items():
        kin = [species for species in species_of(KEW) if species.genus == genus]
        drawn = 0
        while drawn < count:
            true = kin[int(len(kin) * rng.random() ** 1.3)]
            notes = draw_notes(gathering, int(rng.integers(len(COLLECTORS))), rng)
            # The first gathering of a genus always is: a small herbarium has one, too.
            split, misnamed = (
                drawn == 0 or lot < share for lot, share in zip(rng.random(2), (SPLIT, MISNAMED), strict=True)
            )
            size = min(int(rng.integers(2, 4)) if split else 1, count - drawn)
            for part in range(size):
                name = misname(true, rng) if misnamed and 0 < part == size - 1 else true
                number = len(accessions)
                barcode = f"K{barcodes[number]:09d}"
                accessions.append(
                    Accession(
                        "kew",
                        number,
                        barcode,
                        f"kew/images/{barcode}.jpg",
                        name,
                        true,
                        KEEPER,
                        gathering,
                        **notes,
                    )
                )
            drawn += size
            gathering += 1
    return accessions


def misname(species: Species, rng: np.random.Generator) -> Species:
    """A wrong name: mostly of the genus that looks alike, if there is one, or else of any other species."""
    genus = LOOKALIKES.get(species.genus) if rng.random() < 0.75 else None
    others = [kin for kin in species_of(KEW) if kin != species and genus in (None, kin.genus)]
    return others[int(rng.integers(len(others)))]
