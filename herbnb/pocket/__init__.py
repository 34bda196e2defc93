"""The pocket herbarium: drawn from a seed, laid out as Half-Earth is, free to copy (CC0 1.0)."""

from herbnb.pocket.herbarium import draw_herbarium

__all__ = ["draw_herbarium"]
