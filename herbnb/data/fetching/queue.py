"""Queue: jobs given out to threads so that no host holds up the images of the others."""

import json
import math
import sqlite3
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator

from herbnb.data.fetching.hosts import Hosts, host_of

WAITING = """CREATE TABLE waiting (host TEXT, turn INTEGER, number INTEGER, row TEXT,
    PRIMARY KEY (host, turn, number)) WITHOUT ROWID"""

NEXT = "SELECT turn, number, row FROM waiting WHERE host = ? AND (turn, number) > (?, ?) LIMIT 32"
"""The order is that of the key. So few jobs of a host are in memory at once."""

MOMENT = 0.2
"""Seconds after which a thread that finds no job looks again: a rest may be over."""


class Queue:
    """The jobs, given out to threads.

    Next comes one of the host with the fewest under way, among those that may be asked now; of several, that
    with the most jobs in the beginning. So threads stay with a host, whose connection stays open, and no
    large host is left for the end. Of the threads, half at most are at hosts that have not answered yet,
    or not the last time: so hosts that fall silent, be they many, do not hold up those that answer.

    Args:
        hosts: by name.
        threads: how many there are.
        waiting: a database with the table of `WAITING`, so that the jobs take no memory.
    """

    def __init__(self, hosts: Hosts, threads: int, waiting: sqlite3.Connection):
        self.hosts, self.doubtful_at_once = hosts, max(1, threads // 2)
        self.waiting = waiting
        self.left = {}
        self.ready, self.read = defaultdict(deque), {}
        self.under_way = Counter()
        self.changed, self.stopped = threading.Condition(), False

    def add(self, row: dict, turn: int, number: int) -> None:
        """Add a job; those of a host come by their `turn`, and then by their `number`."""
        host = host_of(next(iter(row["urls"]), ""))
        self.waiting.execute("INSERT INTO waiting VALUES (?, ?, ?, ?)", (host, turn, number, json.dumps(row)))
        self.left[host] = self.left.get(host, 0) + 1

    def sort(self) -> None:
        """Put the hosts with the most jobs first."""
        self.left = dict(sorted(self.left.items(), key=lambda item: -item[1]))

    def put_back(self, row: dict, host: str) -> None:
        """Put back a job that waits for `host`."""
        with self.changed:
            self.ready[host].append(row)
            self.left[host] = self.left.get(host, 0) + 1

    def __len__(self) -> int:
        return sum(self.left.values())

    def __iter__(self) -> Iterator[dict]:
        """Yield jobs to a thread until there are none, and none under way that may be put back."""
        while True:
            with self.changed:
                while (name := self.next_host()) is None:
                    if self.stopped or not (self.left or self.under_way):
                        return
                    self.changed.wait(MOMENT)
                row = self.take(name)
                self.under_way[name] += 1
            try:
                yield row
            finally:
                with self.changed:
                    self.under_way[name] -= 1
                    self.under_way += Counter()  # without those that have none
                    self.changed.notify_all()

    def next_host(self) -> str | None:
        """Return the host to be asked next, or None where none may be asked now."""
        if self.stopped:
            return None
        doubtful = sum(count for name, count in self.under_way.items() if self.doubtful(name))
        chosen, fewest = None, math.inf
        for name in self.left:
            count = self.under_way[name]
            if count >= fewest or (doubtful >= self.doubtful_at_once and self.doubtful(name)):
                continue
            if count < self.hosts[name].room():
                chosen, fewest = name, count
            if not fewest:
                break
        return chosen

    def doubtful(self, name: str) -> bool:
        """Say whether a host has not answered yet, or not the last time."""
        breaker = self.hosts[name].breaker
        return not (breaker.answers or breaker.given_up)

    def take(self, name: str) -> dict:
        """Return the next job of a host."""
        if not self.ready[name]:
            for turn, number, row in self.waiting.execute(NEXT, (name, *self.read.get(name, (-1, -1)))):
                self.ready[name].append(json.loads(row))
                self.read[name] = turn, number
        self.left[name] -= 1
        if not self.left[name]:
            del self.left[name]
        return self.ready[name].popleft()

    def stop(self) -> None:
        """Give out no further job."""
        with self.changed:
            self.stopped = True
            self.changed.notify_all()
