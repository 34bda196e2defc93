"""Fetching into a folder: what is kept, what is asked again, and what survives a kill."""

import errno
import io
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from herbnb.data.fetching.breaker import IN_A_ROW
from herbnb.data.fetching.downloads import fetch
from herbnb.data.fetching.hosts import Hosts, host_of
from herbnb.data.fetching.manifest import COLUMNS, read_manifest
from herbnb.data.fetching.outcome import failure_report, host_report
from herbnb.data.fetching.source import Answer, Failing, Unusable
from herbnb.data.fetching.web import Web
from herbnb.errors import BadInput


def picture(seed=0, size=(40, 50)):
    content = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(content, "JPEG")
    return content.getvalue()


def wanted(*names, paths=None, host="kew.example"):
    return pd.DataFrame(
        {
            "image_id": names,
            "path": paths or [f"images/{name}.jpg" for name in names],
            "urls": [[f"http://{host}/{name}.jpg"] for name in names],
            "licence": "CC0",
            "rights_holder": "Kew",
        }
    )


class Album:
    """A source that has the pictures it is given; a name with a string instead is refused with it."""

    def __init__(self, **pictures):
        self.pictures, self.asked, self.lock = pictures, Counter(), threading.Lock()
        self.order, self.hosts = [], Hosts(at_once=4)

    def get(self, row, file):
        with self.lock:
            self.asked[row["image_id"]] += 1
            self.order.append(row["image_id"])
        with self.hosts[host_of(row["urls"][0])].turn():
            return self.answer(row, file)

    def answer(self, row, file):
        content = self.pictures[row["image_id"]]
        if isinstance(content, str):
            raise Unusable(content, row["urls"][0], 404, 1)
        if content is not None:
            file.write_bytes(content)
        return Answer(row["urls"][0], 200, 2)


def files(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


MANIFEST = {"manifest.parquet", ".manifest.lock"}


def test_images_come_with_a_row_each_in_the_order_asked_for(tmp_path):
    album = Album(b=picture(1), a=picture(2, (60, 30)), c="404 Not Found")
    manifest = fetch(wanted("b", "a", "c"), tmp_path, album)
    assert list(manifest.columns) == list(COLUMNS) and manifest["image_id"].tolist() == ["b", "a", "c"]
    assert manifest["reason"].tolist() == ["", "", "404 Not Found"]
    assert manifest["status"].tolist() == [200, 200, 404] and manifest["tries"].tolist() == [2, 2, 1]
    assert manifest[["width", "height"]].to_numpy().tolist() == [[40, 50], [60, 30], [0, 0]]
    assert manifest["bytes"].tolist() == [len(album.pictures["b"]), len(album.pictures["a"]), 0]
    assert manifest["sha256"].str.len().tolist() == [64, 64, 0]
    assert pd.to_datetime(manifest["time"], utc=True).notna().all()
    assert (tmp_path / "images/a.jpg").read_bytes() == album.pictures["a"]
    assert files(tmp_path) == {"images/a.jpg", "images/b.jpg"} | MANIFEST


def test_a_second_start_asks_only_for_what_is_missing(tmp_path):
    album = Album(a=picture(1), b=picture(2), c="429 Too Many Requests", d=picture(4))
    fetch(wanted("a", "b", "c"), tmp_path, album)
    (tmp_path / "images/b.jpg").unlink()
    album.pictures["c"] = picture(3)
    manifest = fetch(wanted("d", "c", "b", "a"), tmp_path, album)
    assert manifest["image_id"].tolist() == ["d", "c", "b", "a"] and not manifest["reason"].any()
    assert album.asked == {"a": 1, "b": 2, "c": 2, "d": 1}
    assert len(pd.read_parquet(tmp_path / "manifest.parquet")) == 4


def test_only_whole_images_are_kept_and_nothing_of_the_others(tmp_path):
    album = Album(a=picture()[:300], b=b"<svg/>", c=b"", d=None, e=picture())
    manifest = fetch(wanted(*"eabcde"[1:]), tmp_path, album, workers=1)
    reasons = ["truncated", "not an image but an SVG drawing", "empty", "missing", ""]
    assert manifest["reason"].tolist() == reasons
    assert files(tmp_path) == {"images/e.jpg"} | MANIFEST


def test_a_source_that_brings_nothing_does_not_get_the_file_before(tmp_path):
    manifest = fetch(wanted("a", "b"), tmp_path, Album(a=picture()[:300], b=None), workers=1)
    assert manifest["reason"].tolist() == ["truncated", "missing"]


def test_two_images_of_one_address_are_both_kept(tmp_path):
    twins = wanted("a", "b").assign(urls=[["http://kew.example/a.jpg"]] * 2)
    assert not fetch(twins, tmp_path, Album(a=picture(), b=picture()))["reason"].any()
    assert files(tmp_path) == {"images/a.jpg", "images/b.jpg"} | MANIFEST


def test_an_image_that_is_to_lie_elsewhere_now_stays_where_it_is(tmp_path):
    album = Album(a=picture(), b=picture(1))
    fetch(wanted("a"), tmp_path, album)
    manifest = fetch(wanted("a", "b", paths=["images/3/f/0/a.jpg", "images/3/f/0/b.jpg"]), tmp_path, album)
    assert manifest["path"].tolist() == ["images/a.jpg", "images/3/f/0/b.jpg"]
    assert album.asked == {"a": 1, "b": 1}
    assert files(tmp_path) == {"images/a.jpg", "images/3/f/0/b.jpg"} | MANIFEST
    (tmp_path / "images/a.jpg").unlink()
    manifest = fetch(wanted("a", paths=["images/3/f/0/a.jpg"]), tmp_path, album)
    assert manifest["path"].tolist() == ["images/3/f/0/a.jpg"] and album.asked["a"] == 2


def test_no_image_is_put_where_another_stays(tmp_path):
    album = Album(a=picture(), b=picture(1))
    fetch(wanted("a"), tmp_path, album)
    with pytest.raises(BadInput, match=r"Row 1 .* is also that of row 0"):
        fetch(wanted("a", "b", paths=["images/3/f/0/a.jpg", "images/a.jpg"]), tmp_path, album)
    assert not album.asked["b"]


def test_nothing_wanted_is_an_empty_table(tmp_path):
    assert fetch(wanted(), tmp_path, Album()).empty


def test_a_name_that_leads_elsewhere_stops_all_before_anything_is_written(tmp_path):
    album = Album(a=picture(), b=picture())
    with pytest.raises(BadInput, match=r"Row 1 .* leads out of the folder"):
        fetch(wanted("a", "b", paths=["images/a.jpg", "../b.jpg"]), tmp_path / "to", album)
    assert not album.asked and files(tmp_path) == {"to/.manifest.lock"}


def test_a_file_that_is_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "elsewhere.jpg").write_bytes(b"mine")
    (tmp_path / "to/images").mkdir(parents=True)
    (tmp_path / "to/images/a.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    fetch(wanted("a"), tmp_path / "to", Album(a=picture()))
    assert (tmp_path / "elsewhere.jpg").read_bytes() == b"mine"
    assert (tmp_path / "to/images/a.jpg").read_bytes() == picture()


def test_a_slow_host_does_not_hold_up_the_others(tmp_path):
    slow, fast = [f"s{n}" for n in range(12)], [f"f{n}" for n in range(12)]
    rows = pd.concat([wanted(*slow, host="slow.example"), wanted(*fast, host="fast.example")])
    all_fast = threading.Event()

    class Waiting(Album):
        def get(self, row, file):
            if row["image_id"] in slow:
                assert all_fast.wait(5), "the slow host holds every thread"
            answer = super().get(row, file)
            if all(self.asked[name] for name in fast):
                all_fast.set()
            return answer

    album = Waiting(**{name: picture() for name in slow + fast})
    manifest = fetch(rows.reset_index(drop=True), tmp_path, album, workers=4)
    assert not manifest["reason"].any()


def test_a_later_run_asks_first_who_failed_then_what_is_new_and_last_what_was_refused(tmp_path):
    class Failed(Album):
        def answer(self, row, file):
            if row["image_id"] in failing:
                raise Failing("500 Internal Server Error", row["urls"][0], 500, 4)
            return super().answer(row, file)

    failing = {"d"}
    album = Failed(a=picture(), b="404 Not Found", c=picture(), d=picture(), e=picture())
    fetch(wanted("a", "b", "d"), tmp_path, album, workers=1)
    failing.clear()
    album.order.clear()
    manifest = fetch(wanted("a", "b", "c", "d", "e"), tmp_path, album, workers=1)
    assert album.order == ["d", "c", "e", "b"]
    assert manifest["reason"].tolist() == ["", "404 Not Found", "", "", ""]


def test_a_host_that_fails_is_left_alone_and_given_up_and_others_go_on(tmp_path):
    dead, well = [f"d{n}" for n in range(40)], [f"w{n}" for n in range(40)]
    rows = pd.concat([wanted(*dead, host="dead.example"), wanted(*well, host="well.example")])
    times = {}

    class HalfDead(Album):
        def answer(self, row, file):
            times.setdefault(row["image_id"], []).append(time.monotonic())
            if row["image_id"] in dead:
                raise Failing("503 Service Unavailable", row["urls"][0], 503, 1)
            return super().answer(row, file)

    album = HalfDead(**{name: picture() for name in dead + well})
    album.hosts = Hosts(at_once=2, rests=(0.4, 0.8))
    manifest = fetch(rows, tmp_path, album, workers=4).set_index("image_id")
    asked = sorted(when for name in dead for when in times.get(name, []))
    assert len(asked) in (IN_A_ROW + 2, IN_A_ROW + 3)  # one may be under way when the rest begins
    assert asked[-2] - asked[-3] >= 0.4 and asked[-1] - asked[-2] >= 0.8
    assert max(when for name in well for when in times[name]) < asked[-1]
    assert not manifest.loc[well, "reason"].any()
    reasons = manifest.loc[dead, "reason"].value_counts().to_dict()
    assert reasons == {
        "503 Service Unavailable": len(asked),
        "given up: 503 Service Unavailable": 40 - len(asked),
    }
    report = host_report(manifest.reset_index())
    assert report.to_dict("records") == [
        {"host": "dead.example", "fetched": 0, "failed": len(asked), "given_up": 40 - len(asked)},
        {"host": "well.example", "fetched": 40, "failed": 0, "given_up": 0},
    ]


def test_a_host_that_comes_back_loses_nothing(tmp_path):
    names = [f"n{n}" for n in range(40)]

    class Ill(Album):
        def answer(self, row, file):
            if self.asked.total() <= IN_A_ROW + 1:
                raise Failing("no answer in time (ReadTimeout)", row["urls"][0], 0, 1)
            return super().answer(row, file)

    album = Ill(**{name: picture() for name in names})
    album.hosts = Hosts(at_once=1, rests=(0.05, 0.1))
    manifest = fetch(wanted(*names), tmp_path, album, workers=4)
    assert (manifest["reason"] != "").sum() == IN_A_ROW + 1
    assert not album.hosts["kew.example"].breaker.given_up


@pytest.mark.parametrize(
    ("happens", "error", "said"),
    [
        (RuntimeError("a defect"), RuntimeError, "a defect"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            BadInput,
            "cannot be written .* make room and start again",
        ),
        (None, KeyboardInterrupt, None),
    ],
)
def test_what_stops_the_work_loses_none_of_it(tmp_path, happens, error, said):
    names = [f"n{number}" for number in range(400)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which a background job does not have

    class Stopping(Album):
        def get(self, row, file):
            if row["image_id"] == "n20":
                if happens is not None:
                    raise happens
                os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C
            return super().get(row, file)

    try:
        with pytest.raises(error, match=said):
            fetch(wanted(*names), tmp_path, Stopping(**{name: picture() for name in names}), workers=4)
    finally:
        signal.signal(signal.SIGINT, before)
    kept = read_manifest(tmp_path)
    assert 17 <= len(kept) < 300
    assert files(tmp_path) == {*kept["path"], "manifest.jsonl", ".manifest.lock"}
    album = Album(**{name: picture() for name in names})
    assert not fetch(wanted(*names), tmp_path, album)["reason"].any()
    assert album.asked.total() == 400 - len(kept)
    assert files(tmp_path) == {*(f"images/{name}.jpg" for name in names), *MANIFEST}


def test_a_folder_at_work_takes_no_second_start(tmp_path):
    class Second(Album):
        def get(self, row, file):
            with pytest.raises(BadInput, match="another process"):
                fetch(wanted("b"), tmp_path, self)
            return super().get(row, file)

    assert not fetch(wanted("a"), tmp_path, Second(a=picture()))["reason"].any()


def test_failures_are_counted_by_reason_and_host(tmp_path):
    rows = pd.concat(
        [
            wanted("a", "b", host="one.example"),
            wanted("c", "d", "e", host="two.example"),
            wanted("f", host="["),
        ]
    ).reset_index(drop=True)
    album = Album(a="404", b="404", c="503", d="503", e="503", f="404")
    report = failure_report(fetch(rows, tmp_path, album))
    assert report.to_numpy().tolist() == [
        ["503", "two.example", 3],
        ["404", "one.example", 2],
        ["404", "", 1],
    ]
    assert list(report.columns) == ["reason", "host", "images"]
    nothing = failure_report(fetch(wanted("a"), tmp_path, Album(a=picture())))
    assert nothing.empty and list(nothing.columns) == ["reason", "host", "images"]


PICTURES = [picture(seed, (64, 64)) for seed in range(60)]


class Slow(BaseHTTPRequestHandler):
    """Sends each picture in two halves with a pause between."""

    def do_GET(self):
        content = PICTURES[int(self.path.strip("/"))]
        with self.server.lock:
            self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content[:2000])
            time.sleep(0.03)
            self.wfile.write(content[2000:])
        except ConnectionError:
            pass  # who asked has been killed

    def log_message(self, *_):
        pass


def fetch_pictures(address, folder):
    """Fetch all of `PICTURES` from `address`, in the process that is to be killed, or at last in the test's."""
    rows = wanted(*[f"n{number}" for number in range(len(PICTURES))])
    rows["urls"] = [[f"{address}/{number}"] for number in range(len(PICTURES))]
    with Web() as web:
        return fetch(rows, folder, web, workers=4)


def test_ten_kills_lose_nothing_and_double_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    rng = np.random.default_rng(89)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["herbnb.data.fetching.web"])  # ten starts cost one import
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        server.asked, server.lock = 0, threading.Lock()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            for _ in range(10):
                process = processes.Process(target=fetch_pictures, args=(address, tmp_path))
                enough, end = server.asked + rng.integers(0, 9), time.monotonic() + 15
                process.start()
                while server.asked < enough and process.is_alive() and time.monotonic() < end:
                    time.sleep(0.002)
                time.sleep(rng.uniform(0, 0.06))
                process.kill()
                process.join()
                assert process.exitcode == -9
                for file in (tmp_path / "images").glob("*"):  # whatever has its name is whole
                    assert file.read_bytes() == PICTURES[int(file.stem[1:])]
            left = len(list((tmp_path / "images").glob("*")))
            manifest = fetch_pictures(address, tmp_path)
        finally:
            server.shutdown()
    assert 10 < left < len(PICTURES)  # so the kills came in the middle of the work
    assert server.asked <= len(PICTURES) + 10 * 4  # and each cost no more than the four images under way
    assert not manifest["reason"].any() and manifest["image_id"].is_unique and len(manifest) == len(PICTURES)
    for number, path in enumerate(manifest["path"]):
        assert (tmp_path / path).read_bytes() == PICTURES[number]
    assert files(tmp_path) == {*manifest["path"], *MANIFEST}
    stored = pd.read_parquet(tmp_path / "manifest.parquet")
    assert sorted(stored["image_id"]) == sorted(manifest["image_id"])
