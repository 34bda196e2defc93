"""Downloads: images fetched into a folder, each kept only when it is whole, none asked for twice.

Where they come from is a *source*, which knows nothing of manifests; this module knows nothing of
addresses.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from herbnb.data.fetching.hosts import host_of
from herbnb.data.fetching.manifest import Manifest
from herbnb.data.fetching.paths import check_paths
from herbnb.data.fetching.queue import Queue
from herbnb.data.fetching.source import Answer, Source, Unusable
from herbnb.data.images.decoding import Unreadable, measured
from herbnb.errors import BadInput


def fetch(wanted: pd.DataFrame, folder: str | Path, source: Source, *, workers: int = 16) -> pd.DataFrame:
    """Fetch the images of `wanted` into `folder`, except those that its manifest has, and say what came.

    A file gets its name when it has been decoded to the end, then its row; so the process may be
    stopped, even killed, at any moment and started again. What failed before, for whatever reason,
    is asked for again: who starts again wants to try again. The host with the fewest images under way
    is served next, so a slow one does not hold up the others.

    Args:
        wanted: `image_id`, `path` (relative to `folder`), `urls` (a list each), `licence`,
            `rights_holder`; no id and no path twice. A file keeps its given name whatever its
            format: it is read by its content.
        folder: may hold other things; only the images, the manifest and `.partial` are touched.
        source: whom to ask.
        workers: how many threads ask it at once.

    Returns:
        The rows of the manifest (`herbnb.data.fetching.manifest.COLUMNS`) for `wanted`, in its order.

    Raises:
        BadInput: a path that leaves `folder` or is no image's; an id or path twice; another process
            at work in `folder`; a full disk.
    """
    check_paths(wanted, folder)
    try:
        with Manifest(folder) as manifest, partial_files(Path(folder)) as partial:
            bring_all(wanted, manifest, source, partial, workers)
            rows = manifest.table().set_index("image_id")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise BadInput(
            f"The disk of {folder} is full: make room and start again; what came is kept."
        ) from error
    return rows.loc[list(wanted["image_id"])].reset_index()


def bring_all(wanted: pd.DataFrame, manifest: Manifest, source: Source, partial: Path, workers: int) -> None:
    """Ask `source`, in threads, for what `manifest` has not, and add a row for each image."""
    missing = [row for row in wanted.to_dict("records") if not manifest.has(row["image_id"], row["path"])]
    queue = Queue(missing)
    bar = tqdm(total=len(wanted), initial=len(wanted) - len(missing), desc="images", disable=None)

    def work(number: int) -> None:
        try:
            for row in queue:
                manifest.add(bring(row, manifest.folder, source, partial / str(number)))
                with bar.get_lock():
                    bar.update()
        finally:  # when one thread fails, the others need not finish first
            queue.stop()

    with bar, ThreadPoolExecutor(workers) as pool:
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
    result |= {"url": answer.url, "status": answer.status}
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


def failure_report(manifest: pd.DataFrame) -> pd.DataFrame:
    """Count what did not come: `reason`, `host` (of the address tried last), `images`, most first."""
    failed = manifest[manifest["reason"] != ""]
    counts = failed.assign(host=failed["url"].map(host_of)).groupby(["reason", "host"]).size()
    report = counts.rename("images").reset_index()
    return report.sort_values(["images", "reason", "host"], ascending=[False, True, True], ignore_index=True)
