"""Fuzz readers: `PYTHONPATH=.:tests python -m torture image records --minutes 5`; all of them where none is named.

It needs `pip install atheris`, which is no dependency. Libfuzzer changes the files of the table, led by which
lines of `SEEN` they reach. What ends otherwise than read or refused is written to the folder of what was found,
where the suite reads it again; the last lines say what that is, and the exit status whether it is anything.
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

SEEN = ["herbnb", "PIL", "zipfile", "csv", "json", "yaml"]
"""Packages whose lines lead the way."""

with atheris.instrument_imports(include=SEEN):
    from torture.targets import FOUND, WHOLE, seeds, target


def fuzz(name: str, minutes: float, corpus: Path, home: Path) -> None:
    """Fuzz one reader in an empty folder, in a process of its own, which ends with it."""
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
    ended = [said(name, minutes, corpus) for name in names or WHOLE]
    print("", *ended, "== the end", sep="\n")
    sys.exit(not all(each.endswith("nothing new") for each in ended))


def said(name: str, minutes: float, corpus: Path) -> str:
    """Fuzz one reader, and say in a line what came of it."""
    print(f"== {name}", flush=True)
    before = set((FOUND / name).glob("*"))
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as home:
        if not (child := os.fork()):
            fuzz(name, minutes, corpus, Path(home))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    new = sorted(path.name for path in set((FOUND / name).glob("*")) - before)
    return f"{name}: {', '.join(new) or 'nothing new'}" + (f"; it ended with {status}" if status else "")


main()
