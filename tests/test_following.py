"""Following: who works for a process ends with it, whatever either is doing, and who is left alone says so."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import psutil
import pytest
from torch.utils.data import DataLoader, Dataset

from conftest import ROOT
from herbnb.data.images.decoding import Unreadable
from herbnb.errors import BadInput
from herbnb.following import counting_on, load_ipython_extension
from test_runner import TOC

CHAPTER = """# %% [markdown]
# Reads: nothing.
#
# Writes: nothing.

# %% tags=["parameters"]
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
RESCORE = """
from pathlib import Path
from herbnb.book import rescoring
from herbnb.book.profile import Profile
rescoring.RESCORED = ("leaves",)
list(rescoring.rescore(Profile(), {}, Path("out")))
"""
JOB = """
import os, time
from pathlib import Path
from herbnb.following import follow
follow()
Path("job").write_text(f"{os.getpid()} ")
time.sleep(60)
"""
LEAD = """
import os, subprocess, sys
os.environ["HERBNB_LEADER"] = str(os.getpid())
subprocess.run(f"{sys.executable} job.py; true", shell=True)
"""


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def told(path, running):
    """Wait until a process has written its number, and return it."""
    end = time.monotonic() + 60
    while not (path.exists() and path.read_text().endswith(" ")):
        assert running.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    return psutil.Process(int(path.read_text()))


def is_gone(process):
    """Say whether a process has ended within some seconds, buried or not."""
    _, alive = psutil.wait_procs([process], timeout=5)
    return all(each.status() == psutil.STATUS_ZOMBIE for each in alive)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the call is done first")
@pytest.mark.parametrize(
    ("script", "how"),
    [(RUN, signal.SIGKILL), (RUN, signal.SIGTERM), (RUN, signal.SIGINT), (RESCORE, signal.SIGKILL)],
)
def test_a_kernel_ends_with_who_started_it(tmp_path, script, how):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "leaves.py").write_text(CHAPTER)
    (tmp_path / "_toc.yml").write_text(TOC)
    reset = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    command = [sys.executable, "-c", reset + script]
    with subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT) as running:
        kernel = told(tmp_path / "kernel", running)
        os.kill(running.pid, how)
        assert running.wait(10) != 0
    assert is_gone(kernel)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_job_ends_with_its_leader_though_a_shell_lies_between(tmp_path):
    (tmp_path / "job.py").write_text(JOB)
    with subprocess.Popen([sys.executable, "-c", LEAD], cwd=tmp_path, env=ENVIRONMENT) as running:
        job = told(tmp_path / "job", running)
        assert psutil.Process(running.pid) in job.parents() and job.ppid() != running.pid
        os.kill(running.pid, signal.SIGKILL)
        assert is_gone(job), "the leader is dead, and not buried yet"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_job_does_not_wait_for_a_leader_that_is_gone_or_another(tmp_path):
    (tmp_path / "job.py").write_text(JOB)
    with subprocess.Popen(["sleep", "60"]) as other:
        env = ENVIRONMENT | {"HERBNB_LEADER": str(other.pid)}
        ran = subprocess.run([sys.executable, "job.py"], cwd=tmp_path, env=env, check=False, timeout=30)
        other.kill()
    assert ran.returncode == 1


HAND_OVER = """
import os, sys, time
from multiprocessing import current_process
from multiprocessing.reduction import DupFd
from herbnb.following import read_for
read_for(os.getppid())
current_process().authkey = b"fern"
print(DupFd(1)._id[0], flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files are handed over otherwise on Windows")
def test_a_reader_does_not_tell_that_nobody_took_what_it_read():
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HAND_OVER], env=ENVIRONMENT, **piped) as reader:
        address = reader.stdout.readline().strip()
        for _ in range(2):  # the second is heard when the first is done with
            with socket.socket(socket.AF_UNIX) as taker:
                taker.connect(address)
                taker.recv(1)  # and goes, with the rest unread
        time.sleep(1)
        reader.kill()
        assert reader.stderr.read() == ""


def test_a_kernel_does_not_tell_of_the_sockets_that_it_closes(monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    monkeypatch.setattr("herbnb.following.end_with", lambda parent: None)
    log = logging.getLogger("tornado.general")
    before = log.level
    load_ipython_extension(None)
    assert not log.isEnabledFor(logging.ERROR)
    log.setLevel(before)


def test_who_counts_on_others_says_that_one_was_ended():
    said = r"^A process that waits was ended from outside, .*: wait\.$"
    with (
        pytest.raises(BadInput, match=said),
        counting_on("waits", "wait"),
        ProcessPoolExecutor(1) as pool,
    ):
        pool.submit(os._exit, 9).result()
    raised_by_it = "Caught RuntimeError in DataLoader worker process 0."
    with pytest.raises(RuntimeError, match=raised_by_it), counting_on("waits", "wait"):
        raise RuntimeError(raised_by_it)


class Fern(Dataset):
    """A sheet that cannot be read."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int):
        raise self.refusal


@pytest.mark.parametrize("refusal", [BadInput("The fern is wet: dry it."), Unreadable("fern.jpg", "empty")])
def test_what_a_reader_refuses_is_its_sentence_alone(refusal):
    fern = Fern()
    fern.refusal = refusal
    with pytest.raises(BadInput) as error, counting_on("reads", "wait"):
        next(iter(DataLoader(fern, num_workers=1)))
    assert str(error.value) == str(refusal)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_process_that_rescores_and_is_killed_alone_is_a_sentence(tmp_path):
    (tmp_path / "chapters").mkdir()
    kill = "os.kill(os.getppid(), 9)\n"
    (tmp_path / "chapters" / "leaves.py").write_text(CHAPTER.replace("ctypes.PyDLL", kill + "ctypes.PyDLL"))
    (tmp_path / "_toc.yml").write_text(TOC)
    command = [sys.executable, "-c", RESCORE]
    ran = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    said = "herbnb.errors.BadInput: A process that runs a chapter was ended from outside"
    assert ran.stderr.splitlines()[-1].startswith(said), ran.stderr
    assert is_gone(psutil.Process(int((tmp_path / "kernel").read_text())))
