"""Half-Earth: the data where they are published, of which only the sampled images are fetched.

The data are those of the Herbarium 2021 Half-Earth Challenge (de Lutio et al. 2022), the competition
`herbarium-2021-fgvc8`. First comes the metadata, then the sample is drawn, then its images come, each
by itself: about 0.5 of 2.3 million.
"""

import os
import shutil
from collections.abc import Collection
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from herbnb.data.fetching.archive import Packed, Unpacked
from herbnb.data.fetching.downloads import fetch, partial_files
from herbnb.data.fetching.kaggle import ARCHIVE, PAGE, Kaggle
from herbnb.data.fetching.manifest import Manifest
from herbnb.data.fetching.source import Unusable
from herbnb.data.half_earth import METADATA, read_half_earth
from herbnb.data.sampling import draw_splits
from herbnb.errors import BadInput

Origin = Kaggle | Packed | Unpacked


def bring_half_earth(
    to: str | Path, *, sampling: dict, archive: str | Path | None = None, workers: int = 16
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fetch the metadata into the folder `to`, draw the sample, and fetch its images; say what is to come.

    The folder is then in the Half-Earth layout. Given again, it goes on where it was stopped.

    Args:
        to: the folder, made if missing.
        sampling: the parameters of `draw_splits`.
        archive: the zip that Kaggle's page offers, or the folder that it was unpacked to, to take the
            sample from instead of Kaggle.
        workers: how many images to fetch at once.

    Returns:
        The sampled specimens with their `split`, and the manifest of their images, row by row the same.

    Raises:
        BadInput: Kaggle or the archive does not give the data, and what to do; too little space.
    """
    to = Path(to)
    with source_of(archive, to, workers) as source:
        bring_metadata(to, source)
        drawn = draw_splits(read_half_earth(to), **sampling)
        missing = [path for path in drawn["path"] if not os.path.exists(to / path)]
        check_room_for_images(to, len(drawn), missing, source)
        wanted = drawn[["image_id", "path", "licence"]].assign(rights_holder="")
        wanted["urls"] = [[source.address(path)] for path in wanted["path"]]
        return drawn, fetch(wanted, to, source, workers=workers)


def source_of(archive: str | Path | None, to: Path, workers: int) -> Origin:
    """Return where the data come from."""
    if archive is None:
        return Kaggle(at_once=workers)
    if not Path(archive).is_dir():
        return Packed(archive)
    if Path(archive).resolve() == to.resolve():
        raise BadInput(f"{to} is the archive itself: nothing need be fetched; give the folder as `data`.")
    return Unpacked(archive)


def bring_metadata(to: Path, source: Origin) -> None:
    """Fetch the metadata, unless they are there."""
    if (to / METADATA).exists():
        return
    print(f"Fetching {METADATA}, which describes every sheet …", flush=True)
    (to / METADATA).parent.mkdir(parents=True, exist_ok=True)
    with Manifest(to), partial_files(to) as partial:
        try:
            source.get({"path": METADATA}, partial / "metadata.json")
        except Unusable as error:
            raise BadInput(
                f"{METADATA} did not come from {error.url} ({error.reason}): look whether {PAGE}/data still "
                f"lists it, and give the command again; {ARCHIVE}."
            ) from error
        os.replace(partial / "metadata.json", to / METADATA)


def check_room_for_images(to: Path, count: int, missing: Collection[str], source: Origin) -> None:
    """Say how many images and bytes are to come, or raise BadInput if the disk cannot hold them."""
    size, basis = source.size(missing, to)
    free, told = shutil.disk_usage(to).free, tqdm.format_sizeof
    print(
        f"{len(missing):,} of {count:,} sampled images are to come: about {told(size, 'B')}, {basis}; "
        f"{told(free, 'B')} are free.",
        flush=True,
    )
    if size > free:
        raise BadInput(
            f"{to} has {told(free, 'B')} free, and the images take about {told(size, 'B')}: make room, name "
            "a folder on another disk, or draw a smaller sample with a lower max_images."
        )
