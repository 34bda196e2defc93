"""Commands: whatever the terminal and the account are like, they say what they have to say, and no traceback."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from PIL import Image

from conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its shell is another")

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
TABLE = "herbnb data table --table 'Übersicht é/Blätter.csv' --images 'Übersicht é' --to 'Čekanka' && ls 'Čekanka'"
FOLDER = "Übersicht é"


class Command(NamedTuple):
    """What is typed, and what comes of it."""

    name: str
    line: str
    """For bash."""
    code: int = 0
    said: str = ""
    """All that is said on standard error, as a pattern."""
    shown: str = ""
    """What standard output holds, as a pattern."""
    env: Mapping[str, str] = {}


ROWS = [
    Command("a reader who stops", "herbnb list | head -1", shown="sampling\n"),
    Command("nobody who reads", "herbnb list | true"),
    Command("nobody who reads a check", "herbnb check | true"),
    Command("no standard output", "herbnb list >&-"),
    Command("no streams at all", "herbnb list <&- >&- 2>&-"),
    Command("output to a full disk", "herbnb list > /dev/full", 1, r"Error: .*No space left on device.*\n"),
    Command("letters that a terminal has not", "herbnb data --help", env={"PYTHONIOENCODING": "ascii"}),
    Command("the C locale", TABLE, shown="specimens.parquet", env={"LC_ALL": "C"}),
    Command(
        "names in ASCII", "herbnb list", 1, "Names of files are in ascii here.*PYTHONUTF8=1\\.\n", env=ASCII
    ),
    Command("a home that is not there", TABLE, shown="specimens.parquet", env={"HOME": "/nowhere"}),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with sheets and their table, whose names have accents."""
    home = tmp_path_factory.mktemp("commands")
    (home / FOLDER).mkdir()
    Image.new("RGB", (30, 40), "white").save(home / FOLDER / "Blüte.jpg")
    row = {"file": "Blüte.jpg", "name": "Poa annua", "family": "Poaceae", "order": "Poales"}
    pd.DataFrame([row]).to_csv(home / FOLDER / "Blätter.csv", index=False)
    return home


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_command_says_what_it_has_to_say(row: Command, home: Path, tmp_path: Path) -> None:
    (tmp_path / "herbnb").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m herbnb.cli "$@"\n')
    (tmp_path / "herbnb").chmod(0o755)
    paths = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    where = {"cwd": home if row.line == TABLE else ROOT, "env": os.environ | paths | dict(row.env)}
    ran = subprocess.run(["bash", "-c", row.line], capture_output=True, check=False, **where)
    said, shown = ran.stderr.decode(), ran.stdout.decode(errors="replace")
    assert ran.returncode == row.code, said
    assert re.fullmatch(row.said, said), said
    assert re.search(row.shown, shown), shown
