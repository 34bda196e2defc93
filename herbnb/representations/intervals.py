"""Intervals: how far a mean could have come out otherwise."""

import numpy as np

from herbnb.errors import BadInput


def bootstrap(values, seed: int, resamples: int = 1000, groups=None) -> tuple[float, float]:
    """Return the ends of the 95 % percentile interval of the mean of `values` (Efron and Tibshirani
    1993).

    Args:
        values: [n], finite.
        seed: of the resampling.
        resamples: how many times a sample of the same size is drawn with replacement.
        groups: [n], names of what is drawn. Values of one group rise and fall together, as the
            sheets of one genus do, so whole groups are drawn: otherwise every sheet would count as
            news and the interval would be too narrow. Without it each value is a group of its own.

    Raises:
        BadInput: no values, or one that is not finite.
    """
    values = np.asarray(values, dtype=float)
    if not values.size or not np.isfinite(values).all():
        raise BadInput("An interval needs finite values, at least one: check the table they are from.")
    if groups is None:
        sums, counts = values, np.ones(len(values))
    else:
        _, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        sums, counts = np.bincount(group, values), np.bincount(group)
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    for i in range(resamples):  # not all at once: they would not fit in memory
        drawn = rng.integers(len(sums), size=len(sums))
        means[i] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
