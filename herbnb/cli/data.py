"""The commands `herbnb data …`: sheets from elsewhere become a folder that the chapters read."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import click

from herbnb.errors import BadInput

DRAWN = ("max_images", "train_institution", "species_sample", "rand_sample", "seed")
"""The parameters of sampling that say which images are drawn."""

EXAMPLE = """'{"genus": "syzygium"}'"""

folder = click.Path(path_type=Path)
file = click.Path(path_type=Path, dir_okay=False)
to = click.option("--to", type=folder, required=True, help="The folder of the collection; made if missing.")
workers = click.option("--workers", default=16, show_default=True, help="How many images to fetch at once.")
SELECTION = (
    click.option("--institution", default="", help="Keep only this institution code, such as K."),
    click.option(
        "--basis", default="PreservedSpecimen", show_default=True, help='Basis of record; "" takes every one.'
    ),
    click.option(
        "--images-per-specimen", default=1, show_default=True, help="How many pictures of a sheet to keep."
    ),
    click.option("--taxonomy", type=file, help="A CSV with genus, family, order, to fill ranks left blank."),
    click.option("--contact", default="", help="Your e-mail address, told to the servers that are asked."),
    workers,
)


def selection(command: Callable) -> Callable:
    """Give a command the options of `acquisition.acquire_records`, under the names that it has there."""
    for option in reversed(SELECTION):
        command = option(command)
    return command


@click.group()
def data() -> None:
    """Bring sheets from elsewhere: one command a source, one kind of folder at the end.

    \b
    pocket        a drawn herbarium, from a seed
    half-earth    the data set of the published analysis, from Kaggle
    idigbio       what a search at iDigBio found, such as the sheets of Kew
    darwin-core   an archive of GBIF, iDigBio or Symbiota, or a table and a folder of your own

    Every command fetches what it needs and nothing twice: stopped at any moment, it goes on where it
    was when you give it again. An image counts when it is here whole. At the end the folder holds the
    images and their table, `manifest.parquet` (what was asked and what came) and `card.csv` (how many
    of what). Chapters read the folder:

    \b
        herbnb run sampling -p data DIR -p results results/mine
        herbnb run your_herbarium -p collection DIR

    The page "Getting the data" of the book goes through it slowly.
    """


@data.command("half-earth")
@to
@click.option(
    "--profile",
    "profile_name",
    default="paper",
    show_default=True,
    help="Whose sample to fetch: the parameters that it gives to sampling.",
)
@click.option(
    "--archive", type=folder, help="What Kaggle's page offers, if you have it: the .zip, or its folder."
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
        snakemake --cores all --config profile=paper
    """
    from herbnb.book.profile import read_profile
    from herbnb.data.acquisition import acquire_half_earth

    profile = read_profile(profile_name)
    sampling = {name: profile.value(name, "sampling") for name in DRAWN}
    report(to, acquire_half_earth(to, sampling=sampling, archive=archive, workers=workers))


@data.command()
@to
@click.option("--occurrence", type=file, help="The file of records: occurrence.csv, or .txt of older days.")
@click.option("--multimedia", type=file, help="The file of media beside it.")
@click.option("--query", help="Instead of the two files: a search, as JSON of the iDigBio search API.")
@selection
def idigbio(
    to: Path,
    occurrence: Path | None,
    multimedia: Path | None,
    query: str | None,
    **selected,
) -> None:
    """Fetch the images of an iDigBio search.

    Give the two files of a download from the portal, or a query. For each picture the address of the
    herbarium is tried first, then its copy of good quality, then the copy of 600 px that iDigBio
    keeps.

    \b
        herbnb data idigbio --occurrence occurrence.csv --multimedia multimedia.csv \\
            --institution K --to data/kew
        herbnb data idigbio --query '{"genus": "syzygium", "institutioncode": "k"}' --to data/kew
    """
    from herbnb.data.acquisition import acquire_records
    from herbnb.data.records.idigbio import read_records, search

    if bool(query) == bool(occurrence and multimedia) or (query and (occurrence or multimedia)):
        raise click.UsageError("Give --occurrence and --multimedia, or --query.")
    if query:
        occurrence, multimedia = search(parsed(query), to)
    report(to, acquire_records(read_records(occurrence, multimedia), to, **selected))


@data.command("darwin-core")
@to
@click.option("--archive", type=folder, help="A Darwin Core Archive: a .zip with meta.xml, or its folder.")
@click.option("--gbif", metavar="KEY", help="The key of a GBIF download, such as 0001234-250101000000000.")
@click.option("--table", type=file, help="A table of your own, a row an image; needs --images.")
@click.option("--images", type=folder, help="The folder of images that the table names.")
@click.option(
    "--column",
    "columns",
    nargs=2,
    multiple=True,
    metavar="OURS THEIRS",
    help="What the table calls a column, such as: file Bilddatei. May be repeated.",
)
@click.option("--encoding", default="", help="How the table is written, if not in UTF-8: latin-1, cp1252.")
@selection
def darwin_core(
    to: Path,
    archive: Path | None,
    gbif: str | None,
    table: Path | None,
    images: Path | None,
    columns: tuple[tuple[str, str], ...],
    encoding: str,
    **selected,
) -> None:
    """Read a Darwin Core Archive, or a table and a folder of images of your own.

    An archive of GBIF, iDigBio or a Symbiota portal names the addresses of its images, and they are
    fetched. With --table the images are yours already: they stay where they are, and of the last six
    options only --institution (where the table does not say) and --taxonomy mean anything.

    \b
        herbnb data darwin-core --archive dwca.zip --to data/pectocarya
        herbnb data darwin-core --gbif 0001234-250101000000000 --to data/myrtaceae
        herbnb data darwin-core --table sheets.csv --images scans --to data/mine
    """
    from herbnb.data.acquisition import acquire_records, acquire_table
    from herbnb.data.fetching.gbif import fetch_archive
    from herbnb.data.records.darwin_core import read_archive

    if [bool(archive), bool(gbif), bool(table)].count(True) != 1 or bool(table) != bool(images):
        raise click.UsageError("Give --archive, or --gbif, or --table with --images.")
    if table:
        known = {name: selected[name] for name in ("institution", "taxonomy")}
        came, failures = acquire_table(table, images, to, columns=dict(columns), encoding=encoding, **known)
        click.echo(f"{len(came)} of {len(came) + len(failures)} images are whole; {to} holds their table.")
        return
    records = read_archive(fetch_archive(gbif, to) if gbif else archive)
    report(to, acquire_records(records, to, **selected))


@data.command()
@to
@click.option("--seed", default=89, show_default=True, help="The same seed draws the same bytes.")
@click.option("--sheets", default=2500, show_default=True, help="Sheets in the Half-Earth layout.")
@click.option("--kew-sheets", default=360, show_default=True, help="Sheets of the Kew collection.")
@click.option("--processes", default=os.cpu_count(), show_default="all cores", help="How many draw at once.")
def pocket(to: Path, seed: int, sheets: int, kew_sheets: int, processes: int) -> None:
    """Draw a pocket herbarium, in the Half-Earth layout."""
    from herbnb.pocket import draw_herbarium

    before = (to / "pocket.json").exists()
    draw_herbarium(to, seed=seed, sheets=sheets, kew_sheets=kew_sheets, processes=processes)
    click.echo(f"{to} is drawn already." if before else to)


def parsed(query: str) -> dict:
    """Return the query as a dict, or raise BadInput when it is not JSON."""
    try:
        known = json.loads(query)
    except json.JSONDecodeError as error:
        raise BadInput(f"--query is not JSON ({error}): write it like {EXAMPLE}.") from error
    if not isinstance(known, dict):
        raise BadInput(f"--query is not a JSON object: write it like {EXAMPLE}.")
    return known


def report(to: Path, manifest) -> None:
    """Say how many images are here, and why the others are not, by reason and host."""
    from herbnb.data.fetching.downloads import failure_report

    missing = int((manifest["reason"] != "").sum())
    click.echo(f"{len(manifest) - missing} of {len(manifest)} images are whole in {to}.")
    if missing:
        click.echo(failure_report(manifest).to_string(index=False))
        click.echo("Give the command again to ask once more for those that did not come.")
