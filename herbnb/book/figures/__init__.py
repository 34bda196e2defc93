"""Figures: every picture of the book, each made from a tidy table by one function.

Importing this package selects the book's plotly renderer and template.
"""

from herbnb.book.figures import renderer, template
from herbnb.book.figures.bars import counts, funnel
from herbnb.book.figures.dots import interval_dots
from herbnb.book.figures.grid import heatmap
from herbnb.book.figures.lines import curves, learning_curves
from herbnb.book.figures.points import scatter
from herbnb.book.figures.sheets import image_row, sheet_grid
from herbnb.book.figures.spread import distributions
from herbnb.book.figures.table import table
from herbnb.book.figures.words import safe, say, source

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
