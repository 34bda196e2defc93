"""The workflow: what Snakemake's jobs are doing is said, on a terminal and in a log, until all have ended."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from types import SimpleNamespace

import psutil
import pytest

from conftest import ROOT
from herbnb.book import workflow
from herbnb.book.chapters import chapter_names
from herbnb.book.profile import read_profile
from herbnb.journal import END, last_record, present_record
from herbnb.networks import NETWORKS

SNAKEFILE = """
import sys

rule book:
    input: "book/executed/sampling.ipynb", "book/executed/kew.ipynb"
    output: "_build/html/index.html"
    shell: f"{sys.executable} job.py book && touch {{output}}"

for chapter in ("sampling", "kew"):
    rule:
        name: chapter
        output: update(f"book/executed/{chapter}.ipynb")
        input: "book/executed/sampling.ipynb" if chapter == "kew" else []
        shell: f"{sys.executable} job.py {{rule}} && touch {{output}}"
"""
JOB = """
import json, sys, time
from pathlib import Path
from herbnb.journal import begin, keep, tell

job, parameters = sys.argv[1], json.loads(Path("parameters.json").read_text())
with keep(Path(f"book/executed/journals/{job}.jsonl"), parameters[job]):
    begin("cell 1 of 2")
    tell("epoch 1 of 3")
    time.sleep(float(Path("seconds").read_text()))
    if Path(f"{job}_fails").exists():
        sys.exit(f"Error: {job} stopped: no such sheet.")
"""


@pytest.fixture
def house(tmp_path):
    """A book whose chapters only sleep."""
    for name in ("chapters", "profiles"):
        os.symlink(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "job.py").write_text(JOB)
    (tmp_path / "seconds").write_text("1.5")
    smoke = read_profile("smoke")
    parameters = {"book": {}} | {name: smoke.of(name) for name in ("sampling", "kew")}
    (tmp_path / "parameters.json").write_text(json.dumps(parameters))
    return tmp_path


COMMAND = [sys.executable, "-m", "herbnb.cli", "book", "--profile", "smoke", "--cores", "2"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def book(house, *arguments):
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=house,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_log_gets_a_line_a_chapter(house):
    ran = book(house)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    todo, sampling, kew, pages, where = ran.stdout.splitlines()
    assert todo == "To do: sampling, kew, book."
    assert re.fullmatch(r"sampling: \d+ s\. 1 of 3 done in \d+ s(; now kew)?\.", sampling)
    assert re.fullmatch(r"kew: \d+ s\. 2 of 3 done in \d+ s(; now book)?\.", kew)
    assert "; now " in sampling + kew  # a busy machine may be late once
    assert re.fullmatch(r"book: \d+ s\. 3 of 3 done in \d+ s\.", pages)
    assert where == f"The book: {house / '_build' / 'html' / 'index.html'}"
    assert ran.stderr == ""

    for made in ("book/executed/kew.ipynb", "_build/html/index.html"):
        (house / made).unlink()
    todo, kew, *_ = book(house).stdout.splitlines()
    assert todo == "To do: kew, book, about 10 s left."
    assert re.fullmatch(r"kew: \d+ s\. 1 of 2 done in \d+ s, about 10 s left(; now book)?\.", kew)
    assert book(house).stdout.splitlines() == [where]


def test_a_chapter_that_fails_is_said_in_its_own_words(house):
    (house / "kew_fails").touch()
    ran = book(house)
    assert ran.returncode == 1
    assert ran.stderr == "Error: kew stopped: no such sheet.\n"
    assert re.fullmatch(r"kew failed after \d+ s\.", ran.stdout.splitlines()[-1])


def test_what_snakemake_refuses_is_said(house):
    (house / "Snakefile").write_text("rule book:\n    input: 'absent.ipynb'\n")
    ran = book(house)
    assert ran.returncode == 1 and "MissingInputException" in ran.stdout and "absent.ipynb" in ran.stdout


def test_a_wrong_profile_is_one_sentence(house):
    ran = book(house, "--profile", "absent")
    assert ran.returncode == 1 and ran.stdout == ""
    assert "absent.yml is missing: choose paper, pocket, replicates, smoke" in ran.stderr
    assert "\x1b" not in ran.stderr, "a log is no terminal"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are not of Windows")
def test_a_terminal_shows_the_steps_of_what_runs(house):
    import pty

    ours, theirs = pty.openpty()
    environment = ENVIRONMENT | {"COLUMNS": "200"}
    with subprocess.Popen(COMMAND, cwd=house, env=environment, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            shown += part
            if not part:
                break
    os.close(ours)
    assert running.returncode == 0
    lines = shown.decode().replace("\n", "\r").split("\r")
    assert any(
        re.match(r"0 of 3 done in \d s · sampling: cell 1 of 2, epoch 1 of 3 *$", line) for line in lines
    )
    assert "Looking for what is out of date." in lines
    assert [line for line in lines if line.startswith("kew: ")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_an_interrupt_ends_all_of_it(house):
    (house / "seconds").write_text("60")
    with subprocess.Popen(
        COMMAND,
        cwd=house,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # else ignored, behind a shell's &
    ) as running:
        started = time.monotonic()
        while not list(house.glob("book/executed/journals/sampling.jsonl")):
            assert time.monotonic() - started < 60
            time.sleep(0.2)
        family = psutil.Process(running.pid).children(recursive=True)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        assert running.wait(30) != 0
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert gone and not alive
    assert [path.name for path in house.glob("book/executed/*")] == ["journals"]


def test_who_is_told_to_stop_waits_for_no_lock_of_its_own():
    scheduler = SimpleNamespace(_lock=threading.Lock(), _open_jobs=threading.Semaphore(0), _user_kill=None)
    with scheduler._lock:
        workflow.stop(scheduler, signal.SIGTERM, None)
        assert scheduler._user_kill is None
    assert scheduler._open_jobs.acquire(timeout=10) and scheduler._user_kill == "graceful"


SETUP = "from pathlib import Path; from herbnb import setup; setup.HOME = Path('.')\n"
SETUP += f"setup.herbnb(Path({sys.executable!r}), 'book', '--profile', 'smoke', '--cores', '2')"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_book_that_was_killed_ends_with_who_made_it_and_locks_nobody_out(house):
    (house / "seconds").write_text("5")
    with subprocess.Popen([sys.executable, "-c", SETUP], cwd=house, env=ENVIRONMENT) as running:
        started = time.monotonic()
        while not list(house.glob("book/executed/journals/sampling.jsonl")):
            assert time.monotonic() - started < 60
            time.sleep(0.2)
        making = psutil.Process(running.pid).children()
        waiting = subprocess.Popen(COMMAND, cwd=house, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout.readline() == "book: another process is making it; this one waits.\n"
        running.kill()
    gone, alive = psutil.wait_procs(making, timeout=10)
    assert gone and not alive
    told, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 0
    assert told.startswith("To do: ") and told.splitlines()[-1].startswith("The book: ")
    assert not list(house.glob(".snakemake/locks/*")) and not (house / ".snakemake" / "book").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_chapter_that_was_killed_over_what_was_there_is_run_again(house):
    (house / "seconds").write_text("0")
    assert book(house).returncode == 0
    (house / "book/executed/sampling.ipynb").write_text("{}")  # so the next chapter runs again
    (house / "seconds").write_text("60")
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(COMMAND, cwd=house, env=ENVIRONMENT, start_new_session=True, **streams) as running:
        started = time.time()
        while not present_record(house / "book/executed/journals/kew.jsonl", started):
            assert time.time() - started < 60
            time.sleep(0.2)
        os.killpg(running.pid, signal.SIGKILL)
    (house / "seconds").write_text("0")
    again = book(house)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.startswith("To do: kew, book")


def test_chapters_leave_journals_of_their_cells_and_epochs(executed):
    journals = {name: last_record(executed / "journals" / f"{name}.jsonl") for name in chapter_names()}
    for name, journal in journals.items():
        steps = [place for _, place in journal.places if len(place) == 1]
        count = len(steps) - 1
        assert steps == [*((f"cell {number + 1} of {count}",) for number in range(count)), END], name
    for name in NETWORKS:
        assert [place[1] for _, place in journals[name].places if len(place) > 1] == ["epoch 1 of 1"]
