"""Acquisition: sheets from elsewhere become a collection, with a list of what is doubtful about them."""

from pathlib import Path

import pandas as pd

from herbnb.data.collection import data_card, write_collection
from herbnb.data.fetching.downloads import fetch
from herbnb.data.fetching.web import Web
from herbnb.data.images.decoding import unreadable
from herbnb.data.records.selection import choose_specimens
from herbnb.data.records.spreadsheet import read_own_table
from herbnb.data.records.taxonomy import fill_ranks, read_taxonomy
from herbnb.files import write_table


def acquire_half_earth(
    to: str | Path, *, sampling: dict, archive: str | Path | None = None, workers: int = 16
) -> pd.DataFrame:
    """Fetch the Half-Earth images that `sampling` draws into `to`, and write their data card.

    Args and errors are those of `kaggle.bring_half_earth`; returned is the manifest.
    """
    from herbnb.data.fetching.half_earth import bring_half_earth  # kagglehub: half a second, for nobody else

    drawn, manifest = bring_half_earth(to, sampling=sampling, archive=archive, workers=workers)
    came = (manifest["reason"] == "").to_numpy()
    steps = pd.DataFrame({"step": ["drawn by the profile"], "images": [len(drawn)]})
    write_table(data_card(drawn[came], steps, manifest[~came]), Path(to) / "card.csv")
    return manifest


def acquire_records(
    records: pd.DataFrame,
    to: str | Path,
    *,
    institution: str = "",
    basis: str = "PreservedSpecimen",
    images_per_specimen: int = 1,
    taxonomy: str | Path | None = None,
    contact: str = "",
    workers: int = 16,
) -> pd.DataFrame:
    """Choose specimens among `records`, fetch their images into `to`, and write the collection there.

    Args:
        records: what `idigbio.read_records` or `darwin_core.read_archive` returned.
        to: gets `images/`, `manifest.parquet`, `specimens.parquet`, `card.csv` and `problems.csv`.
        institution: the code to keep; "" keeps all.
        basis: the basis of record to keep; "" keeps all.
        images_per_specimen: how many images of a specimen to keep.
        taxonomy: a table of genera with family and order, for what the records leave blank.
        contact: an e-mail address, told to the servers that are asked.
        workers: how many images to fetch at once.

    Returns:
        The manifest of the images that were asked for.

    Raises:
        BadInput: no specimen or no image is left, or the taxonomy cannot be read.
    """
    chosen = dict(institution=institution, basis=basis, images_per_specimen=images_per_specimen)
    specimens, steps = choose_specimens(records, **chosen)
    nameless = records.loc[records["problem"] != "", ["barcode", "problem"]].drop_duplicates()
    specimens = with_ranks(specimens, taxonomy, to, nameless.set_axis(["of", "problem"], axis=1))
    with Web(contact=contact) as web:
        manifest = fetch(specimens, to, web, workers=workers)
    write_collection(to, specimens, steps, manifest[manifest["reason"] != ""])
    return manifest


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
        table: a row an image; see `own_table.read_own_table`, also for `columns` and `encoding`.
        images: the folder of images that the table names.
        to: gets `specimens.parquet`, `card.csv` and `problems.csv`.
        columns: what the table calls our columns.
        institution: where the table does not say.
        encoding: of the table, if not UTF-8.
        taxonomy: a table of genera with family and order, for what the table leaves blank.

    Returns:
        The specimens whose images are whole, and the failures: `image_id`, `path`, `reason`.

    Raises:
        BadInput: as `own_table.read_own_table`, or no image is whole.
    """
    specimens, steps, left_out = read_own_table(
        table, images, columns=columns, institution=institution, encoding=encoding
    )
    left_out["of"] = "row " + left_out["row"].astype(str)
    specimens = with_ranks(specimens, taxonomy, to, left_out[["of", "problem"]])
    specimens["path"] = [str(Path(images).resolve() / path) for path in specimens["path"]]
    failures = unreadable(specimens, images)
    return write_collection(to, specimens, steps, failures), failures


def with_ranks(
    specimens: pd.DataFrame, taxonomy: str | Path | None, to: str | Path, problems: pd.DataFrame
) -> pd.DataFrame:
    """Fill ranks from the file `taxonomy`, and write `problems` and what stays open to `problems.csv`."""
    filled, still_open = fill_ranks(specimens, read_taxonomy(taxonomy) if taxonomy else None)
    still_open = still_open.rename(columns={"image_id": "of"})
    write_table(pd.concat([problems, still_open], ignore_index=True), Path(to) / "problems.csv")
    return filled
