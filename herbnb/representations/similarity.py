"""Similarity: how far two representations find the same sheets alike.

Features of two networks cannot be compared number by number, since no channel of one answers to a channel of
the other. What can be compared is which sheets each has close together.
"""

import numpy as np
import pandas as pd

FEWEST = 4
"""Sheets: of fewer there is no unbiased estimate."""


def similarities(features: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the linear centred kernel alignment of any two representations of the same n sheets.

    It is 1 where two agree but for a rotation and a scale, and about 0 where they have nothing in common
    (Kornblith et al. 2019, "Similarity of neural network representations revisited"). The estimator is the
    unbiased one (Song et al. 2012), for by the usual one many channels and few sheets look alike whatever
    they say; so it may be a little below 0. NaN where one of the two says the same of every sheet.

    Args:
        features: of each representation, [n, width]; widths may differ.

    Returns:
        `network`, `to` and `similarity`, a row for every ordered pair, and for each with itself. No row
        where there are fewer than four sheets.
    """
    columns = ["network", "to", "similarity"]
    if any(len(of_sheets) < FEWEST for of_sheets in features.values()):
        return pd.DataFrame(columns=columns)
    likeness = {name: centred_likeness(features[name]) for name in features}
    rows = []
    for one, ours in likeness.items():
        for other, theirs in likeness.items():
            both = np.linalg.norm(ours) * np.linalg.norm(theirs)
            shared = np.sum(ours * theirs) / both if both > 0 else np.nan
            rows.append((one, other, shared))
    return pd.DataFrame(rows, columns=columns)


def training_similarities(trainings: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Average the similarities of networks over their trainings.

    Args:
        trainings: the features that each training of each network gives the same n sheets, [n, width].

    Returns:
        `network`, `to` and `similarity`, as `similarities` does. Of a network and itself it is that of two
        different trainings: NaN where there is one only.
    """
    each = {(name, number): of for number, run in enumerate(trainings) for name, of in run.items()}
    alike = similarities(each)
    alike = alike[alike["network"] != alike["to"]]
    names = {place: alike[place].str[0] for place in ("network", "to")}
    mean = alike.assign(**names).groupby([*names])["similarity"].mean()
    pairs = pd.MultiIndex.from_product([trainings[0]] * 2, names=[*names]) if len(alike) else mean.index
    return mean.reindex(pairs).reset_index()


def centred_likeness(features: np.ndarray) -> np.ndarray:
    """Return how alike any two of n sheets are, [n, n], U-centred (Székely and Rizzo 2014).

    Rows and columns add up to nought, and the diagonal is nought: a sheet is no evidence of itself.
    """
    features = np.asarray(features, dtype=float)
    of_sheets = features - features.mean(axis=0)
    likeness = of_sheets @ of_sheets.T
    np.fill_diagonal(likeness, 0.0)
    n = len(likeness)
    of_row = likeness.sum(axis=1) / (n - 2)
    likeness += likeness.sum() / ((n - 1) * (n - 2)) - of_row - of_row[:, None]
    np.fill_diagonal(likeness, 0.0)
    return likeness
