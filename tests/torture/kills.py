"""Kills: work that is ended in its middle, at a moment that is the same every time, and what was left of it.

A moment is a step: a file that a work opens, or a change of its folder, the first, the last, or one between.
Python tells of each before it is done.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

import psutil

from herbnb.errors import BadInput, stopped_by
from herbnb.files import remove
from torture import faults, works

SECONDS = 60
"""What any work may take at most, broken or not: longer is a hang."""

PAUSE = 0.5
"""Seconds for which a process stands still, so that another comes before it."""

FOLLOW = 5
"""Seconds that a process may outlive the one that it works for."""

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
"""What Python calls the steps."""

ENDED = {signal.SIGINT: (130, 1), signal.SIGTERM: (143,)}
"""What a process that has heard a signal, and tidied up, ends with; PyTorch Lightning says 1 of an interrupt."""

REFUSED = 71
"""What a process ends with that has said in a sentence why it does not do its work."""

RAW = 70
"""What a process ends with that any other exception has ended."""

HOW = {"process": os.kill, "group": os.killpg}
"""Who gets the signal: the process that works, or it and all that work for it."""


class Kill(NamedTuple):
    """A work, and how it is ended."""

    work: str
    """A name in `works.WORKS`."""
    when: float
    """At which of the steps that the unbroken work takes: 0 for the first, 1 for the last."""
    how: signal.Signals
    whom: str
    """A name in `HOW`."""

    @property
    def name(self) -> str:
        return f"{self.work}: {self.how.name} to the {self.whom} after {self.when:.0%}"


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

        Returns how its process ended, as `subprocess` says it, and how many steps it has taken.
        """
        (status,) = self.ask({"work": work, "folder": folder, "at": at, **happens})
        return status, int(said(folder, "steps").read_text() or 0)

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
            left = wait_for_group(pid)
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
    whom: str = "",
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
    steps, code = said(Path(folder), "steps", number).open("w"), 0
    happens = (lambda: remove(Path(lost))) if lost else (lambda: HOW[whom](os.getpid(), how))
    watch(Path(folder), at, happens, steps)
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


def watch(folder: Path, at: int, happens: Callable[[], None], steps: TextIO) -> None:
    """Let something happen before this process takes the step number `at` of a work, and count them in a file."""
    process, lock, count = os.getpid(), threading.Lock(), iter(range(10**9))
    places = tuple(str(place) + os.sep for place in (folder, works.given(folder)))

    def hear(event: str, told: tuple) -> None:
        if event not in STEPS or not isinstance(told[0], (str, os.PathLike)) or os.getpid() != process:
            return
        if not os.fspath(told[0]).startswith(places):
            return
        with lock:
            number = next(count)
            steps.seek(0)
            steps.write(str(number + 1))
            steps.flush()
        if number == at:
            happens()

    sys.addaudithook(hear)


def said(folder: Path, kind: str, number: int = 0) -> Path:
    """Return the file beside the folder of a work in which a process says something."""
    return folder.with_name(f"{folder.name[:100]}.{kind}{number or ''}")


def wait_for_group(leader: int) -> list[int]:
    """Wait until all processes of a group have ended, but no longer than `FOLLOW`, and return which have not."""
    end = time.monotonic() + FOLLOW
    while (left := [*of_group(leader)]) and time.monotonic() < end:
        time.sleep(0.02)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def of_group(leader: int) -> Iterator[int]:
    """Yield the processes of a group that are not only waiting to be buried."""
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue


def left_over(folder: Path) -> list[str]:
    """Return what lies in a folder that no finished work leaves there; locks stay."""
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))]
    return [name for name in names if is_temporary(name.rpartition("/")[2])]


def is_temporary(name: str) -> bool:
    return (name.startswith(".") and not name.endswith(".lock")) or name.endswith((".part", ".partial"))


def digests(work: str, folder: Path) -> dict[str, str]:
    """Return what the files of a finished work hold, without what differs from one unbroken run to another."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".lock"):
            content = works.WORKS[work].content(path)
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Keep a nursery while the block runs."""
    kept = Nursery()
    try:
        yield kept
    finally:
        kept.close()


def check(row: Kill, kept: Nursery, whole: dict[str, str], steps: int, folder: Path) -> None:
    """End a work as a row says, do it again, and compare with the unbroken one."""
    status, _ = kept.do(row.work, folder, round(row.when * (steps - 1)), how=row.how, whom=row.whom)
    assert status in (-row.how, *ENDED.get(row.how, ())), (
        f"ends as {status}: {said(folder, 'said').read_text()}"
    )
    status, _ = kept.do(row.work, folder)
    assert status == 0, said(folder, "said").read_text()
    assert left_over(folder) == []
    assert digests(row.work, folder) == whole
