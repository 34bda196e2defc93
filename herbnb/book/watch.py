"""The watch: who says how far a run is, in the last line of a terminal, and above it what is new."""

import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TextIO

TICK = 0.5
"""Seconds between two looks."""


class Watch:
    """While the block lasts, say what is new and, on a terminal, how far things are.

    Nobody but the thread of the watch writes, so that lines do not mix. It ends with the block, and with the
    process whatever happens.

    Args:
        far: returns how far things are; a terminal shows as much of it as it is wide.
        stream: where to say it; standard output unless told otherwise.
    """

    def __init__(self, far: Callable[[], str], stream: TextIO | None = None):
        self.far, self.stream = far, stream or sys.stdout
        self.live, self.over = self.stream.isatty(), threading.Event()
        self.unsaid: SimpleQueue[Callable[[], str]] = SimpleQueue()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        self.thread.join()

    def say(self, line: Callable[[], str]) -> None:
        """Have a line said at the next tick but one, as it reads then: what follows it has begun."""
        self.unsaid.put(line)

    def look(self) -> None:
        """Look at every tick, and once more when it is over."""
        due, over = [], False
        while not over:
            self.show(due)
            due = self.taken()
            over = self.over.wait(TICK)
        self.show(due + self.taken())

    def taken(self) -> list[Callable[[], str]]:
        """Take the lines that have come since the last tick."""
        return [self.unsaid.get() for _ in range(self.unsaid.qsize())]

    def show(self, lines: list[Callable[[], str]]) -> None:
        """Write lines above the last one, and the last anew; then go back to its beginning.

        What other processes print goes over it.
        """
        width = shutil.get_terminal_size().columns - 1
        wiped = f"\r{'':{width}}\r" if self.live else ""
        said = "".join(f"{line()}\n" for line in lines)
        last = "" if not self.live or self.over.is_set() else self.far()[:width] + "\r"
        with suppress(OSError):  # whoever has stopped reading stops no run
            self.stream.write(wiped + said + last)
            self.stream.flush()
