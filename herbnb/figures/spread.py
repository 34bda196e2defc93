"""Spread: not the mean alone but all the values behind it."""

import pandas as pd
import plotly.graph_objects as go

from herbnb.figures.palette import looks, ordered
from herbnb.figures.panels import described, faceted, panels, spot
from herbnb.figures.rows import at_most, checked, finite, parts, spoken, trimmed
from herbnb.figures.words import heading, plain


@spoken
def distributions(table: pd.DataFrame, x: str, colour: str, facet: str | None = None) -> go.Figure:
    """Draw a violin, with a box inside, of the values `x` of each `colour`.

    Args:
        table: one row a value; at most 5,000 are drawn.
        x: column of numbers.
        colour: column of categories, one violin each.
        facet: column of categories, one panel each.
    """
    table, note = finite(checked(table, x, colour, facet), x)
    table, sampled = at_most(table)
    look = looks(table[colour])
    facets = ordered(table[facet]) if facet else [""]
    figure = panels(facets, min(46 * len(look) + 30, 560))
    for place, (_, part) in enumerate(parts(table, facet, facets)):
        for name, values in parts(part, colour, look):
            figure.add_trace(
                go.Violin(
                    x=trimmed(values[x]),
                    y=[plain(name)] * len(values),
                    name=plain(name),
                    orientation="h",
                    box_visible=True,
                    points=False,
                    spanmode="hard",
                    line={"color": look[name].colour, "width": 1.5},
                    showlegend=False,
                    hoverinfo="x",
                ),
                **spot(place, figure),
            )
    figure.update_xaxes(title_text=heading(x), hoverformat=".3f")
    names = [plain(name) for name in look]
    figure.update_yaxes(categoryorder="array", categoryarray=names, range=[len(names) - 0.5, -0.5])
    alt = f"Spread of {x} for each {colour}{faceted(facet)}"
    return described(figure, alt, note, sampled)
