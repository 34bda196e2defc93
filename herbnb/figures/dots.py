"""Dots: scores, each with the interval it might as well have been in."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from herbnb.figures.palette import looks, ordered
from herbnb.figures.panels import described, faceted, panels, spot
from herbnb.figures.rows import checked, finite, parts, spoken, trimmed
from herbnb.figures.words import heading, plain


@spoken
def interval_dots(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    facet: str | None = None,
    baseline: float | None = None,
) -> go.Figure:
    """Draw a dot for each row at its score, in a line for each `y`, with whiskers from `low` to `high`.

    Args:
        table: one row a dot; without columns `low` and `high` there are no whiskers.
        x: column of scores.
        y: column of categories, one line each.
        colour: column of categories, one colour and mark each; may be `y` itself.
        facet: column of categories, one panel each.
        baseline: a score to mark by an upright line, such as that of chance.
    """
    table, note = finite(checked(table, x, y, colour, facet), x)
    lines, look = ordered(table[y]), looks(table[colour])
    facets = ordered(table[facet]) if facet else [""]
    height = max(len(lines) * (22 + 13 * (1 if y == colour else len(look))), 90)
    figure = panels(facets, min(height, 620))
    step = 0 if y == colour else 0.72 / len(look)
    drawn = set()
    for place, (_, part) in enumerate(parts(table, facet, facets)):
        for name, dots in parts(part, colour, look):
            offset = (list(look).index(name) - (len(look) - 1) / 2) * step
            figure.add_trace(
                go.Scatter(
                    x=trimmed(dots[x]),
                    y=trimmed(dots[y].astype(str).map(lines.index) + offset),
                    error_x=whiskers(dots, x),
                    mode="markers",
                    name=plain(name),
                    legendgroup=plain(name),
                    showlegend=y != colour and name not in drawn,
                    marker={
                        "color": look[name].colour,
                        "symbol": look[name].mark,
                        "size": 9,
                        "line_width": 2,
                    },
                    marker_line_color=look[name].colour,
                    customdata=[[text] for text in dots[y].map(plain)],
                    hovertemplate="%{customdata[0]}: %{x:.3f}<extra>%{fullData.name}</extra>",
                ),
                **spot(place, figure),
            )
            drawn.add(name)
    figure.update_yaxes(
        tickvals=list(range(len(lines))),
        ticktext=[plain(line) for line in lines],
        range=[len(lines) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_xaxes(title_text=heading(x))
    if baseline is not None:
        figure.add_vline(x=baseline, line={"dash": "dot", "width": 1.5, "color": "#86827a"})
    alt = f"Dots of {x} for each {y}, one colour for each {colour}{faceted(facet)}"
    intervals = "Whiskers: from low to high." if {"low", "high"} <= set(table) else ""
    return described(figure, f"{alt} {intervals}".strip(), note)


def whiskers(dots: pd.DataFrame, x: str) -> dict | None:
    """Return plotly's error bars from the columns `low` and `high`, or None without them."""
    if not {"low", "high"} <= set(dots):
        return None
    return {
        "array": np.maximum(trimmed(dots["high"] - dots[x]), 0),
        "arrayminus": np.maximum(trimmed(dots[x] - dots["low"]), 0),
        "thickness": 1.6,
        "width": 0,
    }
