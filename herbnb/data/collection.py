"""Collections: a folder of sheets with its specimens table, wherever the sheets came from."""

from pathlib import Path

import pandas as pd

from herbnb.data.half_earth import read_half_earth
from herbnb.errors import BadInput
from herbnb.files import write_table
from herbnb.specimens import RANKS, read_specimens, write_specimens


def read_collection(folder: str | Path) -> pd.DataFrame:
    """Read the specimens of a folder, one row an image, without opening an image.

    The folder holds `specimens.parquet`, as `herbnb data` writes it, or is in the Half-Earth layout.
    The columns are those of the specimens table, and `path` is relative to `folder` or absolute.

    Raises:
        BadInput: neither is there, or what is there is not a table of specimens.
    """
    table = Path(folder) / "specimens.parquet"
    if table.exists():
        return read_specimens(table)
    return read_half_earth(folder)


def write_collection(
    folder: str | Path, specimens: pd.DataFrame, steps: pd.DataFrame, failures: pd.DataFrame
) -> pd.DataFrame:
    """Write the collection whose images are there, and its data card; return its specimens.

    Args:
        folder: gets `specimens.parquet` and `card.csv`.
        specimens: one row an image that was asked for.
        steps: the funnel that led to them: `step`, `images`.
        failures: the images that are not there or not whole: `image_id`, `reason`.

    Raises:
        BadInput: no image is there.
    """
    came = specimens[~specimens["image_id"].isin(failures["image_id"])].reset_index(drop=True)
    card = data_card(came, steps, failures)
    write_table(card, Path(folder) / "card.csv")
    if came.empty:
        most = failures["reason"].value_counts().index[0]
        raise BadInput(
            f"None of the {len(specimens)} images is here; the commonest reason is {most!r}, and "
            f"{Path(folder) / 'card.csv'} counts them all. Mend the cause and give the command again."
        )
    write_specimens(came, Path(folder) / "specimens.parquet")
    return came


def data_card(specimens: pd.DataFrame, steps: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Count what a collection holds: `of` (step, rank, institution, licence or failure), `name`,
    `count`.

    Steps, institutions, licences and failures are counted in images, ranks in taxa.
    """
    taxa = {rank: specimens[rank].nunique() for rank in ("species", *RANKS)}
    counts = {
        "step": steps.set_index("step")["images"],
        "rank": pd.Series(taxa),
        "institution": specimens["institution"].value_counts(),
        "licence": specimens["licence"].replace("", "none stated").value_counts(),
        "failure": failures["reason"].value_counts(),
    }
    parts = [
        pd.DataFrame({"of": of, "name": count.index.astype(str), "count": count.to_numpy()})
        for of, count in counts.items()
    ]
    return pd.concat(parts, ignore_index=True).astype({"count": int})
