"""The command line: run chapters, list their parameters, build the book, draw or bring sheets."""

import os
import sys
import time
from pathlib import Path

import click

from herbnb import __version__
from herbnb.cli_data import data
from herbnb.errors import BadInput


class Book(click.Group):
    """The commands, with a BadInput shown as its one sentence."""

    def invoke(self, context: click.Context) -> object:
        """Run a command; a BadInput becomes click's error, with a non-zero exit."""
        try:
            return super().invoke(context)
        except BadInput as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Book)
@click.version_option(__version__, prog_name="herbnb")
def main() -> None:
    """What a neural network sees in a herbarium sheet: a book you can run."""


@main.command()
@click.argument("chapters", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every chapter, in the order of _toc.yml.")
@click.option(
    "--profile",
    "profile_name",
    default="pocket",
    show_default=True,
    help="A file of profiles/, or a .yml of your own.",
)
@click.option(
    "-p",
    "given",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter; may be repeated.",
)
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
    to: Path | None,
) -> None:
    """Execute CHAPTERS (06_silhouettes, or 06) with papermill, whether they are out of date or not."""
    from herbnb.book.chapters import chapter_names, chapter_parameters, chapter_path
    from herbnb.book.parameters import check_names
    from herbnb.book.profile import read_profile
    from herbnb.book.runner import EXECUTED, located, prepare_data, run_chapter, settle_parameters

    if everything == bool(chapters):
        raise click.UsageError("Name the chapters to run, or give --all.")
    profile = read_profile(profile_name)
    names = chapter_names() if everything else [chapter_path(name).stem for name in chapters]
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


@main.command("list")
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


@main.command()
def build() -> None:
    """Render the executed chapters into a book, and print where it is."""
    from herbnb.book.runner import build_book

    click.echo(f"The book: {build_book()}")


@main.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", default=89, show_default=True, help="The same seed draws the same bytes.")
@click.option("--sheets", default=2500, show_default=True, help="Sheets in the Half-Earth layout.")
@click.option("--kew-sheets", default=360, show_default=True, help="Sheets of the Kew collection.")
@click.option("--processes", default=os.cpu_count(), show_default="all cores", help="How many draw at once.")
def pocket(out: Path, seed: int, sheets: int, kew_sheets: int, processes: int) -> None:
    """Draw a pocket herbarium into the folder OUT, in the Half-Earth layout."""
    from herbnb.data.pocket import draw_herbarium

    before = (out / "pocket.json").exists()
    draw_herbarium(out, seed=seed, sheets=sheets, kew_sheets=kew_sheets, processes=processes)
    click.echo(f"{out} is drawn already." if before else out)


main.add_command(data)

if __name__ == "__main__":
    sys.exit(main())
