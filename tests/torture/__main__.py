"""Fuzz readers: `PYTHONPATH=.:tests python -m torture image records --minutes 5`; all of them where none is named.

It needs `pip install atheris`, which is no dependency. Libfuzzer changes the files of the table, led by which
lines of `SEEN` they reach. What ends otherwise than read or refused is written to the folder of what was found,
where the suite reads it again.
"""

import hashlib
import os
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import atheris
import click

SEEN = ["herbnb", "PIL", "zipfile", "csv", "json"]
"""Packages whose lines lead the way."""

with atheris.instrument_imports(include=SEEN):
    from torture.targets import FOUND, WHOLE, seeds, target


def fuzz(name: str, minutes: float, corpus: Path) -> None:
    """Fuzz one reader, in a process of its own, which ends with it."""
    home = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for folder in (home / "at", home / "rows", home / "seeds", corpus / name, FOUND / name):
        folder.mkdir(parents=True, exist_ok=True)
    aim = target(name, home / "at")
    for number, content in enumerate([aim.whole, *seeds(name, home / "rows")]):
        (home / "seeds" / str(number)).write_bytes(content)
    kept = [str(corpus / name), str(home / "seeds"), str(FOUND / name)]
    limits = [
        "-report_slow_units=60",
        f"-max_total_time={minutes * 60:.0f}",
        "-timeout=60",
        "-rss_limit_mb=4000",
        "-max_len=60000",
    ]
    seen = set()

    def meet(content: bytes) -> None:
        try:
            aim.meet(content)
        except Exception as error:  # noted, and fuzzing goes on
            place = traceback.extract_tb(error.__traceback__)[-1]
            if (key := (type(error), place.filename, place.lineno)) not in seen:
                seen.add(key)
                (FOUND / name / hashlib.sha256(content).hexdigest()[:12]).write_bytes(content)
                print(f"FOUND {time.strftime('%H:%M')} {name}: {error!r} at {place}", flush=True)

    atheris.Setup([sys.argv[0], *kept, *limits, f"-artifact_prefix={FOUND / name}/"], meet)
    atheris.Fuzz()


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*WHOLE]))
@click.option("--minutes", default=5.0, show_default=True, help="For each reader.")
@click.option("--corpus", type=click.Path(path_type=Path), default="build/corpus", help="Goes on from there.")
def main(names: tuple[str, ...], minutes: float, corpus: Path) -> None:
    """Fuzz the readers called NAMES in `targets.WHOLE`."""
    warnings.simplefilter("ignore")
    for name in names or WHOLE:
        print(f"== {name}", flush=True)
        if not (child := os.fork()):
            fuzz(name, minutes, corpus)
            os._exit(0)
        os.waitpid(child, 0)


main()
