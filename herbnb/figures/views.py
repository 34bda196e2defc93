"""Views: maps of the same points, of which a switch shows one at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from herbnb.errors import BadInput
from herbnb.figures.palette import ordered
from herbnb.figures.rows import parts
from herbnb.figures.words import heading, plain


def told_apart(table: pd.DataFrame, column: str) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return one row a point, and the places of all points in each view, float32 [n, 2].

    Each view fills the square from -1 to 1, so that the eye may go from one to the other: on such a map
    neither the middle nor the unit means anything. A row's own `x` and `y` are those of the first view, or
    not known where any view lacks them; `_at` is the row's number among the places.

    Args:
        table: one row a point and view, with `x` and `y`.
        column: of `table`, which names the views.

    Raises:
        BadInput: the views are not of the same points in the same order.
    """
    rows = {name: part.reset_index(drop=True) for name, part in parts(table, column, ordered(table[column]))}
    name, points = next(iter(rows.items()))
    same = points.columns.drop([column, "x", "y"])
    for other, part in rows.items():
        if not part[same].equals(points[same]):
            raise BadInput(
                f"The views {name!r} and {other!r} are not of the same points: "
                "give each view the same rows in the same order, but for x and y."
            )
    places = {view: squared(part[["x", "y"]].to_numpy(np.float64)) for view, part in rows.items()}
    known = np.isfinite(np.stack([*places.values()])).all(axis=(0, 2))
    first = places[name].astype(np.float64)
    first[~known] = np.nan
    return points.assign(x=first[:, 0], y=first[:, 1], _at=range(len(points))), places


def squared(points: np.ndarray) -> np.ndarray:
    """Return points [n, 2] moved and evenly scaled into the square from -1 to 1, as float32."""
    drawn = points[np.isfinite(points).all(axis=1)]
    if not len(drawn):
        return points.astype(np.float32)
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    half = (high - low).max() / 2 or 1.0
    return ((points - (low + high) / 2) / half).astype(np.float32)


def switched(
    figure: go.Figure, column: str, places: Mapping[str, np.ndarray], rows: Sequence[pd.Series]
) -> go.Figure:
    """Return `figure` with a switch between views, in a frame each.

    JupyterLab shows plotly's own buttons; on a page `figures.js` makes ones that keys can reach.

    Args:
        figure: with a trace for each of `rows`.
        column: what the views are of, for the name of the switch.
        places: of all points in each view, as `told_apart` gives them.
        rows: for each trace the numbers of its points among the places.
    """
    figure.frames = [
        go.Frame(name=plain(view), data=[go.Scatter(x=each[at, 0], y=each[at, 1]) for at in rows])
        for view, each in places.items()
    ]
    at_once = {"mode": "immediate", "frame": {"duration": 0}, "transition": {"duration": 0}}
    buttons = [
        {"label": plain(view), "method": "animate", "args": [[plain(view)], at_once]} for view in places
    ]
    figure.update_xaxes(range=[-1.05, 1.05])
    figure.update_yaxes(range=[-1.05, 1.05])
    above = {"direction": "right", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
    return figure.update_layout(
        updatemenus=[{"type": "buttons", "buttons": buttons, **above}],
        meta=figure.layout.meta | {"views": heading(column)},
    )
