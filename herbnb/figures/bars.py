"""Bars: how many."""

import pandas as pd
import plotly.graph_objects as go
from pandas.api.types import is_numeric_dtype

from herbnb.figures.palette import CYCLE, looks
from herbnb.figures.panels import described, panels
from herbnb.figures.rows import at_most, checked, finite, numbered, parts, spoken
from herbnb.figures.words import heading, plain


@spoken
def funnel(steps: pd.DataFrame) -> go.Figure:
    """Draw how many images each step of a selection leaves.

    Args:
        steps: one row a step, in order: `step`, `images`.
    """
    steps = checked(steps, "step", "images")
    numbered(steps, "images")
    figure = panels([""], 52 * len(steps) + 20)
    figure.add_trace(
        go.Funnel(
            y=steps["step"].map(plain),
            x=steps["images"].astype(int).tolist(),
            marker_color=CYCLE[2].colour,
            connector={"fillcolor": "rgba(11, 143, 107, 0.15)", "line": {"width": 0}},
            textinfo="value+percent initial",
            hovertemplate="%{y}: %{x:,} images<extra></extra>",
        )
    )
    first, last = steps["images"].iloc[0], steps["images"].iloc[-1]
    return described(figure, f"Funnel of {len(steps)} steps, from {first:,} images to {last:,}.")


@spoken
def counts(table: pd.DataFrame, x: str, y: str, colour: str | None = None) -> go.Figure:
    """Draw bars: upright over the categories `x`, or lying when `x` is the number and `y` the category.

    Args:
        table: one row a bar.
        x: column of categories, or of numbers.
        y: the other one.
        colour: column that splits a bar into stacked parts.
    """
    table = checked(table, x, y, colour)
    lying = is_numeric_dtype(table[x]) and not is_numeric_dtype(table[y])
    table, note = finite(table, x if lying else y)
    table, sampled = at_most(table)
    names = table[y if lying else x]
    figure = panels([""], min(30 * names.nunique() + 60, 640) if lying else 300)
    look = looks(table[colour]) if colour else {"": CYCLE[2]}
    for name, part in parts(table, colour, look):
        along = [values if is_numeric_dtype(values) else values.map(plain) for values in (part[x], part[y])]
        figure.add_trace(
            go.Bar(
                x=along[0].tolist(),
                y=along[1].tolist(),
                name=plain(name),
                orientation="h" if lying else "v",
                marker_color=look[name].colour,
                hovertemplate="%{y}: %{x:,}" if lying else "%{x}: %{y:,}",
            )
        )
    figure.update_layout(barmode="stack", showlegend=colour is not None)
    figure.update_xaxes(title_text=heading(x))
    figure.update_yaxes(title_text="" if lying else heading(y), autorange="reversed" if lying else None)
    alt = f"Bars of {y} for {names.nunique()} values of {x}." if not lying else f"Bars of {x} for each {y}."
    return described(figure, alt, note, sampled)
