# The chapters as a graph. What a chapter reads and writes stands in its opening lines, and what code it
# rests on in its imports: Snakemake decides what is out of date, what may run side by side and how to run
# it on a cluster; herbnb only runs a chapter.
#
#     snakemake --cores all --config profile=pocket

import os
import sys
from functools import partial
from pathlib import Path

from herbnb.book.chapters import chapter_names, chapter_path
from herbnb.book.graph import before, encoders, files, modules, names
from herbnb.book.jobs import graphics_processors
from herbnb.book.profile import read_profile
from herbnb.book.scoring import SCORED
from herbnb.following import LEADER
from herbnb.networks import NETWORKS
from herbnb.results import RUN, Results

# The commands name the profile and the interpreter only when they run: what has run already need not run
# again because another profile asks for the same, or because Python goes by another of its names.
config.setdefault("profile", "pocket")
config.setdefault("to", "book/executed")
executed = config["to"]
profile = read_profile(config["profile"])
herbnb = "{sys.executable:q} -m herbnb.cli"
# They end with the Snakemake that runs them, on a cluster with the node's, which reads this file as well.
os.environ[LEADER] = str(os.getpid())
notebooks = {chapter: f"{executed}/{chapter}.ipynb" for chapter in chapter_names()}
READS = {chapter: files(chapter, "Reads", profile) for chapter in chapter_names()}
WRITES = {chapter: files(chapter, "Writes", profile) for chapter in chapter_names()}

# The verdict judges replicates as well: runs of the chapters that it waits for, with other seeds.
replicates = {seed: profile.replicate(seed) for seed in profile.seeds}
for replicate in replicates.values():
    READS["verdict"] += files("verdict", "Reads", replicate)

# On one machine a process for each chapter is quickest. `--config parts=1` does what is heavy in jobs of their
# own, as a cluster wants it: what each encoder sees, and what a chapter scores of each representation.
looking, scored, seen_by = "features", {}, {}
if config.get("parts"):
    here = Results(str(profile.value("results")))
    index = partial(here.path, "features", collection=RUN)
    looking, seen_by = "features_of", encoders(profile.value("networks", "features"))
    WRITES["features"] = []
    READS["features"] += [index(encoder=name) for name in seen_by]
    scored = {chapter: here.path("scores", chapter=chapter) for chapter in SCORED}
    for chapter, folder in scored.items():
        READS[chapter] += [folder / f"{name}.done" for name in names("<encoder>", chapter, profile)]

# The networks train side by side, with as many cores each.
THREADS = dict.fromkeys(NETWORKS, max(1, workflow.cores // len(NETWORKS)))
# Most others wait for the features, which more cores bring sooner.
THREADS[looking] = workflow.cores
# Whoever takes the time wants to be alone.
THREADS["costs"] = workflow.cores

# What is quicker on a graphics processor asks for one where this machine has any: then one job at a time, so
# that one network trains on it, and not three. `--config gpus=1` says that jobs go to machines that have.
seen = graphics_processors()
GPUS = dict.fromkeys((*NETWORKS, looking), {"gpu": 1}) if config.get("gpus", seen) else {}
if GPUS and "gpus" not in config and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", 1)

# All that is wanted. The notebooks of a run with another profile may be there already, but not what it wrote.
MADE = [*notebooks.values(), *sum(WRITES.values(), [])]

# What makes pages, slides and the crate out of the chapters that have run.
MAKERS = ("extension", "answers", "quiz", "launch", "pages", "slides", "crate")
PRESS = [f"herbnb/book/{name}.py" for name in MAKERS]

# What more chapters wait for comes first, and of the networks the one that takes longest.
PRIORITY = {
    chapter: 2 * sum(bool(set(written) & set(others)) for others in READS.values())
    for chapter, written in WRITES.items()
}
PRIORITY["autoencoder"] += 1


localrules:
    book,
    chapters,


rule book:
    input:
        MADE,
        "_config.yml",
        "_toc.yml",
        PRESS,
        [str(file) for file in Path("herbnb/atlas").rglob("*.*") if file.suffix != ".pyc"],
        [str(page) for page in Path("book").rglob("*.*") if "executed" not in page.parts],
    output:
        "_build/html/index.html",
        "_build/html/atlas/index.html",
        "_build/html/slides.html",
    shell:
        f"{herbnb} build --profile {{config[profile]:q}} > {os.devnull}"


rule chapters:
    input:
        MADE,


for chapter in chapter_names():

    rule:
        name:
            chapter
        input:
            READS[chapter],
            chapter_path(chapter),
            modules(chapter),
        output:
            notebooks[chapter],
            # Chapters write whole files or none, and a network resumes from what is there:
            # nothing may be deleted beforehand.
            update(WRITES[chapter]),
        params:
            profile.of(chapter),
            profile.pocket and profile.pocket.model_dump(),
        priority: PRIORITY[chapter]
        threads: THREADS.get(chapter, 1)
        resources:
            **GPUS.get(chapter, {}),
        shell:
            # An artefact that is right already is not written again: its date says it was looked at.
            f"{herbnb} run {{rule}} --profile {{config[profile]:q}} --to {{config[to]:q}}"
            f" > {os.devnull} && touch {{output:q}}"


if seen_by:

    def shown(wildcards):
        """What an encoder needs to look at the sheets; a baseline needs the squares of all the networks."""
        only = {"network": wildcards.encoder} if wildcards.encoder in NETWORKS else {}
        return files("features", "Reads", profile, **only)

    rule features_of:
        input:
            shown,
            modules("features"),
        output:
            update(index(encoder="{encoder}")),
        params:
            profile.of("features"),
            encoder=lambda wildcards: seen_by[wildcards.encoder],
        threads: THREADS["features_of"]
        resources:
            **GPUS.get("features_of", {}),
        shell:
            f"{herbnb} extract {{params.encoder:q}} --profile {{config[profile]:q}} && touch {{output:q}}"


for chapter, folder in scored.items():

    rule:
        name:
            f"{chapter}_of"
        input:
            lambda wildcards, chapter=chapter: files(chapter, "Reads", profile, encoder=wildcards.encoder),
            modules(chapter),
        output:
            touch(folder / "{encoder}.done"),
        params:
            profile.of(chapter),
            chapter=chapter,
        shell:
            f"{herbnb} score {{params.chapter}} --network {{wildcards.encoder:q}} --profile {{config[profile]:q}}"


for seed, replicate in replicates.items():
    for chapter in before("verdict", profile):

        rule:
            name:
                f"{chapter}_of_seed_{seed}"
            input:
                files(chapter, "Reads", replicate),
                chapter_path(chapter),
                modules(chapter),
            output:
                update(files(chapter, "Writes", replicate)),
            params:
                replicate.of(chapter),
                replicate.pocket and replicate.pocket.model_dump(),
                # the command is put together when it runs, long after this loop
                chapter=chapter,
                seed=seed,
            threads: THREADS.get(chapter, 1)
            resources:
                **GPUS.get(chapter, {}),
            shell:
                f"{herbnb} run {{params.chapter}} --profile {{config[profile]:q}} --replicate {{params.seed}}"
                f" > {os.devnull} && touch {{output:q}}"
