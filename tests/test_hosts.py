"""When a host may be asked, and by how many."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from herbnb.data.fetching.hosts import Host, seconds
from herbnb.data.fetching.source import Unusable


@pytest.mark.parametrize(
    "text", ["", "soon", "-3", "1.5", "²", "Wed, 99 Oct 2015", "Wed, 21 Oct 2015 07:28:00 GMT"]
)
def test_a_retry_after_that_says_nothing_is_no_wait(text):
    assert seconds(text) == 0


def test_a_retry_after_is_seconds_or_a_date():
    assert seconds("120") == 120 and seconds("9" * 400) == float("inf")
    for zone in (True, False):
        date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=zone)
        assert 3590 < seconds(date) <= 3600


def test_a_wait_holds_for_all_who_ask():
    host = Host(at_once=4, patience=10)
    host.come_again("1")
    began = time.monotonic()

    def ask(_):
        with host.turn():
            return time.monotonic() - began

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(ask, range(8))) >= 0.95


def test_a_wait_that_is_asked_for_while_in_the_queue_counts_too():
    host = Host(at_once=1, patience=10)
    waiting = threading.Event()

    def ask():
        waiting.set()
        with host.turn():
            return time.monotonic()

    with ThreadPoolExecutor() as pool:
        with host.turn():
            second = pool.submit(ask)
            waiting.wait(5)
            time.sleep(0.05)
            host.come_again("1")
            said = time.monotonic()
        assert second.result() - said >= 0.95


def test_too_long_a_wait_is_refused_to_everyone_at_once():
    host = Host(at_once=4, patience=10)
    began = time.monotonic()
    with pytest.raises(Unusable, match="more than 10 s"):
        host.come_again("3600")
    with pytest.raises(Unusable, match="more than 10 s"), host.turn():
        pass
    assert time.monotonic() - began < 1


def test_a_shorter_wait_does_not_cut_a_longer_one_short():
    host = Host(at_once=4, patience=100)
    host.come_again("50")
    host.come_again("0")
    assert host.not_before > time.monotonic() + 40
