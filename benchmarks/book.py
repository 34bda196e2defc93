"""Time the whole book on this machine, from nothing.

Everything is made in a temporary folder, so nothing that is already there is used or changed.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml

from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.profile import read_profile

ROOT = Path(__file__).parent.parent


def timed(command: list[str]) -> float:
    """Run `command` in the book's folder and return its seconds."""
    started = time.monotonic()
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return time.monotonic() - started


def moved_profile(name: str, folder: Path) -> Path:
    """Write the profile called `name` with its data and results under `folder`.

    Every parameter is written, because some chapters have a place in the data or the results as default.
    """
    profile = read_profile(name)
    profile.chapters = {
        chapter: {parameter: profile.value(parameter, chapter) for parameter in chapter_parameters(chapter)}
        for chapter in chapter_names()
    }
    text = json.dumps(profile.model_dump())
    for place in ("data", "results"):
        text = text.replace(f"{place}/{name}", str(folder / place))
    path = folder / f"{name}.yml"
    path.write_text(yaml.safe_dump(json.loads(text)))
    return path


def chapters(profile: Path, folder: Path) -> list[str]:
    """Return the command that brings every chapter up to date."""
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--quiet", "--nolock", "chapters"]
    return [*command, "--config", f"profile={profile}", f"to={folder / 'executed'}"]


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titled table."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = timed([sys.executable, "-m", "herbnb.cli", "data", "pocket", "--to", str(folder / "drawn")])
        sheets = sum(1 for _ in folder.glob("drawn/**/*.jpg"))
        rows.append(("draw the pocket herbarium", seconds, f"{sheets / seconds:.0f} sheets a second"))
        for profile in ("smoke", "pocket"):
            place = folder / profile
            place.mkdir()
            command = chapters(moved_profile(profile, place), place)
            rows.append((f"all chapters, profile {profile}", timed(command), "from nothing"))
            rows.append((f"all chapters, profile {profile}", timed(command), "again, nothing changed"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    table = pd.DataFrame(rows, columns=["what", "seconds", "note"]).round({"seconds": 1})
    return [(f"The book, from nothing; the largest process held {peak:.1f} GB", table)]
