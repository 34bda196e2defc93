"""The pocket herbarium: drawn from a seed, laid out as Half-Earth is, free to copy (CC0 1.0)."""

from herbnb.data.pocket.herbarium import draw_herbarium

__all__ = ["draw_herbarium"]
