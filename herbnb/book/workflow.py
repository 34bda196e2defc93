"""The workflow: Snakemake brings the book up to date, and says at every moment what it does.

It is a logger plugin of Snakemake's, registered by hand: those are only looked for among packages that have
been installed on their own.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread

from snakemake.cli import main
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

from herbnb.book.profile import Profile, read_profile
from herbnb.book.progress import Job, Progress, spoken
from herbnb.book.runner import PAGES, journal_of, place_of
from herbnb.book.watch import Watch
from herbnb.files import alone, located, writable
from herbnb.following import ended_alone
from herbnb.leftovers import remove

REPEATED = (
    "CalledProcessError",
    "no backup found",
    "Exiting because a job execution failed.",
    "At least one job did not complete successfully.",
)
"""What Snakemake adds when a job has failed, and has said why in its own words; chapters need no backup."""

KILLED = "non-zero exit status 137."
"""What it adds when a job has been killed (128 and the signal, as shells have it), and could say nothing."""


STOP = JobScheduler.exit_gracefully
"""What Snakemake does at SIGTERM: it starts no job any more."""


def stop(scheduler: JobScheduler, *_: object) -> None:
    """Do so in a thread of its own, for the one that hears the signal may have the lock that it waits for."""
    Thread(target=STOP, args=[scheduler]).start()


JobScheduler.exit_gracefully = stop


def bring_up_to_date(profile: str, cores: str = "all") -> int:
    """Have Snakemake run what is out of date and render the book; return its exit status, 0 if all is well.

    Args:
        profile: a name, or a `.yml` of one's own.
        cores: how many to use.
    """
    LoggerPluginRegistry().register_plugin("snakemake_logger_plugin_herbnb", sys.modules[__name__])
    name = str(Path(profile).resolve()) if profile.endswith(".yml") else profile
    command = ["--cores", cores, "--snakefile", str(located("Snakefile")), "--directory", str(located("."))]
    command += ["--logger", "herbnb", "--logger-herbnb-profile", name, "--config", f"profile={name}"]
    command += ["--rerun-incomplete"]  # of jobs that were killed
    with unlocked(located(".snakemake")):
        try:
            main(command)
        except SystemExit as end:
            return int(end.code or 0)


@contextmanager
def unlocked(folder: Path) -> Iterator[None]:
    """Have the book to oneself, without the locks that Snakemake keeps in `folder` when it is killed.

    Where a run has begun and not ended, and nobody has the book, that run was killed.
    """
    begun = folder / "book"
    with writable(begun):
        folder.mkdir(exist_ok=True)
    with alone(begun):
        if begun.exists():
            remove(folder / "locks")
        begun.touch()
        try:
            yield
        finally:
            begun.unlink()


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """What Snakemake hands to the logger."""

    profile: str = field(default="pocket", metadata={"help": "The profile that the chapters run with."})


class LogHandler(LogHandlerBase):
    """Turn what Snakemake tells of its jobs into lines for whoever waits.

    A rule of the book is one job. Its own sentence, when it fails, a chapter has written to standard error.
    """

    writes_to_stream, writes_to_file = True, False
    has_filter, has_formatter, needs_rulegraph = True, False, True

    def __post_init__(self) -> None:
        self.waits, self.cores, self.names = {}, 1, {}
        self.progress = None
        self.watch = Watch(self.line).__enter__()  # until Snakemake closes the logger

    def emit(self, record: logging.LogRecord) -> None:
        """Take a message of Snakemake's."""
        try:
            self.take(record)
        except Exception:
            self.handleError(record)

    def take(self, record: logging.LogRecord) -> None:
        """Take down what has changed, and have it said."""
        match getattr(record, "event", None):
            case LogEvent.RULEGRAPH:
                for link in record.rulegraph["links"]:
                    self.waits.setdefault(link["targetrule"], set()).add(link["sourcerule"])
            case LogEvent.RESOURCES_INFO:
                self.cores = getattr(record, "cores", self.cores)
            case LogEvent.RUN_INFO:
                profile = read_profile(self.settings.profile)
                jobs = {name: self.job(name, profile) for name in record.stats if name != "total"}
                self.progress = Progress(jobs, self.cores)
                self.watch.say(lambda: f"To do: {', '.join(jobs)}{self.progress.yet()}.")
            case LogEvent.JOB_INFO:
                self.names[record.jobid] = record.rule_name
                self.progress.begin(record.rule_name)
            case LogEvent.JOB_FINISHED:
                name = self.names[record.job_id]
                self.watch.say(partial(self.ended, name, self.progress.end(name)))
            case LogEvent.JOB_ERROR:
                seconds = self.progress.end(record.rule_name, well=False)
                self.watch.say(lambda: f"{record.rule_name} failed after {spoken(seconds)}.")
            case _ if KILLED in record.getMessage():
                self.watch.say(lambda: str(ended_alone("A job")))
            case _ if record.levelno >= logging.WARNING and not any(map(record.getMessage().count, REPEATED)):
                self.watch.say(partial(self.format, record))

    def job(self, name: str, profile: Profile) -> Job:
        """Return the job that a rule of the Snakefile is."""
        waits = frozenset(self.waits.get(name, ()))
        if name == PAGES:
            return Job(journal_of(name, place_of(profile, False)), {}, waits)
        chapter, _, seed = name.partition("_of_seed_")
        profile = profile.replicate(int(seed)) if seed else profile
        return Job(journal_of(chapter, place_of(profile, bool(seed))), profile.of(chapter), waits)

    def ended(self, name: str, seconds: float) -> str:
        """Return the line of a job that has ended, with what runs when it is said."""
        now = ", ".join(self.progress.running)
        return f"{name}: {spoken(seconds)}. {self.progress.far()}{f'; now {now}' if now else ''}."

    def line(self) -> str:
        """Return the last line of the terminal."""
        return self.progress.line() if self.progress else "Looking for what is out of date."

    def close(self) -> None:
        """Say the last, and watch no more."""
        self.watch.__exit__()
        super().close()
