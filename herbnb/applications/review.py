"""Review: the curator's list, the sheets whose names look wrong, most suspect first.

Two witnesses are heard, the regression and the distances (`suspicion.MEASURES`). Where both can speak a
sheet is ranked by the mean of what they say: on drawn sheets with wrong names planted within families,
some genera being small, that found more of them than either alone, and far more than a list that put the
one's probabilities among the other's ratios, which are never as near to 0 or 1.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from herbnb.applications.standing import by_specialist, is_type, standing
from herbnb.applications.sureness import WRONG_STEP, least_sure, named_sheets
from herbnb.applications.suspicion import DOUBTED, name_large_taxa, seen_by, suspect_by_both
from herbnb.representations.folds import FOLDS
from herbnb.specimens import gatherings, lineages


def best_network(rates: pd.DataFrame, networks: list[str]) -> str:
    """Name the network that found swapped labels best: by average precision over all pairs and
    rates.

    `rates` is what `mislabels.measure_scores` returned, by one measure; without a row, the first of
    `networks` is named.
    """
    scores = rates[(rates["score"] == "average_precision") & rates["network"].isin(networks)]
    return scores.groupby("network")["value"].mean().idxmax() if len(scores) else networks[0]


def judge(
    features: np.ndarray,
    specimens: pd.DataFrame,
    *,
    folds: int = FOLDS,
    seed: int = 89,
    wrong_step: float = WRONG_STEP,
) -> pd.DataFrame:
    """Judge the genus on every label by the other sheets, duplicates excepted.

    Genera with at least `folds` gatherings are judged by a regression and by distance, smaller ones
    by distance alone. Left out is a sheet whose genus no other gathering bears: `unjudged` counts
    those. A collection of one genus gives no row.

    Args:
        features: float32 [n, d].
        specimens: n rows.
        folds: gatherings that a genus needs for the regression.
        seed: of the deal into folds.
        wrong_step: what a wrong name costs, which decides how far a sheet is named: see
            `sureness.least_sure`.

    Returns:
        One row a sheet that could be judged: `image_id`, `group` (its gathering), `given`,
        `predicted` (the likeliest name; by distance that of the nearest sheet), `suspicion` (0 to 1),
        `judged_by` ("both" or "distance"), `ratio` (the suspicion by distance), `suggested` (the
        likeliest or nearest other name), `recall` (of the search for the nearest: see `search.Nearest`).
        And where the regression could judge, else NaN:
        `confidence` (the probability of the name predicted), `probability` (of the name given),
        `support` (of the name suggested); the columns of `sureness.named_sheets` for the sheet named as far
        as the regression is sure; and `height`, the steps up from its likeliest genus to the one given.

    Raises:
        BadInput: `wrong_step` is below 1.
    """
    labels, groups = specimens["genus"].to_numpy(object), gatherings(specimens)
    sheets = pd.DataFrame({"image_id": specimens["image_id"].to_numpy(), "group": groups, "given": labels})
    found, (rows, probabilities, genera) = suspect_by_both(features, labels, groups, folds=folds, seed=seed)
    name = partial(named_sheets, probabilities, lineages(specimens, genera), labels[rows])
    as_far = name(least_sure(wrong_step)).assign(height=name(0.0)["wrong"]).set_index(rows)
    learnt = found["judged_by"] == "both"
    probability = (1 - found["suspicion"]).where(learnt)
    trusted = (probability >= found["support"]).where(learnt, found["ratio"] <= DOUBTED)
    sheets["predicted"] = sheets["given"].where(trusted, found["suggested"])
    sheets["confidence"] = probability.where(trusted, found["support"])
    sheets = sheets.assign(probability=probability, suspicion=seen_by(found, "both")["suspicion"])
    sheets = sheets.join(found[["suggested", "support", "ratio", "judged_by", "recall"]]).join(as_far)
    return sheets[sheets["judged_by"] != ""].reset_index(drop=True)


def name_by_labels(features: np.ndarray, specimens: pd.DataFrame, seed: int = 89) -> pd.DataFrame:
    """Let a regression name the genus of every sheet by the labels of the others, as `judge` does.

    Args:
        features: float32 [n, d].
        specimens: n rows.
        seed: of the deal into folds.

    Returns one row a sheet that `judge` would judge by both: `image_id`, `group`, `given`, `predicted`.
    """
    labels, groups = specimens["genus"].to_numpy(object), gatherings(specimens)
    rows, probabilities, genera = name_large_taxa(features, labels, groups, seed=seed)
    ids, predicted = specimens["image_id"].to_numpy(), genera[probabilities.argmax(axis=1)]
    sheets = {"image_id": ids[rows], "group": groups[rows], "given": labels[rows], "predicted": predicted}
    return pd.DataFrame(sheets)


def unjudged(specimens: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Return the specimens that `judge` left out, for want of another gathering to compare with."""
    return specimens[~specimens["image_id"].isin(judged["image_id"])]


def doubted(judged: pd.DataFrame) -> pd.DataFrame:
    """Return those of the sheets that `judge` judged whose names are doubted."""
    return judged[judged["suspicion"] > DOUBTED]


OF_RECORD = ["catalog_number", "scientific_name", "identified_by", "date_identified", "type_status"]
"""What the list repeats of a sheet's record: by what to find the sheet, and who named it."""


def review_list(
    specimens: pd.DataFrame,
    judged: pd.DataFrame,
    near: pd.DataFrame,
    specialists: Sequence[str] = (),
) -> pd.DataFrame:
    """List the sheets whose names are doubted, each with the reason.

    Args:
        specimens: the whole collection.
        judged: what `judge` returned for it.
        near: what `find_neighbours` returned for it.
        specialists: people whose determinations weigh more, as in `standing.standing`.

    Returns:
        One row a sheet, most suspect first: `image_id`, `occurrence_id`, `given`, what `OF_RECORD` says of
        its record, `standing` ("type", "specialist", both or ""), `suggested`, `score` (the suspicion: the
        mean of one minus the out-of-fold probability of the name given and the ratio of distances, or that
        ratio alone), `judged_by` ("both" or "distance"), how far the regression would name it, `named_at`,
        `named` and `sure` (blank where it was not asked), `path` (as in `specimens`), `reason` (in words),
        and the image ids of its nearest sheets, `neighbour_1` and so on. No row when no sheet could be
        judged, or when no name is doubted.

    Raises:
        BadInput: an entry of `specialists` names nobody.
    """
    genus = specimens.set_index("image_id")["genus"]
    suspects = doubted(judged).merge(specimens.drop(columns="genus"), on="image_id")
    suspects["score"] = suspects["suspicion"]
    suspects = suspects.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    suspects["standing"] = standing(suspects, specialists)
    voters = near[near["image_id"].isin(suspects["image_id"]) & ~near["duplicate"]]
    beside = voters.groupby("image_id")["neighbour"].agg(list)
    of_gathering = genus.groupby(gatherings(specimens)).agg(set)
    suspects["reason"] = [
        reason(row, genus[beside[row.image_id]], of_gathering[row.group] - {row.given})
        for row in suspects.itertuples()
    ]
    columns = ["image_id", "occurrence_id", "given", *OF_RECORD, "standing"]
    columns += ["suggested", "score", "judged_by", "named_at", "named", "sure", "path", "reason"]
    ids = pd.DataFrame([beside[image] for image in suspects["image_id"]], index=suspects.index)
    return suspects[columns].join(ids.rename(columns=lambda place: f"neighbour_{place + 1}"))


def reason(suspect, beside: pd.Series, duplicates: set[str]) -> str:
    """Say why a sheet is on the list, and by what it was judged.

    Args:
        suspect: `given`, `suggested`, `judged_by`, `probability`, `support`, `ratio`.
        beside: the genera of its nearest sheets.
        duplicates: the other genera of its gathering.
    """
    votes = (beside == suspect.suggested).sum()
    words = (
        f"{votes} of its {len(beside)} nearest sheets {'bears' if votes == 1 else 'bear'} "
        f"{suspect.suggested}, {(beside == suspect.given).sum()} the name given; "
    )
    ratio = f"{suspect.ratio:.2f}"
    if suspect.judged_by == "both":
        words += (
            f"the regression gives {suspect.suggested} {suspect.support:.2f} and the name given "
            f"{suspect.probability:.2f}; judged by both, the ratio of distances is {ratio}"
        )
    else:
        words += (
            "the name given has too few gatherings for a regression; judged by distance alone, the "
            f"ratio is {ratio}"
        )
    return words + (f"; a duplicate of it bears {', '.join(sorted(duplicates))}" if duplicates else "")


def count_doubted(
    specimens: pd.DataFrame, listed: pd.DataFrame, specialists: Sequence[str] = ()
) -> pd.DataFrame:
    """Count how many names of each standing are doubted: `names`, `sheets`, `doubted`.

    A type that a specialist has named counts as either; a standing that no sheet has is left out. There is no
    row where no sheet has one.

    Args:
        specimens: the whole collection.
        listed: its review list.
        specialists: as in `standing.standing`.

    Raises:
        BadInput: an entry of `specialists` names nobody.
    """
    types = is_type(specimens["type_status"])
    expert = by_specialist(specimens["identified_by"], specialists)
    doubted = specimens["image_id"].isin(listed["image_id"])
    kinds = {"types": types, "named by a specialist": expert, "all others": ~types & ~expert}
    rows = [(names, kind.sum(), (kind & doubted).sum()) for names, kind in kinds.items() if kind.any()]
    rows = rows if (types | expert).any() else []
    return pd.DataFrame(rows, columns=["names", "sheets", "doubted"])


def truly_misnamed(listed: pd.DataFrame, truth: pd.DataFrame) -> np.ndarray:
    """Say for each sheet of the review list whether `truth` (`image_id`, `genus`) gives another
    genus.

    Returns a boolean array, False where the truth is not known.
    """
    known = listed["image_id"].map(truth.drop_duplicates("image_id").set_index("image_id")["genus"])
    return (known.notna() & (known.str.casefold() != listed["given"].str.casefold())).to_numpy()
