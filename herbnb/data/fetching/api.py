"""API: questions to a portal's own interface, asked as patiently as images are."""

from pathlib import Path

import httpx

from herbnb import __version__
from herbnb.data.fetching.hosts import Host
from herbnb.data.fetching.retrying import reasons, retrying
from herbnb.data.fetching.source import Unusable

LARGEST = 200_000_000
"""Bytes of an answer that is kept in memory: ten times the largest page of iDigBio's."""


class Api:
    """A portal that answers questions; a context manager.

    A broken connection, a status of 429 and those from 500 on are tried again, after a pause that
    doubles each time, or that the portal names in `Retry-After`. Every other answer is final.

    Args:
        pause: seconds before the second attempt.
        attempts: how often to ask.
        timeout: seconds to wait for a connection, and for each next piece of an answer.
        patience: seconds that the portal may ask us to wait.
    """

    def __init__(self, pause: float = 1.0, attempts: int = 4, timeout: float = 60.0, patience: float = 300.0):
        agent = {"User-Agent": f"herbnb/{__version__} (records of herbarium sheets, for study)"}
        self.client = httpx.Client(timeout=timeout, headers=agent, follow_redirects=True)
        self.host = Host(1, patience)
        self.again = retrying(attempts, pause)

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(self, method: str, url: str, file: Path | None = None, **question: object) -> httpx.Response:
        """Ask, and return the answer, whatever its status; its body goes to `file` where one is given.

        Args:
            method: "GET" or "POST".
            url: of the question.
            file: where the body of a success is written, for what is too large for the memory.
            question: what httpx sends along, such as `json`.

        Raises:
            Unusable: no answer came, or none but to come again later.
        """
        for attempt in self.again.copy():
            with attempt, self.host.turn(), reasons(), self.client.stream(method, url, **question) as answer:
                if answer.status_code == 429 or answer.status_code >= 500:
                    self.host.refuse(answer.status_code, answer.headers.get("Retry-After", ""))
                if file is None or not answer.is_success:
                    answer = httpx.Response(answer.status_code, content=body_of(answer))
                else:
                    with file.open("wb") as content:
                        for piece in answer.iter_bytes():
                            content.write(piece)
        return answer


def body_of(answer: httpx.Response) -> bytes:
    """Read the body of an answer, unpacked if it came packed, or raise Unusable where it is too large."""
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST:
            raise Unusable(f"an answer larger than {LARGEST:,} bytes", status=answer.status_code)
    return bytes(body)
