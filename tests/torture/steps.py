"""Steps: what a work does to files, counted over all processes that do it, and the one before which it is ended,
or something is lost.

A step is a file that is opened, or a change of a folder. Python tells of each before it is done.
"""

import fcntl
import json
import os
import re
import sys
import threading
from pathlib import Path

ASKED = "HERBNB_STEPS"
"""The variable of the environment that says which steps are counted, where, and what ends the work."""

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
"""What Python calls the steps."""

PASSED = re.compile(r"\.pyc?$|__pycache__|/_static/|/assets/")
"""Where nothing is counted: code, and files that are only copied."""

WORKER = "worker"
"""Who gets the signal, if not the process that works, or that and all that work for it: one of these others."""

HOW = {"process": os.kill, "group": os.killpg}
"""How the signal gets to the process that works, or to its group."""

COUNTING = Path(__file__).parent / "counting"
"""Has each Python count that finds it on its path."""


def begin(places: list[Path], file: Path, at: int, how: int, whom: str, lost: str) -> None:
    """Count the steps that this process, and all that it starts, take from now on.

    Args:
        places: folders in which steps are counted.
        file: gets a byte for each step.
        at: the number of the step before which the signal comes or the loss; none if it is below 0.
        how: the signal.
        whom: a name in `HOW`, or `WORKER`: then only others' steps are counted, and the one that takes the
            step gets the signal.
        lost: the path of what is removed in place of a signal; "" for nothing.
    """
    asked = {"places": [f"{place}{os.sep}" for place in places], "file": str(file), "at": at, "how": how}
    asked |= {"lost": lost, "whom": whom, "leader": os.getpid()}
    os.environ[ASKED] = json.dumps(asked)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(COUNTING), os.environ["PYTHONPATH"]])
    file.write_bytes(b"")
    count()


def count() -> None:
    """Count the steps of this process and its forks, as the environment says."""
    asked = json.loads(os.environ[ASKED])
    places, file = tuple(asked["places"]), os.open(asked["file"], os.O_WRONLY | os.O_APPEND)
    lock = threading.RLock()  # a signal may be heard in the middle of it
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)

    def hear(event: str, told: tuple) -> None:
        if event not in STEPS or not isinstance(told[0], (str, os.PathLike)):
            return
        path = os.fspath(told[0])
        if not path.startswith(places) or PASSED.search(path):
            return
        if asked["whom"] == WORKER and os.getpid() == asked["leader"]:
            return
        with lock:
            number = taken(file)
        if number != asked["at"]:
            return
        if asked["lost"]:
            from herbnb.leftovers import (
                remove,  # which whoever loses something has, and not every other process
            )

            remove(Path(asked["lost"]))
        elif asked["whom"] == WORKER:
            os.kill(os.getpid(), asked["how"])
        else:
            HOW[asked["whom"]](asked["leader"], asked["how"])

    sys.addaudithook(hear)


def taken(file: int) -> int:
    """Enter a step into the file, and return how many were taken before."""
    fcntl.lockf(file, fcntl.LOCK_EX)
    try:
        number = os.fstat(file).st_size
        os.write(file, b".")
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN)
    return number


def leader_of(environment: dict[str, str]) -> int:
    """Return which process somebody with this environment works for, 0 for none."""
    return json.loads(environment.get(ASKED, '{"leader": 0}'))["leader"]
