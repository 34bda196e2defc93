"""Rescoring: what chapters make of features, made again beside one another, without images and networks."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from herbnb.book.chapters import chapter_parameters
from herbnb.book.graph import waits
from herbnb.book.parameters import check_names
from herbnb.book.profile import Profile
from herbnb.book.runner import run_chapter, settle_parameters
from herbnb.files import located
from herbnb.following import counting_on, end_with

RESCORED = (
    "silhouettes",
    "identification",
    "few_labels",
    "retrieval",
    "discrimination",
    "mislabels",
    "verdict",
)
"""The chapters that ask nothing but features, and what one another wrote. They need no PyTorch, as long as
there are fewer sheets than `devices.LARGE`."""


def rescore(profile: Profile, given: dict[str, str], to: Path) -> Iterator[tuple[Path, float]]:
    """Execute the chapters `RESCORED`, as many at once as there are cores; yield the notebook of each when it
    is there, and its seconds.

    No herbarium is drawn for it. Where there is none, the true names of drawn plants are those that came with
    the run.

    Args:
        profile: whose run, packed or not.
        given: parameters that come before the profile's, for each chapter that has them.
        to: the folder of executed chapters.

    Raises:
        BadInput: a parameter that no chapter has; what `runner.run_chapter` refuses; a process that has been
            ended from outside.
    """
    known = {chapter: chapter_parameters(chapter) for chapter in RESCORED}
    check_names(
        list(given),
        {name: of for each in known.values() for name, of in each.items()},
        "What is scored again",
    )
    if not located(str(profile.value("data"))).exists():
        given = {"data": str(profile.value("results"))} | given
    for chapter, parameters in known.items():
        settle_parameters(chapter, profile, {name: of for name, of in given.items() if name in parameters})
    direct, left, running, cores = waits(profile), list(RESCORED), {}, os.cpu_count() or 1
    pool = ProcessPoolExecutor(cores, get_context("spawn"), initializer=wait_for_work, initargs=[os.getpid()])
    with counting_on("runs a chapter", "close what else runs, and start again"), pool:
        while left or running:
            ready = [name for name in left if not {*direct[name]} & {*left, *running.values()}]
            for chapter in ready[: cores - len(running)]:  # what waited would still begin after an interrupt
                fitting = {name: value for name, value in given.items() if name in known[chapter]}
                running[pool.submit(scored, chapter, profile, fitting, to)] = chapter
                left.remove(chapter)
            for job in wait(running, return_when=FIRST_COMPLETED).done:
                del running[job]
                yield job.result()


def wait_for_work(parent: int) -> None:
    """Begin as a process that runs chapters for `parent`: with nothing to do, it hears no interrupt."""
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def scored(chapter: str, profile: Profile, given: dict[str, object], to: Path) -> tuple[Path, float]:
    """Execute a chapter beside others, and return its notebook and its seconds: see `run_chapter`."""
    began = time.monotonic()
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as Snakemake has it: the others want a core as well
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a process ignores that has nothing to do
    try:
        return run_chapter(chapter, profile, given, to), time.monotonic() - began
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
