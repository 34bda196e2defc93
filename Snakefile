# The chapters as a graph: what each reads and writes. Snakemake decides what is out of date,
# what may run side by side and how to run it on a cluster; herbnb only runs a chapter.
#
#     snakemake --cores all --config profile=pocket

import os
import sys
from pathlib import Path

from herbnb.book.chapters import chapter_names
from herbnb.book.profile import read_profile
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES, REPRESENTATIONS

name = config.get("profile", "pocket")
executed = config.get("to", "book/executed")
profile = read_profile(name)
data, results = profile.value("data"), profile.value("results")
herbnb = f"{sys.executable} -m herbnb.cli"

# A profile with a pocket herbarium draws it where it is missing, whichever chapter comes first.
table = Path(data, "specimens.parquet")  # of a collection that `herbnb data` has made
metadata = [] if profile.pocket else [str(table) if table.exists() else f"{data}/train/metadata.json"]
specimens = f"{results}/specimens.parquet"
features = [f"{results}/features/{each}/half_earth.parquet" for each in REPRESENTATIONS]
kew_features = [f"{results}/features/{each}/kew.parquet" for each in REPRESENTATIONS]
kew = [f"{results}/kew/specimens.parquet", *kew_features]
yours = {key: profile.value(key, "your_herbarium") for key in ("collection", "name", "network")}
described = Path(yours["collection"], "train", "metadata.json")  # in the Half-Earth layout
described = str(described) if described.exists() else f"{yours['collection']}/specimens.parquet"
reviewed = [
    *(f"{results}/{yours['name']}/{file}.parquet" for file in ("specimens", "neighbours")),
    *(f"{results}/{yours['name']}/{file}.csv" for file in ("identification", "review_list")),
    *(f"{results}/features/{each}/{yours['name']}.parquet" for each in (yours["network"], *BASELINES)),
]
notebooks = [f"{executed}/{chapter}.ipynb" for chapter in chapter_names()]
# A card names its checkpoint by fingerprint, so it stands for the whole training.
card = {network: f"{results}/networks/{network}/card.json" for network in NETWORKS}
cards = list(card.values())
silhouettes = [f"{results}/silhouettes.parquet", f"{results}/silhouettes.csv"]
embedding = [f"{results}/embedding.parquet"]
activations = [f"{results}/activations/{network}/channel.json" for network in NETWORKS]
identification = [f"{results}/identification{end}" for end in (".parquet", ".csv", "_scores.csv")]
discrimination = [f"{results}/discrimination{end}" for end in (".parquet", ".csv", "_scores.csv")]
mislabels = [f"{results}/mislabels{end}" for end in (".parquet", ".csv", "_scores.csv")]
mislabels.append(f"{results}/review_list.csv")
verdict = [f"{results}/verdict.csv"]

# chapter: (the rooms of the package it uses, what it reads, what it writes)
GRAPH = {
    "sampling": (["data"], metadata, [specimens, f"{results}/splits.csv"]),
    "autoencoder": (["data", "networks"], [specimens], [card["autoencoder"]]),
    "triplet": (["data", "networks"], [specimens], [card["triplet"]]),
    "classifier": (["data", "networks"], [specimens], [card["classifier"]]),
    "features": (["data", "networks", "representations"], [specimens, *cards], features),
    "silhouettes": (["representations"], [specimens, *features], silhouettes),
    "embedding": (["representations"], [specimens, *features], embedding),
    "activations": (
        ["networks", "representations"],
        [specimens, *cards, *features],
        activations,
    ),
    "identification": (["applications"], [specimens, *features], identification),
    "kew": (
        ["data", "data/records", "data/fetching", "representations", "applications"],
        [specimens, *cards],
        kew,
    ),
    "discrimination": (["applications"], kew, discrimination),
    "mislabels": (["applications"], kew, mislabels),
    "verdict": (
        ["applications"],
        [*silhouettes, *identification, *discrimination, *mislabels],
        verdict,
    ),
    "your_herbarium": (
        ["data", "representations", "applications"],
        [described, *cards, *features],
        reviewed,
    ),
}


# The three networks train side by side, with a third of the cores each. Where there are two, two
# networks take one thread each, which wastes the least, and the slowest then has both to itself.
third = max(1, workflow.cores // 3)
rest = workflow.cores - 2 * third
TRAINING = {"autoencoder": third, "triplet": third, "classifier": rest if rest > 0 else workflow.cores}


def sources(chapter, rooms):
    """The chapter, the modules of its rooms, and those that draw its figures."""
    folders = [Path("herbnb", room) for room in rooms] + [Path("herbnb/figures")]
    modules = sorted(str(module) for folder in folders for module in folder.glob("*.py"))
    return [f"chapters/{chapter}.py", *modules]


rule book:
    input:
        notebooks,
        "_config.yml",
        "_toc.yml",
        "herbnb/book/extension.py",
        [str(page) for page in Path("book").rglob("*.*") if "executed" not in page.parts],
    output:
        "_build/html/index.html",
    shell:
        f"{herbnb} build > {os.devnull}"


rule chapters:
    input:
        notebooks,


for chapter, (rooms, reads, writes) in GRAPH.items():

    rule:
        name:
            chapter
        input:
            reads,
            sources(chapter, rooms),
        output:
            f"{executed}/{chapter}.ipynb",
            # Chapters write whole files or none, and a network resumes from what is there:
            # nothing may be deleted beforehand.
            update(writes),
        params:
            profile.of(chapter),
            profile.pocket and profile.pocket.model_dump(),
        # What more chapters wait for comes first.
        priority: sum(bool(set(writes) & set(others)) for _, others, _ in GRAPH.values())
        threads: TRAINING.get(chapter, 1)
        shell:
            # An artefact that is right already is not written again: its date says it was looked at.
            f"{herbnb} run {{rule}} --profile {name} --to {executed} && touch {{output}}"
