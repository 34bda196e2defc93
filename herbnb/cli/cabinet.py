"""The commands for the cabinet: a page to work through a review list, and what was decided for databases."""

from collections.abc import Callable
from pathlib import Path

import click

from herbnb.cli.options import file, folder


@click.command()
@click.argument("collection")
@click.option("--profile", default="pocket", show_default=True, help="Whose run: a profile's results.")
@click.option("--results", type=folder, help="The folder of the run, instead of the profile's.")
@click.option("--to", type=folder, help="The folder of the page.  [default: review, beside the list]")
@click.option("--checklist", type=file, help="Names to offer: one a line, or a CSV with scientificName.")
def review(
    collection: str, profile: str, results: Path | None, to: Path | None, checklist: Path | None
) -> None:
    """Write a page to work through the review list of COLLECTION.

    The page works from the disk, in any browser. It keeps what you decide, and saves it to a file that
    `herbnb export` makes into determinations for a database.

    \b
        herbnb run your_herbarium -p collection data/mine -p name mine
        herbnb review mine
    """
    from herbnb.book.profile import read_profile
    from herbnb.book.ranges import RANGES, check_range
    from herbnb.cabinet.page import PAGE, read_checklist, write_page
    from herbnb.cabinet.suspects import Suspects
    from herbnb.results import Results

    check_range("COLLECTION", collection, RANGES["mislabels.collection"], "herbnb review")
    here = Results(results or str(read_profile(profile).value("results")))
    suspects = Suspects(here, collection)
    to = to or here.path("collection_folder", collection=collection) / "review"
    pictures = write_page(suspects, to, read_checklist(checklist) if checklist else ())
    faults = [picture.fault for picture in pictures.values() if picture.fault]
    click.echo(f"{len(suspects.listed)} sheets to review: open {to / PAGE}")
    if faults:
        click.echo(f"{len(faults)} sheets have no picture; the first: {faults[0]}.")


@click.group()
def export() -> None:
    """Make what people decided into determinations for a database.

    \b
    symbiota   a CSV for the extended import
    specify    a list of catalogue numbers a name
    dwca       a Darwin Core Archive

    DECISIONS are files that the review page saved. Of several, which must be of one list, the newer
    decision about a sheet counts, and where two people disagree the command says so. Only what a person
    decided is written: what is undecided, unsure or without a name is counted and left out.
    """


def decisions(command: Callable) -> Callable:
    """Give a command the files to read."""
    argument = click.argument("decisions", type=file, nargs=-1, required=True, metavar="DECISIONS…")
    return argument(command)


@export.command()
@decisions
@click.option("--to", type=file, required=True, help="The CSV to write.")
@click.option("--print", "print_queue", is_flag=True, help="Ask the portal to print annotation labels.")
def symbiota(decisions: tuple[Path, ...], to: Path, print_queue: bool) -> None:
    """Write a CSV for Symbiota's extended import of determinations."""
    from herbnb.cabinet.symbiota import write_symbiota

    merged = merge(decisions)
    report(write_symbiota(merged, to, print_queue), to)


@export.command()
@decisions
@click.option("--to", type=folder, required=True, help="The folder to write; a new one.")
def specify(decisions: tuple[Path, ...], to: Path) -> None:
    """Write a list of catalogue numbers a name, for Specify's batch identification."""
    from herbnb.cabinet.specify import write_specify

    report(write_specify(merge(decisions), to), to)


@export.command()
@decisions
@click.option("--to", type=file, required=True, help="The zip to write.")
def dwca(decisions: tuple[Path, ...], to: Path) -> None:
    """Write a Darwin Core Archive with an identification history."""
    from herbnb.cabinet.darwin_core import write_archive

    report(write_archive(merge(decisions), to), to)


def merge(paths: tuple[Path, ...]):
    """Read and merge decisions files, and say where two people disagree."""
    from herbnb.cabinet.decisions import merge

    merged, disagreements = merge(paths)
    for disagreement in disagreements:
        click.echo(f"Two opinions on {disagreement}")
    return merged


def report(determined, to: Path) -> None:
    """Say how many determinations were written, and how many decisions are none."""
    found = len(determined.determinations)
    click.echo(f"{found} determination{'' if found == 1 else 's'} in {to}.")
    if determined.left_out:
        counts = ", ".join(f"{count} {reason}" for reason, count in determined.left_out.items())
        click.echo(f"Left out: {counts}.")
