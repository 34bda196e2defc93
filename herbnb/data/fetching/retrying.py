"""Retrying: what may help a second time is asked again, after a pause, in the same way everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential, wait_random

from herbnb.data.fetching.source import Passing, Unusable

BAD_ADDRESS = (
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    ValueError,
    OverflowError,
)
"""What an address may raise that no server could be asked for: a broken port, a label too long."""


def retrying(attempts: int, pause: float) -> Retrying:
    """Return a loop of at most so many attempts, of which each that raises `Passing` is followed by another.

    Args:
        attempts: how often to ask.
        pause: seconds before the second attempt, doubled before each further one, to a minute at most.
    """
    return Retrying(
        retry=retry_if_exception_type(Passing),
        stop=stop_after_attempt(attempts),
        wait=wait_exponential(pause, max=60) + wait_random(0, pause),
        reraise=True,
    )


@contextmanager
def reasons() -> Iterator[None]:
    """Say in a few words, the same for all images, what httpx calls by many names."""
    try:
        yield
    except BAD_ADDRESS as error:
        raise Unusable("no valid address") from error
    except httpx.TimeoutException as error:
        raise Passing(f"no answer in time ({type(error).__name__})") from error
    except httpx.ConnectError as error:
        raise Passing(f"no connection ({error})") from error
    except httpx.ProxyError as error:
        raise Unusable("the proxy lets nobody through") from error
    except httpx.TransportError as error:
        raise Passing(f"connection broken ({type(error).__name__})") from error
    except httpx.DecodingError as error:
        raise Unusable("badly compressed") from error
