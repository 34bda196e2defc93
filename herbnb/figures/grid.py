"""Grid: a number for every pair."""

import pandas as pd
import plotly.graph_objects as go

from herbnb.errors import BadInput
from herbnb.figures.palette import ordered
from herbnb.figures.panels import described, panels
from herbnb.figures.rows import checked, numbered, spoken, trimmed
from herbnb.figures.words import plain

LIGHT_TO_DARK = ("#f1f0d8", "#7fae7c", "#1f5133")
TINTS = {"larger": LIGHT_TO_DARK, "smaller": LIGHT_TO_DARK[::-1]}
"""From the smallest value to the largest, by which are to be dark."""


@spoken
def heatmap(table: pd.DataFrame, x: str, y: str, value: str, dark: str = "larger") -> go.Figure:
    """Draw a cell for each pair of `x` and `y`, tinted and labelled with its `value`.

    Args:
        table: one row a pair.
        x: column of what stands side by side.
        y: column of what stands one below the other.
        value: column of numbers.
        dark: of which values the cells are darker, "larger" or "smaller" (as of places, where 1 is best).

    Raises:
        BadInput: a pair occurs twice, or `dark` is neither.
    """
    if dark not in TINTS:
        raise BadInput(f"dark is {dark!r}: choose {' or '.join(TINTS)}.")
    table = checked(table, x, y, value)
    numbered(table, value)
    pairs = table[[x, y]].astype(str)
    twice = pairs[pairs.duplicated()]
    if len(twice):
        raise BadInput(
            f"The pair {twice.iloc[0, 0]!r}, {twice.iloc[0, 1]!r} occurs twice in the table: "
            "keep one row a cell."
        )
    across, down = ordered(pairs[x]), ordered(pairs[y])
    cells = pairs.assign(value=table[value]).pivot(index=y, columns=x, values="value").loc[down, across]
    whole = (table[value].dropna() % 1 == 0).all()
    form = ".0f" if whole else ".2f"
    figure = panels([""], min(38 * len(down) + 60, 640))
    figure.add_trace(
        go.Heatmap(
            z=[trimmed(row) for _, row in cells.iterrows()],
            x=[plain(name) for name in across],
            y=[plain(name) for name in down],
            colorscale=[[place / 2, tint] for place, tint in enumerate(TINTS[dark])],
            texttemplate=f"%{{z:{form}}}",
            hovertemplate=f"%{{y}}, %{{x}}: %{{z:{form}}}<extra></extra>",
            xgap=2,
            ygap=2,
            showscale=False,
            hoverongaps=False,
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, side="bottom")
    return described(figure, f"Table of {value} for each {y} and {x}, darker where it is {dark}.")
