"""The web as a source, asked for images at a server on the loopback address that misbehaves on purpose."""

import io
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from herbnb import __version__
from herbnb.data.fetching.breaker import IN_A_ROW
from herbnb.data.fetching.source import Passing, Resting, Unusable
from herbnb.data.fetching.web import Web
from herbnb.errors import BadInput
from test_decoding import huge_png


def picture(kind="JPEG"):
    content = io.BytesIO()
    Image.effect_noise((64, 80), 60).convert("RGB").save(content, kind)
    return content.getvalue()


PICTURE = picture()
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>No media</text></svg>'

ANSWERS = {
    "/good.jpg": (200, {"Content-Type": "image/jpeg"}, PICTURE),
    "/unnamed.jpg": (200, {"Content-Type": "application/octet-stream"}, PICTURE),
    "/png.jpg": (200, {"Content-Type": "text/html"}, picture("PNG")),
    "/missing.jpg": (404, {}, b"no"),
    "/gone.jpg": (410, {}, b"no"),
    "/forbidden.jpg": (403, {"Retry-After": "9"}, PICTURE),
    "/broken.jpg": (503, {}, b""),
    "/page.jpg": (200, {"Content-Type": "image/jpeg"}, b"<!doctype html><title>Sorry</title>"),
    "/placeholder.jpg": (200, {"Content-Type": "image/svg+xml"}, SVG),
    "/empty.jpg": (200, {}, b""),
    "/nothing.jpg": (204, {}, b""),
    "/half.jpg": (200, {}, PICTURE[: len(PICTURE) // 2]),
    "/script.jpg": (200, {}, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "/bomb.png": (200, {"Content-Type": "image/png"}, huge_png(90_000, 90_000)),
    "/zipped.jpg": (200, {"Content-Encoding": "gzip"}, PICTURE),
    "/moved.jpg": (301, {"Location": "/good.jpg"}, b""),
    "/local.jpg": (302, {"Location": "file:///etc/hostname"}, b""),
    "/other.jpg": (302, {"Location": "ftp://127.0.0.1/a.jpg"}, b""),
    "/circle.jpg": (302, {"Location": "/circle.jpg"}, b""),
    "/nowhere.jpg": (302, {}, b""),
    "/never.jpg": (429, {"Retry-After": "86400"}, b""),
    "/past.jpg": (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""),
}
"""Always the same: status, headers, body."""


class Museum(ThreadingHTTPServer):
    """A server that counts who asks for what, and how many at once."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Desk)
        self.asked, self.when, self.headers = Counter(), defaultdict(list), {}
        self.inside, self.most, self.counting = Counter(), Counter(), threading.Lock()
        self.closing = threading.Event()
        self.address = f"http://127.0.0.1:{self.server_port}"


class Desk(BaseHTTPRequestHandler):
    def do_GET(self):
        museum, path, host = self.server, self.path, self.headers["Host"]
        path = "/" + path.split("/", 3)[3] if path.startswith("http:") else path
        with museum.counting:
            museum.asked[path] += 1
            museum.when[path].append(time.monotonic())
            museum.headers[path] = dict(self.headers)
            museum.inside[host] += 1
            museum.most[host] = max(museum.most[host], museum.inside[host])
            first = museum.asked[path] == 1
        if path.startswith("/slow"):
            museum.closing.wait(0.04)
        with museum.counting:  # before the last byte, after which the next may come
            museum.inside[host] -= 1
        with suppress(ConnectionError):  # who asked has given up
            self.reply(path, first)

    def reply(self, path, first):
        wait = self.server.closing.wait
        if path in ANSWERS:
            self.answer(*ANSWERS[path])
        elif path.startswith("/slow"):
            self.answer(200, {}, PICTURE)
        elif path == "/silent.jpg":
            wait(5)
        elif path == "/endless.jpg":
            self.answer(200, {}, b"", length=None)
            while not wait(0):
                self.wfile.write(PICTURE)
        elif path == "/large.jpg":
            self.answer(200, {}, PICTURE, length=10**12)
        elif path == "/stalled.jpg":
            self.answer(200, {}, PICTURE[:200], length=len(PICTURE))
            wait(5)
        elif path == "/dripping.jpg":
            self.answer(200, {}, b"", length=len(PICTURE))
            for place in range(len(PICTURE)):
                self.wfile.write(PICTURE[place : place + 1])
                if wait(0.02):
                    break
        elif not first:
            self.answer(200, {}, PICTURE)
        elif path == "/busy.jpg":
            self.answer(500, {}, b"")
        elif path == "/limited.jpg":
            self.answer(429, {}, b"")
        elif path == "/wait.jpg":
            self.answer(429, {"Retry-After": "1"}, b"")
        elif path == "/until.jpg":
            self.answer(
                503,
                {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)},
                b"",
            )
        elif path == "/cut.jpg":
            self.answer(200, {}, PICTURE[:200], length=len(PICTURE))
        # every other: the line is closed without a word

    def answer(self, status, headers, body, length=-1):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(len(body) if length == -1 else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def museum(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with Museum() as museum:
        thread = threading.Thread(target=museum.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield museum
        museum.closing.set()
        museum.shutdown()
        thread.join()


@pytest.fixture
def get(museum, tmp_path):
    """Ask the museum for names, in order, with a Web of the options given: the answer and the file."""

    def get(*names, **options):
        urls = [name if ":" in name or not name else f"{museum.address}/{name}" for name in names]
        with Web(**{"pause": 0.01, "timeout": 3} | options) as source:
            return source.get({"urls": urls}, tmp_path / "file")

    return get


@pytest.mark.parametrize("name", ["good.jpg", "unnamed.jpg", "png.jpg", "moved.jpg"])
def test_an_image_is_kept_whatever_it_is_called(get, museum, tmp_path, name):
    answer = get(name)
    expected = PICTURE if name == "moved.jpg" else ANSWERS[f"/{name}"][2]
    assert (tmp_path / "file").read_bytes() == expected
    assert answer.url == f"{museum.address}/{name}"
    assert (answer.status, answer.tries, answer.size) == (200, 1, (64, 80))


@pytest.mark.parametrize("name", ["busy.jpg", "limited.jpg", "cut.jpg", "closed.jpg"])
def test_what_may_pass_is_tried_again(get, museum, tmp_path, name):
    assert get(name).tries == museum.asked[f"/{name}"] == 2
    assert (tmp_path / "file").read_bytes() == PICTURE


@pytest.mark.parametrize(
    ("name", "reason", "status", "asked"),
    [
        ("missing.jpg", "404 Not Found", 404, 1),
        ("gone.jpg", "410 Gone", 410, 1),
        ("forbidden.jpg", "403 Forbidden", 403, 1),
        ("broken.jpg", "503 Service Unavailable", 503, 3),
        ("past.jpg", "503 Service Unavailable", 503, 3),
        ("page.jpg", "not an image but a web page", 200, 1),
        ("placeholder.jpg", "not an image but an SVG drawing", 200, 1),
        ("empty.jpg", "empty", 200, 1),
        ("nothing.jpg", "empty", 204, 1),
        ("half.jpg", "truncated", 200, 1),
        ("script.jpg", "not an image", 200, 1),
        ("bomb.png", "larger than 300,000,000 pixels", 200, 1),
        ("zipped.jpg", "badly compressed", 0, 1),
        ("local.jpg", "neither http nor https", 0, 1),
        ("other.jpg", "neither http nor https", 0, 1),
        ("circle.jpg", "more than 10 redirects", 0, 11),
        ("nowhere.jpg", "302 Found", 302, 1),
        ("large.jpg", "larger than 500,000,000 bytes", 200, 1),
    ],
)
def test_what_is_no_image_is_refused_with_its_reason(get, museum, name, reason, status, asked):
    with pytest.raises(Unusable) as refused:
        get(name, attempts=3)
    assert (refused.value.reason, refused.value.status) == (reason, status)
    assert refused.value.url == f"{museum.address}/{name}"
    assert museum.asked[f"/{name}"] == asked
    assert refused.value.tries == min(asked, 3) if name != "circle.jpg" else 1


def test_a_body_that_never_ends_is_cut_off(get, museum, tmp_path):
    with pytest.raises(Unusable, match="larger than 100,000 bytes"):
        get("endless.jpg", largest=100_000)
    assert (tmp_path / "file").stat().st_size <= 100_000
    assert museum.asked["/endless.jpg"] == 1


def test_a_body_that_drips_is_given_up_in_the_end(get, museum):
    began = time.monotonic()
    with pytest.raises(Unusable, match=r"not all here after 0\.3 s"):
        get("dripping.jpg", patience=0.3)
    assert time.monotonic() - began < 5 and museum.asked["/dripping.jpg"] == 1


@pytest.mark.parametrize("name", ["stalled.jpg", "silent.jpg"])
def test_a_server_that_falls_silent_is_asked_again_and_given_up(get, museum, name):
    with pytest.raises(Unusable, match=r"no answer in time \(ReadTimeout\)") as refused:
        get(name, timeout=0.2, attempts=2)
    assert refused.value.tries == museum.asked[f"/{name}"] == 2


@pytest.mark.parametrize(("name", "least", "most"), [("wait.jpg", 1, 5), ("until.jpg", 0.9, 6)])
def test_retry_after_is_obeyed_for_the_whole_host(museum, tmp_path, name, least, most):
    with Web(pause=0.01, timeout=3) as source, ThreadPoolExecutor() as pool:
        first = pool.submit(source.get, {"urls": [f"{museum.address}/{name}"]}, tmp_path / "a")
        while not (first.done() or any(host.not_before for host in source.hosts.known.values())):
            time.sleep(0.01)
        source.get({"urls": [f"{museum.address}/good.jpg"]}, tmp_path / "b")
        assert first.result().tries == 2
    began, again = museum.when[f"/{name}"]
    assert least <= again - began < most
    assert least <= museum.when["/good.jpg"][0] - began < most


def test_a_host_that_asks_for_too_long_a_wait_is_given_up(museum, tmp_path):
    with Web(pause=0.01, patience=60) as source:
        with pytest.raises(
            Unusable, match="429 Too Many Requests: the host asks to wait more than 60 s"
        ) as refused:
            source.get({"urls": [f"{museum.address}/never.jpg"]}, tmp_path / "file")
        assert refused.value.status == 429
        with pytest.raises(Unusable, match=r"^the host asks to wait more than 60 s$"):
            source.get({"urls": [f"{museum.address}/good.jpg"]}, tmp_path / "file")
    assert museum.asked["/never.jpg"] == 1 and not museum.asked["/good.jpg"]


def test_the_addresses_are_tried_in_order_until_one_has_an_image(get, museum):
    answer = get("missing.jpg", "missing.jpg", "", "placeholder.jpg", "half.jpg", "good.jpg", "moved.jpg")
    assert answer.url == f"{museum.address}/good.jpg"
    assert (answer.status, answer.tries, answer.size) == (200, 4, (64, 80))
    assert museum.asked["/missing.jpg"] == 1 and not museum.asked["/moved.jpg"]


def test_when_all_addresses_fail_each_says_why(get, museum):
    with pytest.raises(Unusable) as refused:
        get("missing.jpg", "gone.jpg", "placeholder.jpg")
    assert refused.value.reason == (
        "404 Not Found (127.0.0.1); 410 Gone (127.0.0.1); not an image but an SVG drawing (127.0.0.1)"
    )
    assert (refused.value.url, refused.value.status) == (f"{museum.address}/placeholder.jpg", 200)
    assert refused.value.tries == 3


@pytest.mark.parametrize("names", [(), ("",)])
def test_no_address_is_a_reason_too(get, names):
    with pytest.raises(Unusable, match="no address"):
        get(*names)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/hostname", "neither http nor https"),
        ("ftp://127.0.0.1/a.jpg", "neither http nor https"),
        ("data:image/png;base64,AAAA", "neither http nor https"),
        ("urn:catalog:K:Herbarium:K000", "neither http nor https"),
        ("http:///a.jpg", "neither http nor https"),
        ("http://[::1/a.jpg", "no valid address"),
        ("http://127.0.0.1:port/a.jpg", "no valid address"),
        (f"http://{'a' * 80}.example/a.jpg", "no valid address"),
        ("http://127.0.0.1/a\nHost: b", "no valid address"),
    ],
)
def test_only_addresses_of_the_web_are_asked(get, url, reason, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(Unusable) as refused:
        get(url)
    assert refused.value.reason == reason


def test_a_host_that_is_not_there_is_a_reason(get):
    with pytest.raises(Unusable, match=r"no connection \(.*refused\)") as refused:
        get("http://127.0.0.1:9/a.jpg", attempts=2)
    assert refused.value.tries == 2


def test_a_row_whose_host_rests_is_handed_back_with_what_was_learnt(museum, tmp_path):
    local = museum.address.replace("127.0.0.1", "localhost")
    row = {"urls": [f"{local}/missing.jpg", f"{museum.address}/broken.jpg", f"{local}/good.jpg"]}
    with Web(pause=0.01, attempts=2, rests=(0.5,)) as source:
        for _ in range(IN_A_ROW - 1):
            with pytest.raises(Passing), source.hosts["127.0.0.1"].turn():
                raise Passing("503 Service Unavailable")
        with pytest.raises(Resting) as resting:
            source.get(row, tmp_path / "file")
        again = resting.value.row
        assert resting.value.host == "127.0.0.1" and again["tries"] == 2
        with pytest.raises(Resting):
            source.get(again, tmp_path / "file")
        assert museum.asked["/broken.jpg"] == 1, "a host at rest is not asked"
        time.sleep(0.5)
        answer = source.get(
            again, tmp_path / "file"
        )  # it fails once more, is given up, and the next is asked
        assert (answer.url, answer.status, answer.tries) == (f"{local}/good.jpg", 200, 4)
        assert museum.asked["/broken.jpg"] == 2 and museum.asked["/missing.jpg"] == 1
        with pytest.raises(Unusable) as refused:
            source.get({"urls": [f"{museum.address}/good.jpg"]}, tmp_path / "file")
        assert refused.value.reason == "given up: 503 Service Unavailable"
        assert refused.value.url == f"{museum.address}/good.jpg" and refused.value.tries == 0


def test_no_host_is_asked_by_more_than_allowed(museum, tmp_path):
    hosts = [f"{name}.example" for name in ("kew", "geneva", "paris")]
    rows = [{"urls": [f"http://{host}/slow{number}.jpg"]} for number in range(12) for host in hosts]
    with Web(proxy=museum.address, per_host=2) as source, ThreadPoolExecutor(18) as pool:
        answers = [pool.submit(source.get, row, tmp_path / str(n)) for n, row in enumerate(rows)]
        assert all(answer.result().status == 200 for answer in answers)
    assert {host: museum.most[host] for host in hosts} == dict.fromkeys(hosts, 2)


def test_it_says_who_asks(get, museum):
    get("good.jpg", contact="curator@herbarium.example")
    headers = museum.headers["/good.jpg"]
    assert headers["User-Agent"] == (
        f"herbnb/{__version__} (images of herbarium sheets, for study; curator@herbarium.example)"
    )
    assert headers["Accept"] == "image/*"
    get("good.jpg")
    assert museum.headers["/good.jpg"]["User-Agent"].endswith("for study)")


@pytest.mark.parametrize("contact", ["a@b\r\nX: y", "é@b"])
def test_a_contact_that_cannot_be_sent_is_refused(contact):
    with pytest.raises(BadInput, match="e-mail address"):
        Web(contact=contact)
