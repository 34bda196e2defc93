"""The command line: run chapters, train networks, build the book, bring sheets and encoders, review names."""

import io
import os
import sys

import click

from herbnb import __version__
from herbnb.cli.cabinet import export, review
from herbnb.cli.check import check
from herbnb.cli.data import data
from herbnb.cli.encoders import encoders
from herbnb.cli.jobs import extract, score, train
from herbnb.cli.results import results
from herbnb.cli.run import atlas, book, build, list_chapters, notebooks, run, slides
from herbnb.errors import BadInput, not_installed, stopped_by
from herbnb.following import follow

SETTING = "HERBNB_TRACEBACK"
"""The variable of the environment that asks where in herbnb the system refused something."""

STREAMS = ("stdin", "stdout", "stderr")
"""By their numbers."""


class Commands(click.Group):
    """The commands, with a BadInput shown as its one sentence, and so what the system refuses."""

    def main(self, *arguments: object, **settings: object) -> object:
        """Be the command line, on any terminal and on none."""
        check_names()
        open_streams()
        return super().main(*arguments, **settings)

    def invoke(self, context: click.Context) -> object:
        """Run a command; a BadInput, a library that is not there, or a full disk, becomes click's error."""
        try:
            return super().invoke(context)
        except BadInput as error:
            click.echo("\x1b[K", nl=False, err=True)  # on a terminal the last line of a watch may be there
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            raise click.ClickException(not_installed(str(error))) from error
        except (OSError, MemoryError) as error:
            said = stopped_by(error)
            if not said or os.environ.get(SETTING):
                raise
            raise click.ClickException(f"{said} ({SETTING}=1 shows where.)") from error


def check_names() -> None:
    """End here where Python takes the names of files for anything but Unicode, and so cannot write all."""
    if (encoding := sys.getfilesystemencoding()) != "utf-8":
        sys.exit(f"Names of files are in {encoding} here, and sheets have others: set PYTHONUTF8=1.")


def open_streams() -> None:
    """Have what is printed go nowhere where nobody listens, and spelt out where it cannot be shown."""
    for number, name in enumerate(STREAMS):
        if getattr(sys, name) is None:  # closed: the next file that is opened would take its number
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))
        if number and isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
