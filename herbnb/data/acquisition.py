"""Acquisition: sheets from elsewhere become a collection, with a list of what is doubtful about them."""

from pathlib import Path

import pandas as pd

from herbnb.data.collection import CARD, PROBLEMS, data_card, write_collection
from herbnb.data.fetching.documents import SIDE, Documents, open_documents
from herbnb.data.fetching.downloads import fetch
from herbnb.data.fetching.web import Web
from herbnb.data.images.decoding import unreadable
from herbnb.data.records.selection import choose_specimens
from herbnb.data.records.spreadsheet import read_spreadsheet
from herbnb.data.records.taxonomy import fill_ranks, read_taxonomy
from herbnb.tables import write_table


def acquire_half_earth(
    to: str | Path, *, sampling: dict, archive: str | Path | None = None, workers: int = 16
) -> pd.DataFrame:
    """Fetch the Half-Earth images that `sampling` draws into `to`, and write their data card.

    Args and errors are those of `half_earth.bring_half_earth`; returned is the manifest.
    """
    from herbnb.data.fetching.half_earth import bring_half_earth  # kagglehub: half a second, for nobody else

    drawn, manifest = bring_half_earth(to, sampling=sampling, archive=archive, workers=workers)
    came = (manifest["reason"] == "").to_numpy()
    steps = pd.DataFrame({"step": ["drawn by the profile"], "images": [len(drawn)]})
    write_table(data_card(drawn[came], steps, manifest[~came]), Path(to) / CARD)
    return manifest


def acquire_records(
    records: pd.DataFrame,
    to: str | Path,
    *,
    contact: str = "",
    workers: int = 16,
    side: int = SIDE,
    institution: str = "",
    basis: str = "PreservedSpecimen",
    **selected: object,
) -> pd.DataFrame:
    """Choose sheets among `records`, fetch their images into `to`, and write the collection there.

    IIIF documents among the addresses are opened first: each image in them is one of the specimen's.

    Args:
        records: what `idigbio.read_records` or `darwin_core.read_archive` returned.
        to: see `bring_sheets`.
        contact: an e-mail address, told to the servers that are asked.
        workers: how many images to fetch at once.
        side: pixels of the longer side of an image that is asked of a IIIF server.
        institution: the code to keep, as `choose_sheets` has it.
        basis: the basis of record to keep, likewise.
        selected: the other options of `choose_sheets`.

    Returns:
        The manifest of the images that were asked for.

    Raises:
        BadInput: no specimen or no image is left, or the taxonomy cannot be read.
    """
    chosen = dict(institution=institution, basis=basis)
    with Documents(contact=contact) as documents:
        records, unopened = open_documents(records, to, documents, side=side, workers=workers, **chosen)
    specimens, steps, problems = choose_sheets(records, **chosen, **selected)
    problems = pd.concat([unopened, problems], ignore_index=True)
    with Web(contact=contact) as web:
        return bring_sheets(specimens, steps, problems, to, web, workers=workers)[1]


def choose_sheets(
    records: pd.DataFrame,
    *,
    institution: str = "",
    basis: str = "PreservedSpecimen",
    images_per_specimen: int = 1,
    taxonomy: str | Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Choose the specimens of `records` whose images are wanted, and fill their ranks.

    Args:
        records: one row an image, as `idigbio.read_records` returns them.
        institution: the code to keep; "" keeps all.
        basis: the basis of record to keep; "" keeps all.
        images_per_specimen: how many images of a specimen to keep.
        taxonomy: a table of genera with family and order, for what the records leave blank.

    Returns:
        The specimens with their `urls`, the steps of the funnel (`step`, `images`), and the problems
        that names and ranks have (`of`, `problem`).

    Raises:
        BadInput: no specimen is left, or the taxonomy cannot be read.
    """
    chosen = dict(institution=institution, basis=basis, images_per_specimen=images_per_specimen)
    specimens, steps = choose_specimens(records, **chosen)
    nameless = records.loc[records["problem"] != "", ["barcode", "problem"]].drop_duplicates()
    specimens, problems = with_ranks(specimens, taxonomy, nameless.set_axis(["of", "problem"], axis=1))
    return specimens, steps, problems


def bring_sheets(
    specimens: pd.DataFrame,
    steps: pd.DataFrame,
    problems: pd.DataFrame,
    to: str | Path,
    web: Web,
    *,
    workers: int = 16,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fetch the images of what `choose_sheets` returned into `to`, and write the collection there.

    Args:
        specimens: whose images are wanted.
        steps: of the funnel.
        problems: of names and ranks.
        to: gets `images/`, `manifest.parquet`, `specimens.parquet`, `card.csv` and `problems.csv`.
        web: whom to ask.
        workers: how many images to fetch at once.

    Returns:
        The specimens whose images came, and the manifest of all that were asked for.

    Raises:
        BadInput: no image came.
    """
    write_table(problems, Path(to) / PROBLEMS)
    manifest = fetch(specimens, to, web, workers=workers)
    specimens = specimens.assign(path=manifest["path"].to_numpy())  # where they lie, if from before
    return write_collection(to, specimens, steps, manifest[manifest["reason"] != ""]), manifest


def acquire_table(
    table: str | Path,
    images: str | Path,
    to: str | Path,
    *,
    columns: dict[str, str] | None = None,
    institution: str = "",
    encoding: str = "",
    taxonomy: str | Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a table of one's own and a folder of images, and write the collection in `to`.

    The images stay where they are, and each is decoded to its end to see whether it is whole.

    Args:
        table: a row an image; see `spreadsheet.read_spreadsheet`, also for `columns` and `encoding`.
        images: the folder of images that the table names.
        to: gets `specimens.parquet`, `card.csv` and `problems.csv`.
        columns: what the table calls our columns.
        institution: where the table does not say.
        encoding: of the table, if not UTF-8.
        taxonomy: a table of genera with family and order, for what the table leaves blank.

    Returns:
        The specimens whose images are whole, and the failures: `image_id`, `path`, `reason`.

    Raises:
        BadInput: as `spreadsheet.read_spreadsheet`, or no image is whole.
    """
    specimens, steps, left_out = read_spreadsheet(
        table, images, columns=columns, institution=institution, encoding=encoding
    )
    left_out["of"] = "row " + left_out["row"].astype(str)
    specimens, problems = with_ranks(specimens, taxonomy, left_out[["of", "problem"]])
    write_table(problems, Path(to) / PROBLEMS)
    specimens["path"] = [str(Path(images).resolve() / path) for path in specimens["path"]]
    failures = unreadable(specimens, images)
    return write_collection(to, specimens, steps, failures), failures


def with_ranks(
    specimens: pd.DataFrame, taxonomy: str | Path | None, problems: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill ranks from the file `taxonomy`; return the specimens, and `problems` with what stays open."""
    filled, still_open = fill_ranks(specimens, read_taxonomy(taxonomy) if taxonomy else None)
    still_open = still_open.rename(columns={"image_id": "of"})
    return filled, pd.concat([problems, still_open], ignore_index=True)
