"""Template: the one look of the book's figures, legible on a light page and on a dark one."""

import plotly.graph_objects as go
import plotly.io as pio

INK = "#77736b"
"""Between the two pages; `figures.js` replaces it by the ink of the page."""
RULE = "rgba(128, 122, 110, 0.28)"


def select_template() -> None:
    """Make the book's template plotly's default."""
    axis = {
        "gridcolor": RULE,
        "zerolinecolor": RULE,
        "linecolor": RULE,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 13}},
        "fixedrange": False,
    }
    layout = go.Layout(
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={
            "family": "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
            "size": 13,
            "color": INK,
        },
        colorway=["#2b7bba", "#d55e00", "#0b8f6b", "#b8569b", "#b07a00", "#8f6bd1", "#c2504d", "#1f8fa8"],
        margin={"l": 12, "r": 12, "t": 12, "b": 12},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -0.16,
            "yanchor": "top",
            "title": {"text": ""},
            "itemsizing": "constant",
        },
        hoverlabel={"align": "left", "font": {"size": 13}},
        hovermode="closest",
        xaxis=axis,
        yaxis=axis,
        bargap=0.25,
    )
    pio.templates["herbnb"] = go.layout.Template(layout=layout)
    pio.templates.default = "herbnb"
