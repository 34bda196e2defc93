"""Figures: every picture of the book, each made from a tidy table by one function.

Importing this package selects the book's plotly renderer and template.
"""

from herbnb.figures import renderer, template
from herbnb.figures.bars import counts, funnel
from herbnb.figures.dots import interval_dots
from herbnb.figures.grid import heatmap
from herbnb.figures.lines import curves, learning_curves
from herbnb.figures.points import scatter
from herbnb.figures.sheets import image_row, sheet_grid
from herbnb.figures.spread import distributions
from herbnb.figures.table import table
from herbnb.figures.words import safe, say, source

__all__ = [
    "counts",
    "curves",
    "distributions",
    "funnel",
    "heatmap",
    "image_row",
    "interval_dots",
    "learning_curves",
    "safe",
    "say",
    "scatter",
    "sheet_grid",
    "source",
    "table",
]

template.select()
renderer.select()
