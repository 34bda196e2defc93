"""House: a book of two small chapters, two pages and an atlas, which the real Snakefile brings up to date."""

import json
import os
import re
from pathlib import Path

from conftest import ROOT
from herbnb.cli import main
from herbnb.results import Results
from test_atlas import run_of_nine

OURS = ("Snakefile", "_config.yml", "herbnb", "book/assets", "book/references.bib")
"""What the house has of the real book."""

MEMORY = {".snakemake", ".doctrees", ".jupyter_cache", ".buildinfo", "journals"}
"""Where Snakemake, Sphinx and the journals note what they have done, and when."""

TOC = """\
format: jb-book
root: book/index
parts:
- caption: Data
  chapters: [{file: book/executed/autoencoder}, {file: book/executed/verdict}, {file: book/workshop}]
"""
CHAPTER = """\
# %% [markdown]
# # The chapter that writes {writes}
#
# Reads: {reads}.
#
# Writes: `{writes}`.

# %% tags=["parameters"]
data: str = "data"  # where images live
results: str = "results"  # where artefacts go
seed: int = 89  # of nothing

# %%
from pathlib import Path

from herbnb.tables import read_table
from herbnb.results import Results

# %%
table = read_table(Path(data).parent / "run" / "{writes}")

# %%
written = Results(results).write("{name}", table)
"""
INDEX = """\
# A small book

:::{admonition} Of six sheets
None is real.
:::
"""
WORKSHOP = """\
# A workshop

| minutes | block |
|---|---|
| 0–10 | Look |

:::{dropdown} For the teacher
:class-container: herbnb-teacher
Look as well.
:::
"""
PASSING = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+\d(\+00:00|Z)?|\b\d+ seconds?\b|\b\d+\.\d+(e-\d+)?\b"
    r'|"id": "[0-9a-f]{8}"|\.[0-9a-f]{6}-\d+\.ipynb|"\d+": ?(\[[^]]*\]|\d+),? ?|\?v=[0-9a-f]{8}'
)
"""What files say of moments and durations (numbers as words of the index, too), of cells that papermill has put
in, of the process that wrote them, and of a style sheet that a rendering before has left."""


def give(folder: Path) -> None:
    """Write what the house is made of, without what is `OURS`."""
    run_of_nine(folder / "atlas")
    here = Results(folder / "atlas" / "run")
    embedding = here.read("embedding")
    here.write("embedding", embedding[embedding["collection"] == "half_earth"])
    (folder / "chapters").mkdir()
    (folder / "book").mkdir()
    first = {"reads": "nothing", "writes": "specimens.parquet", "name": "specimens"}
    second = {"reads": "`specimens.parquet`", "writes": "embedding.parquet", "name": "embedding"}
    (folder / "chapters" / "autoencoder.py").write_text(CHAPTER.format(**first))
    (folder / "chapters" / "verdict.py").write_text(CHAPTER.format(**second))
    (folder / "_toc.yml").write_text(TOC)
    (folder / "book" / "index.md").write_text(INDEX)
    (folder / "book" / "workshop.md").write_text(WORKSHOP)
    parameters = {"data": str(folder / "atlas" / "data"), "results": "results"}
    (folder / "small.yml").write_text(json.dumps({"parameters": parameters}))


def settle(given: Path, folder: Path) -> None:
    """Have the house in a folder, where all that does not change is a link, and go there."""
    theirs = [path.relative_to(given).as_posix() for path in given.glob("book/*.md")]
    (folder / "book").mkdir(exist_ok=True)
    for home, names in ((ROOT, OURS), (given, ("_toc.yml", "chapters", "small.yml", *theirs))):
        for name in names:
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(home / name)
    os.chdir(folder)


def order(*command: str) -> None:
    """Give a command of herbnb."""
    main([*command, "--profile", "small.yml"])


def timeless(path: Path) -> bytes:
    """Return what a file of the house holds, without moments and durations."""
    return PASSING.sub("", path.read_bytes().decode(errors="replace")).encode()
