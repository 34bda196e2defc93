"""Progress: what is done, what runs and what is left of a run, and how a terminal and a log are told."""

import io
import json
import os
import time

import pytest

from herbnb.book.progress import Job, Progress, ends_after, spoken
from herbnb.book.watch import TICK, Watch
from herbnb.journal import SETTING, begin, keep, tell


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (41, "41 s"), (89, "1 min"), (431, "7 min"), (3599, "1 h 0 min"), (4800, "1 h 20 min")],
)
def test_a_time_is_said_as_one_says_it(seconds, words):
    assert spoken(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "waits", "cores", "after"),
    [
        ({}, {}, 2, 0),
        ({"a": 3, "b": 4, "c": 5}, {}, 1, 12),
        ({"a": 3, "b": 4, "c": 5}, {}, 2, 8),  # c begins when a has ended
        ({"a": 3, "b": 4, "c": 5}, {}, 9, 5),
        ({"a": 3, "b": 4}, {"b": {"a"}}, 2, 7),
        ({"b": 4, "a": 3, "c": 5}, {"b": {"a"}}, 2, 7),  # beside a runs c, then b beside c
        ({"b": 4}, {"b": {"a"}}, 2, 4),  # a has ended before
    ],
)
def test_jobs_end_as_soon_as_cores_and_what_they_wait_for_allow(seconds, waits, cores, after):
    waits = {name: frozenset(waits.get(name, ())) for name in seconds}
    assert ends_after(seconds, waits, cores) == after


def journal(folder, name, seconds, parameters):
    path = folder / f"{name}.jsonl"
    lines = [[0.0, 0, parameters], [seconds / 2, 1, "cell 1 of 1"], [seconds, 1, "end"]]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def jobs(tmp_path):
    names = {"kew": 100, "triplet": 40, "verdict": 20}
    waits = {"verdict": frozenset({"kew", "triplet"})}
    return {
        name: Job(journal(tmp_path, name, seconds, {"seed": 1}), {"seed": 1}, waits.get(name, frozenset()))
        for name, seconds in names.items()
    }


def test_what_is_left_is_known_from_the_last_time(jobs):
    progress = Progress(jobs, cores=2)
    assert progress.left() == pytest.approx(120) and progress.line() == "0 of 3 done in 0 s, about 2 min left"
    progress.begin("triplet")
    progress.begin("kew")
    with keep(jobs["triplet"].journal, {"seed": 1}):
        begin("cell 1 of 1")
        tell("epoch 3 of 8")
        assert progress.places() == ["triplet: cell 1 of 1, epoch 3 of 8", "kew"]
        assert progress.left() == pytest.approx(120, abs=2)
    progress.end("triplet")
    assert progress.left() == pytest.approx(120, abs=2)
    progress.end("kew")
    assert progress.far().startswith("2 of 3 done in ") and progress.far().endswith(", about 20 s left")
    progress.begin("verdict")
    progress.end("verdict", well=False)
    assert progress.running == {} and progress.line().startswith("1 failed, 2 of 3 done in ")
    assert progress.left() is None


def test_nothing_is_said_of_the_time_while_a_job_is_left_that_never_ran_so(jobs):
    jobs["kew"] = jobs["kew"]._replace(parameters={"seed": 2})
    progress = Progress(jobs, cores=2)
    assert progress.left() is None and progress.line() == "0 of 3 done in 0 s"
    progress.begin("kew")
    progress.end("kew")
    assert progress.left() == pytest.approx(60, abs=1)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_a_line_for_each_thing_that_is_new_and_no_other():
    stream, now = io.StringIO(), ["begins"]
    with Watch(lambda: "how far", stream) as watch:
        watch.say(lambda: f"first, {now[0]}")
        now[0] = "has begun"  # a line is said as it reads when it is said
        time.sleep(3.5 * TICK)
        assert stream.getvalue() == "first, has begun\n"
        watch.say(lambda: "last")
    assert stream.getvalue() == "first, has begun\nlast\n"
    assert not watch.thread.is_alive()


def test_a_terminal_shows_how_far_it_is_in_its_last_line(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((20, 24)))
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    with Watch(lambda: "three of eighteen are done", stream) as watch:
        time.sleep(2.5 * TICK)
        watch.say(lambda: "kew: 41 s.")
    shown = stream.getvalue()
    assert f"\r{'':19}\rthree of eighteen a\r" in shown  # cut to the width, so that it stays one line
    assert shown.endswith("\r" + " " * 19 + "\rkew: 41 s.\n")  # wiped before a line, and in the end
    assert SETTING not in os.environ


def test_the_watch_ends_when_what_it_watches_fails():
    with pytest.raises(RuntimeError), Watch(lambda: "", io.StringIO()) as watch:
        raise RuntimeError
    assert not watch.thread.is_alive()
