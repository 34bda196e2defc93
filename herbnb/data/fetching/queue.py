"""Queue: jobs given out to threads so that no host holds up the images of the others."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator

from herbnb.data.fetching.hosts import host_of


class Queue:
    """The jobs, given out to threads: next comes one of the host with the fewest under way."""

    def __init__(self, rows: Iterable[dict]):
        self.waiting = defaultdict(deque)
        for row in rows:
            self.waiting[host_of(next(iter(row["urls"]), ""))].append(row)
        self.under_way = Counter()
        self.giving = threading.Lock()

    def __iter__(self) -> Iterator[dict]:
        while True:
            with self.giving:
                if not self.waiting:
                    return
                name = min(self.waiting, key=self.under_way.__getitem__)
                row = self.waiting[name].popleft()
                if not self.waiting[name]:
                    del self.waiting[name]
                self.under_way[name] += 1
            try:
                yield row
            finally:
                with self.giving:
                    self.under_way[name] -= 1

    def stop(self) -> None:
        """Give out no further job."""
        with self.giving:
            self.waiting.clear()
