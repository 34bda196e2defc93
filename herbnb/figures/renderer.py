"""Renderer: a figure as a page needs it.

In a papermill kernel plotly emits its JSON alone, which no page shows. This renderer adds HTML: the figure's
JSON, and nothing that runs. The page's `figures.js` draws it with the one `plotly.min.js` of the book. Beside
it stays plotly's own mime type, which JupyterLab draws and which costs the page nothing.
"""

import hashlib
import json
import sys

import plotly.io as pio
from plotly.io.base_renderers import MimetypeRenderer

from herbnb.figures.words import plain

CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
}

PAGE = """<figure class="herbnb-figure" data-plot="{key}">
<div class="herbnb-plot" id="plot-{key}" role="group" aria-label="{alt}" style="min-height:{height}px"></div>
<script type="application/json">{figure}</script>
<noscript>This figure is drawn by a script, and scripts are switched off.</noscript>{caption}
</figure>"""


class Book(MimetypeRenderer):
    """The renderer called `herbnb`."""

    def to_mimebundle(self, fig_dict: dict) -> dict:
        """Return the figure as `text/html` for the page and as plotly's JSON for JupyterLab."""
        live = json.loads(pio.to_json(fig_dict, validate=False))
        live["layout"].get("meta", {}).pop("sprite", None)
        return {
            "text/html": page_html(fig_dict),
            "application/vnd.plotly.v1+json": {**live, "config": CONFIG},
        }


def page_html(fig_dict: dict) -> str:
    """Return the HTML of a figure: the same figure gives the same text."""
    layout = {key: value for key, value in fig_dict["layout"].items() if key != "template"}
    meta = layout.get("meta") or {}
    template = fig_dict["layout"].get("template", {}).get("layout", {})
    content = {
        **{key: fig_dict[key] for key in ("data", "frames") if key in fig_dict},
        "layout": {"template": {"layout": template}, **layout},
        "config": CONFIG,
    }
    text = pio.to_json(content, validate=False).replace("<", "\\u003c")
    caption = meta.get("caption")
    return PAGE.format(
        key=hashlib.sha256(text.encode()).hexdigest()[:12],
        alt=plain(meta.get("alt", "Figure")),
        height=layout.get("height", 420),
        figure=text,
        caption=f"\n<figcaption>{plain(caption)}</figcaption>" if caption else "",
    )


def select_renderer() -> None:
    """Make the book's renderer plotly's default, but for Colab, which has one that loads plotly there."""
    pio.renderers["herbnb"] = Book()
    if "google.colab" not in sys.modules:
        pio.renderers.default = "herbnb"
