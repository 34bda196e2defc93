"""Panels: one or more side by side, which the page sets in as many columns as it has room for."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from herbnb.figures.words import plain

COLUMNS = 3


def panels(
    names: Sequence[str],
    height: int,
    *,
    shared: bool = True,
    least: int = 210,
    square: bool = False,
) -> go.Figure:
    """Return an empty figure with a panel for each of `names`; a single "" has no heading.

    Args:
        names: the headings.
        height: of a panel, in px.
        shared: give all panels the same scales, so that the eye may compare them.
        least: the px a panel needs across; a narrower page sets fewer side by side.
        square: make a narrow panel lower, too.
    """
    across = min(len(names), COLUMNS)
    down = -(-len(names) // across)
    headed = any(names)
    figure = make_subplots(
        rows=down,
        cols=across,
        subplot_titles=[f"<b>{plain(name)}</b>" for name in names] if headed else None,
        horizontal_spacing=0.08 / across if shared else 0.25 / across,
        vertical_spacing=0.3 / down if down > 1 else 0,
    )
    figure.update_annotations(font_size=13, name="panel")
    if shared and len(names) > 1:
        figure.update_xaxes(matches="x")
        figure.update_yaxes(matches="y")
    heading = 26 if headed else 0
    figure.update_layout(
        height=down * (height + heading) + 40,
        margin_t=8 + heading,
        meta={
            "panels": len(names),
            "panel_height": height,
            "shared": shared,
            "columns": COLUMNS,
            "least": least,
            "square": square,
        },
    )
    return figure


def spot(place: int, figure: go.Figure) -> dict[str, int]:
    """Return `row` and `col` of the panel at `place` (from 0), for plotly's `add_trace`."""
    across = len(figure._grid_ref[0])
    return {"row": place // across + 1, "col": place % across + 1}


def faceted(facet: str | None) -> str:
    """Return the words that end a description when there is a panel for each value of `facet`."""
    return f", one panel for each {facet}." if facet else "."


def described(figure: go.Figure, alt: str, *notes: str) -> go.Figure:
    """Return `figure` with words for those who cannot see it, and a caption of the `notes` not blank."""
    meta = dict(figure.layout.meta or {})
    caption = " ".join(note for note in notes if note)
    return figure.update_layout(meta=meta | {"alt": alt.replace("_", " "), "caption": caption})
