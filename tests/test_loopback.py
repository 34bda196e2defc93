"""The server that stands in for the web, asked directly and as a proxy."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from herbnb.data.fetching.loopback import serve
from herbnb.errors import BadInput


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.txt").write_text("not to be served")
    (tmp_path / "kew" / "images").mkdir(parents=True)
    (tmp_path / "kew" / "images" / "K000 1.jpg").write_bytes(b"picture")
    (tmp_path / "kew" / "out").symlink_to(tmp_path / "secret.txt")
    return tmp_path / "kew"


def raw(address, target):
    """Ask for `target` as it stands: a client library would tidy it up."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
        line.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        return line.makefile("rb").read()


def test_it_answers_for_any_host_as_a_proxy(folder):
    with serve(folder) as address:
        answer = httpx.get("http://kew.pocket.example/images/K000%201.jpg", proxy=address)
    assert answer.content == b"picture"
    assert answer.headers["Content-Type"] == "image/jpeg"


def test_it_listens_on_the_loopback_address_and_stops(folder):
    with serve(folder) as address:
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}/images/K000%201.jpg", trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/images/../../secret.txt",
        "http://kew.pocket.example/../secret.txt",
        "/out",
        "/images",
        "/",
        "/nothing.jpg",
        "/images/a%00.jpg",
    ],
)
def test_it_never_leaves_its_folder(folder, target):
    with serve(folder) as address:
        answer = raw(address, target)
    assert b" 404 " in answer.splitlines()[0]
    assert b"not to be served" not in answer


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadInput, match="is not a folder"), serve(tmp_path / "nowhere"):
        pass
