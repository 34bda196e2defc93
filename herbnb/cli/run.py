"""The commands that run chapters, list their parameters and render the book."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

PAGES = "_build/html"
"""Where the pages of the book are, relative to its folder."""

ATLAS = f"{PAGES}/atlas"
"""Where the book looks for its atlas."""

SLIDES = f"{PAGES}/slides.html"
"""Where the book looks for the slides of its workshop."""

of_profile = click.option(
    "--profile",
    "profile_name",
    default="pocket",
    show_default=True,
    help="A file of profiles/, or a .yml of your own.",
)
parameter = click.option(
    "-p",
    "given",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter; may be repeated.",
)
of_replicate = click.option(
    "--replicate",
    type=int,
    metavar="SEED",
    help="Run in the replicate of this seed, one of the profile's `seeds`.",
)


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
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="Where executed notebooks go.  [default: book/executed]",
)
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
    from herbnb.book.runner import EXECUTED, located, prepare_data, run_chapter, settle_parameters

    if everything == bool(chapters):
        raise click.UsageError("Name the chapters to run, or give --all.")
    profile = profile_of(profile_name, replicate)
    if replicate is not None:
        to = to or located(str(profile.value("results"))) / "chapters"
    names = in_order(profile) if everything else list(chapters)
    wanted = {name: dict(given) for name in names}
    if everything:  # a parameter must be known to some chapter, and goes to each that knows it
        known = {key: value for name in names for key, value in chapter_parameters(name).items()}
        check_names([key for key, _ in given], known, "The book")
        for name in names:
            wanted[name] = {k: v for k, v in given if k in chapter_parameters(name)}
    for name in names:
        settle_parameters(name, profile, wanted[name])
    prepare_data(profile)
    started = time.monotonic()
    for name in names:
        before = time.monotonic()
        notebook = run_chapter(name, profile, wanted[name], to or located(EXECUTED))
        click.echo(f"{name}  {time.monotonic() - before:5.1f} s  {notebook}")
    if len(names) > 1:
        click.echo(f"{len(names)} chapters ran in {time.monotonic() - started:.0f} s.")


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


@click.command("list")
def list_chapters() -> None:
    """Print every chapter and its parameters, with type, default and help."""
    from herbnb.book.chapters import chapter_names, chapter_parameters

    for name in chapter_names():
        click.secho(name, bold=True)
        declared = chapter_parameters(name).values()
        rows = [(each.name, each.type, repr(each.default), each.help) for each in declared]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(row[:3], widths, strict=True)]
            click.echo("  " + "  ".join([*cells, row[3]]))


@click.command()
@of_profile
def build(profile_name: str) -> None:
    """Render the executed chapters into a book with its slides and atlas, describe the run in its folder, and
    print where they are."""
    from herbnb.book.crate import write_crate
    from herbnb.book.profile import read_profile
    from herbnb.book.runner import EXECUTED, build_book
    from herbnb.book.slides import write_slides
    from herbnb.files import located

    with ThreadPoolExecutor(1) as beside:  # jupyter-book is a process of its own, and takes as long
        maps = beside.submit(written_atlas, profile_name, None)
        click.echo(f"The book: {build_book()}")
        click.echo(f"The slides: {write_slides(located(PAGES), located(SLIDES))}")
    click.echo(f"The atlas: {maps.result()}")
    click.echo(f"The crate: {write_crate(read_profile(profile_name), located(EXECUTED))}")


@click.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The file to write.  [default: {SLIDES}]",
)
def slides(to: Path | None) -> None:
    """Write the slides of the workshop as one file, made of the rendered book, and print where it is."""
    from herbnb.book.slides import write_slides
    from herbnb.files import located

    click.echo(f"The slides: {write_slides(located(PAGES), to or located(SLIDES))}")


@click.command()
@of_profile
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write, which is replaced.  [default: _build/html/atlas]",
)
def atlas(profile_name: str, to: Path | None) -> None:
    """Write the map of all sheets of a run as a page that opens from a file, and print where it is."""
    click.echo(f"The atlas: {written_atlas(profile_name, to)}")


@click.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write.  [default: notebooks]",
)
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
