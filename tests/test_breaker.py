"""The circuit breaker: when a host is left alone, when it is tried, and when it is given up."""

import time

import pytest

from herbnb.data.fetching import breaker as module
from herbnb.data.fetching.breaker import IN_A_ROW, Breaker
from herbnb.data.fetching.source import Failing, Passing, Resting, Unusable


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def ask(breaker, error=None):
    """Ask once: the host answers, or fails with `error`."""
    with breaker.watched():
        if error is not None:
            raise error


def fail(breaker, times, error=None):
    for _ in range(times):
        with pytest.raises(Failing):
            ask(breaker, error or Passing("503 Service Unavailable", status=503))


def test_failures_in_a_row_open_it_and_an_answer_between_does_not(clock):
    breaker = Breaker()
    fail(breaker, IN_A_ROW - 1)
    ask(breaker)
    fail(breaker, IN_A_ROW - 1)
    assert breaker.room(4) == 4
    fail(breaker, 1)
    assert breaker.room(4) == 0
    with pytest.raises(Resting):
        ask(breaker)


def test_no_such_image_is_an_answer(clock):
    breaker = Breaker()
    for _ in range(3 * IN_A_ROW):
        with pytest.raises(Unusable, match="404"):
            ask(breaker, Unusable("404 Not Found", status=404))
    assert breaker.room(4) == 4 and breaker.answers
    fail(breaker, IN_A_ROW - 1)
    with pytest.raises(Unusable, match="404"):
        ask(breaker, Unusable("404 Not Found", status=404))
    assert breaker.failures == 0


def test_a_body_without_an_end_is_a_failure(clock):
    breaker = Breaker()
    fail(breaker, IN_A_ROW, Failing("not all here after 300 s", status=200))
    assert breaker.room(4) == 0


def test_after_each_rest_one_address_is_tried_and_the_rests_grow_until_it_is_given_up(clock):
    breaker = Breaker(rests=(30, 60, 60))
    fail(breaker, IN_A_ROW)
    for rest in (30, 60, 60):
        clock.now += rest - 1
        assert breaker.room(4) == 0
        clock.now += 1
        assert breaker.room(4) == 1
        with pytest.raises(Failing), breaker.watched():
            assert breaker.room(4) == 0, "one address at a time"
            with pytest.raises(Resting):
                ask(breaker)
            raise Passing("no answer in time (ReadTimeout)")
    assert breaker.given_up and breaker.room(4) == 4, "what is left is refused at once"
    with pytest.raises(Unusable, match=r"^given up: no answer in time \(ReadTimeout\)$"):
        ask(breaker)


def test_a_host_that_comes_back_begins_anew(clock):
    breaker = Breaker(rests=(30, 60))
    fail(breaker, IN_A_ROW)
    clock.now += 30
    fail(breaker, 1)
    clock.now += 60
    ask(breaker)
    assert breaker.room(4) == 4
    fail(breaker, IN_A_ROW)
    clock.now += 30
    assert breaker.room(4) == 1


def test_what_was_asked_before_the_rest_is_no_news_when_it_fails_and_good_news_when_it_comes(clock):
    breaker = Breaker(rests=(30, 60))
    began = breaker.admit()
    clock.now += 1
    fail(breaker, IN_A_ROW)
    breaker.failed(began, "no answer in time (ReadTimeout)")
    assert breaker.rested == 1
    breaker.answered()
    assert breaker.room(4) == 4


def test_the_rests_double_to_five_minutes():
    assert all(
        after in (2 * before, 300) for before, after in zip(module.RESTS, module.RESTS[1:], strict=False)
    )
    assert time.monotonic() > 0 and sum(module.RESTS) == 750
