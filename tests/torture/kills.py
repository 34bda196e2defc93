"""Kills: work that is ended in its middle, at a moment that is the same every time, and what was left of it.

A moment is a step, the first, the last, or one between: see `steps`.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from herbnb.errors import BadInput, stopped_by
from torture import faults, house, steps, works

SECONDS = 300
"""What any work may take at most, broken or not: longer is a hang."""

PAUSE = 0.5
"""Seconds for which a process stands still, so that another comes before it."""

FOLLOW = 5
"""Seconds that a process may outlive the one that it works for."""

ENDED = {signal.SIGINT: (130, 1), signal.SIGTERM: (143, 1, 0)}
"""What a process that has heard a signal, and tidied up, ends with; PyTorch Lightning says 1 of an interrupt,
and so does Snakemake, which at SIGTERM waits for the jobs under way, and says 0 if none was to follow."""

REFUSED = 71
"""What a process ends with that has said in a sentence why it does not do its work."""

RAW = 70
"""What a process ends with that any other exception has ended."""


SNAKEMAKE = re.compile(r"\.snakemake/((locks|incomplete)/|shell_tmp|book$)")
"""What Snakemake, and who starts it, leave when they are killed."""


class Kill(NamedTuple):
    """A work, and how it is ended."""

    work: str
    """A name in `works.WORKS`."""
    when: float
    """At which of the steps that the unbroken work takes: 0 for the first, 1 for the last."""
    how: signal.Signals
    whom: str
    """A name in `steps.HOW`, or `steps.WORKER`: that alone is ended, and who works with it says so."""

    @property
    def name(self) -> str:
        whom = f"a {self.whom}" if self.whom == steps.WORKER else f"the {self.whom}"
        return f"{self.work}: {self.how.name} to {whom} after {self.when:.0%}"


class Nursery:
    """A process that has imported what works need, and does each in a fork of its own, a session by itself."""

    def __init__(self):
        command = [sys.executable, "-c", "from torture import kills; kills.serve()"]
        paths = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
        env = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "NO_PROXY": "*"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=env, **pipes)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(SECONDS) == 0

    def do(self, work: str, folder: Path, at: int = -1, **happens: object) -> tuple[int, int]:
        """Have a work done in a folder and, before the step number `at`, if that is not below 0, something happen.

        Args:
            work: a name in `works.WORKS`.
            folder: where.
            at: the step.
            happens: `how` and `whom` it is ended, or the path that is `lost`; and the `trouble` that it is in.

        Returns how its process ended, as `subprocess` says it, and how many steps were taken: see `steps`.
        """
        (status,) = self.ask({"work": work, "folder": folder, "at": at, **happens})
        return status, said(folder, "steps").stat().st_size

    def do_twice(self, work: str, folder: Path, at: int) -> list[int]:
        """Have two processes do a work in one folder: the first stands still before a step until the other is done.

        Where the other waits for it, it goes on after a while. Returns how both ended.
        """
        first = {"work": work, "folder": folder, "at": at, "how": signal.SIGSTOP, "whom": "process"}
        return self.ask(first, {"work": work, "folder": folder, "number": 1})

    def ask(self, *what: dict) -> list[int]:
        """Have processes do what `begin` takes, and return how they ended."""
        self.process.stdin.write(json.dumps(what, default=str) + "\n")
        self.process.stdin.flush()
        ends = json.loads(self.process.stdout.readline())
        for pid, _ in ends:
            left = wait_for_all(pid)
            assert not left, f"{left} outlived {what}"
        return [status for _, status in ends]


def serve() -> None:
    """Do what is asked for in lines of standard input, one after the other."""
    for line in sys.stdin:
        first, *others = json.loads(line)
        pids = [start(first)]
        for other in others:
            has_ended(pids[0], SECONDS, os.WSTOPPED)
            pids.append(start(other))
            has_ended(pids[-1], PAUSE)
            os.kill(pids[0], signal.SIGCONT)
        print(json.dumps([(pid, end_of(pid)) for pid in pids]), flush=True)
    os._exit(0)  # torch takes seconds to take its leave


def start(asked: dict) -> int:
    """Fork a process that works, and return its number."""
    if not (pid := os.fork()):
        begin(**asked)
    return pid


def has_ended(pid: int, seconds: float, also: int = 0) -> bool:
    """Wait until a child has ended, or `also` has only stopped, no longer than so many seconds."""
    end = time.monotonic() + seconds
    while not (over := os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT | also)):
        if time.monotonic() > end:
            break
        time.sleep(0.005)
    return bool(over)


def end_of(pid: int) -> int | str:
    """Return how a child ends, as `subprocess` says it, or "hangs"."""
    over = has_ended(pid, SECONDS)
    if not over:
        os.killpg(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status if over else "hangs"


def begin(
    work: str,
    folder: str,
    at: int = -1,
    how: int = 0,
    whom: str = "process",
    lost: str = "",
    trouble: str = "none",
    number: int = 0,
) -> None:
    """Be the process that works, from its beginning to its end, which may come before."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background has none
    output = os.open(said(Path(folder), "said", number), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    places, code = [Path(folder), works.given(Path(folder))], 0
    steps.begin(places, said(Path(folder), "steps", number), at, how, whom, lost)
    try:
        with faults.TROUBLES[trouble](Path(folder)):
            works.WORKS[work].do(Path(folder))
    except BadInput as error:
        print(error, flush=True)
        code = REFUSED
    except (OSError, MemoryError) as error:  # as the command line does
        traceback.print_exc()
        print(sentence := stopped_by(error), flush=True)
        code = REFUSED if sentence else RAW
    except KeyboardInterrupt:
        code = 130
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = RAW
    sys.stderr.flush()
    os._exit(code)


def said(folder: Path, kind: str, number: int = 0) -> Path:
    """Return the file beside the folder of a work in which a process says something."""
    return folder.with_name(f"{folder.name[:100]}.{kind}{number or ''}")


def wait_for_all(leader: int) -> list[int]:
    """Wait until all who work for a process have ended, but no longer than `FOLLOW`; return which have not."""
    end = time.monotonic() + FOLLOW
    while (left := [*at_work(leader)]) and time.monotonic() < end:
        time.sleep(0.02)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def at_work(leader: int) -> Iterator[int]:
    """Yield the processes of a group, and those that it has started, which are not only waiting to be buried."""
    for process in psutil.process_iter():
        try:
            theirs = os.getpgid(process.pid) == leader or steps.leader_of(process.environ()) == leader
            if theirs and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid
        except (ProcessLookupError, psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def left_over(folder: Path) -> list[str]:
    """Return what lies in a folder that no finished work leaves there; locks stay, but for Snakemake's own."""
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))]
    return [name for name in names if is_temporary(name.rpartition("/")[2]) or SNAKEMAKE.search(name)]


def is_temporary(name: str) -> bool:
    if name in house.MEMORY:
        return False
    return (name.startswith(".") and not name.endswith(".lock")) or name.endswith((".part", ".partial"))


def digests(work: str, folder: Path) -> dict[str, str]:
    """Return what the files of a finished work hold, without what differs from one unbroken run to another."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not path.name.endswith(".lock") and not house.MEMORY & {*name.parts}:
            found[name.as_posix()] = hashlib.sha256(works.WORKS[work].content(path)).hexdigest()
    return found


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Keep a nursery while the block runs."""
    kept = Nursery()
    try:
        yield kept
    finally:
        kept.close()


def check(row: Kill, kept: Nursery, whole: dict[str, str], count: int, folder: Path) -> None:
    """End a work as a row says, do it again, and compare with the unbroken one, which takes `count` steps."""
    status, _ = kept.do(row.work, folder, round(row.when * (count - 1)), how=row.how, whom=row.whom)
    told = said(folder, "said").read_text()
    if row.whom == steps.WORKER:
        assert status in (REFUSED, 1) and "Traceback" not in told, f"ends as {status}: {told}"
        assert "was ended from outside" in told and told.splitlines()[-1].endswith("."), told
    else:
        # of a group, a worker may be gone before who works with it has heard the signal, and says so
        first = (REFUSED,) if row.whom == "group" and "was ended from outside" in told else ()
        heard = ENDED.get(row.how, ())
        done = (0,) if heard and row.when == 1 else ()  # the last step may be taken before it is heard
        assert status in (-row.how, *heard, *first, *done), f"ends as {status}: {told}"
    status, _ = kept.do(row.work, folder)
    assert status == 0, said(folder, "said").read_text()
    assert left_over(folder) == []
    found = digests(row.work, folder)
    assert {name for name in found.keys() | whole.keys() if found.get(name) != whole.get(name)} == set()
