"""Time downloads from many hosts, a tenth of which misbehave, killed twice, and measure their memory.

    python -m benchmarks.downloads 1000000    # so many addresses, in place of `MANY`

Nothing leaves this machine: see `museums`. Waits are shorter than those that real hosts get.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from benchmarks import museums
from herbnb.data.fetching.downloads import fill
from herbnb.data.fetching.manifest import stored_rows
from herbnb.data.fetching.outcome import host_report
from herbnb.data.fetching.web import Web

FEW, MANY = 10_000, 50_000
HOSTS, ILL = 500, 50
WORKERS = 16

MANNERS = dict(timeout=1.0, attempts=3, pause=0.05, patience=2.0, largest=1_000_000, rests=(0.5, 1.0, 2.0))
"""Of `Web`: a host that is gone is given up in seconds here, not in minutes."""

TITLE = "Downloads from {} hosts, of which {} misbehave, with {} threads"
OUTCOME = "What came of {:,} addresses, killed twice on the way"


def tables(many: int = MANY) -> Iterator[tuple[str, pd.DataFrame]]:
    """Measure, and yield the titles and the tables."""
    with tempfile.TemporaryDirectory() as name:
        few = run(Path(name) / "few", FEW, kills=0)[0]
        rows, outcome = run(Path(name) / "many", many, kills=2)
    yield TITLE.format(HOSTS, ILL, WORKERS), pd.DataFrame([*few, *rows])
    yield OUTCOME.format(many), pd.DataFrame([outcome])


def run(
    folder: Path, count: int, kills: int, hosts: int = HOSTS, ill: int = ILL
) -> tuple[list[dict], dict[str, int]]:
    """Fetch `count` images into `folder`, killed so many times on the way; say how it went, and what came."""
    rows, asked = [], {}
    with served(count, asked) as environment:
        for turn in range(kills + 1):
            enough = count * (turn + 1) // (kills + 1) if turn < kills else None
            rows.append({"addresses": count} | one_run(folder, count, hosts, ill, environment, enough))
    return rows, outcome_of(folder, count, hosts, ill, asked)


@contextmanager
def served(count: int, asked: dict) -> Iterator[dict[str, str]]:
    """Serve museums while the block runs, which gets the variables by which they are found; fill `asked`."""
    command = [sys.executable, "-m", "benchmarks.museums", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            proxy = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            yield {"HTTP_PROXY": proxy, "http_proxy": proxy}
        finally:
            asked |= json.loads(server.communicate()[0])


def one_run(
    folder: Path, count: int, hosts: int, ill: int, environment: dict[str, str], enough: int | None
) -> dict:
    """Fetch in a process of its own, which is killed once `enough` rows are written, and say how it went."""
    code = f"from benchmarks import downloads; downloads.bring({str(folder)!r}, {count}, {hosts}, {ill})"
    names = museums.refusing(hosts, ill)
    told = os.environ | environment | {"NO_PROXY": names, "no_proxy": names}
    before, started, peak = written(folder), time.perf_counter(), 0
    with subprocess.Popen([sys.executable, "-c", code], env=told, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, megabytes(process.pid))
            if enough is not None and written(folder) >= enough:
                process.kill()
            time.sleep(0.05)
    if process.returncode != (0 if enough is None else -9):
        raise RuntimeError(f"a run of {count:,} addresses ended with {process.returncode}")
    seconds = time.perf_counter() - started
    rows = written(folder) - before
    how = {"ended": "by itself" if enough is None else "killed", "rows written": rows}
    return how | {"seconds": round(seconds), "a second": round(rows / seconds), "megabytes": peak}


def bring(folder: str, count: int, hosts: int, ill: int) -> None:
    """Fetch the images of the museums into `folder`, in the process that may be killed."""
    with Web(**MANNERS) as web:
        fill(folder, museums.wanted(count, hosts, ill), web, workers=WORKERS)


def written(folder: Path) -> int:
    """Return how many rows the manifest has, in its table and in its lines."""
    journal, table = folder / "manifest.jsonl", folder / "manifest.parquet"
    if journal.exists():
        with journal.open("rb") as lines:
            return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))
    return len(pd.read_parquet(table, columns=["image_id"])) if table.exists() else 0


def megabytes(pid: int) -> int:
    """Return the most memory that a process has taken, 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("VmHWM:")[1].split()[0]) // 1024 if "VmHWM:" in status else 0


def outcome_of(folder: Path, count: int, hosts: int, ill: int, asked: dict) -> dict[str, int]:
    """Count what came of all addresses, what was sent twice, and what was lost."""
    manifest = pd.DataFrame(stored_rows(folder), columns=["image_id", "url", "reason", "path"])
    report = host_report(manifest)[["fetched", "failed", "given_up"]].sum().to_dict()
    well = sum(number % hosts >= ill for number in range(count))
    twice = sum(times for often, times in asked["served"].items() if int(often) > 1)
    here = sum((folder / path).exists() for path in manifest.loc[manifest["reason"] == "", "path"])
    return {"addresses": count, **report, "sent twice": twice, "lost": well - here}


if __name__ == "__main__":
    for title, table in tables(*map(int, sys.argv[1:])):
        print(f"\n{title}\n\n{table.to_markdown(index=False)}", flush=True)
