"""Features: a vector of numbers a sheet, by every encoder."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from herbnb.errors import BadInput
from herbnb.representations import spec_of
from herbnb.representations.origins import again, listing_of, origin_in_run
from herbnb.representations.scorebook import Scorebook
from herbnb.representations.shelves import Shelf
from herbnb.results import RUN, Results, specimens_of
from herbnb.specimens import COLUMNS


class Features(Mapping):
    """The features of n sheets by some encoders, float32 [n, width], by the encoders' short names.

    They are read when they are asked for, and forgotten when another's are: one is in memory at a time.

    Args:
        here: the run.
        collection: the run's own, "kew" or one of the user's.
        image_ids: of the sheets, in the order of the features.
        origins: what the features of each encoder are from, in plain types.
    """

    def __init__(self, here: Results, collection: str, image_ids: pd.Series, origins: dict[str, dict]):
        self.here, self.collection, self.image_ids, self.origins = here, collection, image_ids, origins
        self.last: tuple[str, np.ndarray] | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the features by one encoder.

        Raises:
            BadInput: they are incomplete or damaged, or one of them is not a finite number.
        """
        if name not in self.origins:
            raise KeyError(name)
        if self.last is None or self.last[0] != name:
            self.last = None  # before the next are read
            self.last = name, read_listed(self.here, name, self.collection, self.image_ids)
        return self.last[1]

    def scorebook(self, chapter: str) -> Scorebook:
        """Return what a chapter has scored of these features."""
        return Scorebook(self.here.path("scores", chapter=chapter), self.origins)

    def __contains__(self, name: object) -> bool:
        return name in self.origins

    def __iter__(self) -> Iterator[str]:
        return iter(self.origins)

    def __len__(self) -> int:
        return len(self.origins)


def read_features(
    here: Results, name: str, collection: str = RUN, split: str | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the features of a collection: its specimens, n rows, and float32 [n, width], aligned.

    Arguments and errors are those of `read_all_features`, for one representation.
    """
    specimens, features = read_all_features(here, [name], collection, split)
    return specimens, features[spec_of(name).name]


def read_all_features(
    here: Results, names: list[str], collection: str = RUN, split: str | None = None
) -> tuple[pd.DataFrame, Features]:
    """Read the features of a collection by several encoders: its specimens, n rows, and the features.

    Args:
        here: the run.
        names: of representations, as `spec_of` reads them.
        collection: the run's own, "kew" or one of the user's.
        split: of these specimens only.

    Raises:
        BadInput: features are missing, or of another run or encoder; or, when they are asked for, see
            `Features`; or there are no names.
    """
    if not names:
        raise BadInput("No representation is named: name one network or baseline at least.")
    table, fields = specimens_of(collection)
    specimens = here.read(table, **fields)
    origins = {spec_of(name).name: origin_in_run(here, name, collection, split) for name in names}
    if split is not None:
        specimens = specimens[specimens["split"] == split].reset_index(drop=True)
    return specimens, Features(here, collection, specimens["image_id"], origins)


def read_listed(here: Results, name: str, collection: str, image_ids: pd.Series) -> np.ndarray:
    """Read the features of n sheets of a collection as its index lists them, float32 [n, width].

    Whether they are of the run as it is now is not asked: see `read_features`.

    Args:
        here: the run.
        name: short, of the encoder.
        collection: the run's own, "kew" or one of the user's.
        image_ids: of the sheets, in the order of the features.

    Raises:
        BadInput: the features are missing, incomplete or damaged, or one of them is not a finite number.
    """
    listing = listing_of(here, name, collection)
    shelf = Shelf(here.path("features", encoder=name, collection=collection), listing)
    return shelf.read(image_ids, listing["parts"], again(collection))


def read_taught_features(here: Results, names: list[str]) -> tuple[pd.DataFrame, Mapping[str, np.ndarray]]:
    """Read what some encoders made of the run's training sheets, as far as it is there.

    An encoder that needs no training may look at a collection without any run: then there is no
    specimen, and the features of each have no row.

    Raises:
        BadInput: as `read_features`.
    """
    there = [n for n in names if here.path("features", encoder=spec_of(n).name, collection=RUN).exists()]
    if there:
        return read_all_features(here, there, split="train")
    return pd.DataFrame(columns=list(COLUMNS)), {}
