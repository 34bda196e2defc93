"""Results: every artefact of a run once: where it lies, which chapter writes it, how it is read.

Chapters speak through these files. The readers, the sentences "run chapter … first", the opening
lines of the chapters and the Snakefile all draw on the table below, and no path is spelt elsewhere.
"""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from herbnb.errors import BadInput
from herbnb.files import fingerprint, kind_of, located, read_json, whole
from herbnb.specimens import FILE, check_specimens
from herbnb.tables import check_at_hand, read_table, write_table

YOURS = "your_herbarium"
"""The chapter that makes the features of a collection which is none of the book's own."""

COLLECTIONS = {"half_earth": "features", "kew": "kew"}
"""The collections of the book, and the chapter that makes the features of each."""


class Artefact(NamedTuple):
    """A file of a run: its path below the run's folder, and the chapter that writes it.

    `<network>` and the like stand for names. A network has the chapter of its name, a collection that
    of `COLLECTIONS`. What ends in `/` is a folder: in `scores/<chapter>/` lies the chapter's `Scorebook`.
    """

    path: str
    chapter: str


ARTEFACTS = {
    "specimens": Artefact(FILE, "sampling"),
    "splits": Artefact("splits.csv", "sampling"),
    "skipped": Artefact("skipped.csv", "sampling"),
    "card": Artefact("networks/<network>/card.json", "<network>"),
    "checkpoint": Artefact("networks/<network>/checkpoint.ckpt", "<network>"),
    "last_checkpoint": Artefact("networks/<network>/last.ckpt", "<network>"),
    "metrics": Artefact("networks/<network>/metrics.csv", "<network>"),
    "test": Artefact("networks/<network>/test.csv", "<network>"),
    "resized": Artefact("images/<collection>/", "<collection>"),
    "features": Artefact("features/<encoder>/<collection>.json", "<collection>"),
    "scores": Artefact("scores/<chapter>/", "<chapter>"),
    "silhouettes": Artefact("silhouettes.parquet", "silhouettes"),
    "silhouette_means": Artefact("silhouettes.csv", "silhouettes"),
    "embedding": Artefact("embedding.parquet", "embedding"),
    "channel": Artefact("activations/<encoder>/channel.json", "activations"),
    "examples": Artefact("activations/<encoder>/examples.csv", "activations"),
    "drawing": Artefact("activations/<encoder>/<panel>.png", "activations"),
    "identification": Artefact("identification.parquet", "identification"),
    "identification_folds": Artefact("identification.csv", "identification"),
    "identification_scores": Artefact("identification_scores.csv", "identification"),
    "identification_strengths": Artefact("identification_strengths.csv", "identification"),
    "identification_leads": Artefact("identification_leads.csv", "identification"),
    "few_labels": Artefact("few_labels.csv", "few_labels"),
    "mistakes": Artefact("mistakes.parquet", "few_labels"),
    "mistakes_scores": Artefact("mistakes.csv", "few_labels"),
    "sure_names": Artefact("sure_names.csv", "few_labels"),
    "retrieval": Artefact("retrieval.parquet", "retrieval"),
    "retrieval_nearest": Artefact("retrieval_nearest.parquet", "retrieval"),
    "retrieval_scores": Artefact("retrieval.csv", "retrieval"),
    "retrieval_hubs": Artefact("retrieval_hubs.csv", "retrieval"),
    "retrieval_houses": Artefact("retrieval_houses.csv", "retrieval"),
    "collection": Artefact(f"<collection>/{FILE}", "<collection>"),
    "collection_folder": Artefact("<collection>/", "<collection>"),
    "discrimination": Artefact("discrimination.parquet", "discrimination"),
    "discrimination_folds": Artefact("discrimination.csv", "discrimination"),
    "discrimination_scores": Artefact("discrimination_scores.csv", "discrimination"),
    "mislabels": Artefact("mislabels.parquet", "mislabels"),
    "mislabels_repeats": Artefact("mislabels.csv", "mislabels"),
    "mislabels_scores": Artefact("mislabels_scores.csv", "mislabels"),
    "mislabels_measures": Artefact("mislabels_measures.csv", "mislabels"),
    "families": Artefact("mislabels_families.parquet", "mislabels"),
    "families_scores": Artefact("mislabels_families.csv", "mislabels"),
    "review_list": Artefact("review_list.csv", "mislabels"),
    "review_card": Artefact("review_card.json", "mislabels"),
    "coverage": Artefact("coverage.csv", "mislabels"),
    "verdict": Artefact("verdict.csv", "verdict"),
    "verdict_leads": Artefact("verdict_leads.csv", "verdict"),
    "verdict_trainings": Artefact("verdict_trainings.csv", "verdict"),
    "costs": Artefact("costs.csv", "costs"),
    "forecasts": Artefact("forecasts.csv", "costs"),
    "place": Artefact("<collection>/place.json", YOURS),
    "your_embedding": Artefact("<collection>/embedding.parquet", YOURS),
    "your_neighbours": Artefact("<collection>/neighbours.parquet", YOURS),
    "your_identification": Artefact("<collection>/identification.csv", YOURS),
    "your_review_list": Artefact("<collection>/review_list.csv", YOURS),
    "your_review_card": Artefact("<collection>/review_card.json", YOURS),
    "your_coverage": Artefact("<collection>/coverage.csv", YOURS),
}

RUN = "half_earth"
"""What the run's own specimens are called as a collection, whatever herbarium they are from."""


class Results:
    """The folder of a run, with its artefacts by their names in `ARTEFACTS`.

    `Results("results/pocket").read("features", encoder="colour", collection="kew")`: what stands in
    angle brackets in the path is given by keyword.

    Args:
        folder: of the run, relative to the book's folder or absolute.
    """

    def __init__(self, folder: str | Path):
        self.folder = located(folder)

    def path(self, name: str, /, **fields: str) -> Path:
        """Return where the artefact is, or will be."""
        return self.folder / completed(ARTEFACTS[name].path, fields)

    def needed(self, name: str, /, **fields: str) -> Path:
        """Return the path of an artefact that exists.

        Raises:
            BadInput: it does not, or something else is in its place, with the chapter that writes it.
        """
        path, chapter = self.path(name, **fields), chapter_of(name, **fields)
        try:
            os.stat(path)
        except PermissionError as error:
            raise BadInput(f"{path} cannot be looked at ({error.strerror}): check the rights.") from error
        except (OSError, ValueError) as error:
            own = chapter == YOURS and fields["collection"] != YOURS
            command = f"herbnb run {chapter}" + (f" -p name {fields['collection']}" if own else "")
            raise BadInput(f"{path} is missing: run chapter {chapter} first ({command}).") from error
        if not ARTEFACTS[name].path.endswith("/") and (kind := kind_of(path)):
            raise BadInput(f"{path} is not a file but {kind}: delete it and run chapter {chapter} again.")
        return path

    def read(self, name: str, /, **fields: str) -> pd.DataFrame | dict:
        """Read a table (`.csv`, `.parquet`) or a card (`.json`) that a chapter has written.

        Raises:
            BadInput: it is missing, or cannot be read, with the chapter to run.
        """
        path = self.needed(name, **fields)
        try:
            if path.suffix == ".json":
                return read_json(path)
            table = read_table(path)
        except (BadInput, OSError, ValueError) as error:
            check_at_hand(error)
            chapter = chapter_of(name, **fields)
            raise BadInput(f"{path} cannot be read: delete it and run chapter {chapter} again.") from error
        return check_specimens(table, path) if name in ("specimens", "collection") else table

    def write(self, name: str, content: pd.DataFrame | dict, /, **fields: str) -> Path:
        """Write a table or a card whole, and return its path."""
        path = self.path(name, **fields)
        if path.suffix != ".json":
            checked = name in ("specimens", "collection")
            return write_table(check_specimens(content, path) if checked else content, path)
        with whole(path) as temporary:
            text = json.dumps(content, indent=2, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8")
        return path


def with_replicates(here: Results, replicates: list[str]) -> list[Results]:
    """Return a run and, after it, its replicates: runs on the same specimens, with other seeds.

    Raises:
        BadInput: a replicate is this run, is named twice, or has other specimens.
    """
    runs = [here]
    for run in map(Results, replicates):
        if run.folder in [each.folder for each in runs]:
            raise BadInput(f"replicates names {run.folder} twice, or this very run: name every run once.")
        if fingerprint(run.needed("specimens")) != fingerprint(here.needed("specimens")):
            raise BadInput(
                f"{run.folder} has other specimens than {here.folder}: give the chapter sampling one seed."
            )
        runs.append(run)
    return runs


def specimens_of(collection: str) -> tuple[str, dict[str, str]]:
    """Return the name and the fields of the artefact that is the specimens table of a collection."""
    return ("specimens", {}) if collection == RUN else ("collection", {"collection": collection})


def images_of(here: Results, collection: str) -> Path:
    """Return the folder that the paths of a collection's specimens are relative to.

    Kew's images lie in the run. Those of a collection of one's own stay where they are, and `place.json` says
    where that is on this machine; without it, as in a run from elsewhere, they are looked for in the run.
    """
    if here.path("place", collection=collection).exists():
        return located(here.read("place", collection=collection)["folder"])
    return here.path("collection_folder", collection=collection)


def of_collection(name: str, collection: str) -> tuple[str, dict[str, str]]:
    """Return the name and the fields of a collection's "review_list", or of an artefact that comes with it.

    A collection of the book has that of a chapter, any other that of chapter your_herbarium.
    """
    if collection in COLLECTIONS:
        return name, {}
    return f"your_{name}", {"collection": collection}


def chapter_of(name: str, **fields: str) -> str:
    """Return the chapter that writes the artefact called `name`."""
    chapter = ARTEFACTS[name].chapter
    if chapter == "<collection>":
        return COLLECTIONS.get(fields["collection"], YOURS)
    return completed(chapter, fields)


def artefact_at(path: str) -> tuple[str, dict[str, str]]:
    """Return the name and the fields of the artefact whose path, below the run's folder, is `path`.

    Fields may be filled with placeholders again: `features/<encoder>/kew.json` is the artefact
    "features" with the encoder "<encoder>" and the collection "kew".

    Raises:
        BadInput: there is no such artefact.
    """
    for name, artefact in ARTEFACTS.items():
        pattern = re.sub("<(.+?)>", "(?P<\\1>[^/]+)", re.escape(artefact.path))
        if found := re.fullmatch(pattern, path):
            return name, found.groupdict()
    raise BadInput(f"No chapter writes {path}: see the artefacts in herbnb/results.py.")


def completed(text: str, fields: dict[str, str]) -> str:
    """Put names into the placeholders of `text`."""
    return re.sub("<(.+?)>", lambda place: fields[place[1]], text)
