"""Hosts: how many may ask one of them at once, and when it may be asked again."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import urlsplit

from herbnb.data.fetching.breaker import RESTS, Breaker
from herbnb.data.fetching.source import Passing, Unusable


class Host:
    """One host, as all the threads see it.

    Args:
        at_once: how many may ask it at once.
        patience: seconds that it may make anyone wait.
        rests: seconds that it is left alone once it fails, as `Breaker` has them.
        name: of the host.
    """

    def __init__(self, at_once: int, patience: float, rests: Sequence[float] = RESTS, name: str = ""):
        self.slots, self.at_once = threading.BoundedSemaphore(at_once), at_once
        self.patience, self.not_before = patience, 0.0
        self.breaker = Breaker(rests, name)

    def room(self) -> int:
        """Return how many may ask it now: none while it wants to be left alone."""
        wait = self.not_before - time.monotonic()
        return 0 if 0 < wait <= self.patience else self.breaker.room(self.at_once)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until the host may be asked, and count as one of those who ask it.

        Raises:
            Unusable: it wants too long a wait, or was given up.
            Resting: it has failed time after time, and is left alone for now.
        """
        began = time.monotonic()
        while True:
            if (wait := self.not_before - time.monotonic()) > 0:
                if self.not_before - began > self.patience:
                    raise Unusable(self.too_long())
                time.sleep(wait)
            with self.slots:
                if self.not_before <= time.monotonic():
                    with self.breaker.watched():
                        yield
                    return

    def refuse(self, status: int, retry_after: str) -> NoReturn:
        """Raise what a status that is no success means: 429 and those from 500 on pass, the others do not.

        Raises:
            Passing: asking again may help; the host has been told of when to come again.
            Unusable: it will not, or the host wants too long a wait.
        """
        reason = f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)
        if status != 429 and status < 500:
            raise Unusable(reason, status=status)
        try:
            self.come_again(retry_after)
        except Unusable as error:
            raise Unusable(f"{reason}: {error.reason}", status=status) from error
        raise Passing(reason, status=status)

    def come_again(self, retry_after: str) -> None:
        """Note what the host said in the header `Retry-After`, for all who ask it.

        Raises:
            Unusable: it wants too long a wait.
        """
        wait = seconds(retry_after)
        self.not_before = max(self.not_before, time.monotonic() + wait)
        if wait > self.patience:
            raise Unusable(self.too_long())

    def too_long(self) -> str:
        return f"the host asks to wait more than {self.patience:g} s"


class Hosts:
    """All hosts that a source asks, by name, each made when it is first met.

    Args are those of `Host`.
    """

    def __init__(self, at_once: int, patience: float = 300.0, rests: Sequence[float] = RESTS):
        self.manners = at_once, patience, rests
        self.known, self.meeting = {}, threading.Lock()

    def __getitem__(self, name: str) -> Host:
        with self.meeting:
            if name not in self.known:
                self.known[name] = Host(*self.manners, name)
            return self.known[name]


def seconds(retry_after: str) -> float:
    """Return how long a `Retry-After` asks to wait: it gives seconds or a date; nonsense is 0."""
    if re.fullmatch("[0-9]+", retry_after):
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def host_of(url: str) -> str:
    """Return the host that `url` names, "" where it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
