"""Targets: the readers, each given a file that is all but as it should be."""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from herbnb.errors import BadInput
from torture import archives, documents, images, metadata, plain, promises, runs, tables
from torture.row import SPRUNG, Row, check_sentence

FOUND = Path(__file__).parent / "found"
"""What fuzzing has found, a folder for each target; the suite reads it again every time."""

LARGEST_SEED = 40_000
"""Bytes of a file that fuzzing begins with."""

WHOLE = {
    "metadata": ("metadata: a negative id", metadata.FILE),
    "image": ("image: EXIF says 6", images.FILE),
    "table": ("table: a column twice", tables.FILE),
    "archive": ("records: as they should be", archives.FILE),
    "descriptor": ("records: a folder that is whole", "meta.xml"),
    "records": ("records: a folder that is whole", "occurrence.txt"),
    "packed": ("packed run: as it should be", archives.FILE),
    "decisions": ("decisions: as they should be", documents.DECISIONS),
    "iiif": ("IIIF: a width that is NaN", documents.IIIF),
    "manifest": ("manifest: a line of NULs", documents.MANIFEST),
    "profile": ("profile: as it should be", plain.FILE),
    "specimens": ("specimens: as they should be", runs.SPECIMENS),
    "chapter": ("table of a chapter: NA and None", runs.CSV),
    "card": ("card: as it should be", runs.CARD),
    "index": ("index of features: no part", runs.INDEX),
    "part": ("part of features: as it should be", runs.PART),
    "elsewhere": ("features made elsewhere: as they should be", runs.FEATURES),
    "weights": ("weights: as they should be", runs.WEIGHTS),
    "safetensors": ("safetensors: as they should be", "weights.safetensors"),
    "cache": ("cache: as it should be", "kept/32-letterbox-7c7468.npy"),
    "cache_index": ("cache: as it should be", "kept/32-letterbox-7c7468.parquet"),
}
"""For each target a row of the table whose file is whole, and that file."""

TABLES = (images, metadata, tables, archives, documents, runs, promises, plain)
ROWS = {row.name: row for table in TABLES for row in table.ROWS}


class Target(NamedTuple):
    """A reader, the file that is given to it, and the folder where this lies."""

    row: Row
    given: object
    file: Path
    whole: bytes
    folder: Path

    def meet(self, content: bytes) -> str:
        """Let the reader meet another content of the file; return its sentence, or "" if it was read.

        A sentence that is none, code that runs, or an error of any other kind fails.
        """
        self.file.write_bytes(content)
        for left in ("run", "executed"):  # where a run is unpacked
            shutil.rmtree(self.folder / left, ignore_errors=True)
        try:
            self.row.read(self.given)
        except BadInput as error:
            check_sentence(str(error), "", self.folder)
            return str(error)
        finally:
            assert not (self.folder / SPRUNG).exists(), "what was read has run as code"
        return ""


def target(name: str, folder: Path) -> Target:
    """Make the whole file of a target in an empty folder."""
    row, file = WHOLE[name]
    given = ROWS[row].make(folder, 1)
    path = folder / file
    return Target(ROWS[row], given, path, path.read_bytes(), folder)


def seeds(name: str, folder: Path) -> list[bytes]:
    """Return what rows of the table give to the reader of a target, where that is no larger than `LARGEST_SEED`."""
    row, file = WHOLE[name]
    kind, found = row.partition(":")[0], []
    for number, each in enumerate(ROWS.values()):
        if each.name.startswith(f"{kind}:"):
            within = folder / str(number)
            within.mkdir()
            each.make(within, 1)
            path = within / file
            if os.path.isfile(path) and 0 < path.stat().st_size < LARGEST_SEED:
                found.append(path.read_bytes())
    return found
