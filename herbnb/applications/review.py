"""Review: the curator's list, the sheets whose names look wrong, most suspect first."""

from pathlib import Path

import numpy as np
import pandas as pd

from herbnb.applications.mislabels import suspect
from herbnb.applications.neighbours import find_neighbours
from herbnb.representations.probes import large_enough
from herbnb.specimens import gatherings


def best_network(rates: pd.DataFrame, networks: list[str]) -> str:
    """Name the network that found swapped labels best: by average precision over all pairs and
    rates.

    `rates` is what `mislabels.rate_scores` returned; without a row, the first of `networks` is
    named.
    """
    scores = rates[(rates["score"] == "average_precision") & rates["network"].isin(networks)]
    return scores.groupby("network")["value"].mean().idxmax() if len(scores) else networks[0]


def judge(features: np.ndarray, specimens: pd.DataFrame, *, folds: int = 5, seed: int = 89) -> pd.DataFrame:
    """Judge the genus on every label by a regression on the other sheets, duplicates excepted.

    Genera with fewer than `folds` gatherings cannot be in every fold and are left out; with fewer
    than two genera left there is no row.

    Returns:
        One row a sheet that took part: `image_id`, `group` (its gathering), `given`, `predicted`,
        `confidence` (its probability), `probability` (of the name given), `suggested` (the likeliest
        other name), `support` (its probability).
    """
    labels, groups = specimens["genus"].to_numpy(object), gatherings(specimens)
    judged = large_enough(labels, groups, folds)
    sheets = specimens.loc[judged, ["image_id"]].assign(group=groups[judged], given=labels[judged])
    columns = ["predicted", "confidence", "probability", "suggested", "support"]
    if sheets.empty:
        return sheets.reindex(columns=[*sheets, *columns])
    found = suspect(features[judged], labels[judged], groups[judged], folds=folds, seed=seed)
    found = found.set_index(sheets.index)
    probability = 1 - found["suspicion"]
    trusted = probability >= found["support"]
    sheets["predicted"] = sheets["given"].where(trusted, found["suggested"])
    sheets["confidence"] = probability.where(trusted, found["support"])
    return sheets.assign(
        probability=probability, suggested=found["suggested"], support=found["support"]
    ).reset_index(drop=True)


def review_list(
    specimens: pd.DataFrame,
    features: np.ndarray,
    collection: str,
    neighbours: int = 5,
    seed: int = 89,
) -> pd.DataFrame:
    """Rank the sheets of a collection whose features suit another genus better than the name they
    bear.

    The names are taken as they are on the labels: nothing is swapped. Genera with fewer than five
    gatherings cannot be judged and are left out. Returns what `doubted` does.

    Args:
        specimens: the n specimens of the collection.
        features: float32 [n, d].
        collection: its name.
        neighbours: how many nearest sheets are counted for the reason.
        seed: of the deal into folds.
    """
    near = find_neighbours(features, specimens, neighbours)
    return doubted(specimens, judge(features, specimens, seed=seed), near, collection)


def doubted(
    specimens: pd.DataFrame, judged: pd.DataFrame, near: pd.DataFrame, collection: str
) -> pd.DataFrame:
    """List the sheets whose names get less than half of the probability, each with the reason.

    Args:
        specimens: the whole collection.
        judged: what `judge` returned for it.
        near: what `find_neighbours` returned for it.
        collection: its name, which is its folder in the results.

    Returns:
        One row a sheet, most suspect first: `image_id`, `occurrence_id`, `given`, `suggested`,
        `score` (one minus the out-of-fold probability of the name given), `path` (from the results
        folder), `reason` (in words), and the image ids of its nearest sheets, `neighbour_1` and so
        on. No row when no sheet could be judged, or when no name is doubted.
    """
    genus = specimens.set_index("image_id")["genus"]
    suspects = judged[judged["probability"] < 0.5].merge(specimens.drop(columns="genus"), on="image_id")
    suspects["score"] = 1 - suspects["probability"]
    suspects = suspects.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    suspects["path"] = [(Path(collection) / path).as_posix() for path in suspects["path"]]
    voters = near[near["image_id"].isin(suspects["image_id"]) & ~near["duplicate"]]
    beside = voters.groupby("image_id")["neighbour"].agg(list)
    of_gathering = genus.groupby(gatherings(specimens)).agg(set)
    suspects["reason"] = [
        reason(row, genus[beside[row.image_id]], of_gathering[row.group] - {row.given})
        for row in suspects.itertuples()
    ]
    columns = ["image_id", "occurrence_id", "given", "suggested", "score", "path", "reason"]
    ids = pd.DataFrame([beside[image] for image in suspects["image_id"]], index=suspects.index)
    return suspects[columns].join(ids.rename(columns=lambda place: f"neighbour_{place + 1}"))


def reason(suspect, beside: pd.Series, duplicates: set[str]) -> str:
    """Say why a sheet (`given`, `suggested`, `probability`, `support`) is on the list.

    `beside` are the genera of its nearest sheets, `duplicates` the other genera of its gathering.
    """
    votes = (beside == suspect.suggested).sum()
    words = (
        f"{votes} of its {len(beside)} nearest sheets {'bears' if votes == 1 else 'bear'} "
        f"{suspect.suggested}, {(beside == suspect.given).sum()} the name given; the regression gives "
        f"{suspect.suggested} {suspect.support:.2f} and the name given {suspect.probability:.2f}"
    )
    also = f"; a duplicate of it bears {', '.join(sorted(duplicates))}" if duplicates else ""
    return words + also


def truly_misnamed(listed: pd.DataFrame, truth: pd.DataFrame) -> np.ndarray:
    """Say for each sheet of the review list whether `truth` (`image_id`, `genus`) gives another
    genus.

    Returns a boolean array, False where the truth is not known.
    """
    known = listed["image_id"].map(truth.drop_duplicates("image_id").set_index("image_id")["genus"])
    return (known.notna() & (known.str.casefold() != listed["given"].str.casefold())).to_numpy()
