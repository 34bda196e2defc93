"""The queue: whose turn it is, and who waits."""

import threading
from itertools import count, islice

import pytest

from herbnb.data.fetching.breaker import IN_A_ROW
from herbnb.data.fetching.hosts import Hosts
from herbnb.data.fetching.queue import WAITING, Queue
from herbnb.data.fetching.scratch import scratch
from herbnb.data.fetching.source import Passing


@pytest.fixture
def queue(tmp_path):
    """Make a queue for threads from (host, turn) pairs."""
    with scratch(tmp_path / "waiting", WAITING) as waiting:

        def queue(jobs, threads=8, hosts=None):
            made = Queue(hosts or Hosts(at_once=4), threads, waiting)
            for number, (host, turn) in enumerate(jobs):
                made.add({"urls": [f"http://{host}/{number}"], "number": number}, turn, number)
            return made

        yield queue


def host_of_job(row):
    return row["urls"][0].split("/")[2]


def answer(hosts, *names):
    for name in names:
        with hosts[name].turn():
            pass


def take(queue, number):
    """Take jobs that stay under way."""
    workers = [iter(queue) for _ in range(number)]
    return workers, [next(worker) for worker in workers]


def test_the_largest_host_is_first_and_jobs_of_one_come_in_order(queue):
    jobs = queue([("b", 1), ("b", 0), ("b", 2)] + [("a", 1)] * 40 + [("a", 0)])
    jobs.sort()
    assert len(jobs) == 44
    rows = list(jobs)
    assert [host_of_job(row) for row in rows] == ["a"] * 41 + ["b"] * 3
    of_b = [row["number"] for row in rows if host_of_job(row) == "b"]
    assert of_b == [1, 0, 2]
    of_a = [row["number"] for row in rows if host_of_job(row) == "a"]
    assert of_a == [43, *range(3, 43)]


def test_the_host_with_the_fewest_under_way_is_next(queue):
    hosts = Hosts(at_once=4)
    answer(hosts, "a", "b", "c")
    jobs = queue([("a", 1)] * 9 + [("b", 1)] * 9 + [("c", 1)] * 2, hosts=hosts)
    _, rows = take(jobs, 8)
    assert sorted(host_of_job(row) for row in rows) == ["a"] * 3 + ["b"] * 3 + ["c"] * 2


def test_no_host_gets_more_threads_than_may_ask_it(queue):
    hosts = Hosts(at_once=4)
    answer(hosts, "a")
    jobs = queue([("a", 1)] * 9, hosts=hosts)
    workers, _ = take(jobs, 4)
    assert jobs.next_host() is None
    workers.pop().close()
    assert jobs.next_host() == "a"


def test_hosts_that_have_not_answered_get_half_of_the_threads(queue):
    hosts = Hosts(at_once=4)
    answer(hosts, "well")
    jobs = queue([(f"silent{n}", 1) for n in range(20)] + [("well", 1)] * 20, threads=6, hosts=hosts)
    _, rows = take(jobs, 6)
    assert sum(host_of_job(row) == "well" for row in rows) == 3
    answer(hosts, *(f"silent{n}" for n in range(20)))
    assert jobs.next_host().startswith("silent")


def test_a_host_at_rest_is_passed_over_and_its_jobs_come_after_it(queue):
    hosts = Hosts(at_once=4, rests=(0.1,))
    for _ in range(IN_A_ROW):
        with pytest.raises(Passing), hosts["ill"].turn():
            raise Passing("503 Service Unavailable")
    jobs = queue([("ill", 1)] * 3 + [("well", 1)] * 3, hosts=hosts)
    order = []
    for row in jobs:
        order.append(host_of_job(row))
        answer(hosts, order[-1])
    assert order == ["well"] * 3 + ["ill"] * 3


def test_a_host_that_asked_to_wait_is_passed_over(queue):
    hosts = Hosts(at_once=4)
    hosts["busy"].come_again("1")
    jobs = queue([("busy", 1), ("well", 1)], hosts=hosts)
    assert [host_of_job(row) for row in jobs] == ["well", "busy"]


def test_what_is_put_back_comes_again_even_when_it_was_the_last(queue):
    jobs, again, came = queue([("a", 1)]), count(), []
    for row in jobs:
        came.append(row)
        if next(again) < 2:
            jobs.put_back(row | {"tries": len(came)}, "b")
    assert [row.get("tries") for row in came] == [None, 1, 2]


def test_a_thread_waits_for_what_may_yet_be_put_back_and_ends_when_stopped(queue):
    jobs = queue([("a", 1)])
    first = iter(jobs)
    row = next(first)
    got = []
    threads = [threading.Thread(target=lambda: got.extend(islice(jobs, 1))) for _ in range(2)]
    for thread in threads:
        thread.start()
    jobs.put_back(row, "a")
    threads[0].join(0.5)
    threads[1].join(0.5)
    assert len(got) == 1 and sum(thread.is_alive() for thread in threads) == 1
    jobs.stop()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_few_jobs_are_in_memory(queue):
    jobs = queue([(f"h{n % 3}", 1) for n in range(3000)])
    for row in islice(jobs, 300):
        assert sum(map(len, jobs.ready.values())) <= 3 * 32, row
