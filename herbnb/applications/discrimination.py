"""Discrimination: can one genus be told from a similar one, and from a distinct one?

The published task (Walker, Tucker and Nicolson 2022), on sheets of another herbarium that no
network was trained on. Duplicates of one gathering stay in one fold together.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from herbnb.applications.identification import identify
from herbnb.representations.folds import FOLDS
from herbnb.representations.probes import choose_c
from herbnb.representations.scorebook import Keep, anew
from herbnb.specimens import gatherings

TASK = ["network", "genus1", "genus2"]
"""The columns that tell one task of discrimination from another."""


def genus_in(specimens: pd.DataFrame, genus: str) -> str:
    """Return `genus` as the labels spell it, whatever its case here; "" if no sheet bears it."""
    spelt = specimens["genus"][specimens["genus"].str.casefold() == genus.strip().casefold()]
    return spelt.iloc[0] if len(spelt) else ""


def pairs_in(specimens: pd.DataFrame, genus1: str, genus2: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of `genus1` with each of `genus2`, as far as `specimens` has them."""
    pairs = [(genus_in(specimens, genus1), genus_in(specimens, other)) for other in genus2]
    return [(first, second) for first, second in pairs if first and second and first != second]


def count_gatherings(specimens: pd.DataFrame, genera: list[str], folds: int = FOLDS) -> pd.DataFrame:
    """Count the sheets and gatherings of each genus: `genus`, `sheets`, `gatherings`, `enough`."""
    groups = pd.Series(gatherings(specimens), index=specimens.index)
    rows = []
    for genus in genera:
        part = groups[specimens["genus"] == genus_in(specimens, genus)]
        rows.append((genus, len(part), part.nunique(), part.nunique() >= folds))
    return pd.DataFrame(rows, columns=["genus", "sheets", "gatherings", "enough"])


def discriminate(
    features: np.ndarray,
    specimens: pd.DataFrame,
    genus1: str,
    genus2: str,
    *,
    grouped: bool = True,
    folds: int = FOLDS,
    seed: int = 89,
) -> pd.DataFrame:
    """Tell the sheets of two genera apart by a regression that has seen neither them nor
    duplicates.

    Args:
        features: float32 [n, d].
        specimens: the n specimens, with `image_id`, `genus` and `gathering`.
        genus1: the genus that precision, recall and F1 are about, spelt as in `specimens`.
        genus2: the other genus.
        grouped: whether duplicates of a gathering stay together; False deals sheet by sheet.
        folds: how many; a pair with fewer gatherings of a genus gives no row.
        seed: of the deal into folds.

    Returns:
        One row a sheet: `image_id`, `group` (its species, which intervals resample: the claim is
        about genera, and sheets of one species succeed and fail together), `fold`, `given`,
        `predicted`, `probability`.
    """
    pair = specimens["genus"].isin([genus1, genus2]).to_numpy()
    sheets = specimens[pair]
    groups = gatherings(sheets) if grouped else np.arange(len(sheets))
    data = features[pair], sheets["genus"].to_numpy(object), groups
    c = choose_c(*data, seed)
    named = identify(*data, folds=folds, seed=seed, c=c)
    rows = named.pop("row").to_numpy(int)
    named["group"] = sheets["species"].to_numpy()[rows]
    named.insert(0, "image_id", sheets["image_id"].to_numpy()[rows])
    return named


def discriminate_all(
    specimens: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    genus1: str,
    genus2: list[str],
    *,
    grouped: bool = True,
    seed: int = 89,
    keep: Keep = anew,
) -> pd.DataFrame:
    """Tell `genus1` from each of `genus2` by the features, float32 [n, d], of each network.

    Each network and pair is a part, which `keep` may have already. Returns the rows of `discriminate` with
    `network`, `genus1` and `genus2` before them; none for a genus that is missing or has too few gatherings.
    """
    columns = [*TASK, "image_id", "group", "fold", "given", "predicted", "probability"]
    parts = [pd.DataFrame(columns=columns)]
    dealt = "by gathering" if grouped else "by sheet"

    def told(network: str, pair: tuple[str, str]) -> pd.DataFrame:
        named = discriminate(features[network], specimens, *pair, grouped=grouped, seed=seed)
        return named.assign(network=network, genus1=pair[0], genus2=pair[1])[columns]

    for network in features:
        for pair in pairs_in(specimens, genus1, genus2):
            named = keep(partial(told, network, pair), network, *pair, dealt, seed=seed)
            parts += [named] if len(named) else []
    return pd.concat(parts[1:] or parts, ignore_index=True)
