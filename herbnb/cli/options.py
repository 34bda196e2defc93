"""The options that several commands `herbnb data …` share, and the report that they end with."""

from collections.abc import Callable
from pathlib import Path

import click
import pandas as pd

folder = click.Path(path_type=Path)
file = click.Path(path_type=Path, dir_okay=False)
to = click.option("--to", type=folder, required=True, help="The folder of the collection; made if missing.")
taxonomy = click.option(
    "--taxonomy", type=file, help="A CSV with genus, family, order, to fill ranks left blank."
)
workers = click.option("--workers", default=16, show_default=True, help="How many images to fetch at once.")
SELECTION = (
    click.option("--institution", default="", help="Keep only this institution code, such as K."),
    click.option(
        "--basis", default="PreservedSpecimen", show_default=True, help='Basis of record; "" takes every one.'
    ),
    click.option(
        "--images-per-specimen", default=1, show_default=True, help="How many pictures of a sheet to keep."
    ),
    taxonomy,
    click.option("--contact", default="", help="Your e-mail address, told to the servers that are asked."),
    workers,
)


def selection(command: Callable) -> Callable:
    """Give a command the options of `acquisition.acquire_records`, under the names that it has there."""
    for option in reversed(SELECTION):
        command = option(command)
    return command


def report(to: Path, manifest: pd.DataFrame) -> None:
    """Say how many images are here, and why the others are not, by reason and host."""
    from herbnb.data.fetching.downloads import failure_report

    missing = int((manifest["reason"] != "").sum())
    click.echo(f"{len(manifest) - missing} of {len(manifest)} images are whole in {to}.")
    if missing:
        click.echo(failure_report(manifest).to_string(index=False))
        click.echo("Give the command again to ask once more for those that did not come.")
