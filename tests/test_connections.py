"""Connections: whom a run speaks to, as each of its processes has noted (`tests/tracing`)."""

import socket
from ipaddress import ip_address
from pathlib import Path

from conftest import HEARD

OURS = {"a socket of the machine's", "None", "localhost", socket.gethostname(), socket.getfqdn()}


def test_no_connection_leaves_the_machine_in_any_chapter(workplace: Path, executed: Path) -> None:
    heard = {line.split("\t")[1] for line in (workplace / HEARD).read_text().splitlines()}
    assert "127.0.0.1" in heard  # the drawn Kew is fetched from there
    assert {whom for whom in heard - OURS if not loopback(whom)} == set()


def loopback(whom: str) -> bool:
    """Say whether a name or an address is that of the machine itself."""
    try:
        return ip_address(whom).is_loopback
    except ValueError:
        return False
