"""The options that several commands share, and the report that those of `herbnb data …` end with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

MOST = 20
"""Lines of a table that a terminal shows."""

path = click.Path(path_type=Path)
folder = click.Path(path_type=Path, file_okay=False)
file = click.Path(path_type=Path, dir_okay=False)
of_profile = click.option(
    "--profile",
    "profile_name",
    default="pocket",
    show_default=True,
    envvar="HERBNB_PROFILE",
    show_envvar=True,
    help="A file of profiles/, or a .yml of your own.",
)


def set_once(context: click.Context, option: click.Parameter, given: tuple) -> tuple:
    """Refuse a parameter that is set twice."""
    names = [name for name, _ in given]
    for name in names:
        if names.count(name) > 1:
            raise click.BadParameter(f"{name} is set twice: set it once.")
    return given


parameter = click.option(
    "-p",
    "given",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    callback=set_once,
    help="Set a parameter; may be repeated, for others.",
)
of_replicate = click.option(
    "--replicate",
    type=int,
    metavar="SEED",
    help="Run in the replicate of this seed, one of the profile's `seeds`.",
)
to = click.option("--to", type=folder, required=True, help="The folder of the collection; made if missing.")
taxonomy = click.option(
    "--taxonomy", type=file, help="A CSV with genus, family, order, to fill ranks left blank."
)
workers = click.option(
    "--workers",
    default=16,
    show_default=True,
    type=click.IntRange(1, 256),
    help="How many images to fetch at once.",
)
SELECTION = (
    click.option("--institution", default="", help="Keep only this institution code, such as K."),
    click.option(
        "--basis", default="PreservedSpecimen", show_default=True, help='Basis of record; "" takes every one.'
    ),
    click.option(
        "--images-per-specimen",
        default=1,
        show_default=True,
        type=click.IntRange(1),
        help="How many pictures of a sheet to keep.",
    ),
    taxonomy,
    click.option(
        "--side",
        default=2000,
        show_default=True,
        type=click.IntRange(1),
        help="Pixels of the longer side of an image, asked of servers that can scale (IIIF).",
    ),
    click.option("--contact", default="", help="Your e-mail address, told to the servers that are asked."),
    workers,
)


def selection(command: Callable) -> Callable:
    """Give a command the options of `acquisition.acquire_records`, under the names that it has there."""
    for option in reversed(SELECTION):
        command = option(command)
    return command


def report(to: Path, manifest: pd.DataFrame) -> None:
    """Say how many images are here, why the others are not, and what came of the hosts that lack some."""
    from herbnb.cells import in_one_line
    from herbnb.data.fetching.outcome import failure_report, host_report
    from herbnb.tables import with_text

    missing = int((manifest["reason"] != "").sum())
    click.echo(f"{len(manifest) - missing} of {len(manifest)} images are whole in {to}.")
    if missing:
        hosts = host_report(manifest).query("failed + given_up > 0")
        for table in (failure_report(manifest), hosts):
            click.echo(with_text(table.head(MOST), in_one_line).to_string(index=False))
            if len(table) > MOST:
                click.echo(f"… and {len(table) - MOST:,} more.")
        click.echo("Give the command again to ask once more for those that did not come.")
