"""Time the way from `metadata.json` to the finished specimens table, beside the published way.

Every measurement is a process of its own, so that its peak of memory is its own as well. Called with
a way and a folder, this module is that process: it prints its seconds and its peak in gigabytes.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parent.parent
SIZES = {20_000: 600, 200_000: 5_700, 2_260_000: 64_500}
"""Annotations, and how many species they are of: as many as in the Half-Earth data, in proportion."""
BESIDE = [(200_000, 5_700), (200_000, 64_500)]
"""Where the two ways are set side by side: the published one takes its time by the species."""
DESIGN = dict(
    max_images=25, train_institution="New York Botanical Garden", species_sample=0.1, rand_sample=0.1
)


def ours(folder: Path) -> None:
    """Read, draw, keep, check and write, as chapter sampling does."""
    from herbnb.data.half_earth import read_half_earth
    from herbnb.data.sampling import draw_splits, keep_shared_genera
    from herbnb.specimens import write_specimens

    drawn = draw_splits(read_half_earth(folder), seed=89, **DESIGN)
    write_specimens(keep_shared_genera(drawn), folder / "specimens.parquet")


def published(folder: Path) -> None:
    """Sample in the published way: a pandas `apply` that samples each species by itself."""
    metadata = json.loads((folder / "train" / "metadata.json").read_text())
    sheets = pd.DataFrame(metadata["annotations"]).merge(
        pd.DataFrame(metadata["categories"]), left_on="category_id", right_on="id"
    )
    sheets = sheets.merge(pd.DataFrame(metadata["institutions"]), left_on="institution_id", right_on="id")
    sheets["genus"] = sheets["name_x"].str.split().str[0]
    most = DESIGN["max_images"]
    sheets["species"] = sheets["category_id"]  # apply hands over no grouping column any more
    groups = sheets.groupby("category_id")
    capped = groups.apply(lambda group: group.sample(min(len(group), most), random_state=89))
    home = capped[capped["name_y"] == DESIGN["train_institution"]]
    species = home["species"].drop_duplicates().sample(frac=DESIGN["species_sample"])
    remaining = home[~home["species"].isin(species)]
    train = remaining.drop(remaining.sample(frac=DESIGN["rand_sample"]).index)
    counts = train["genus"].value_counts()
    kept = capped[capped["genus"].isin(counts.index[counts > 1])]
    kept.to_csv(folder / "specimens.csv", index=False)


WAYS = {"herbnb": ours, "published": published}


def run(module: str, *arguments: object) -> str:
    """Run a module of this package in a process of its own, and return what it prints.

    A new process inherits its parent's peak of memory, so the large metadata are written in one too.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def measured(ways: Iterable[str], sizes: Iterable[tuple[int, int]]) -> pd.DataFrame:
    """Measure each of `ways` on metadata of each of `sizes`: annotations, species."""
    rows = []
    for sheets, species in sizes:
        with tempfile.TemporaryDirectory() as folder:
            run("metadata", folder, sheets, species)
            for way in ways:
                rows.append((sheets, species, way, *map(float, run("sampling", way, folder).split())))
    return pd.DataFrame(rows, columns=["annotations", "species", "way", "seconds", "GB at most"])


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the two tables with their titles."""
    beside = measured(WAYS, BESIDE)
    fastest = beside.groupby("species")["seconds"].transform("min")
    beside["times as long"] = (beside["seconds"] / fastest).round(1)
    growth = measured(["herbnb"], SIZES.items()).drop(columns="way")
    growth["seconds a million"] = growth["seconds"] / growth["annotations"] * 1e6
    return [
        ("From metadata.json to the specimens table, beside the published way", beside.round(2)),
        ("From metadata.json to the specimens table, as it grows", growth.round(2)),
    ]


if __name__ == "__main__":
    started = time.monotonic()
    WAYS[sys.argv[1]](Path(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(time.monotonic() - started, peak)
