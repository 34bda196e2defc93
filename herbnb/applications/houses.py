"""Houses: does a sheet lie nearer to its genus in its own herbarium than to the same genus in another?"""

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from herbnb.resampling import mean_interval
from herbnb.specimens import gatherings


def own_house(features: np.ndarray, specimens: pd.DataFrame, queries: np.ndarray) -> pd.DataFrame:
    """Ask which lies nearer: a sheet of the same genus from the same institution, or from another one?

    Every sheet is compared with all pairs of others of its genus and of other gatherings, one of each kind.
    If the paper made no difference, the one from its own house would be the nearer half of the time.

    Args:
        features: float32 [n, d].
        specimens: the n specimens.
        queries: rows of these that ask, and are asked about.

    Returns one row a sheet that has such a pair: `image_id`, `institution`, `group`, `pairs`, `nearer` (the
    share of pairs in which that of its own house is; equals count half).
    """
    columns, rows = ["image_id", "institution", "group", "pairs", "nearer"], []
    if not len(queries):
        return pd.DataFrame(columns=columns)
    sheets, directions = specimens.iloc[queries], normalize(features[queries])
    house, group = sheets["institution"].to_numpy(object), gatherings(sheets)
    ids = sheets["image_id"].to_numpy(object)
    for members in sheets.reset_index(drop=True).groupby("genus").indices.values():
        cosine = directions[members] @ directions[members].T
        for place, sheet in enumerate(members):
            other = group[members] != group[sheet]
            own, foreign = other & (house[members] == house[sheet]), house[members] != house[sheet]
            foreign &= other
            if own.any() and foreign.any():
                ahead = cosine[place, own][:, None] - cosine[place, foreign]
                nearer = ((ahead > 0) + (ahead == 0) / 2).mean()
                rows.append((ids[sheet], house[sheet], group[sheet], ahead.size, nearer))
    return pd.DataFrame(rows, columns=columns)


def own_houses(features: dict[str, np.ndarray], specimens: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Ask `own_house` of the sheets of other institutions, by every representation.

    Returns `network`, `own_house_nearer` (the mean), `low`, `high` (95 %, resampling gatherings), `sheets`;
    no row where no sheet has such a pair.
    """
    asked, rows = np.flatnonzero(specimens["split"] == "institutions"), []
    for network, of_sheets in features.items():
        met = own_house(of_sheets, specimens, asked)
        if len(met):
            between = mean_interval(met["nearer"], met["group"], seed)
            rows.append((network, met["nearer"].mean(), *between, len(met)))
    return pd.DataFrame(rows, columns=["network", "own_house_nearer", "low", "high", "sheets"])
