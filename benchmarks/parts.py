"""Time the graph of parts: its plan at the size of the Half-Earth data, and all of it on 20,000 stand-ins.

What is planned is the paper profile, and chapter Sampling runs by it: all sampled images are one stand-in,
and count as fetched. What runs to its end is a tiny network of one epoch: every part and the chapters that
read them, as processes of this machine.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import yaml
from PIL import Image

from benchmarks.metadata import write_images, write_metadata
from herbnb.data.fetching.manifest import as_table
from herbnb.data.half_earth import read_half_earth
from herbnb.data.sampling import draw_splits
from herbnb.pocket import draw_herbarium
from herbnb.results import Results

ROOT = Path(__file__).parent.parent
ANNOTATIONS, SPECIES = 2_260_000, 64_500
STAND_INS, FEW = 20_000, 600
CHAPTERS = ("silhouettes", "identification", "retrieval", "discrimination", "mislabels")

LINKS = 10_000
"""Names that one file may have."""

PLAN = "The paper profile in parts, planned, and chapter Sampling run by it"
RUN = f"{STAND_INS:,} stand-in sheets from their metadata to the scores of {len(CHAPTERS)} chapters, in parts"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titles and the tables."""
    with tempfile.TemporaryDirectory() as name:
        plan = pd.DataFrame([planned(Path(name))])
    with tempfile.TemporaryDirectory() as name:
        run = pd.DataFrame([ran(Path(name))])
    return [(PLAN, plan.round(1)), (RUN, run.round(1))]


def planned(folder: Path) -> dict:
    """Time a dry run of the paper profile on a herbarium of the size of the Half-Earth data."""
    write_metadata(folder, ANNOTATIONS, SPECIES)
    for file in ("occurrence.csv", "multimedia.csv"):
        (folder / file).touch()
    text = (ROOT / "profiles" / "paper.yml").read_text()
    for place in ("data/half-earth", "data/kew"):
        text = text.replace(place, str(folder))
    seconds, told = snakemake(
        folder, text.replace("results/paper", str(folder / "results")), "--dry-run", "--", "chapters"
    )
    jobs = [line.split()[1] for line in told.splitlines() if line.strip().startswith("rule ")]
    parts = sum(count for rule, count in Counter(jobs).items() if rule.endswith("_of:"))
    row = {"annotations": ANNOTATIONS, "jobs": len(jobs), "of these parts": parts, "seconds": seconds}
    fetched = stand_in(folder, yaml.safe_load(text)["parameters"])
    sampling, _ = snakemake(folder, (folder / "profile.yml").read_text(), "--", executed(folder, "sampling"))
    kept = len(Results(folder / "results").read("specimens"))
    return row | {"images fetched": fetched, "specimens": kept, "seconds of Sampling": sampling}


def stand_in(folder: Path, design: dict) -> int:
    """Give each sheet that chapter Sampling will draw an image, listed as fetched; return how many."""
    names = ("max_images", "train_institution", "species_sample", "rand_sample", "seed")
    drawn = draw_splits(read_half_earth(folder), **{name: design[name] for name in names})
    for number, path in enumerate(drawn["path"]):
        if number % LINKS == 0:
            sheet = folder / f"sheet-{number}.jpg"
            Image.new("RGB", (32, 48), "beige").save(sheet)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(sheet, folder / path)
    came = dict(bytes=sheet.stat().st_size, width=32, height=48, status=200, tries=1)
    came |= dict.fromkeys(("url", "sha256", "rights_holder", "time", "reason"), "")
    rows = drawn[["image_id", "path", "licence"]].assign(**came)
    as_table(rows.to_dict("records")).to_parquet(folder / "manifest.parquet", index=False)
    return len(drawn)


def executed(folder: Path, chapter: str) -> str:
    """Return where a chapter is executed."""
    return str(folder / "executed" / f"{chapter}.ipynb")


def ran(folder: Path) -> dict:
    """Time all parts and the chapters that read them, on stand-in sheets; and again with nothing to do."""
    write_metadata(folder, STAND_INS, FEW)
    write_images(folder)
    smoke = yaml.safe_load((ROOT / "profiles" / "smoke.yml").read_text())
    kew = draw_herbarium(folder / "herbarium", **smoke.pop("pocket")) / "kew"
    smoke["parameters"] |= {"networks": ["classifier"], "input_height": 32, "max_images": STAND_INS}
    text = yaml.safe_dump(smoke).replace("data/smoke/kew", str(kew)).replace("data/smoke", str(folder))
    text = text.replace("results/smoke", str(folder / "results"))
    wanted = [executed(folder, chapter) for chapter in CHAPTERS]
    seconds, _ = snakemake(folder, text, "--", *wanted)
    again, _ = snakemake(folder, text, "--", *wanted)
    return {"sheets": STAND_INS, "seconds": seconds, "once more, nothing changed": again}


def snakemake(folder: Path, profile: str, *arguments: str) -> tuple[float, str]:
    """Run Snakemake in parts for a profile whose text is given; return its seconds and what it said."""
    (folder / "profile.yml").write_text(profile)
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--nolock"]
    command += ["--config", f"profile={folder / 'profile.yml'}", f"to={folder / 'executed'}", "parts=1"]
    started = time.perf_counter()
    told = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if told.returncode:
        sys.exit(f"Snakemake failed:\n{told.stdout[-2000:]}{told.stderr[-2000:]}")
    return seconds, told.stdout + told.stderr
