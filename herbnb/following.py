"""Following: a process ends soon after the one that it works for, however that ended.

Whoever is killed can tell nobody. What works for it finds out by itself: kernels, and processes that read,
resize or draw sheets.
"""

import ctypes
import os
import signal
import sys
import threading
import time

LOOK = 0.1
"""Seconds between two looks at who the parent is."""

PR_SET_PDEATHSIG = 1
"""What Linux is asked for: a signal when the parent is gone."""


def load_ipython_extension(_: object) -> None:
    """Have a kernel, when it begins, follow who started it."""
    end_with(int(os.environ["JPY_PARENT_PID"]))


def end_with(parent: int, worker: int = 0) -> None:
    """Have this process end when `parent`, whose child it is, is gone, even from a moment ago.

    Linux ends it at once, whatever it is doing. Elsewhere a thread looks, and a call that lets no other
    thread run is done first. Processes on Windows keep the number of their parent: nobody looks there.

    Args:
        parent: the number of the process.
        worker: which of its workers this is, as PyTorch says when one begins.
    """
    if sys.platform == "win32":
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
