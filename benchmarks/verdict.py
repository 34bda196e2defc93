"""How often the verdict tells two networks apart that differ by nothing but the luck of their trainings.

Every training of either network is right about a share of the sheets that is drawn by one lot. So whoever
says that one of them is the better is wrong; of a hundred verdicts about five may be.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from herbnb.applications.tasks import score_tasks
from herbnb.applications.verdict import answer, duel

NETWORKS = ("triplet", "classifier")
SHEETS, SKILL = 300, 0.7
SPREAD = 0.05
"""Of the skill from one training to the next, about that of real ones."""
TRIALS = 60


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield how often equal networks are told apart, and whether three sets of trainings contradict."""
    rng = np.random.default_rng(89)
    apart, contradictions = [], []
    for trainings in (2, 3, 5):
        outcomes = [verdict(trainings, rng) for _ in range(TRIALS)]
        told = [outcome in ("better", "worse") for outcome, _ in outcomes]
        apart.append({"trainings": trainings, "trials": TRIALS, "told apart": np.mean(told)})
        answers = np.reshape([said for _, said in outcomes], (-1, 3))
        sets = [set(three) - {"cannot be told"} for three in answers]
        against = np.mean([len(said) > 1 for said in sets])
        contradictions.append({"trainings": trainings, "sets": len(sets), "contradict": against})
    yield "Equal networks that are called better or worse", pd.DataFrame(apart)
    yield (
        "Three verdicts on equal networks that do not agree, among those that tell",
        pd.DataFrame(contradictions),
    )


def verdict(trainings: int, rng: np.random.Generator) -> tuple[str, str]:
    """Return the outcome of the duel, and the answer, for trainings of two equal networks."""
    runs = [one_training(rng) for _ in range(trainings)]
    duels = duel(score_tasks(runs, [*NETWORKS]), *NETWORKS[:1], [*NETWORKS], margin=0.0)
    return duels["outcome"].iloc[0], answer(duels, trainings)


def one_training(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return the predictions of both networks, as chapter Identification writes them."""
    ids = [f"{number:03d}" for number in range(SHEETS)]
    given = np.resize(["a", "b", "c"], SHEETS)
    hard = np.random.default_rng(SHEETS).random(SHEETS)  # the same sheets for all
    rows = []
    for network in NETWORKS:
        right = hard < rng.normal(SKILL, SPREAD)
        predicted = np.where(right, given, np.where(given == "a", "b", "a"))
        table = {"network": network, "image_id": ids, "group": ids, "given": given, "predicted": predicted}
        rows.append(pd.DataFrame(table).assign(taught="train", split="random", rank="genus"))
    return {"identification": pd.concat(rows, ignore_index=True)}
