"""Places: where the sheets of a run lie on each of its maps."""

import numpy as np
import pandas as pd

from herbnb.results import Results

SAME = 1e-4
"""How far apart a sheet may lie on two maps that are one, as a share of the map's width: rounding."""


def placed(here: Results) -> pd.DataFrame:
    """Return every place of every sheet: `map`, `network`, `collection`, `image_id`, `x`, `y`.

    The maps are those of the chapter Embedding, one a network, called by its name. A collection that the
    chapter Your herbarium has placed on the very map of its network joins it; otherwise it has a map of its
    own, which is called by both.

    Raises:
        BadInput: the run has no map yet.
    """
    columns = ["map", "network", "collection", "image_id", "x", "y"]
    own = own_collections(here)
    if own and not here.path("embedding").exists():
        maps = pd.DataFrame(columns=columns).astype({"x": "float32", "y": "float32"})
    else:
        maps = here.read("embedding")
        maps = maps.assign(map=maps["network"])[columns]
    for name in own:
        beside = here.read("your_embedding", collection=name)
        network = beside["network"].iloc[0]
        of_network = maps[maps["map"] == network]
        of_name = beside[beside["collection"] == name]
        if (of_network["collection"] == name).any():
            continue
        if on_one_map(beside, of_network):
            maps = pd.concat([maps, of_name.assign(map=network)[columns]], ignore_index=True)
        else:
            both = beside.assign(map=f"{network}, {name}")[columns]
            maps = pd.concat([maps, both], ignore_index=True)
    return maps


def own_collections(here: Results) -> list[str]:
    """Return the names of the collections that the chapter Your herbarium has placed on a map."""
    folders = sorted(path.name for path in here.folder.iterdir() if path.is_dir())
    return [
        name
        for name in folders
        if here.path("your_embedding", collection=name).exists()
        and name in set(here.read("your_embedding", collection=name)["collection"])
    ]


def on_one_map(these: pd.DataFrame, those: pd.DataFrame) -> bool:
    """Say whether two tables of places are of one map: whether the sheets in both lie at the same places."""
    both = these.merge(those, on=["collection", "image_id"], suffixes=("", "_there"))
    if both.empty:
        return False
    here, there = both[["x", "y"]].to_numpy(), both[["x_there", "y_there"]].to_numpy()
    return bool(np.abs(here - there).max() <= SAME * np.ptp(there, axis=0).max())


def spread(places: np.ndarray) -> np.ndarray:
    """Move and scale the places of a map, [n, 2], into the square from -1 to 1, in their proportions."""
    low, high = np.nanmin(places, axis=0), np.nanmax(places, axis=0)
    half = max((high - low).max() / 2, np.finfo("float32").tiny)
    return ((places - (low + high) / 2) / half).astype("float32")


def along_the_map(places: np.ndarray) -> np.ndarray:
    """Return an order of the sheets in which those that lie together on a map mostly follow one another.

    The order of Morton (1966): the digits of both coordinates, from -1 to 1, are interleaved. Sheets without
    a place come last.
    """
    lost = np.isnan(places).any(axis=1)
    cells = np.where(lost[:, None], 0, (places + 1) / 2 * 0xFFFF).astype("uint64")
    codes = np.zeros(len(places), dtype="uint64")
    for bit in range(16):
        for axis in (0, 1):
            codes |= (cells[:, axis] >> bit & 1) << (2 * bit + axis)
    return np.lexsort([codes, lost])
