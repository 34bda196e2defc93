"""The commands for portals: what iDigBio, GBIF and Symbiota found becomes a collection."""

from pathlib import Path

import click

from herbnb.cli.options import file, path, report, selection, to
from herbnb.errors import BadInput, in_short
from herbnb.files import json_of

EXAMPLE = """'{"genus": "syzygium"}'"""


@click.command()
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

    Give the two files of a download from the portal, or a query. A file occurrence_raw.csv beside the
    first is read too: it says who named a specimen, and when. For each picture the address of the
    herbarium is tried first, then its copy of good quality, then the copy of 600 px that iDigBio
    keeps.

    \b
        herbnb data idigbio --occurrence occurrence.csv --multimedia multimedia.csv \\
            --institution K --to data/kew
        herbnb data idigbio --query '{"genus": "syzygium", "institutioncode": "k"}' --to data/kew
    """
    from herbnb.data.acquisition import acquire_records
    from herbnb.data.fetching.idigbio import fetch_records
    from herbnb.data.records.idigbio import read_records

    if bool(query) == bool(occurrence and multimedia) or (query and (occurrence or multimedia)):
        raise click.UsageError("Give --occurrence and --multimedia, or --query.")
    if query:
        occurrence, multimedia = fetch_records(query_of(query), to)
    report(to, acquire_records(read_records(occurrence, multimedia), to, **selected))


def query_of(query: str) -> dict:
    """Return the query as a dict, or raise BadInput when it is not JSON."""
    try:
        known = json_of(query)
    except ValueError as error:
        raise BadInput(f"--query is not JSON ({in_short(error)}): write it like {EXAMPLE}.") from error
    if not isinstance(known, dict):
        raise BadInput(f"--query is not a JSON object: write it like {EXAMPLE}.")
    return known


@click.command("darwin-core")
@to
@click.option(
    "--archive",
    type=path,
    required=True,
    help="The archive: a .zip with meta.xml, or its folder.",
)
@selection
def darwin_core(to: Path, archive: Path, **selected) -> None:
    """Fetch the images of a Darwin Core Archive.

    GBIF, iDigBio and the Symbiota portals pack records so, with the addresses of their images.

    \b
        herbnb data darwin-core --archive dwca.zip --to data/pectocarya
    """
    from herbnb.data.acquisition import acquire_records
    from herbnb.data.records.darwin_core import read_archive

    report(to, acquire_records(read_archive(archive), to, **selected))


@click.command()
@to
@click.option("--key", required=True, help="The key of a GBIF download, such as 0001234-250101000000000.")
@selection
def gbif(to: Path, key: str, **selected) -> None:
    """Fetch the images of a GBIF download.

    The download is made at gbif.org. Its archive stays in the folder, and so does `citation.txt`, with
    the DOI by which it must be cited.

    \b
        herbnb data gbif --key 0001234-250101000000000 --to data/myrtaceae
    """
    from herbnb.data.acquisition import acquire_records
    from herbnb.data.fetching.gbif import fetch_archive
    from herbnb.data.records.darwin_core import read_archive

    report(to, acquire_records(read_archive(fetch_archive(key, to)), to, **selected))
