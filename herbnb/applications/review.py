"""Review: the curator's list, the sheets whose names look wrong, most suspect first."""

from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from herbnb.applications.mislabels import suspect
from herbnb.applications.regression import gatherings, large_enough
from herbnb.representations.features import read_features


def best_network(rates: pd.DataFrame, networks: list[str]) -> str:
    """Name the network that found swapped labels best: by average precision over all pairs and
    rates.

    `rates` is what `mislabels.rate_scores` returned; without a row, the first of `networks` is
    named.
    """
    scores = rates[(rates["score"] == "average_precision") & rates["network"].isin(networks)]
    return scores.groupby("network")["value"].mean().idxmax() if len(scores) else networks[0]


def review_list(
    results: str | Path, network: str, collection: str = "kew", folds: int = 5, seed: int = 89
) -> pd.DataFrame:
    """Rank the sheets of a collection whose features suit another genus better than the name they
    bear.

    The names are taken as they are on the labels: nothing is swapped. Genera with fewer than
    `folds` gatherings cannot be judged and are left out.

    Returns:
        One row a sheet, most suspect first: `image_id`, `occurrence_id`, `given`, `suggested`,
        `score` (one minus the out-of-fold probability of the name given), `path` (from the results
        folder). No row when fewer than two genera are large enough, or when no name is doubted.
    """
    specimens, features = read_features(results, network, collection)
    labels, groups = specimens["genus"].to_numpy(), gatherings(specimens)
    judged = large_enough(labels, groups, folds)
    columns = ["image_id", "occurrence_id", "given", "suggested", "score", "path"]
    if not judged.any():
        return pd.DataFrame(columns=columns)
    options = {"folds": folds, "seed": seed}
    score, _, suggested = suspect(features[judged], labels[judged], groups[judged], **options)
    sheets = specimens[judged].assign(given=labels[judged], suggested=suggested, score=score)
    sheets["path"] = [str(PurePosixPath(collection) / path) for path in sheets["path"]]
    doubted = sheets[score > 0.5].sort_values("score", ascending=False, kind="stable")
    return doubted[columns].reset_index(drop=True)


def truly_misnamed(listed: pd.DataFrame, truth: pd.DataFrame) -> np.ndarray:
    """Say for each sheet of the review list whether `truth` (`image_id`, `genus`) gives another
    genus.

    Returns a boolean array, False where the truth is not known.
    """
    known = listed["image_id"].map(truth.drop_duplicates("image_id").set_index("image_id")["genus"])
    return (known.notna() & (known.str.casefold() != listed["given"].str.casefold())).to_numpy()
