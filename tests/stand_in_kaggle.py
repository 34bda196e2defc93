"""A stand-in for Kaggle on the loopback address, for what cannot be tried without an account.

It is an HTTP proxy that answers for `http://localhost`, where kagglehub asks when
KAGGLE_API_ENVIRONMENT is LOCALHOST. As the real one does, it answers a request for a file with a
redirect to a store.
"""

import base64
import hashlib
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

TOKEN = "a-token-of-the-test"
RULES = "You must accept this competition's rules before you'll be able to download files."


class StandIn:
    """What the stand-in does, and what it was asked.

    `answers` maps a path to a list of (status, message, headers), each given once before the file
    itself, or to one such tuple, given for ever. `cut` counts how often a file comes by half, `packed`
    holds what comes as a zip, `slow` are the seconds that an answer takes. `asked` counts requests.
    """

    def __init__(self, folder: Path):
        self.folder, self.answers, self.asked, self.cut = folder, {}, Counter(), Counter()
        self.packed, self.address, self.slow = set(), "", 0.0

    def environment(self, home: Path) -> dict[str, str]:
        """Environment variables that lead kagglehub here, with nobody logged in and `home` for ~."""
        return {
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "HTTP_PROXY": self.address,
            "http_proxy": self.address,
            "NO_PROXY": "",
            "no_proxy": "",
            "HOME": str(home),
            "KAGGLE_CONFIG_DIR": str(home / ".kaggle"),
            "KAGGLEHUB_CACHE": str(home / "cache"),
        }


@contextmanager
def stand_in(folder: Path):
    """Serve the files of `folder` as those of the competition, and yield the StandIn."""
    kaggle = StandIn(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            call = urlsplit(self.path).path
            if call == "/api/v1/users.AccountService/GenerateAccessToken":
                return self.as_json(200, {"token": TOKEN, "expiresIn": 43200})
            if not call.endswith("CompetitionApiService/DownloadDataFile"):
                return self.refuse(404, "no such call")
            path = body["fileName"]
            kaggle.asked[path] += 1
            time.sleep(kaggle.slow)
            login = self.headers.get("Authorization", "")
            basic = "Basic " + base64.b64encode(b"botanist:old-key").decode()
            if login not in (f"Bearer {TOKEN}", basic):
                return self.refuse(401, "Unauthenticated")
            answers = kaggle.answers.get(path, kaggle.answers.get("*", []))
            if isinstance(answers, tuple):
                return self.refuse(*answers)
            if answers:
                return self.refuse(*answers.pop(0))
            if body["competitionName"] != "herbarium-2021-fgvc8" or not (kaggle.folder / path).is_file():
                return self.refuse(404, "Not found")
            name = path + ".zip" if path in kaggle.packed else path
            self.send_response(302)
            self.send_header("Location", f"http://localhost/store/{quote(name)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            name = unquote(urlsplit(self.path).path).removeprefix("/store/")
            content = (kaggle.folder / name).read_bytes()
            digest = base64.b64encode(hashlib.md5(content).digest()).decode()
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("x-goog-hash", f"crc32c=AAAAAA==,md5={digest}")
            self.end_headers()
            if kaggle.cut[name] > 0:
                kaggle.cut[name] -= 1
                content = content[: len(content) // 2]
                self.close_connection = True
            self.wfile.write(content)

        def refuse(self, status, message, headers=()):
            if message is None:  # a page of some proxy in between
                return self.answer(status, "text/html", b"<html><title>Sorry</title></html>", headers)
            return self.as_json(status, {"code": status, "message": message}, headers)

        def as_json(self, status, body, headers=()):
            self.answer(status, "application/json; charset=utf-8", json.dumps(body).encode(), headers)

        def answer(self, status, kind, content, headers):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        kaggle.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield kaggle
        finally:
            server.shutdown()
            thread.join()
