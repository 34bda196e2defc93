"""The commands for herbaria: the published data set, scans of your own, and the drawn one."""

import os
from pathlib import Path

import click

from herbnb.cli.options import file, folder, path, report, taxonomy, to, workers

DRAWN = ("max_images", "train_institution", "species_sample", "rand_sample", "seed")
"""The parameters of sampling that say which images are drawn."""


@click.command("half-earth")
@to
@click.option(
    "--profile",
    "profile_name",
    default="paper",
    show_default=True,
    help="Whose sample to fetch: the parameters that it gives to sampling.",
)
@click.option(
    "--archive", type=path, help="What Kaggle's page offers, if you have it: the .zip, or its folder."
)
@workers
def half_earth(to: Path, profile_name: str, archive: Path | None, workers: int) -> None:
    """Fetch the sampled images of the Half-Earth data from Kaggle.

    First the metadata, then the sample that the profile draws, then its images, file by file: about
    half a million of 2.3, not the whole archive of 130 GB. Beforehand the command says how many
    files and bytes are to come, and looks whether the disk can hold them.

    Kaggle wants an account that has accepted the rules of the competition herbarium-2021-fgvc8. Log
    in with `kaggle auth login`, or put a token into KAGGLE_API_TOKEN or ~/.kaggle/access_token.

    \b
        herbnb data half-earth --to data/half-earth
        herbnb book --profile paper
    """
    from herbnb.book.profile import read_profile
    from herbnb.data.acquisition import acquire_half_earth

    profile = read_profile(profile_name)
    sampling = {name: profile.value(name, "sampling") for name in DRAWN}
    report(to, acquire_half_earth(to, sampling=sampling, archive=archive, workers=workers))


@click.command("table")
@to
@click.option("--table", type=file, required=True, help="The table, as CSV: a row an image.")
@click.option("--images", type=folder, required=True, help="The folder of images that the table names.")
@click.option(
    "--column",
    "columns",
    nargs=2,
    multiple=True,
    metavar="OURS THEIRS",
    help="What the table calls a column, such as: file Bilddatei. May be repeated.",
)
@click.option("--encoding", default="", help="How the table is written, if not in UTF-8: latin-1, cp1252.")
@click.option("--institution", default="", help="The institution, where the table does not say.")
@taxonomy
def own_table(
    to: Path,
    table: Path,
    images: Path,
    columns: tuple[tuple[str, str], ...],
    **known,
) -> None:
    """Read a table of your own and the folder of images that it names.

    A row names the file of an image and the plant; a spreadsheet, saved as CSV, will do. The images
    stay where they are.

    \b
        herbnb data table --table sheets.csv --images scans --to data/mine
    """
    from herbnb.data.acquisition import acquire_table

    came, failures = acquire_table(table, images, to, columns=dict(columns), **known)
    click.echo(f"{len(came)} of {len(came) + len(failures)} images are whole; {to} holds their table.")


@click.command()
@to
@click.option("--seed", default=89, show_default=True, help="The same seed draws the same bytes.")
@click.option("--sheets", default=2200, show_default=True, help="Sheets in the Half-Earth layout.")
@click.option("--kew-sheets", default=360, show_default=True, help="Sheets of the Kew collection.")
@click.option(
    "--processes",
    default=os.cpu_count(),
    show_default="all cores",
    type=click.IntRange(1),
    help="How many draw at once.",
)
def pocket(to: Path, seed: int, sheets: int, kew_sheets: int, processes: int) -> None:
    """Draw a pocket herbarium, in the Half-Earth layout."""
    from herbnb.pocket import draw_herbarium

    before = (to / "pocket.json").exists()
    draw_herbarium(to, seed=seed, sheets=sheets, kew_sheets=kew_sheets, processes=processes)
    click.echo(f"{to} is drawn already." if before else to)
