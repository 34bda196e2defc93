"""The commands that run chapters, list their parameters and render the book."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from herbnb.cli.options import file, folder, of_profile, of_replicate, parameter

HTML = "_build/html"
"""Where the pages of the book are, relative to its folder."""

ATLAS = f"{HTML}/atlas"
"""Where the book looks for its atlas."""

SLIDES = f"{HTML}/slides.html"
"""Where the book looks for the slides of its workshop."""


@click.command()
@click.argument("chapters", nargs=-1)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every chapter, each after those that it waits for.",
)
@of_profile
@parameter
@of_replicate
@click.option("--to", type=folder, help="Where executed notebooks go.  [default: book/executed]")
def run(
    chapters: tuple[str, ...],
    everything: bool,
    profile_name: str,
    given: tuple[tuple[str, str], ...],
    replicate: int | None,
    to: Path | None,
) -> None:
    """Execute CHAPTERS with papermill, whether they are out of date or not."""
    from herbnb.book.chapters import chapter_parameters
    from herbnb.book.graph import in_order
    from herbnb.book.parameters import check_names
    from herbnb.book.progress import Job, Progress
    from herbnb.book.runner import journal_of, place_of, prepare_data, run_chapter, settle_parameters
    from herbnb.book.watch import Watch
    from herbnb.journal import keep

    if everything == bool(chapters):
        raise click.UsageError("Name the chapters to run, or give --all.")
    profile = profile_of(profile_name, replicate)
    to = to or place_of(profile, replicate is not None)
    names = in_order(profile) if everything else list(chapters)
    wanted = {name: dict(given) for name in names}
    if everything:  # a parameter must be known to some chapter, and goes to each that knows it
        known = {key: value for name in names for key, value in chapter_parameters(name).items()}
        check_names([key for key, _ in given], known, "The book")
        for name in names:
            wanted[name] = {k: v for k, v in given if k in chapter_parameters(name)}
    settled = {name: settle_parameters(name, profile, wanted[name]) for name in names}
    progress = Progress({name: Job(journal_of(name, to), settled[name]) for name in names})
    with Watch(progress.line) as watch:
        for name in names:
            progress.begin(name)
            with keep(progress.jobs[name].journal, settled[name]):
                prepare_data(profile)
                notebook = run_chapter(name, profile, wanted[name], to)
            said = f"{name}  {progress.end(name):5.1f} s  {notebook}"
            watch.say(lambda said=said: said)
    if len(names) > 1:
        click.echo(f"{len(names)} chapters ran in {time.time() - progress.begun:.0f} s.")


def profile_of(name: str, replicate: int | None):
    """Return the profile of that name or, of its replicates, the one of that seed."""
    from herbnb.book.profile import read_profile

    profile = read_profile(name)
    if replicate is None:
        return profile
    if replicate not in profile.seeds:
        seeds = ", ".join(map(str, profile.seeds)) or "none"
        raise click.UsageError(f"The profile has no replicate of seed {replicate}: it has {seeds}.")
    return profile.replicate(replicate)


def said_of(parameter) -> str:
    """Return what a parameter is for and, unless it is of a chapter of one's own, what it may be."""
    return f"{parameter.help}; {parameter.range}" if parameter.range else parameter.help


@click.command("list")
def list_chapters() -> None:
    """Print every chapter and its parameters, with type, default, help and range."""
    from herbnb.book.chapters import chapter_names, chapter_parameters

    for name in chapter_names():
        click.secho(name, bold=True)
        declared = chapter_parameters(name).values()
        rows = [(each.name, each.type, repr(each.default), said_of(each)) for each in declared]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(row[:3], widths, strict=True)]
            click.echo("  " + "  ".join([*cells, row[3]]))


def all_or_some(context: click.Context, option: click.Parameter, cores: str) -> str:
    """Refuse what is no number of cores."""
    if cores != "all" and not (cores.isascii() and cores.isdecimal() and int(cores)):
        raise click.BadParameter(f"{cores!r} is neither all nor a whole number from 1 upwards.")
    return cores


@click.command()
@of_profile
@click.option(
    "--cores", default="all", show_default=True, callback=all_or_some, help="How many processor cores to use."
)
def book(profile_name: str, cores: str) -> None:
    """Run the chapters that are out of date, render the book, and print where it is.

    It says what runs, how far that is, and what is left; how long that will take it says when it has run
    before. Snakemake does the work, and takes more arguments:

    \b
        snakemake --cores all --config profile=pocket
    """
    from herbnb.book.profile import read_profile
    from herbnb.files import located

    check_home()
    read_profile(profile_name)  # what is wrong with it is a sentence here, and a traceback in the Snakefile
    from herbnb.book.workflow import bring_up_to_date

    if status := bring_up_to_date(profile_name, cores):
        raise SystemExit(status)
    click.echo(f"The book: {located(HTML) / 'index.html'}")


def check_home() -> None:
    """Raise BadInput unless the process stands in the book's folder, or in one below."""
    from herbnb.errors import BadInput
    from herbnb.files import located

    if not located("_toc.yml").exists():
        raise BadInput(f"{Path.cwd()} is no folder of the book: go to the one that has _toc.yml.")


@click.command()
@of_profile
def build(profile_name: str) -> None:
    """Render the executed chapters into a book with its slides and atlas, describe the run in its folder, and
    print where they are."""
    from herbnb.book.crate import write_crate
    from herbnb.book.profile import read_profile
    from herbnb.book.progress import Job, Progress
    from herbnb.book.runner import EXECUTED, PAGES, build_book, journal_of, place_of
    from herbnb.book.slides import write_slides
    from herbnb.book.watch import Watch
    from herbnb.files import located
    from herbnb.journal import keep

    journal = journal_of(PAGES, place_of(read_profile(profile_name), False))
    progress = Progress({PAGES: Job(journal, {})})
    progress.begin(PAGES)
    # jupyter-book is a process of its own, and takes as long as the atlas
    with Watch(progress.line), keep(journal, {}), ThreadPoolExecutor(1) as beside:
        maps = beside.submit(written_atlas, profile_name, None)
        page = build_book()
    click.echo(f"The book: {page}")
    click.echo(f"The slides: {write_slides(located(HTML), located(SLIDES))}")
    click.echo(f"The atlas: {maps.result()}")
    click.echo(f"The crate: {write_crate(read_profile(profile_name), located(EXECUTED))}")


@click.command()
@click.option("--to", type=file, help=f"The file to write.  [default: {SLIDES}]")
def slides(to: Path | None) -> None:
    """Write the slides of the workshop as one file, made of the rendered book, and print where it is."""
    from herbnb.book.slides import write_slides
    from herbnb.files import located

    click.echo(f"The slides: {write_slides(located(HTML), to or located(SLIDES))}")


@click.command()
@of_profile
@click.option("--to", type=folder, help=f"The folder to write, which is replaced.  [default: {ATLAS}]")
def atlas(profile_name: str, to: Path | None) -> None:
    """Write the map of all sheets of a run as a page that opens from a file, and print where it is."""
    click.echo(f"The atlas: {written_atlas(profile_name, to)}")


@click.command()
@click.option("--to", type=folder, help="The folder to write.  [default: notebooks]")
def notebooks(to: Path | None) -> None:
    """Write the chapters as notebooks, without solutions for students, with them for teachers."""
    from herbnb.book.launch import FOLDER
    from herbnb.book.notebooks import write_notebooks
    from herbnb.files import located

    to = to or located(FOLDER)
    click.echo(f"{len(write_notebooks(to))} notebooks: {to}")


def written_atlas(profile_name: str, to: Path | None) -> Path:
    """Write the atlas of a profile's run into a folder, or beside the book's pages, and return its page."""
    from herbnb.atlas.page import write_atlas
    from herbnb.book.profile import read_profile
    from herbnb.files import located
    from herbnb.results import Results

    profile = read_profile(profile_name)
    here, data = Results(str(profile.value("results"))), located(str(profile.value("data")))
    if to is None:
        return write_atlas(here, data, located(ATLAS), home="../book/index.html")
    return write_atlas(here, data, to)
