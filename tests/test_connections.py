"""Connections: whom a run speaks to, as each of its processes has noted (`tests/tracing`)."""

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml

from conftest import HEARD, ROOT, SMOKE, profile_in, snakemake

OURS = {"a socket of the machine's", "None", "localhost", socket.gethostname(), socket.getfqdn()}
SERVER = "127.0.0.1"
"""From where the drawn Kew is fetched."""


def test_no_connection_leaves_the_machine_in_any_chapter(workplace: Path, executed: Path) -> None:
    whom = heard(workplace)
    assert SERVER in whom and outside(whom) == set()


@pytest.mark.torture
def test_nor_does_one_in_the_pocket_run(tmp_path: Path) -> None:
    pocket = yaml.safe_load((ROOT / "profiles" / "pocket.yml").read_text())
    for chapter in ("kew", "your_herbarium"):  # whose defaults lie in the book's folder
        given = SMOKE["chapters"][chapter].items()
        pocket["chapters"][chapter] = {name: path.replace("smoke", "pocket") for name, path in given}
    profile = profile_in(tmp_path, tmp_path / "herbarium", pocket, "pocket")
    ran = snakemake(profile, tmp_path / "executed", "--quiet")
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-6000:]
    whom = heard(tmp_path)
    assert SERVER in whom and outside(whom) == set()


def heard(folder: Path) -> set[str]:
    """Return whom the processes of a run have spoken to."""
    return {line.split("\t")[1] for line in (folder / HEARD).read_text().splitlines()}


def outside(heard: set[str]) -> set[str]:
    """Return who of them is not the machine itself."""
    return {whom for whom in heard - OURS if not loopback(whom)}


def loopback(whom: str) -> bool:
    """Say whether a name or an address is that of the machine itself."""
    try:
        return ip_address(whom).is_loopback
    except ValueError:
        return False
