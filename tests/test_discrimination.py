"""Discrimination: pairs of genera, with duplicates of a gathering kept together."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.discrimination import (
    TASK,
    count_gatherings,
    discriminate,
    discriminate_all,
    pairs_in,
)
from herbnb.applications.scores import BALANCED, SCORES, fold_scores, interval_scores


def kew():
    """Sheets of three genera, in gatherings of two, and features that know gatherings best."""
    rng = np.random.default_rng(4)
    genus = np.repeat(["Syzygium", "Eugenia", "Dendrobium"], 40)
    gathering = np.arange(120) // 2
    features = 2.0 * rng.normal(size=(60, 512))[gathering] + rng.normal(size=(120, 512))
    features[genus == "Dendrobium"] += 0.7 * rng.normal(size=512)
    sheets = pd.DataFrame({"image_id": [f"K{n}" for n in range(120)], "genus": genus})
    sheets["species"] = [f"{name} {'abcde'[n % 5]}" for n, name in enumerate(genus)]
    sheets["gathering"] = [f"Hill|{n}|" for n in gathering]
    return sheets, features.astype("float32")


@pytest.fixture
def collection():
    """The sheets, and the same features for two networks."""
    sheets, features = kew()
    return sheets, {"triplet": features, "colour": features}


def test_names_are_compared_without_regard_to_case_and_missing_genera_are_left(collection):
    pairs = pairs_in(collection[0], "syzygium", ["EUGENIA", "Dendrobium ", "Quercus", "Syzygium"])
    assert pairs == [("Syzygium", "Eugenia"), ("Syzygium", "Dendrobium")]
    assert pairs_in(collection[0], "Quercus", ["Eugenia"]) == []


def test_gatherings_are_counted(collection):
    counted = count_gatherings(collection[0], ["Syzygium", "Quercus"])
    assert counted.values.tolist() == [["Syzygium", 40, 20, True], ["Quercus", 0, 0, False]]


def test_duplicates_in_both_folds_flatter_and_gatherings_do_not():
    sheets, features = kew()
    accuracy = {}
    for grouped in (True, False):
        told = discriminate(features, sheets, "Syzygium", "Eugenia", grouped=grouped)
        accuracy[grouped] = (told["given"] == told["predicted"]).mean()
        gathering = told["image_id"].map(sheets.set_index("image_id")["gathering"])
        parted = told.groupby(gathering)["fold"].nunique().max()
        assert parted == (1 if grouped else 2)
    assert accuracy[True] < 0.7 < 0.85 < accuracy[False]


def test_all_pairs_are_scored_with_intervals(collection):
    told = discriminate_all(*collection, "Syzygium", ["Eugenia", "Dendrobium"])
    assert len(told) == 2 * 2 * 80
    folds, scores = fold_scores(told, TASK, "genus1"), interval_scores(told, TASK, "genus1")
    expected = ["network", "genus1", "genus2", "fold", *SCORES, BALANCED]
    assert list(folds) == expected and len(folds) == 20
    assert ((scores["low"] <= scores["value"]) & (scores["value"] <= scores["high"])).all()
    f1 = scores[scores["score"] == "f1"].groupby("genus2")["value"].mean()
    assert f1["Dendrobium"] > f1["Eugenia"]


def test_too_few_gatherings_give_no_rows_and_no_crash(collection):
    few, features = collection[0].iloc[::9], {"triplet": np.zeros((14, 512), "float32")}
    told = discriminate_all(few, features, "Syzygium", ["Eugenia", "Quercus"])
    assert told.empty and fold_scores(told, TASK).empty and interval_scores(told, TASK).empty


def test_scores_are_of_the_first_genus_and_the_rows_of_its_own_sheets(collection):
    told = discriminate_all(*collection, "Syzygium", ["Eugenia"])
    assert list(told)[:4] == [*TASK, "image_id"] and set(told["network"]) == {"triplet", "colour"}
    known = collection[0].set_index("image_id").loc[told["image_id"]]
    assert (known["genus"].to_numpy() == told["given"]).all()
    assert (known["species"].to_numpy() == told["group"]).all()  # what an interval resamples
    one = told[told["network"] == "triplet"]
    recall = (one["predicted"] == "Syzygium")[one["given"] == "Syzygium"].mean()
    scores = interval_scores(told, TASK, "genus1").set_index(["network", "score"])
    assert scores.loc[("triplet", "recall"), "value"] == pytest.approx(recall, abs=1e-6)
