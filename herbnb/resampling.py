"""Resampling: the one bootstrap of the book (Efron and Tibshirani 1993), which draws whole groups.

Specimens of one group rise and fall together, as duplicates of a gathering or the sheets of a genus do,
so they come and go together: otherwise every sheet would count as news, and intervals would be too
narrow. The same groups and the same seed always draw the same resamples. What is scored on them is
therefore paired, and one number has one interval in every chapter.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from herbnb.errors import BadInput

RESAMPLES = 1000

WEIGHTS_MEGABYTES = 32
"""Weights held at a time; who scores with them makes several arrays of that size."""


class Resampling:
    """Bootstrap samples of groups, drawn with replacement.

    Args:
        groups: the group of each specimen [n].
        seed: of the draws.
        resamples: how many samples.
    """

    def __init__(self, groups, seed: int = 89, resamples: int = RESAMPLES):
        self.names, self.member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        self.seed, self.resamples = seed, resamples
        self.only: np.ndarray | None = None

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield, for each resample, how often it holds each group: integers [groups]."""
        rng = np.random.default_rng(self.seed)
        for _ in range(self.resamples):
            drawn = rng.integers(len(self.names), size=len(self.names))
            yield np.bincount(drawn, minlength=len(self.names))

    def weights(self) -> Iterator[np.ndarray]:
        """Yield how often each resample holds each specimen, float32 [some of the resamples, n].

        Where one block is all of them it is drawn once, whoever scores with it.
        """
        if self.only is not None:
            yield self.only
            return
        megabytes = 4 * self.resamples * len(self.member) / 2**20
        blocks = min(math.ceil(megabytes / WEIGHTS_MEGABYTES), self.resamples)
        counts = iter(self)
        for block in np.array_split(np.arange(self.resamples), blocks):
            weights = np.empty((len(block), len(self.member)), "float32")
            for row in weights:
                row[:] = next(counts)[self.member]
            if blocks == 1:
                self.only = weights
            yield weights

    def scores(self, of_weights: Callable[[np.ndarray], Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Return every score of `of_weights` in each resample [resamples], with a block of weights at a time.

        Args:
            of_weights: what returns arrays [r] by the name of the score, given weights [r, n].
        """
        blocks = [of_weights(weights) for weights in self.weights()]
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}

    def means(self, values: np.ndarray) -> np.ndarray:
        """Return the mean of `values` [n] in each resample, [resamples], without holding the weights.

        Raises:
            BadInput: no values, or one that is not finite.
        """
        values = np.asarray(values, dtype=float)
        if not values.size or not np.isfinite(values).all():
            raise BadInput("An interval needs finite values, at least one: check the table they are from.")
        sums, sizes = np.bincount(self.member, values), np.bincount(self.member)
        return np.array([counts @ sums / (counts @ sizes) for counts in self])


def interval(draws: np.ndarray) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap draws, leaving out those that are not defined."""
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return float("nan"), float("nan")
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def mean_interval(values, groups, seed: int = 89) -> tuple[float, float]:
    """Return the 95 % interval of the mean of `values` [n]; those of one group, of `groups` [n], go together.

    Raises:
        BadInput: no values, or one that is not finite.
    """
    return interval(Resampling(groups, seed).means(values))


def lead_intervals(
    values: Mapping[str, float],
    draws: Mapping[str, np.ndarray],
    networks: Sequence[str],
    rivals: Sequence[str],
) -> list[tuple[str, str, float, float, float]]:
    """Compare each network with each rival, on the same resamples.

    Args:
        values: the score of each, by its name.
        draws: its score in each resample [r].
        networks: whose leads are wanted.
        rivals: over whom; nobody leads over itself.

    Returns (network, rival, lead, low, high) of every pair, with the 95 % interval of the lead. The intervals
    are of one lead each: of many, one in twenty excludes nought by luck.
    """
    pairs = [(network, rival) for network in networks for rival in rivals if network != rival]
    return [
        (network, rival, float(values[network] - values[rival]), *interval(draws[network] - draws[rival]))
        for network, rival in pairs
    ]


def whole_set(n: int) -> np.ndarray:
    """Weights [1, n] that count every specimen once."""
    return np.ones((1, n), "float32")


def each_fold(fold: np.ndarray) -> np.ndarray:
    """Weights [folds, n] that count the specimens of one fold each."""
    return (np.asarray(fold) == np.unique(fold)[:, None]).astype("float32")
