"""Museums: a server on the loopback address that answers for many hosts, some of which misbehave.

    python -m benchmarks.museums COUNT    # images from the first to the last

It is asked as a proxy, prints its port, and, when its input ends, what it was asked for, as JSON.
"""

import asyncio
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator

import pandas as pd
from PIL import Image

from herbnb.data.fetching.manifest import BATCH
from herbnb.files import spread

KINDS = ("refusing", "silent", "failing", "dripping", "endless", "page", "circle", "truncated")
"""How hosts misbehave. One that is refusing is an address of this machine at which nobody listens."""


def name_of(host: int, ill: int) -> str:
    """Return the name of a host; the first `ill` misbehave, each in another way than the next."""
    kind = KINDS[host % len(KINDS)] if host < ill else "well"
    return f"127.1.{host // 250}.{host % 250 + 1}" if kind == "refusing" else f"{kind}{host}.example"


def refusing(hosts: int, ill: int) -> str:
    """Return the names of the hosts that no proxy is to be asked for, as NO_PROXY lists them."""
    return ",".join(name for host in range(hosts) if (name := name_of(host, ill)).startswith("127."))


def wanted(count: int, hosts: int, ill: int) -> Iterator[pd.DataFrame]:
    """Yield `count` images of so many hosts, a few at a time, as `downloads.fill` takes them."""
    names = [name_of(host, ill) for host in range(hosts)]
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        yield pd.DataFrame(
            {
                "image_id": [f"K{number:08d}" for number in numbers],
                "path": [f"images/{spread(str(number))}/{number:08d}.jpg" for number in numbers],
                "urls": [[f"http://{names[number % hosts]}/{number}"] for number in numbers],
                "licence": "CC0",
                "rights_holder": "",
            }
        )


class Museums:
    """The server: `served` counts how often each image has been sent whole, `asked` the kinds of hosts."""

    def __init__(self, count: int):
        content = io.BytesIO()
        Image.effect_noise((24, 32), 60).save(content, "JPEG")
        self.image, self.served, self.asked = content.getvalue(), bytearray(count), Counter()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection, until it is closed or one of us misbehaves."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                url = head.split(None, 2)[1].decode()
                kind = re.match("http://([a-z]+)", url)[1]
                self.asked[kind] += 1
                if kind == "well":
                    self.send(writer, self.image)
                    await writer.drain()
                    self.served[int(url.rsplit("/", 1)[1])] += 1
                else:
                    await self.misbehave(kind, url, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # who asked has gone, or all is over
        finally:
            writer.close()

    async def misbehave(self, kind: str, url: str, writer: asyncio.StreamWriter) -> None:
        """Answer as one of `KINDS` does."""
        if kind == "silent":
            await asyncio.sleep(60)
        elif kind == "failing":
            self.send(writer, b"", "500 Internal Server Error")
        elif kind == "dripping":
            self.send(writer, b"", length=len(self.image))
            for place in range(len(self.image)):
                writer.write(self.image[place : place + 1])
                await writer.drain()
                await asyncio.sleep(0.05)
        elif kind == "endless":
            self.send(writer, b"", length=None)
            while True:
                writer.write(self.image)
                await writer.drain()
        elif kind == "page":
            self.send(writer, b"<!doctype html><title>Sorry</title>")
        elif kind == "circle":
            self.send(writer, b"", f"302 Found\r\nLocation: {url}")
        elif kind == "truncated":
            self.send(writer, self.image[: len(self.image) // 2])
        await writer.drain()

    def send(
        self, writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", length: int | None = -1
    ):
        """Write a head and a body; a `length` of None is that of a body without an end."""
        length = len(body) if length == -1 else length
        told = "Connection: close" if length is None else f"Content-Length: {length}"
        writer.write(f"HTTP/1.1 {status}\r\n{told}\r\n\r\n".encode() + body)


async def main(count: int) -> None:
    """Serve on the loopback address until the input ends, and then print what was asked for."""
    museums = Museums(count)
    server = await asyncio.start_server(museums.answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"asked": museums.asked, "served": Counter(museums.served)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
