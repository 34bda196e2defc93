"""Figures: every picture of the book, each made from a tidy table by one function.

Each takes a sentence `empty`, which stands in its place when there is nothing to show.
Importing this package selects the book's plotly renderer and template.
"""

from herbnb.figures import renderer, template
from herbnb.figures.bars import counts, funnel
from herbnb.figures.dots import interval_dots
from herbnb.figures.grid import heatmap
from herbnb.figures.lines import curves, learning_curves
from herbnb.figures.listing import source
from herbnb.figures.points import scatter
from herbnb.figures.sheets import image_row, sheet_grid
from herbnb.figures.spread import distributions
from herbnb.figures.table import table
from herbnb.figures.words import Words, each, recalled, say, words

__all__ = [
    "Words",
    "counts",
    "curves",
    "distributions",
    "each",
    "funnel",
    "heatmap",
    "image_row",
    "interval_dots",
    "learning_curves",
    "recalled",
    "say",
    "scatter",
    "sheet_grid",
    "source",
    "table",
    "words",
]

template.select_template()
renderer.select_renderer()
