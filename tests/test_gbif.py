"""GBIF downloads by key, from a stand-in for api.gbif.org that pygbif asks as a proxy."""

import io
import json
import logging
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from herbnb.data.fetching.gbif import fetch_archive
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
        self.asked = []


@pytest.fixture
def gbif(monkeypatch):
    state = Gbif()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            body = state.body if state.body is not None else json.dumps(state.meta).encode()
            kind, status = state.type, state.status
            if "/request/" in self.path:
                body, kind, status = state.file, "application/zip", 200
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield state
        server.shutdown()
        thread.join()


def test_a_download_is_kept_whole_with_its_citation(gbif, tmp_path):
    path = fetch_archive(KEY, tmp_path / "to")
    assert path == tmp_path / "to" / f"{KEY}.zip" and path.read_bytes() == gbif.file
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, "citation.txt"]
    said = (path.parent / "citation.txt").read_text("utf-8")
    assert "GBIF.org (10 September 2014) GBIF Occurrence Download https://doi.org/10.15468/dl.abc123" in said
    assert "licence: http://creativecommons.org/licenses/by-nc/4.0/legalcode" in said
    assert all(asked.startswith("http://api.gbif.org/v1/occurrence/download/") for asked in gbif.asked)


def test_an_archive_that_is_there_is_not_fetched_again(gbif, tmp_path):
    path = fetch_archive(KEY, tmp_path)
    asked = len(gbif.asked)
    assert fetch_archive(KEY, tmp_path) == path and len(gbif.asked) == asked


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
        fetch_archive(KEY, tmp_path)
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
        fetch_archive(KEY, tmp_path)


@pytest.mark.parametrize("file", [b"", b"<html>", archive()[:-20]])
def test_a_file_that_is_no_zip_is_not_kept(gbif, tmp_path, file):
    gbif.file, gbif.meta["size"] = file, len(file)
    with pytest.raises(BadInput, match="did not come whole"):
        fetch_archive(KEY, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "12", f"{KEY}/..", f"{KEY}\n", "10.15468/dl.abc"])
def test_a_key_that_is_none_is_not_asked_for(gbif, tmp_path, key):
    with pytest.raises(BadInput, match="no key of a GBIF download"):
        fetch_archive(key, tmp_path)
    assert gbif.asked == []


def test_nobody_answers(monkeypatch, tmp_path):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(BadInput, match="does not answer as it should"):
        fetch_archive(KEY, tmp_path)


def test_the_log_is_as_quiet_as_before(gbif, tmp_path):
    level = logging.getLogger().level
    fetch_archive(KEY, tmp_path)
    assert logging.getLogger().level == level
