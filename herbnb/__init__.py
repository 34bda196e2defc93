"""herbnb: what a neural network sees in a herbarium sheet, as a book you can run."""

__version__ = "0.1.0"
