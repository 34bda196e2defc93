"""Web: images from the addresses of many museums, asked for with patience and with manners."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx

from herbnb import __version__
from herbnb.data.fetching.breaker import GIVEN_UP, RESTS
from herbnb.data.fetching.hosts import Hosts, host_of
from herbnb.data.fetching.retrying import reasons, retrying
from herbnb.data.fetching.source import Answer, Failing, Resting, Unusable
from herbnb.data.images.decoding import Unreadable, measured
from herbnb.errors import BadInput

LARGEST = 500_000_000
"""Bytes after which a body is given up: a herbarium scan at 600 dpi is a tenth of it."""

KEPT = 16
"""Connections kept open for the next image. For each image the pool looks at all of them: five hundred made
it ten times as slow."""

HOPS = 10
"""Redirects that are followed for one image."""


class Web:
    """The source of images that have an address; a context manager.

    A broken connection, a status of 429 and those from 500 on are tried again, after a pause that
    doubles each time, or that the host names in `Retry-After`, which then holds for all its images.
    Every other refusal is final for an address. Bytes that are no whole raster image are a refusal,
    whatever the server calls them. After a refusal the next of an image's addresses is asked.

    A host that fails time after time is left alone, and given up in the end: see `breaker`.

    Args:
        proxy: address of the proxy to ask, as `herbnb.data.fetching.loopback.serve` gives it.
        per_host: how many images to ask of one host at once.
        timeout: seconds to wait for a connection, and for each next piece of a body.
        attempts: how often to ask one address.
        pause: seconds before the second attempt.
        patience: seconds that one answer may take in all, and that a host may ask us to wait.
        contact: an e-mail address for the museums whose servers we ask.
        largest: bytes after which a body is given up.
        rests: seconds that a host is left alone once it fails, as `Breaker` has them.

    Raises:
        BadInput: a `contact` that cannot be sent.
    """

    accept, of = "image/*", "images of herbarium sheets"

    def __init__(
        self,
        proxy: str | None = None,
        per_host: int = 4,
        timeout: float = 30.0,
        attempts: int = 4,
        pause: float = 0.5,
        patience: float = 300.0,
        contact: str = "",
        largest: int = LARGEST,
        rests: Sequence[float] = RESTS,
    ):
        if not (contact.isascii() and contact.isprintable()):
            raise BadInput(f"contact is {contact!r}: give an e-mail address in plain letters.")
        purpose = "; ".join(filter(None, (f"{self.of}, for study", contact)))
        self.client = httpx.Client(
            proxy=proxy,
            timeout=timeout,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=KEPT),
            headers={
                "User-Agent": f"herbnb/{__version__} ({purpose})",
                "Accept": self.accept,
                "Accept-Encoding": "identity",
            },
        )
        self.again = retrying(attempts, pause)
        self.hosts = Hosts(per_host, patience, rests)
        self.largest, self.patience = largest, patience

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, row: dict, file: Path) -> Answer:
        """Write the image at the first of `row["urls"]` that has one to `file`, or raise.

        A row that comes again after a rest goes on with the address that it had come to.

        Raises:
            Unusable: none has one, and why.
            Resting: the host of the next address is left alone for now.
        """
        tries, refusals = row.get("tries", 0), dict(row.get("refusals", {}))
        for url in dict.fromkeys(url for url in row["urls"] if url and url not in refusals):
            try:
                for attempt in self.again.copy():
                    with attempt:
                        tries += 1
                        return self.ask(url, file, tries)
            except Unusable as refusal:
                refusals[url] = refusal
                tries -= refusal.reason.startswith(GIVEN_UP)  # which was no try
            except Resting as resting:
                raise Resting(resting.host, row | {"tries": tries - 1, "refusals": refusals}) from resting
        if not refusals:
            raise Unusable("no address")
        reasons = [
            refusal.reason if len(refusals) == 1 else f"{refusal.reason} ({host_of(url)})"
            for url, refusal in refusals.items()
        ]
        url, last = refusals.popitem()
        raise Unusable("; ".join(dict.fromkeys(reasons)), url, last.status, tries)

    def ask(self, url: str, file: Path, tries: int) -> Answer:
        """Ask one address once, following its redirects, and check what comes."""
        with reasons():
            request = self.client.build_request("GET", url)
        for _ in range(HOPS + 1):
            if request.url.scheme not in ("http", "https"):
                raise Unusable("neither http nor https")
            host = self.hosts[request.url.host]
            with host.turn(), reasons(), closing(self.client.send(request, stream=True)) as response:
                request = response.next_request
                if request is None:
                    if not response.is_success:
                        host.refuse(response.status_code, response.headers.get("Retry-After", ""))
                    self.save(response, file)
                    break
        else:
            raise Unusable(f"more than {HOPS} redirects")
        return Answer(url, response.status_code, tries, self.checked(file, response.status_code))

    def save(self, response: httpx.Response, file: Path) -> None:
        """Write the body to `file`, unless it is too large or too slow."""
        status, too_large = response.status_code, f"larger than {self.largest:,} bytes"
        if int(response.headers.get("Content-Length", 0)) > self.largest:
            raise Unusable(too_large, status=status)
        size, end = 0, time.monotonic() + self.patience
        with open(file, "wb") as content:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > self.largest:
                    raise Failing(too_large, status=status)
                if time.monotonic() > end:
                    raise Failing(f"not all here after {self.patience:g} s", status=status)
                content.write(piece)

    def checked(self, file: Path, status: int) -> tuple[int, int]:
        """Return the width and height of the image in `file`, decoded to its end, or raise Unusable."""
        try:
            return measured(file)
        except Unreadable as error:
            raise Unusable(error.fault, status=status) from error
