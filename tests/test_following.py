"""Following: a kernel ends with who started it, even in a call that lets no other thread run."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from conftest import ROOT
from test_runner import TOC

CHAPTER = """# %% tags=["parameters"]
data: str = "data"  # where images live
results: str = "results"  # where artefacts go

# %%
import ctypes, os
from pathlib import Path
Path("kernel").write_text(f"{os.getpid()} ")
ctypes.PyDLL(None).sleep(60)
"""
RUN = """
from pathlib import Path
from herbnb.book.profile import Profile
from herbnb.book.runner import run_chapter
run_chapter("leaves", Profile(), {}, Path("out"))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the call is done first")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_kernel_ends_with_who_started_it(tmp_path, how):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "leaves.py").write_text(CHAPTER)
    (tmp_path / "_toc.yml").write_text(TOC)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    reset = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    told, end = tmp_path / "kernel", time.monotonic() + 60
    with subprocess.Popen([sys.executable, "-c", reset + RUN], cwd=tmp_path, env=env) as running:
        while not (told.exists() and told.read_text().endswith(" ")):
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        kernel = psutil.Process(int(told.read_text()))
        os.kill(running.pid, how)
        assert running.wait(10) != 0
    _, alive = psutil.wait_procs([kernel], timeout=5)
    assert all(process.status() == psutil.STATUS_ZOMBIE for process in alive)
