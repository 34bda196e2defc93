"""Downloads: images fetched into a folder, each kept only when it is whole, none asked for twice.

Where they come from is a *source*, which knows nothing of manifests; this module knows nothing of
addresses.
"""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from herbnb.data.fetching.manifest import ADVICE, BATCH, Manifest, read_manifest
from herbnb.data.fetching.paths import SEEN, Paths
from herbnb.data.fetching.plan import plan
from herbnb.data.fetching.queue import WAITING, Queue
from herbnb.data.fetching.scratch import scratch
from herbnb.data.fetching.source import Answer, Resting, Source, Unusable
from herbnb.data.images.decoding import SUFFIXES, Unreadable, measured
from herbnb.files import writable


def fetch(
    wanted: pd.DataFrame,
    folder: str | Path,
    source: Source,
    *,
    workers: int = 16,
    suffixes: Collection[str] = SUFFIXES,
) -> pd.DataFrame:
    """Fetch the images of `wanted` into `folder`, as `fill` does, and say what came.

    Returns:
        The rows of the manifest (`herbnb.data.fetching.manifest.COLUMNS`) for `wanted`, in its order.
    """
    batches = (wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH))
    fill(folder, batches, source, workers=workers, suffixes=suffixes)
    rows = read_manifest(folder).set_index("image_id")
    return rows.loc[list(wanted["image_id"])].reset_index()


def fill(
    folder: str | Path,
    wanted: Iterable[pd.DataFrame],
    source: Source,
    *,
    workers: int = 16,
    suffixes: Collection[str] = SUFFIXES,
) -> None:
    """Fetch images into `folder`, except those that its manifest has. More of them take no more memory.

    A file gets its name when it has been decoded to the end, then its row; so the process may be
    stopped, even killed, at any moment and started again. An image that is here stays where it is, whatever
    path it is to have today. How hosts take turns, `queue` says; what failed before is asked for again, in
    the order of `plan.turn_of`.

    Args:
        folder: may hold other things; only the images, the manifest and `.partial` are touched.
        wanted: tables with the columns `plan.ASKED`, each a part of the whole; no id and no path twice. A
            file keeps its given name whatever its format: it is read by its content.
        source: whom to ask.
        workers: how many threads ask it at once.
        suffixes: what a path may end in.

    Raises:
        BadInput: a path that leaves `folder` or is no image's; an id or path twice; another process
            at work in `folder`; a full disk.
    """
    with (
        writable(Path(folder), ADVICE),
        Manifest(folder) as manifest,
        partial_files(Path(folder)) as partial,
        scratch(partial / "seen", SEEN) as seen,
        scratch(partial / "waiting", WAITING) as waiting,
    ):
        paths, queue = Paths(folder, suffixes, seen), Queue(source.hosts, workers, waiting)
        count = plan(wanted, manifest, paths, queue)
        with tqdm(total=count, initial=count - len(queue), desc="images", disable=None) as bar:
            bring_all(queue, manifest, source, partial, workers, bar)


def bring_all(
    queue: Queue, manifest: Manifest, source: Source, partial: Path, workers: int, bar: tqdm
) -> None:
    """Ask `source`, in threads, for what is in `queue`, and add a row for each image."""

    def work(number: int) -> None:
        try:
            for row in queue:
                try:
                    manifest.add(bring(row, manifest.folder, source, partial / str(number)))
                except Resting as resting:
                    queue.put_back(resting.row or row, resting.host)
                    continue
                with bar.get_lock():
                    bar.update()
        finally:  # when one thread fails, the others need not finish first
            queue.stop()

    with ThreadPoolExecutor(workers) as pool:
        try:
            for _ in pool.map(work, range(workers)):
                pass
        finally:
            queue.stop()


def bring(row: dict, folder: Path, source: Source, file: Path) -> dict:
    """Ask `source` for one image by way of the temporary `file`, and return its row of the manifest."""
    kept = ("image_id", "path", "licence", "rights_holder")
    result = {key: row[key] for key in kept}
    result |= {"bytes": 0, "sha256": "", "width": 0, "height": 0}
    file.unlink(missing_ok=True)  # what the image before left of itself
    try:
        answer, reason = source.get(row, file), ""
        width, height = answer.size or decoded_size(file, answer)
        with open(file, "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        result |= {"bytes": file.stat().st_size, "sha256": digest}
        result |= {"width": width, "height": height}
        target = folder / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)
    except Unusable as refusal:
        answer, reason = refusal, refusal.reason
    url = answer.url or next(iter(row["urls"]), "")
    result |= {"url": url, "status": answer.status}
    result |= {"tries": answer.tries, "reason": reason}
    return result | {"time": datetime.now(UTC).isoformat(timespec="seconds")}


def decoded_size(file: Path, answer: Answer) -> tuple[int, int]:
    """Decode the image in `file` to its end, and return its width and height, or raise Unusable."""
    try:
        return measured(file)
    except Unreadable as error:
        raise Unusable(error.fault, answer.url, answer.status, answer.tries) from error


@contextmanager
def partial_files(folder: Path) -> Iterator[Path]:
    """Yield an empty folder for unfinished files; it is removed with what is left in it."""
    partial = folder / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(exist_ok=True)
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
