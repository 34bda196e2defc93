"""Files: whole or not there, tables that come back, and where relative paths begin."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from herbnb.errors import BadInput
from herbnb.files import alone, fingerprint, folder_beside, located, whole
from herbnb.leftovers import hidden, sweep
from herbnb.pocket.folder import whole_folder
from herbnb.tables import read_table, write_table


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole(path) as temporary:
        temporary.write_text("half of the new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_goes_when_somebody_has_the_lock(tmp_path):
    (other := subprocess.Popen([sys.executable, "-c", ""])).wait()
    mine = hidden(tmp_path / "table.csv")
    lefts = [
        mine.with_name(mine.name.replace(str(os.getpid()), str(pid))) for pid in (other.pid, os.getppid())
    ]
    for left in lefts:
        left.touch()
    sweep.cache_clear()  # as a process that has written nothing there
    with alone(tmp_path / "other.npy"):
        assert [left.exists() for left in lefts] == [False, True]


def test_a_write_makes_its_folder(tmp_path):
    with whole(tmp_path / "a" / "b.txt") as temporary:
        temporary.write_text("whole")
    assert (tmp_path / "a" / "b.txt").read_text() == "whole"


LONG = {
    "letters": "x" * 255,
    "accents": "é" * 127,
    "a suffix": "x" * 251 + ".zip",
    "a long suffix": "a." + "x" * 253,
}


@pytest.mark.parametrize("name", LONG.values(), ids=[*LONG])
def test_a_name_may_be_as_long_as_names_may_be(tmp_path, name):
    assert len(os.fsencode(name)) >= 254
    with alone(tmp_path / name), whole(tmp_path / name) as temporary:
        temporary.write_text("whole")
        assert (temporary.suffix == ".zip") == name.endswith(".zip")
    assert (tmp_path / name).read_text() == "whole"
    with folder_beside(tmp_path / name) as kept:
        (kept / "a").touch()
    with whole_folder(tmp_path / "folders" / name, {}):
        pass
    assert (tmp_path / "folders" / name / "pocket.json").exists()
    left = {path.name for path in tmp_path.iterdir()} - {name, "folders"}
    assert len(left) == 1 and left.pop().endswith(".lock")


def test_long_names_that_begin_alike_are_told_apart_and_a_longer_one_is_refused_at_once(tmp_path):
    one, two = (hidden(tmp_path / ("x" * 248 + end)) for end in ("one.csv", "two"))
    assert one != two and one.suffix == ".csv"
    written = []
    with pytest.raises(BadInput, match="File name too long"), whole(tmp_path / ("x" * 256)):
        written.append("too late")
    assert not written and not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_come_back_as_they_went(tmp_path, suffix):
    table = pd.DataFrame({"image_id": ["007", "08"], "value": [0.5, 1.0]})
    path = write_table(table, tmp_path / f"table{suffix}")
    pd.testing.assert_frame_equal(read_table(path), table)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_missing_table_is_said(tmp_path, suffix):
    with pytest.raises(BadInput, match=rf"absent\{suffix} is missing: name a file that is there"):
        read_table(tmp_path / f"absent{suffix}")


def test_a_broken_table_names_itself(tmp_path):
    for name, content in (("broken.parquet", b"not parquet at all"), ("empty.csv", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match=rf"{name} is not a readable \w+ table .*: delete it"):
            read_table(tmp_path / name)


def test_a_csv_of_other_bytes_than_text_names_itself(tmp_path):
    (tmp_path / "latin.csv").write_bytes("image_id,given\n1,Citr\xe9\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"latin\.csv is not a readable csv table"):
        read_table(tmp_path / "latin.csv")


def test_relative_paths_mean_the_book_wherever_one_stands(tmp_path, monkeypatch):
    (tmp_path / "_toc.yml").touch()
    (tmp_path / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    assert located("results/pocket") == tmp_path / "results" / "pocket"
    assert located(tmp_path / "absolute") == tmp_path / "absolute"


def test_fingerprints_tell_contents_and_their_order_apart(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    assert fingerprint(one, two) != fingerprint(two, one)
    two.write_bytes(b"1")
    assert fingerprint(one) == fingerprint(two)
