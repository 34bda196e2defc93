"""Following: a process ends soon after the one that it works for, however that ended.

Whoever is killed can tell nobody. What works for it finds out by itself: kernels, processes that read, resize
or draw sheets, and the jobs of Snakemake, which have a shell between. And whoever works with others says in a
sentence that one of them was ended alone.
"""

import ctypes
import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress

from herbnb.errors import BadInput

LOOK = 0.1
"""Seconds between two looks at who is there."""

LEADER = "HERBNB_LEADER"
"""The variable of the environment in which a process tells those that it starts, with or without a shell
between, which number it has."""

PR_SET_PDEATHSIG = 1
"""What Linux is asked for: a signal when the parent is gone."""

BROKEN_OFF = (ConnectionError, EOFError)
"""What a talk between two processes ends with when one of them goes."""

READERS = ("reads sheets", "set a smaller num_workers, or close what else runs, and start again")
"""What processes do that a chapter asks for, and what to do when one of them was ended: see `counting_on`."""


def load_ipython_extension(_: object) -> None:
    """Have a kernel, when it begins, follow who started it.

    One that is told to end may close its sockets while it still writes to them, of which tornado would tell.
    """
    end_with(int(os.environ["JPY_PARENT_PID"]))
    logging.getLogger("tornado.general").setLevel(logging.CRITICAL)


def read_for(parent: int, worker: int = 0) -> None:
    """Have this process, a worker of PyTorch's, end with `parent`, silent on talks broken off.

    What it has read is handed over by a thread, which shows a traceback when nobody takes it any more. That
    is so when another worker was ended: `counting_on` says it, in the parent.

    Args:
        parent: the number of the process that it reads for.
        worker: which of its workers this is, as PyTorch says when one begins.
    """
    end_with(parent)
    before = sys.excepthook
    sys.excepthook = lambda kind, *what: None if issubclass(kind, BROKEN_OFF) else before(kind, *what)


def end_with(parent: int) -> None:
    """Have this process end when `parent`, whose child it is, is gone, even from a moment ago.

    Linux ends it at once, whatever it is doing. Elsewhere a thread looks, and a call that lets no other
    thread run is done first. Processes on Windows keep the number of their parent: nobody looks there.

    Args:
        parent: the number of the process.
    """
    if sys.platform == "win32":
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    watch(lambda: os.getppid() == parent)


def follow() -> None:
    """Have this process end when its `LEADER` is gone, if whoever started it has named one.

    It is looked for among those that this process comes from: a number means nothing on another machine, and
    may be given to another process. What this process starts has to be told anew.
    """
    told = int(os.environ.pop(LEADER, 0))
    if told == os.getppid():
        end_with(told)
    elif told and sys.platform != "win32":
        import psutil  # which a bare Python lacks, and whoever has installed herbnb has

        leaders = [each for each in psutil.Process().parents() if each.pid == told]

        def there() -> bool:
            with suppress(psutil.NoSuchProcess):  # one that is not buried yet is no more, too
                return any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in leaders)
            return False

        watch(there)


def watch(there: Callable[[], bool]) -> None:
    """Look again and again, in a thread, and end this process when somebody is not there any more."""

    def look() -> None:
        while there():
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


@contextmanager
def counting_on(workers: str, advice: str) -> Iterator[None]:
    """Say in a sentence what a process that works for this one has refused, or that it has been ended.

    Args:
        workers: what such a process does, such as "reads sheets".
        advice: what to do about it.

    Raises:
        BadInput: one of them has been ended, or has raised it.
    """
    before = sys.unraisablehook
    sys.unraisablehook = lambda each: None if tells_of_an_end(each.exc_value) else before(each)
    try:
        yield
    except (RuntimeError, BadInput) as error:
        if refused := refusal_in(error):
            raise BadInput(refused) from error
        if not tells_of_an_end(error):
            raise
        raise ended_alone(f"A process that {workers}", advice) from error
    finally:
        sys.unraisablehook = before


def tells_of_an_end(error: BaseException | None) -> bool:
    """Say whether an exception was raised because a worker had been ended: PyTorch says so in words alone."""
    return isinstance(error, BrokenExecutor) or str(error).startswith("DataLoader worker (pid")


def refusal_in(error: BaseException) -> str:
    """Return the sentence that a process of PyTorch's has raised, which keeps a traceback's text alone."""
    lines = str(error).strip().splitlines()
    if not lines or "in DataLoader worker process" not in lines[0]:
        return ""
    found = re.fullmatch(r"herbnb[\w.]+: (.+)", lines[-1])  # of ours, readers raise BadInput alone
    return found[1] if found else ""


def ended_alone(who: str, advice: str = "close what else runs, and start again") -> BadInput:
    """Return the sentence for a process that was killed while those that it works with were not."""
    return BadInput(f"{who} was ended from outside, as a system does that runs out of memory: {advice}.")
