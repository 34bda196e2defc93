"""The manifest: what is in it after a kill, a second start, damage and a second process."""

import json
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

from herbnb.data.fetching import manifest as module
from herbnb.data.fetching.manifest import COLUMNS, Manifest, came_whole, read_manifest
from herbnb.errors import BadInput


def row(image_id, **others):
    usual = {name: 0 if kind == "int64" else "" for name, kind in COLUMNS.items()}
    return usual | {"image_id": image_id, "path": f"images/{image_id}.jpg", "bytes": 4} | others


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def names(folder):
    return sorted(file.name for file in folder.iterdir())


DONE = [".manifest.lock", "manifest.parquet"]


def test_what_was_added_is_there_at_once_and_at_the_next_start(folder):
    rows = [
        row("a", licence="CC0", time="2026-01-01T00:00:00+00:00"),
        row("b", reason="404 Not Found", status=404),
    ]
    with Manifest(folder) as manifest:
        for each in rows:
            manifest.add(each)
        assert [manifest.row(name) for name in "abc"] == [*rows, None]
        assert read_manifest(folder)["image_id"].tolist() == ["a", "b"]
    assert names(folder) == DONE
    with Manifest(folder) as manifest:
        assert [manifest.row(name) for name in "abc"] == [*rows, None]
    table = read_manifest(folder)
    assert table.dtypes.astype(str).to_dict() == COLUMNS
    assert table["image_id"].tolist() == ["a", "b"] and table["status"].tolist() == [0, 404]
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "manifest.parquet"), table)


def test_the_last_row_of_an_image_counts_in_the_place_of_the_first(folder):
    with Manifest(folder) as manifest:
        for name, reason in [("a", "503 Service Unavailable"), ("b", ""), ("a", "timed out")]:
            manifest.add(row(name, reason=reason))
    with Manifest(folder) as manifest:
        manifest.add(row("a"))
        between = read_manifest(folder)
    for table in (between, read_manifest(folder)):
        assert table["image_id"].tolist() == ["a", "b"] and table["reason"].tolist() == ["", ""]


def test_lines_are_appended_and_become_a_table_only_when_all_is_done(folder):
    with Manifest(folder) as manifest:
        manifest.add(row("a"))
    table = (folder / "manifest.parquet").read_bytes()
    for name in "bc":
        with pytest.raises(RuntimeError, match="stopped"), Manifest(folder) as manifest:
            manifest.add(row(name))
            raise RuntimeError("stopped")
    assert (folder / "manifest.parquet").read_bytes() == table
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    assert [json.loads(line)["image_id"] for line in lines] == ["b", "c"]
    assert names(folder) == [".manifest.lock", "manifest.jsonl", "manifest.parquet"]
    with Manifest(folder) as manifest:
        assert all(manifest.row(name) for name in "abc")
    assert names(folder) == DONE and read_manifest(folder)["image_id"].tolist() == ["a", "b", "c"]


def test_what_was_stopped_before_anything_was_asked_leaves_nothing(folder):
    with pytest.raises(RuntimeError, match="stopped"), Manifest(folder):
        raise RuntimeError("stopped")
    assert names(folder) == [".manifest.lock"]


@pytest.mark.parametrize("torn", [0, 1, 37, 150, 5000])
def test_a_torn_line_takes_no_other_with_it(folder, torn):
    lines = [json.dumps(row(name, licence="x" * 9000)) for name in "abc"]
    (folder / "manifest.jsonl").write_text("\n".join(lines[:2]) + "\n" + lines[2][:torn])
    with Manifest(folder) as manifest:
        assert manifest.row("b") and not manifest.row("c")
        assert (folder / "manifest.jsonl").read_text() == "\n".join(lines[:2]) + "\n"
        manifest.add(row("c", width=7))
    assert read_manifest(folder)["width"].tolist() == [0, 0, 7]


def test_a_line_that_is_all_torn_leaves_an_empty_manifest(folder):
    (folder / "manifest.jsonl").write_text(json.dumps(row("a")))
    with Manifest(folder) as manifest:
        assert not manifest.row("a")
    assert names(folder) == [".manifest.lock"]


def test_a_kill_between_table_and_lines_doubles_nothing(folder):
    with Manifest(folder) as manifest:
        manifest.add(row("a"))
        lines = (folder / "manifest.jsonl").read_bytes()
    (folder / "manifest.jsonl").write_bytes(lines)
    (folder / ".manifest.999.parquet").write_bytes(b"half a ta")
    (folder / ".manifest.index").write_bytes(b"of before")
    with Manifest(folder) as manifest:
        assert manifest.row("a")
    assert names(folder) == DONE and read_manifest(folder)["image_id"].tolist() == ["a"]


def test_a_table_that_cannot_be_written_leaves_the_lines(folder, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    with (
        monkeypatch.context() as patched,
        pytest.raises(OSError, match="No space"),
        Manifest(folder) as manifest,
    ):
        manifest.add(row("a"))
        patched.setattr(module.pq, "ParquetWriter", full)
    assert names(folder) == [".manifest.lock", "manifest.jsonl"]
    with Manifest(folder) as manifest:
        assert manifest.row("a")


def test_more_rows_than_are_in_memory_at_once_keep_their_order(folder, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 7)
    ids = [f"n{number}" for number in range(40)]
    for some in (ids[:25], ids[10:]):
        with Manifest(folder) as manifest:
            for name in some:
                manifest.add(row(name, tries=len(some)))
    table = read_manifest(folder)
    assert table["image_id"].tolist() == ids and table["tries"].tolist() == [25] * 10 + [30] * 30


def test_many_threads_add_whole_lines(folder):
    def add(thread):
        for number in range(50):
            manifest.add(row(f"{thread}_{number}", licence="x" * 500))

    with Manifest(folder) as manifest:
        threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = (folder / "manifest.jsonl").read_text().splitlines()
    assert len({json.loads(line)["image_id"] for line in lines}) == len(lines) == 400


@pytest.mark.parametrize("content", [b"", b"no parquet", None])
def test_another_file_of_that_name_is_named(folder, content):
    if content is None:
        pd.DataFrame({"a": [1]}).to_parquet(folder / "manifest.parquet")
    else:
        (folder / "manifest.parquet").write_bytes(content)
    with pytest.raises(BadInput, match=r"manifest\.parquet is not a readable manifest"), Manifest(folder):
        pass
    (folder / "manifest.parquet").unlink()
    with Manifest(folder):
        pass


def test_the_table_of_before_is_read(folder):
    """Pandas wrote it, with its own notes, the strings long."""
    before = module.as_table([row("a"), row("b", reason="404 Not Found", status=404)])
    before.to_parquet(folder / "manifest.parquet", index=False)
    with Manifest(folder) as manifest:
        assert manifest.row("a") == row("a")
        manifest.add(row("b"))
    assert read_manifest(folder)["reason"].tolist() == ["", ""]


def test_two_processes_do_not_share_a_folder(folder):
    code = f"from herbnb.data.fetching.manifest import Manifest; Manifest({str(folder)!r}).__enter__()"
    with (
        Manifest(folder),
        pytest.raises(BadInput, match="is being made by another process: wait"),
        Manifest(folder),
    ):
        pass
    with Manifest(folder):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "BadInput" in other.stderr and "wait for it" in other.stderr
    with Manifest(folder):
        pass


def test_an_image_that_came_whole_and_is_as_long_as_then_is_known(folder):
    table = pd.DataFrame({"path": [f"images/{name}.jpg" for name in "abcde"]})
    np.testing.assert_array_equal(came_whole(table, folder), [False] * 5)
    (folder / "images").mkdir()
    for name in "abce":
        (folder / "images" / f"{name}.jpg").write_bytes(b"leaf" if name != "b" else b"le")
    with Manifest(folder) as manifest:
        for name in "abd":
            manifest.add(row(name))
        manifest.add(row("c"))
        manifest.add(row("c", reason="truncated"))
    # whole; shortened since; failed at the last; gone; never asked for
    np.testing.assert_array_equal(came_whole(table, folder), [True, False, False, False, False])
