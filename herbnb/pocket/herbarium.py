"""The herbarium: planned, drawn in parallel, and written so that what exists is whole."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from herbnb.errors import BadInput
from herbnb.files import alone, writable
from herbnb.following import counting_on, end_with
from herbnb.journal import begin
from herbnb.pocket.accession import Accession, plan_half_earth
from herbnb.pocket.folder import ORACLE, TRAITS, is_drawn, whole_folder
from herbnb.pocket.kew import plan_kew
from herbnb.pocket.metadata import write_metadata
from herbnb.pocket.oracle import oracle
from herbnb.pocket.records import write_records
from herbnb.pocket.sheet import draw_sheet
from herbnb.pocket.traits import columns_of, traits_of_specimen

VERSION = 4
"""Of the drawing: a herbarium drawn by another version is another herbarium."""
CHUNK = 16
COLLECTIONS = ("half_earth", "kew")


def draw_herbarium(
    out: str | Path,
    seed: int = 89,
    sheets: int = 2200,
    kew_sheets: int = 360,
    processes: int | None = None,
    progress: bool = True,
) -> Path:
    """Draw a pocket herbarium into the folder `out`, and return it.

    The same parameters give the same files, byte for byte, whatever the number of processes. A
    herbarium that is there already is left alone. Nothing half-made is called `out`: it is drawn in
    `<out>.part`, and renamed.

    Args:
        out: the folder to make.
        seed: of everything that is drawn by lot.
        sheets: how many sheets the Half-Earth part has; at least four for every genus.
        kew_sheets: how many sheets the Kew part has; at least 24.
        processes: how many to use; by default as many as the machine has cores.
        progress: show a progress bar.

    Raises:
        BadInput: too few sheets, a seed below 0, `out` exists and is something else, or a process has been
            ended from outside.
    """
    out = Path(out)
    if seed < 0:
        raise BadInput(f"seed is {seed}: choose a whole number from 0 upwards.")
    asked = card_asked(seed, sheets, kew_sheets)
    if is_drawn(out, asked):
        return out
    accessions = plan_half_earth(seed, sheets) + plan_kew(seed, kew_sheets)
    species = {sheet.species for sheet in accessions[:sheets]}
    card = asked | {"species": len(species), "genera": len({each.genus for each in species})}
    with alone(out), writable(out):
        if not is_drawn(out, asked):  # by somebody else, meanwhile
            write_herbarium(out, seed, accessions, card, processes, progress)
    return out


def card_asked(seed: int, sheets: int, kew_sheets: int) -> dict:
    """Return what the card of a herbarium says that was drawn with these parameters by this version."""
    asked = {"herbarium": "pocket", "version": VERSION, "seed": seed, "sheets": sheets}
    return asked | {"kew_sheets": kew_sheets, "licence": "CC0 1.0"}


def write_herbarium(
    out: Path, seed: int, accessions: list[Accession], card: dict, processes: int | None, progress: bool
) -> None:
    """Draw what is planned into `out`, the Half-Earth part and the Kew part, with their metadata."""
    half_earth, kew = ([each for each in accessions if each.collection == name] for name in COLLECTIONS)
    with whole_folder(out, card) as part:
        for folder in sorted({(part / sheet.path).parent for sheet in accessions}):
            folder.mkdir(parents=True, exist_ok=True)
        rows = draw_all(part, seed, accessions, processes, progress)
        drawn = pd.DataFrame(rows)
        drawn.to_parquet(part / TRAITS, index=False)
        oracle(drawn).to_parquet(part / ORACLE, index=False)
        write_metadata(part / "train" / "metadata.json", half_earth)
        write_records(part / "kew", kew, seed)


def draw_all(
    folder: Path, seed: int, accessions: list[Accession], processes: int | None, progress: bool
) -> list[dict]:
    """Draw every accession into `folder`; return the rows of the table of traits, in order."""
    processes = processes or os.cpu_count() or 1
    bar = {"total": len(accessions), "unit": "sheet", "desc": "drawing", "disable": not progress}
    if processes == 1:
        return list(told(tqdm(map(draw, repeat(folder), repeat(seed), accessions), **bar)))
    pool = ProcessPoolExecutor(processes, initializer=end_with, initargs=[os.getpid()])
    with counting_on("draws sheets", "close what else runs, and start again"), pool:
        rows = pool.map(draw, repeat(folder), repeat(seed), accessions, chunksize=CHUNK)
        return list(told(tqdm(rows, **bar)))


def told(rows: tqdm) -> Iterator[dict]:
    """Yield the rows, and tell now and then how many sheets are drawn."""
    for number, row in enumerate(rows):
        if number % (4 * CHUNK) == 0:
            begin(f"drawing sheet {number + 1} of {rows.total}")
        yield row


def draw(folder: Path, seed: int, sheet: Accession) -> dict:
    """Draw one sheet, write its image into `folder`, and return its row of the table of traits.

    A sheet has generators of its own, so that it does not matter which process draws it.
    """
    collection = COLLECTIONS.index(sheet.collection)
    specimen = np.random.default_rng([seed, 10 + collection, sheet.gathering])
    traits = traits_of_specimen(seed, sheet.true_species, specimen)
    rng = np.random.default_rng([seed, collection, sheet.number])
    code = sheet.image_id if sheet.collection == "kew" else f"{int(rng.integers(10**8)):08d}"
    year = int(sheet.date[:4])
    image, circumstances = draw_sheet(traits, sheet.institution, sheet.label(), code, year, rng)
    image.save(folder / sheet.path, "JPEG", quality=86)
    return {
        "image_id": sheet.image_id,
        "collection": sheet.collection,
        "institution": sheet.institution.name,
        "species": sheet.species.name,
        "genus": sheet.species.genus,
        "family": sheet.species.family,
        "order": sheet.species.order,
        "true_species": sheet.true_species.name,
        "true_genus": sheet.true_species.genus,
        "gathering": sheet.collected,
        **columns_of(traits),
        **circumstances,
    }
