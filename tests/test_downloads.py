"""Downloads, from a real server on the loopback address that misbehaves on purpose."""

import io
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from herbnb.data.downloads import fetch


def picture(kind="JPEG"):
    content = io.BytesIO()
    Image.effect_noise((64, 80), 60).convert("RGB").save(content, kind)
    return content.getvalue()


PICTURE = picture()


ASKED = Counter()


class Misbehaving(BaseHTTPRequestHandler):
    def do_GET(self):
        ASKED[self.path] += 1
        first = ASKED[self.path] == 1
        length = None
        status, kind, content = 200, "image/jpeg", PICTURE
        match self.path:
            case "/missing.jpg":
                status = 404
            case "/busy.jpg" | "/limited.jpg" if first:
                status = 500 if "busy" in self.path else 429
            case "/broken.jpg":
                status = 503
            case "/page.jpg":
                kind, content = "text/html", b"<!doctype html><title>Sorry</title>"
            case "/empty.jpg":
                content = b""
            case "/half.jpg":
                content = PICTURE[: len(PICTURE) // 2]
            case "/cut.jpg" if first:
                length, content = len(PICTURE), PICTURE[:200]
            case "/moved.jpg":
                status, kind = 302, "text/plain"
            case "/script.jpg":
                content = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
            case "/called.jpg":
                kind, content = "application/octet-stream", picture("PNG")
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "file:///etc/hostname")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ASKED.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def fetched(server, folder, *names):
    paths = [folder / f"{i}_{name}" for i, name in enumerate(names)]
    failures = fetch([f"{server}/{name}" for name in names], paths, pause=0.01, timeout=5)
    return failures, paths


def test_images_come_whole_whatever_they_are_called(server, tmp_path):
    failures, paths = fetched(server, tmp_path, "good.jpg", "called.jpg")
    assert failures.empty and list(failures.columns) == ["url", "path", "reason"]
    assert paths[0].read_bytes() == PICTURE
    with Image.open(paths[1]) as image:
        assert image.format == "PNG"


@pytest.mark.parametrize("name", ["busy.jpg", "limited.jpg", "cut.jpg"])
def test_what_may_pass_is_tried_again(server, tmp_path, name):
    failures, paths = fetched(server, tmp_path, name)
    assert failures.empty and paths[0].read_bytes() == PICTURE
    assert ASKED[f"/{name}"] == 2


@pytest.mark.parametrize(
    ("name", "reason", "asked"),
    [
        ("missing.jpg", "404", 1),
        ("broken.jpg", "503", 4),
        ("page.jpg", "not a whole image (text/html", 1),
        ("empty.jpg", "not a whole image", 1),
        ("half.jpg", "not a whole image", 1),
        ("script.jpg", "not a whole image", 1),
        ("moved.jpg", "neither http nor https", 1),
    ],
)
def test_what_is_no_image_is_listed_and_leaves_no_file(server, tmp_path, name, reason, asked):
    failures, _ = fetched(server, tmp_path, name)
    assert len(failures) == 1 and reason in failures.loc[0, "reason"]
    assert ASKED[f"/{name}"] == asked
    assert list(tmp_path.iterdir()) == []


def test_one_failure_does_not_stop_the_others(server, tmp_path):
    failures, paths = fetched(server, tmp_path, "good.jpg", "missing.jpg", "other.jpg")
    assert list(failures["path"]) == [str(paths[1])]
    assert paths[0].exists() and paths[2].exists()


def test_a_file_that_is_there_is_not_asked_for(server, tmp_path):
    fetched(server, tmp_path, "good.jpg")
    fetched(server, tmp_path, "good.jpg")
    assert ASKED["/good.jpg"] == 1


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/a.jpg", "K001.jpg"])
def test_only_the_web_is_asked(tmp_path, url):
    failures = fetch([url], [tmp_path / "a.jpg"], pause=0.01)
    assert failures.loc[0, "reason"] == "neither http nor https"


def test_a_host_that_is_not_there_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    failures = fetch(["http://127.0.0.1:9/a.jpg"], [tmp_path / "a.jpg"], pause=0.01, attempts=2)
    assert "ConnectError" in failures.loc[0, "reason"]
