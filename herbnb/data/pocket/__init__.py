"""The pocket herbarium: drawn from a seed, in the layout of the Half-Earth data, free to copy (CC0 1.0)."""

from herbnb.data.pocket.herbarium import draw_herbarium

__all__ = ["draw_herbarium"]
