"""What may import what, as `pyproject.toml` has it."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT


def test_the_rooms_stand_on_one_another_as_they_say():
    linter = Path(sys.executable).with_name("lint-imports")
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, env=here, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
