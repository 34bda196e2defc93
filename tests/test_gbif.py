"""GBIF downloads by key, from a stand-in for api.gbif.org."""

import io
import json
import logging
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from herbnb.data.fetching.gbif import API, fetch_archive
from herbnb.errors import BadInput

KEY = "0003970-140910143529206"
META = {
    "key": KEY,
    "doi": "10.15468/dl.abc123",
    "license": "http://creativecommons.org/licenses/by-nc/4.0/legalcode",
    "request": {"format": "DWCA"},
    "created": "2014-09-10T14:35:29.206+00:00",
    "status": "SUCCEEDED",
}


def archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("meta.xml", "<archive/>")
    return content.getvalue()


class Gbif:
    """What the stand-in answers: status and body of the metadata and of the file."""

    def __init__(self):
        self.meta, self.status = META | {"size": len(archive())}, 200
        self.body, self.type, self.file = None, "application/json", archive()
        self.asked, self.stumbles = [], []


@pytest.fixture
def gbif(monkeypatch):
    state = Gbif()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            body = state.body if state.body is not None else json.dumps(state.meta).encode()
            kind, status = state.type, state.status
            if "/request/" in self.path:
                body, status = b"", 302
            elif self.path.startswith("/elsewhere/"):
                body, kind, status = state.file, "application/zip", 200
            if state.stumbles:
                status = state.stumbles.pop(0)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"/elsewhere/{KEY}.zip")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        state.address = f"http://127.0.0.1:{server.server_port}/v1"
        yield state
        server.shutdown()
        thread.join()


def fetched(gbif, to, key=KEY):
    """Fetch from the stand-in."""
    return fetch_archive(key, to, api=gbif.address, pause=0.001)


def test_a_download_is_kept_whole_with_its_citation(gbif, tmp_path):
    path = fetched(gbif, tmp_path / "to")
    assert path == tmp_path / "to" / f"{KEY}.zip" and path.read_bytes() == gbif.file
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, "citation.txt"]
    said = (path.parent / "citation.txt").read_text("utf-8")
    assert "GBIF.org (10 September 2014) GBIF Occurrence Download https://doi.org/10.15468/dl.abc123" in said
    assert "licence: http://creativecommons.org/licenses/by-nc/4.0/legalcode" in said
    download = "/v1/occurrence/download"
    assert gbif.asked == [f"{download}/{KEY}", f"{download}/request/{KEY}.zip", f"/elsewhere/{KEY}.zip"]
    assert API == "https://api.gbif.org/v1"


def test_an_archive_that_is_there_is_not_fetched_again(gbif, tmp_path):
    path = fetched(gbif, tmp_path)
    asked = len(gbif.asked)
    assert fetched(gbif, tmp_path) == path and len(gbif.asked) == asked


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "RUNNING"}, "is not finished"),
        ({"status": "PREPARING"}, "is not finished"),
        ({"status": "FILE_ERASED"}, "has erased the files"),
        ({"status": "KILLED"}, "ended as KILLED"),
        ({"status": "CANCELLED"}, "ended as CANCELLED"),
        ({"request": {"format": "SIMPLE_CSV"}}, "is a SIMPLE_CSV"),
        ({"size": 7}, "did not come whole"),
        ({"created": "yesterday"}, "does not answer as it should"),
    ],
)
def test_a_download_that_cannot_be_used_is_refused_and_leaves_nothing(gbif, tmp_path, change, said):
    gbif.meta |= change
    with pytest.raises(BadInput, match=said):
        fetched(gbif, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (404, b"", "application/json", "does not have the download"),
        (410, b"", "application/json", "does not have the download"),
        (503, b"", "text/html", "status 503"),
        (200, b"<html>", "text/html", "does not answer as it should"),
        (200, b"<html>", "application/json", "does not answer as it should"),
        (200, b"[]", "application/json", "does not answer as it should"),
        (200, b"{}", "application/json", "does not answer as it should"),
    ],
)
def test_answers_of_another_kind_are_said(gbif, tmp_path, status, body, kind, said):
    gbif.status, gbif.body, gbif.type = status, body, kind
    with pytest.raises(BadInput, match=said):
        fetched(gbif, tmp_path)


@pytest.mark.parametrize("file", [b"", b"<html>", archive()[:-20]])
def test_a_file_that_is_no_zip_is_not_kept(gbif, tmp_path, file):
    gbif.file, gbif.meta["size"] = file, len(file)
    with pytest.raises(BadInput, match="did not come whole"):
        fetched(gbif, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "12", f"{KEY}/..", f"{KEY}\n", "10.15468/dl.abc"])
def test_a_key_that_is_none_is_not_asked_for(gbif, tmp_path, key):
    with pytest.raises(BadInput, match="no key of a GBIF download"):
        fetched(gbif, tmp_path, key)
    assert gbif.asked == []


def test_a_server_that_stumbles_is_asked_again(gbif, tmp_path):
    gbif.stumbles = [503, 429, 500]
    assert fetched(gbif, tmp_path).read_bytes() == gbif.file
    assert len(gbif.asked) == 6


def test_a_file_that_gbif_refuses_is_said_and_leaves_nothing(gbif, tmp_path):
    gbif.stumbles = [200, 404]
    with pytest.raises(BadInput, match="does not have the download"):
        fetched(gbif, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nobody_answers(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(BadInput, match="does not answer as it should"):
        fetch_archive(KEY, tmp_path, api="http://127.0.0.1:9/v1", pause=0.001)


def test_the_log_is_as_quiet_as_before(gbif, tmp_path):
    level = logging.getLogger().level
    fetched(gbif, tmp_path)
    assert logging.getLogger().level == level
