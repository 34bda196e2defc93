"""The manifest: what is in it after a kill, a second start, damage and a second process."""

import json
import subprocess
import sys
import threading

import pandas as pd
import pytest

from herbnb.data.fetching import manifest as module
from herbnb.data.fetching.manifest import COLUMNS, Manifest, read_manifest
from herbnb.errors import BadInput


def row(image_id, **others):
    usual = {name: 0 if kind == "int64" else "" for name, kind in COLUMNS.items()}
    return usual | {"image_id": image_id, "path": f"images/{image_id}.jpg", "bytes": 4} | others


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "images").mkdir()
    for name in "abc":
        (tmp_path / f"images/{name}.jpg").write_bytes(b"four")
    return tmp_path


def test_what_was_added_is_there_at_the_next_start(folder):
    with Manifest(folder) as manifest:
        manifest.add(row("a", licence="CC0", time="2026-01-01T00:00:00+00:00"))
        manifest.add(row("b", reason="404 Not Found", status=404))
        assert not manifest.has("a", "images/a.jpg"), "only what the process found at its start is asked"
    assert sorted(file.name for file in folder.glob("manifest.*")) == ["manifest.parquet"]
    with Manifest(folder) as manifest:
        assert manifest.has("a", "images/a.jpg")
        assert not manifest.has("b", "images/b.jpg")
        assert not manifest.has("c", "images/c.jpg")
        table = manifest.table()
    assert table.dtypes.astype(str).to_dict() == COLUMNS
    assert table["image_id"].tolist() == ["a", "b"] and table["status"].tolist() == [0, 404]


def test_an_image_counts_only_where_it_was_put_and_with_all_its_bytes(folder):
    with Manifest(folder) as manifest:
        for name in "abc":
            manifest.add(row(name))
    (folder / "images/a.jpg").write_bytes(b"fo")
    (folder / "images/b.jpg").unlink()
    with Manifest(folder) as manifest:
        assert [manifest.has(name, f"images/{name}.jpg") for name in "abc"] == [False, False, True]
        assert not manifest.has("c", "images/d.jpg")


def test_the_last_row_of_an_image_counts_in_the_place_of_the_first(folder):
    with Manifest(folder) as manifest:
        for name, reason in [("a", "503 Service Unavailable"), ("b", ""), ("a", "timed out")]:
            manifest.add(row(name, reason=reason))
    with Manifest(folder) as manifest:
        manifest.add(row("a"))
        assert manifest.table()["image_id"].tolist() == ["a", "b"]
        assert manifest.table()["reason"].tolist() == ["", ""]


@pytest.mark.parametrize("torn", range(0, 200, 37))
def test_a_torn_line_takes_no_other_with_it(folder, torn):
    lines = [json.dumps(row(name)) for name in "abc"]
    (folder / "manifest.jsonl").write_text("\n".join(lines[:2]) + "\n" + lines[2][:torn])
    with Manifest(folder) as manifest:
        assert manifest.table()["image_id"].tolist() == ["a", "b"]
        manifest.add(row("c", width=7))
    assert read_manifest(folder / "manifest.parquet")["width"].tolist() == [0, 0, 7]


def test_a_kill_between_table_and_journal_doubles_nothing(folder):
    with Manifest(folder) as manifest:
        manifest.add(row("a"))
        journal = (folder / "manifest.jsonl").read_bytes()
    (folder / "manifest.jsonl").write_bytes(journal)
    (folder / ".manifest.999.parquet").write_bytes(b"half a ta")
    with Manifest(folder) as manifest:
        assert manifest.table()["image_id"].tolist() == ["a"]
    assert not list(folder.glob(".manifest.*.parquet"))


def test_a_table_that_cannot_be_written_leaves_the_journal(folder, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    with (
        monkeypatch.context() as patched,
        pytest.raises(OSError, match="No space"),
        Manifest(folder) as manifest,
    ):
        manifest.add(row("a"))
        patched.setattr(module, "write_table", full)
    with Manifest(folder) as manifest:
        assert manifest.has("a", "images/a.jpg")


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
    with pytest.raises(BadInput, match=r"manifest\.parquet is not a readable manifest"):
        Manifest(folder)
    (folder / "manifest.parquet").unlink()
    Manifest(folder).close()


def test_two_processes_do_not_share_a_folder(folder):
    code = f"from herbnb.data.fetching.manifest import Manifest; Manifest({str(folder)!r})"
    with Manifest(folder), pytest.raises(BadInput, match="is being filled by another process"):
        Manifest(folder)
    with Manifest(folder):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "BadInput" in other.stderr and "wait for it" in other.stderr
    Manifest(folder).close()
