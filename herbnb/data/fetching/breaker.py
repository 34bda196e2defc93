"""Circuit breaker: a host that fails time after time is left alone for a while, and given up in the end.

The pattern is Nygard's (*Release It!*, 2007). The breaker of a host is *closed* while it answers, *open*
while it rests, *half-open* when its rest is over and one address is asked to see whether it is back.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from herbnb.data.fetching.source import Failing, Resting, Unusable

IN_A_ROW = 8
"""Failures in a row that open the breaker: one address may fail four times by itself, hardly two of them."""

RESTS = (30.0, 60.0, 120.0, 240.0, 300.0)
"""Seconds that a host is left alone, one rest after each address that it fails in between. They double up
to five minutes: a busy server wants seconds, one that is started again minutes. After twelve and a half in
all it is not back soon, and the next run may ask."""

GIVEN_UP = "given up: "
"""How the reason begins of what was not asked, because its host was given up."""


class Breaker:
    """The circuit breaker of one host, for all the threads that ask it.

    Args:
        rests: seconds to leave it alone, one rest after the other.
        name: of the host.
    """

    def __init__(self, rests: Sequence[float] = RESTS, name: str = ""):
        self.rests, self.name = tuple(rests), name
        self.changing = threading.Lock()
        self.failures = self.rested = 0
        self.opened = self.until = 0.0
        self.trying = self.given_up = False
        self.answers = False
        self.reason = ""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Ask one address within the block, whose end says whether the host has failed.

        Raises:
            Resting: it is left alone for now.
            Unusable: it was given up.
        """
        began = self.admit()
        try:
            yield
        except Failing as failure:
            self.failed(began, failure.reason)
            raise
        except Unusable:
            self.answered()
            raise
        self.answered()

    def room(self, at_once: int) -> int:
        """Return how many addresses may be under way now, of `at_once` while all is well."""
        if self.given_up or self.failures < IN_A_ROW:
            return at_once
        return 0 if self.trying or time.monotonic() < self.until else 1

    def admit(self) -> float:
        """Return the time, or raise as `watched` does."""
        with self.changing:
            if self.given_up:
                raise Unusable(GIVEN_UP + self.reason)
            if self.failures >= IN_A_ROW:
                if not self.room(1):
                    raise Resting(self.name)
                self.trying = True
            return time.monotonic()

    def answered(self) -> None:
        """Note that the host has answered, be it that it has no such image."""
        with self.changing:
            self.failures = self.rested = 0
            self.trying, self.answers = False, True

    def failed(self, began: float, reason: str) -> None:
        """Note that the host has failed an address that it was asked at the time `began`."""
        with self.changing:
            if began < self.opened:  # asked before the rest, and no news
                return
            self.failures += 1
            self.trying = self.answers = False
            self.reason = reason
            if self.failures >= IN_A_ROW:
                self.opened = time.monotonic()
                self.given_up = self.rested == len(self.rests)
                self.until = self.opened if self.given_up else self.opened + self.rests[self.rested]
                self.rested += 1
