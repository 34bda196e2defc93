"""Time what chapter Your herbarium computes of a large collection whose features are at hand.

The sheets are made up: clusters of features as wide and as unevenly spread as those of EfficientNet-Lite0, of
genera that are large and small, with duplicates, and every twentieth sheet under a wrong name.
"""

import resource
import time
from functools import partial

import numpy as np
import pandas as pd

from herbnb.applications import calibration, neighbours, own_collection, review, scores, sureness
from herbnb.representations.embedding import embed_beside
from herbnb.specimens import check_specimens

SHEETS, GATHERINGS, GENERA = 20_000, 10_000, 300
SEED = 89

MADE = {"imagenet": (1280, 0.7), "untrained": (1280, 0.35), "colour": (512, 0.3)}
"""How wide the features of each representation are, and how much they tell of a genus."""

TITLE = f"Your herbarium of {SHEETS} sheets, {GATHERINGS} gatherings and {GENERA} genera, features at hand"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the title and the table: `step`, `seconds`, and `megabytes`, the most so far."""
    rng = np.random.default_rng(SEED)
    specimens, true = collection(rng)
    vectors = {name: features(rng, true, *of) for name, of in MADE.items()}
    rows, start = [], time.perf_counter()

    def timed(step: str, act):
        began = time.perf_counter()
        found = act()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append((step, time.perf_counter() - began, most))
        return found

    eye = next(iter(vectors))
    nobody = specimens.head(0)
    timed("counted", lambda: own_collection.collection_card(specimens, nobody))
    near = timed("neighbours", lambda: neighbours.find_neighbours(vectors[eye], specimens))
    judged = timed(f"judged by {eye}", lambda: review.judge(vectors[eye], specimens, seed=SEED))
    named = {eye: judged[judged["judged_by"] == "both"]}
    for name in [name for name in vectors if name != eye]:
        naming = partial(review.name_by_labels, vectors[name], specimens, SEED)
        named[name] = timed(f"named by {name}", naming)
    shuffled = specimens.assign(genus=rng.permutation(specimens["genus"]))
    timed("judged under shuffled names", lambda: review.judge(vectors[eye], shuffled, seed=SEED))
    timed("listed", lambda: review.review_list(specimens, judged, near))
    timed("a map", lambda: embed_beside((nobody, None), (specimens, vectors[eye]), "large", SEED))
    timed("scored", lambda: scored(named, specimens))
    timed("calibrated", lambda: calibrated(judged))
    timed("shared by neighbours", lambda: neighbours.shared_by_neighbours(near, specimens, SEED))
    rows.append(("all of it", time.perf_counter() - start, rows[-1][2]))
    return [(TITLE, pd.DataFrame(rows, columns=["step", "seconds", "megabytes"]).round(1))]


def scored(named: dict[str, pd.DataFrame], specimens: pd.DataFrame) -> pd.DataFrame:
    """Score the names that each representation gives."""
    tables = [table.assign(network=name, rank="genus") for name, table in named.items()]
    return scores.name_scores(pd.concat(tables), specimens, SEED)


def calibrated(judged: pd.DataFrame) -> None:
    """Ask all that the chapter asks of how sure a judge was."""
    calibration.calibration(judged)
    calibration.coverage(judged, SEED)
    asked = judged[judged["judged_by"] == "both"]
    sureness.mean_costs(asked, sureness.WRONG_STEP, SEED)
    sureness.count_ranks(asked, SEED)


def collection(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Make a specimens table, and the genus that each sheet truly is of, as a number [n]."""
    share = 1 / np.arange(1, GENERA + 1) ** 0.7
    genus = rng.choice(GENERA, GATHERINGS, p=share / share.sum())
    gathering = np.concatenate([np.arange(GATHERINGS), rng.integers(GATHERINGS, size=SHEETS - GATHERINGS)])
    true = genus[gathering]
    given = np.where(rng.random(SHEETS) < 0.05, rng.permutation(true), true)
    table = pd.DataFrame({"image_id": [f"B{n:08d}" for n in range(SHEETS)], "genus": given})
    table["family"], table["order"] = table["genus"] // 10, table["genus"] // 50
    for rank in ("genus", "family", "order"):
        table[rank] = rank + table[rank].astype(str)
    table["species"] = table["genus"] + " sp."
    table["gathering"] = [f"hill|{number}|1901" for number in gathering]
    table["institution"] = rng.choice(["B", "K", "P"], SHEETS)
    table = table.assign(path=table["image_id"] + ".jpg", split="collection")
    return check_specimens(table, "the large herbarium"), true


def features(rng: np.random.Generator, true: np.ndarray, width: int, told: float) -> np.ndarray:
    """Make features, float32 [n, width]: of each sheet noise, and `told` times what its genus and family add.

    They vary along their axes as the features of drawn sheets do, the hundredth a hundredth as much as the
    first, tell more along the first, and are cut off below, as those of a network are. Of 2000 sheets and
    30 genera C is chosen as for drawn sheets seen by imagenet, 0.1; of more sheets it is larger.
    """
    place = np.arange(1, width + 1)
    spread = place**-0.5
    axes = np.linalg.qr(rng.normal(size=(width, width)))[0] * (spread / np.sqrt(np.mean(spread**2)))[:, None]
    family = rng.normal(size=(GENERA // 10, width))
    centres = told * place**-0.25 * (rng.normal(size=(GENERA, width)) + family[np.arange(GENERA) // 10])
    made = (centres @ axes).astype("float32")[true]
    made += rng.standard_normal((len(true), width), dtype="float32") @ axes.astype("float32")
    return np.maximum(made + 0.5, 0, out=made)
