"""The command line: run chapters, train networks, build the book, bring sheets and encoders, review names."""

import click

from herbnb import __version__
from herbnb.cli.cabinet import export, review
from herbnb.cli.check import check
from herbnb.cli.data import data
from herbnb.cli.encoders import encoders
from herbnb.cli.jobs import extract, score, train
from herbnb.cli.results import results
from herbnb.cli.run import atlas, book, build, list_chapters, notebooks, run, slides
from herbnb.errors import BadInput, not_installed
from herbnb.following import follow


class Commands(click.Group):
    """The commands, with a BadInput shown as its one sentence."""

    def invoke(self, context: click.Context) -> object:
        """Run a command; a BadInput, or a library that is not there, becomes click's error."""
        try:
            return super().invoke(context)
        except BadInput as error:
            click.echo("\x1b[K", nl=False, err=True)  # on a terminal the last line of a watch may be there
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            raise click.ClickException(not_installed(str(error))) from error


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="herbnb")
def main() -> None:
    """What a neural network sees in a herbarium sheet: a book you can run."""
    follow()


for command in (
    *(book, check, run, train, extract, score, list_chapters, build, slides, atlas, notebooks),
    *(data, encoders, review, export, results),
):
    main.add_command(command)
