"""Journals: whole when a job has succeeded, read while it runs, and compared with the last time."""

import os
import shutil
import subprocess
import sys

import pytest

from herbnb.journal import END, SETTING, Record, begin, keep, last_record, present_record, read_records, tell


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)


def test_without_a_journal_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begin("cell 1 of 2")
    tell("epoch 1 of 8")
    assert list(tmp_path.iterdir()) == []


def test_a_journal_is_read_while_it_is_written_and_in_the_end(tmp_path):
    path = tmp_path / "journals" / "triplet.jsonl"
    with keep(path, {"max_epochs": 8}):
        assert present_record(path, 0).place == ()
        begin("cell 1 of 2")
        tell("epoch 1 of 8")
        now = present_record(path, 0)
        assert now.parameters == {"max_epochs": 8} and now.place == ("cell 1 of 2", "epoch 1 of 8")
        assert present_record(path, now.begun + 1) is None, "one that a killed run left is not taken for it"
        assert last_record(path) is None
        begin("cell 2 of 2")
        assert present_record(path, 0).place == ("cell 2 of 2",)
    assert SETTING not in os.environ and present_record(path, 0) is None
    last = last_record(path)
    steps = [("cell 1 of 2",), ("cell 1 of 2", "epoch 1 of 8"), ("cell 2 of 2",), END]
    assert [place for _, place in last.places] == steps
    seconds = [at for at, _ in last.places]
    assert seconds == sorted(seconds) and last.seconds == seconds[-1] >= 0


def test_another_process_that_works_for_the_job_writes_into_its_journal(tmp_path):
    path = tmp_path / "triplet.jsonl"
    with keep(path, {}):
        begin("cell 1 of 2")
        code = "from herbnb.journal import tell; tell('epoch 3 of 8')"
        subprocess.run([sys.executable, "-c", code], check=True)
    assert last_record(path).places[1][1] == ("cell 1 of 2", "epoch 3 of 8")


def test_lines_that_are_torn_or_that_no_job_has_begun_are_left_out(tmp_path):
    path = tmp_path / "kew.jsonl"
    with keep(path, {"time": 1}):
        begin("cell 1 of 1")
    whole = path.read_text()
    path.write_text('[1.5, 1, "of another process"]\n[1.5, \n' + whole + "7\n")
    (record,) = read_records(path)
    assert record == last_record(path) and record.parameters == {"time": 1}


def test_a_job_goes_on_when_its_journal_is_gone(tmp_path):
    path = tmp_path / "journals" / "kew.jsonl"
    with keep(path, {}):
        shutil.rmtree(path.parent)
        begin("cell 1 of 1")
    assert not path.parent.exists()


def test_a_journal_holds_the_last_time_that_went_well_and_this_time(tmp_path):
    path = tmp_path / "kew.jsonl"
    with keep(path, {"time": 1}):
        begin("cell 1 of 1")
        tell("sheet 1 of 2")
    first = last_record(path)
    for number in (2, 3):
        with pytest.raises(RuntimeError), keep(path, {"time": number}):
            begin("cell 1 of 1")
            raise RuntimeError
        assert SETTING not in os.environ
        assert [record.parameters for record in read_records(path)] == [{"time": 1}, {"time": number}]
        last = last_record(path)
        assert [place for _, place in last.places] == [place for _, place in first.places]
        assert last.seconds == pytest.approx(first.seconds, abs=1e-5)
    with keep(path, {"time": 4}):
        assert last_record(path).parameters == {"time": 1}
    assert last_record(path).parameters == {"time": 4}


def test_a_line_that_is_still_being_written_is_left_for_later(tmp_path):
    path = tmp_path / "kew.jsonl"
    assert read_records(path) == []
    path.write_text("[100.0, 0, {}")
    assert read_records(path) == []
    path.write_text('[100.0, 0, {}]\n[101.5, 1, "cell 1 of 9"]\n[102.0, 1, "ce')
    assert read_records(path)[0].places == [(1.5, ("cell 1 of 9",))]


LAST = [(2.0, ("cell 1",)), (10.0, ("cell 2",)), (20.0, ("cell 2", "epoch 1")), (60.0, END)]


@pytest.mark.parametrize(
    ("places", "elapsed", "left"),
    [
        ([], 0.0, 60.0),
        ([], 1.0, 59.0),
        ([(2.0, ("cell 1",))], 3.0, 57.0),  # a second into cell 1, which began 58 before the end
        ([(30.0, ("cell 2",))], 30.0, 50.0),  # later than last time: what follows takes as long
        ([(30.0, ("cell 2",)), (35.0, ("cell 2", "epoch 1"))], 40.0, 35.0),
        ([(1.0, ("cell 2",)), (2.0, ("cell 2", "epoch 5"))], 11.0, 40.0),  # an epoch there was not
        ([(2.0, ("cell 1",))], 500.0, 0.0),
    ],
)
def test_what_is_left_is_what_followed_the_last_time(places, elapsed, left):
    now = Record({}, 1000.0, places)
    assert now.left(Record({}, 0.0, LAST), 1000.0 + elapsed) == pytest.approx(left)
