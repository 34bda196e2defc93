"""The commands `herbnb results …`: a run in one file, and its features scored again, without PyTorch."""

from pathlib import Path

import click

from herbnb.cli.options import file, folder, of_profile, parameter
from herbnb.cli.run import build


@click.group()
def results() -> None:
    """Hand a run to others in one file, or score the features of one again."""


@results.command()
@of_profile
@click.option("--to", type=file, help="The file.  [default: <run>.zip, here]")
def pack(profile_name: str, to: Path | None) -> None:
    """Write a run into one zip file: features, tables and cards, no image and no network.

    Whoever has it reads the book, and scores the features again, in an environment without PyTorch.
    """
    from herbnb.book.packing import pack
    from herbnb.book.profile import read_profile
    from herbnb.book.runner import EXECUTED
    from herbnb.files import located

    profile = read_profile(profile_name)
    to = to or Path(f"{Path(str(profile.value('results'))).name}.zip")
    manifest = pack(profile, located(EXECUTED), to)
    click.echo(f"{to}: {len(manifest.files)} files, {to.stat().st_size / 1e6:.1f} MB.")


@results.command()
@click.argument("packed", type=file)
@click.option(
    "--to", type=folder, help="The folder of the run, which must not be there yet.  [default: results/<run>]"
)
def unpack(packed: Path, to: Path | None) -> None:
    """Write the run in PACKED into a folder, whole or not at all, and its executed chapters into the book."""
    from herbnb.book.runner import EXECUTED
    from herbnb.book.unpacking import unpack
    from herbnb.files import located

    click.echo(unpack(packed, located(EXECUTED), to))


@results.command()
@of_profile
@parameter
@click.option(
    "--to",
    type=folder,
    help="Where executed notebooks go, in place of the book, which is not rendered then.",
)
@click.pass_context
def score(
    context: click.Context, profile_name: str, given: tuple[tuple[str, str], ...], to: Path | None
) -> None:
    """Run the chapters that ask nothing but features, and build the book if all others have been run.

    \b
        herbnb results score -p networks '["triplet"]' -p seed 7

    A parameter goes to each of these chapters that has it.
    """
    from herbnb.book.chapters import chapter_names
    from herbnb.book.profile import read_profile
    from herbnb.book.rescoring import rescore
    from herbnb.book.runner import EXECUTED
    from herbnb.files import located

    pages = located(EXECUTED)
    for notebook, seconds in rescore(read_profile(profile_name), dict(given), to or pages):
        click.echo(f"{notebook.stem}  {seconds:5.1f} s  {notebook}")
    if to is None and all((pages / f"{chapter}.ipynb").exists() for chapter in chapter_names()):
        context.invoke(build, profile_name=profile_name)
