"""Points: the sheets on the maps of a run, what is known of each, and which lie nearest to it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from herbnb.applications.neighbours import find_neighbours, used_by_training
from herbnb.atlas.places import along_the_map, placed, spread
from herbnb.representations.features import read_features
from herbnb.results import RUN, Results, images_of, of_collection, specimens_of

NEIGHBOURS = 5
"""How many of a sheet's nearest are drawn as lines."""

COMPARED = 20_000
"""Sheets of a map of which all pairs are compared; of more, which take hours, no nearest are shown."""


YEAR = r"\b((?:1[5-9]|20)\d\d)\b"
"""Herbaria began in the sixteenth century."""


class Map(NamedTuple):
    """A map of a representation."""

    name: str
    places: np.ndarray
    """Of the n sheets, float32 [n, 2] within -1 and 1; not a number for a sheet that is not on it."""

    near: np.ndarray
    """The rows of the nearest sheets of other gatherings, nearest first, int32 [n, 5]; -1 where there is
    none, and no row at all where they were not compared."""

    likeness: np.ndarray
    """Their cosines, float32, aligned."""


class Points(NamedTuple):
    """What the atlas shows."""

    sheets: pd.DataFrame
    """n rows of the specimens tables, with `collection`, `file` (the path of the image), `year` (of
    gathering; not a number where it is not known), and where a review list names the sheet `doubt` (its place
    on it, from 1), `suspicion`, `suggested` and `reason`."""

    maps: list[Map]


def gather(here: Results, data: Path) -> Points:
    """Bring together the sheets and the maps of a run.

    Args:
        here: the run.
        data: the folder that the paths of the run's own specimens are relative to.

    Raises:
        BadInput: the run has no map yet, or an artefact is of another run.
    """
    places = placed(here)
    tables = {name: sheets_of(here, name, data) for name in places["collection"].unique()}
    places, tables = without_doubles(places, tables)
    sheets = pd.concat(tables.values(), ignore_index=True)
    key = ["collection", "image_id"]
    on_a_map = pd.MultiIndex.from_frame(sheets[key]).isin(pd.MultiIndex.from_frame(places[key]))
    sheets = sheets[on_a_map].reset_index(drop=True)
    rows = pd.MultiIndex.from_frame(sheets[key])
    layouts = {}
    for name, of_map in places.groupby("map", sort=False):
        where = rows.get_indexer(pd.MultiIndex.from_frame(of_map[key]))
        layout = np.full((len(sheets), 2), np.nan)
        layout[where[where >= 0]] = of_map[["x", "y"]].to_numpy()[where >= 0]
        layouts[name] = spread(layout)
    order = along_the_map(next(iter(layouts.values())))
    sheets = sheets.iloc[order].reset_index(drop=True)
    networks = places.drop_duplicates("map").set_index("map")["network"]
    maps = [
        Map(name, layout[order], *nearest(here, networks[name], sheets, layout[order]))
        for name, layout in layouts.items()
    ]
    return Points(sheets, maps)


def without_doubles(
    places: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Leave out a collection whose sheets are all in another: Kew's, until readers bring their own.

    Maps that were drawn for it alone go with it.
    """
    kept = dict(tables)
    for name in reversed(tables):
        others = [kept[other] for other in kept if other != name]
        if others and used_by_training(kept[name], pd.concat(others)).all():
            del kept[name]
    left_out = ~places["collection"].isin(kept)
    own = left_out & (places["map"] != places["network"])
    return places[~left_out & ~places["map"].isin(places.loc[own, "map"])], kept


def sheets_of(here: Results, collection: str, data: Path) -> pd.DataFrame:
    """Return the specimens of a collection, with the paths of their images and what is doubted of them."""
    artefact, fields = specimens_of(collection)
    table = here.read(artefact, **fields)
    folder = data if collection == RUN else images_of(here, collection)
    files = [str(folder / path) for path in table["path"]]
    year = table["event_date"].str.extract(YEAR, expand=False).astype("float32")
    table = table.drop(columns="path").assign(collection=collection, file=files, year=year)
    doubted = doubts(here, collection)
    return table if doubted is None else table.merge(doubted, on="image_id", how="left")


def doubts(here: Results, collection: str) -> pd.DataFrame | None:
    """Return what the review list of a collection says of its sheets, or None where there is no list."""
    name, fields = of_collection("review_list", collection)
    if collection == RUN or not here.path(name, **fields).exists():
        return None
    listed = here.read(name, **fields)
    listed = listed.assign(doubt=np.arange(1, len(listed) + 1, dtype=float))
    return listed.rename(columns={"score": "suspicion"})[
        ["image_id", "doubt", "suspicion", "suggested", "reason"]
    ]


def nearest(
    here: Results, network: str, sheets: pd.DataFrame, layout: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest sheets of each sheet on a map, by cosine of the features: `near` and `likeness`.

    All collections on the map are compared together, if all have features and they are few enough.
    """
    none = np.empty((0, NEIGHBOURS), "int32"), np.empty((0, NEIGHBOURS), "float32")
    shown = np.flatnonzero(~np.isnan(layout).any(axis=1))
    collections = sheets["collection"].iloc[shown].unique()
    there = [here.path("features", encoder=network, collection=name).exists() for name in collections]
    if not all(there) or len(shown) > COMPARED:
        return none
    parts = []
    for name in collections:
        specimens, features = read_features(here, network, name)
        parts.append((specimens.assign(collection=name), features))
    table = pd.concat([part for part, _ in parts], ignore_index=True)
    key = ["collection", "image_id"]
    rows = pd.MultiIndex.from_frame(table[key]).get_indexer(pd.MultiIndex.from_frame(sheets[key].iloc[shown]))
    features = np.concatenate([features for _, features in parts])[rows]
    numbered = sheets.iloc[shown].assign(image_id=shown.astype(str))  # ids may occur in two collections
    found = find_neighbours(features, numbered, NEIGHBOURS)
    found = found[~found["duplicate"]]
    row, place = found["image_id"].astype(int), found.groupby("image_id").cumcount()
    near = np.full((len(sheets), NEIGHBOURS), -1, "int32")
    likeness = np.zeros((len(sheets), NEIGHBOURS), "float32")
    near[row, place] = found["neighbour"].astype(int)
    likeness[row, place] = found["similarity"]
    return near, likeness
