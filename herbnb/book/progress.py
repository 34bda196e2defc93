"""Progress: which jobs of a run are done, what the others are doing, and how long they will take."""

import time
from heapq import heappop, heappush
from math import ceil
from pathlib import Path
from typing import NamedTuple

from herbnb.journal import last_record, present_record


class Job(NamedTuple):
    """A job of a run: where its journal is kept, what it runs with, and which jobs it waits for."""

    journal: Path
    parameters: dict
    waits: frozenset[str] = frozenset()


class Progress:
    """How far a run is.

    How long a job will take is known from the last time that it ran with the same parameters. As long as one
    is left that never did, nothing is said of the time to come.

    Args:
        jobs: what is to be done, by name, in the order in which it may begin.
        cores: how many jobs run at a time.
    """

    def __init__(self, jobs: dict[str, Job], cores: int = 1):
        self.jobs, self.cores, self.begun = jobs, cores, time.time()
        self.running: dict[str, float] = {}
        self.done: set[str] = set()
        self.failed: set[str] = set()
        known = {name: last_record(job.journal) for name, job in jobs.items()}
        self.last = {
            name: last for name, last in known.items() if last and last.parameters == jobs[name].parameters
        }

    def begin(self, name: str) -> None:
        """Take down that a job begins."""
        self.running[name] = time.time()

    def end(self, name: str, well: bool = True) -> float:
        """Take down that a job has ended, well or not, and return how many seconds it took."""
        seconds = time.time() - self.running.pop(name)
        (self.done if well else self.failed).add(name)
        return seconds

    def left(self) -> float | None:
        """Return how many seconds the run will need yet; None if nobody knows."""
        if self.failed:
            return None
        now, seconds = time.time(), {}
        for name in [*self.running, *(each for each in self.jobs if each not in self.running)]:
            if name in self.done:
                continue
            if not (last := self.last.get(name)):
                return None
            since = self.running.get(name, now)
            present = present_record(self.jobs[name].journal, since)
            seconds[name] = present.left(last, now) if present else max(0.0, last.seconds - (now - since))
        return ends_after(seconds, {name: self.jobs[name].waits for name in seconds}, self.cores)

    def far(self) -> str:
        """Return how far the run is, such as "3 of 18 done in 2 min, about 5 min left"."""
        count = f"{len(self.done)} of {len(self.jobs)} done in " if len(self.jobs) > 1 else ""
        count = f"{len(self.failed)} failed, " * bool(self.failed) + count
        return f"{count}{spoken(time.time() - self.begun)}{self.yet()}"

    def yet(self) -> str:
        """Return how long the run will take yet, such as ", about 5 min left"; nothing if nobody knows."""
        left = self.left()
        return f", about {spoken(10 * ceil(left / 10))} left" if left else ""

    def places(self) -> list[str]:
        """Return where each running job is, such as "triplet: cell 14 of 40, epoch 3 of 8"."""
        words = []
        for name, since in [*self.running.items()]:
            present = present_record(self.jobs[name].journal, since)
            words.append(f"{name}: {', '.join(present.place)}" if present and present.place else name)
        return words

    def line(self) -> str:
        """Return all of it in one line."""
        return " · ".join([self.far(), *self.places()])


def ends_after(seconds: dict[str, float], waits: dict[str, frozenset[str]], cores: int) -> float:
    """Return after how many seconds the last job ends.

    Each begins as soon as a core is free and what it waits for has ended, those named first before others.

    Args:
        seconds: that each job takes.
        waits: the jobs that each waits for; those without seconds have ended.
        cores: how many jobs run at a time.
    """
    clock, at_work, waiting = 0.0, [], list(seconds)
    while waiting or at_work:
        open_still = {*waiting, *(name for _, name in at_work)}
        ready = [name for name in waiting if not waits[name] & open_still]
        for name in ready[: cores - len(at_work)]:
            heappush(at_work, (clock + seconds[name], name))
            waiting.remove(name)
        clock, _ = heappop(at_work)
    return clock


def spoken(seconds: float) -> str:
    """Return a time as one says it: "41 s", "7 min", "1 h 20 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
