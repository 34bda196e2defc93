"""Loopback: a folder of images that stands in for the web, on this machine only.

The pocket herbarium describes its Kew sheets as a download does, with addresses on a host that does
not exist. A server on the loopback address answers for that host, so the chapter fetches as it
would from Kew.
"""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from herbnb.errors import BadInput


@contextmanager
def serve(folder: str | Path) -> Iterator[str]:
    """Serve the files of `folder` on 127.0.0.1, at a free port, while the block runs; yield the
    address.

    The server also acts as an HTTP proxy: asked for `http://any.host/images/a.jpg` it answers with
    `folder/images/a.jpg`, whatever the host, and asks nobody else. It never serves a file from
    outside `folder`, lists no folder and writes nothing.

    Raises:
        BadInput: `folder` is not there.
    """
    root = Path(folder).resolve()
    if not root.is_dir():
        raise BadInput(f"{folder} is not a folder: name the one that holds the images to serve.")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = file_asked_for(root, self.path)
            if file is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            content = file.read_bytes()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", mimetypes.guess_type(file.name)[0] or "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep quiet: a chapter's page is no place for a server's log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def file_asked_for(root: Path, target: str) -> Path | None:
    """Return the file below `root` that a request's target names, or None if there is none."""
    try:
        file = (root / unquote(urlsplit(target).path).lstrip("/")).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except ValueError:  # a null byte in the name
        return None
