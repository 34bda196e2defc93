"""Regression: the probe of many sheets, the same model as that of few, found by another way.

The solvers of scikit-learn take long over many sheets and names, and in float32 its L-BFGS stopped, at C = 1,
with probabilities off by 0.005 and more. So the same loss is minimised here, by the L-BFGS of PyTorch (Liu
and Nocedal 1989), on the chosen device: products in float32, sums in float64. It needs fewer steps, because
it searches where the loss is about as steep in all directions: along the axes of the features, each weight
counted in steps as large as the loss allows there.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler
from torch.nn.functional import cross_entropy, pad

from herbnb.devices import device, parts

CLOSE = 1e-4
"""How near a search ends to the one optimum: with C up to 1 so near that hardly a probability is off by .001.
With a larger C the valley is flatter, and what scikit-learn finds is farther off, too."""

STAGES = (100, 10, 1)
"""A search begins anew with steps of another size when it is so many times `CLOSE`, and ends at the last."""

ROUND_OFF = 1e-9
"""A search ends, too, where a step changes the loss by less than so much a sheet: float32 knows no more."""

AT_ONCE = 4096
"""Sheets that are turned at a time."""


class Axes(NamedTuple):
    """The axes along which standardised features vary, each for itself."""

    turn: torch.Tensor
    """Float32 [d, d], an axis a column."""

    variances: torch.Tensor
    """Along each, float64 [d]."""


def axes_of(features: np.ndarray) -> Axes:
    """Find the principal axes of features, float32 [n, d], after they are standardised."""
    scaler, width = StandardScaler().fit(features), features.shape[1]
    covariance = torch.zeros((width, width), dtype=torch.float64, device=device())
    for rows in parts(len(features), AT_ONCE):
        some = torch.from_numpy(scaler.transform(features[rows])).to(device(), torch.float32)
        covariance += (some.T @ some).double()
    variances, turn = torch.linalg.eigh(covariance / len(features))
    return Axes(turn.float(), variances.clamp(min=0))


class Regression(ClassifierMixin, BaseEstimator):
    """Logistic regression on standardised features, as `probes.probe` makes it.

    Its probabilities are those of scikit-learn's to about 0.001, wherever the search begins.

    Args:
        c: the strength of what it learns, scikit-learn's C.
        balanced: whether all taxa weigh the same, and not all sheets.
        axes: of these or of more sheets: they say where to search, not what is found; None: of these.
        start: a fitted regression on like sheets, whose weights a search begins with.
        close: see `CLOSE`.
    """

    def __init__(
        self,
        c: float = 1.0,
        balanced: bool = True,
        axes: Axes | None = None,
        start: Self | None = None,
        close: float = CLOSE,
    ):
        self.c, self.balanced, self.axes, self.start, self.close = c, balanced, axes, start, close

    def fit(self, features: np.ndarray, labels: np.ndarray) -> Self:
        """Learn the names `labels` [n] of sheets from their features, float32 [n, d]."""
        for _ in self.path(features, labels, [self.c]):
            pass
        return self

    def path(self, features: np.ndarray, labels: np.ndarray, strengths: Iterable[float]) -> Iterator[float]:
        """Fit with each of `strengths` for C, from the weights of the one before, and yield it: see `fit`."""
        self.scaler_, self.axes_ = StandardScaler().fit(features), self.axes or axes_of(features)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        sheets, codes = self.turned(features), torch.from_numpy(codes).to(device())
        counts = torch.bincount(codes).double()
        heavy = len(codes) / len(counts) / counts if self.balanced else torch.ones_like(counts)
        if self.start is not None and np.array_equal(self.start.classes_, self.classes_):
            self.weights_ = self.start.weights_
        else:
            self.weights_ = counts.new_zeros((sheets.shape[1], len(counts)))
            self.weights_[-1] = (heavy * counts / len(codes)).log()
            if len(counts) == 2:
                self.weights_ = self.weights_[:, 1:] - self.weights_[:, :1]
        for c in strengths:
            for times in STAGES:
                self.search(sheets, codes, heavy[codes], c, times * self.close / c**0.5)
            yield c

    def search(
        self, sheets: torch.Tensor, codes: torch.Tensor, heavy: torch.Tensor, c: float, slope: float
    ) -> None:
        """Search for the least loss until no slope is steeper than `slope`.

        Args:
            sheets: what `turned` returned, [n, d + 1].
            codes: the place of each sheet's name among the taxa [n].
            heavy: the weight of each sheet, float64 [n].
            c: as for the class.
            slope: in nats a step.
        """
        penalty = self.weights_.new_full((len(self.weights_), 1), 1 / c)
        penalty[-1] = 0  # on no border for where it lies, only for how steep it is
        chances = logits(sheets, self.weights_).softmax(dim=1)
        chances = chances[:, -self.weights_.shape[1] :]
        doubts = (heavy @ (chances * (1 - chances)).double()).clamp(min=1)  # of each taxon, in sheets
        step = torch.rsqrt(pad(self.axes_.variances, (0, 1), value=1)[:, None] * doubts + penalty)
        place = (self.weights_ / step).requires_grad_()

        def loss() -> torch.Tensor:
            place.grad = None
            weights = place * step
            of_each = cross_entropy(logits(sheets, weights), codes, reduction="none")
            whole = heavy @ of_each.double() + (penalty * weights.square()).sum() / 2
            whole.backward()
            return whole

        torch.optim.LBFGS(
            [place],
            max_iter=1000,
            tolerance_grad=slope,
            tolerance_change=ROUND_OFF * len(codes),
            history_size=10,
            line_search_fn="strong_wolfe",
        ).step(loss)
        self.weights_ = place.detach() * step

    def turned(self, features: np.ndarray) -> torch.Tensor:
        """Return standardised features along the axes, and a column of ones: float32 [n, d + 1]."""
        sheets = torch.ones((len(features), features.shape[1] + 1), device=device())
        for rows in parts(len(features), AT_ONCE):
            some = torch.from_numpy(self.scaler_.transform(features[rows])).to(device(), torch.float32)
            sheets[rows, :-1] = some @ self.axes_.turn
        return sheets

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Return the probability of each of the taxa `classes_` [k], float64 [n, k]."""
        of_each = logits(self.turned(features), self.weights_).double()
        return of_each.softmax(dim=1).cpu().numpy()

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the likeliest name of each sheet [n]."""
        return self.classes_[self.predict_proba(features).argmax(axis=1)]


def logits(sheets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return [n, k], of which the first of two taxa has 0, as in scikit-learn."""
    of_each = sheets @ weights.float()
    return pad(of_each, (1, 0)) if of_each.shape[1] == 1 else of_each
