"""Lines: how something changes along the way."""

import pandas as pd
import plotly.graph_objects as go

from herbnb.figures.palette import Look, looks, ordered
from herbnb.figures.panels import described, faceted, panels, spot
from herbnb.figures.rows import at_most, checked, finite, numbered, parts, spoken, trimmed
from herbnb.figures.words import heading, plain


@spoken
def learning_curves(metrics: pd.DataFrame) -> go.Figure:
    """Draw a panel for each metric, with a line for training and one for validation.

    Args:
        metrics: `epoch`, `split` (train or validation), `metric`, `value`.
    """
    metrics = checked(metrics, "epoch", "split", "metric", "value")
    numbered(metrics, "epoch", "value")
    figure = curves(metrics, "epoch", "value", colour="split", facet="metric", shared=False)
    return figure.update_yaxes(title_text="")


@spoken
def curves(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    facet: str | None = None,
    *,
    shared: bool = True,
) -> go.Figure:
    """Draw a line for each `colour`, with a ribbon from `low` to `high` where the table has them.

    Args:
        table: one row a point of a line.
        x: column of numbers along which the lines run.
        y: column of numbers.
        colour: column of categories, one line each.
        facet: column of categories, one panel each.
        shared: whether the panels have one scale.
    """
    table, note = finite(checked(table, x, y, colour, facet), x, y)
    table, sampled = at_most(table)
    look = looks(table[colour])
    facets = ordered(table[facet]) if facet else [""]
    figure = panels(facets, 260, shared=shared)
    drawn = set()
    for place, (_, part) in enumerate(parts(table, facet, facets)):
        for name, line in parts(part, colour, look):
            line = line.sort_values(x)
            if {"low", "high"} <= set(line):
                figure.add_trace(ribbon(line, x, look[name]), **spot(place, figure))
            figure.add_trace(
                go.Scatter(
                    x=trimmed(line[x]),
                    y=trimmed(line[y]),
                    mode="lines+markers" if len(line) <= 30 else "lines",
                    name=plain(name),
                    legendgroup=plain(name),
                    showlegend=name not in drawn,
                    line={"color": look[name].colour, "dash": look[name].dash, "width": 2},
                    marker={"symbol": look[name].mark, "size": 6},
                    hovertemplate=f"{heading(x)} %{{x}}: %{{y:.4~g}}<extra>%{{fullData.name}}</extra>",
                ),
                **spot(place, figure),
            )
            drawn.add(name)
    figure.update_xaxes(title_text=heading(x))
    figure.update_yaxes(title_text=heading(y))
    alt = f"Lines of {y} along {x}, one for each {colour}{faceted(facet)}"
    return described(figure, alt, note, sampled)


def ribbon(line: pd.DataFrame, x: str, look: Look) -> go.Scatter:
    """Return the band between `low` and `high` of a line whose rows are in the order of `x`."""
    known = line.dropna(subset=["low", "high"])
    along = pd.concat([known[x], known[x][::-1]])
    edge = pd.concat([known["high"], known["low"][::-1]])
    red, green, blue = (int(look.colour[i : i + 2], 16) for i in (1, 3, 5))
    return go.Scatter(
        x=trimmed(along),
        y=trimmed(edge),
        fill="toself",
        fillcolor=f"rgba({red}, {green}, {blue}, 0.18)",
        line_width=0,
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )
