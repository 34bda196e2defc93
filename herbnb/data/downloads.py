"""Downloads: images fetched over HTTP, and kept only when they are whole images.

What a server calls an image need not be one: the bytes decide.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pandas as pd
from PIL import Image
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential, wait_random
from tqdm import tqdm

from herbnb import __version__
from herbnb.data.artefacts import whole

RASTER = ("JPEG", "PNG", "TIFF", "WEBP", "JPEG2000", "GIF", "BMP")
LARGEST = 500_000_000
"""Bytes after which a body is given up: a herbarium scan at 600 dpi is a tenth of it."""


class Unusable(Exception):
    """What came is not what was asked for, and asking again would not help."""


def fetch(
    urls: Iterable[str],
    paths: Iterable[str | Path],
    *,
    proxy: str | None = None,
    workers: int = 8,
    timeout: float = 30.0,
    attempts: int = 4,
    pause: float = 0.5,
) -> pd.DataFrame:
    """Fetch each of `urls` into the file of `paths` beside it, skipping files that are already
    there.

    A broken connection, a status of 429 and those from 500 on are tried again, after a pause that
    doubles each time; every other status of 400 or more is final. A file is written only when its
    bytes are complete and decode, to the last pixel, as a raster image.

    Args:
        urls: addresses, http or https only, also after a redirect.
        paths: a file each, all different.
        proxy: address of the proxy to ask, as `herbnb.data.loopback.serve` gives it; None asks the
            web.
        workers: how many images to fetch at once.
        timeout: seconds to wait for a connection, and for each next piece of a body.
        attempts: how often to ask for one image.
        pause: seconds before the second attempt.

    Returns:
        The failures: `url`, `path`, `reason`, in the order of `urls`; no row when all went well.
    """
    jobs = [(str(url), Path(path)) for url, path in zip(urls, paths, strict=True)]
    again = Retrying(
        retry=retry_if_exception(worth_another_try),
        stop=stop_after_attempt(attempts),
        wait=wait_exponential(pause, max=30) + wait_random(0, pause),
        reraise=True,
    )
    client = httpx.Client(
        proxy=proxy,
        timeout=timeout,
        follow_redirects=True,
        headers={"User-Agent": f"herbnb/{__version__}", "Accept": "image/*"},
    )

    def reason(job: tuple[str, Path]) -> str:
        url, path = job
        if path.exists():
            return ""
        try:
            again.copy()(fetch_one, client, url, path)
        except (httpx.HTTPError, httpx.InvalidURL, Unusable, OSError) as error:
            return said(error)
        return ""

    with client, ThreadPoolExecutor(workers) as pool:
        reasons = list(tqdm(pool.map(reason, jobs), total=len(jobs), desc="images", disable=None))
    failures = [(url, str(path), why) for (url, path), why in zip(jobs, reasons, strict=True) if why]
    return pd.DataFrame(failures, columns=["url", "path", "reason"])


def fetch_one(client: httpx.Client, url: str, path: Path) -> None:
    """Fetch one image into `path`, or raise: an error of httpx, or Unusable."""
    with whole(path) as temporary, client.stream("GET", url) as response:
        response.raise_for_status()
        size = 0
        with open(temporary, "wb") as file:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > LARGEST:
                    raise Unusable(f"larger than {LARGEST:,} bytes")
                file.write(piece)
        try:
            with Image.open(temporary, formats=RASTER) as image:
                image.load()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            kind = response.headers.get("Content-Type", "of no stated type")
            raise Unusable(f"not a whole image ({kind}, {size:,} bytes)") from error


def worth_another_try(error: BaseException) -> bool:
    """Say whether asking again may help: after a broken connection, 429, or 500 and more."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)


def said(error: Exception) -> str:
    """Say in a few words why an image did not come."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"{error.response.status_code} {error.response.reason_phrase}"
    if isinstance(error, httpx.UnsupportedProtocol):
        return "neither http nor https"
    return f"{type(error).__name__}: {error}".rstrip(": ") if not isinstance(error, Unusable) else str(error)
