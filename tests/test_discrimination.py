"""Discrimination: pairs of genera, with duplicates of a gathering kept together."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import discrimination
from herbnb.applications.discrimination import (
    census,
    discriminate,
    discriminate_all,
    fold_scores,
    pair_scores,
    pairs_in,
)


def kew():
    """Sheets of three genera, in gatherings of two, and features that know gatherings best."""
    rng = np.random.default_rng(4)
    genus = np.repeat(["Syzygium", "Eugenia", "Dendrobium"], 40)
    gathering = np.arange(120) // 2
    features = 2.0 * rng.normal(size=(60, 512))[gathering] + rng.normal(size=(120, 512))
    features[genus == "Dendrobium"] += 0.7 * rng.normal(size=512)
    sheets = pd.DataFrame({"image_id": [f"K{n}" for n in range(120)], "genus": genus})
    sheets["gathering"] = [f"Hill|{n}|" for n in gathering]
    return sheets, features.astype("float32")


@pytest.fixture
def collection(monkeypatch):
    sheets, features = kew()
    monkeypatch.setattr(discrimination, "read_features", lambda *_: (sheets, features))
    return sheets


def test_names_are_compared_without_regard_to_case_and_missing_genera_are_left(collection):
    pairs = pairs_in(collection, "syzygium", ["EUGENIA", "Dendrobium ", "Quercus", "Syzygium"])
    assert pairs == [("Syzygium", "Eugenia"), ("Syzygium", "Dendrobium")]
    assert pairs_in(collection, "Quercus", ["Eugenia"]) == []


def test_the_census_counts_gatherings(collection):
    counted = census(collection, ["Syzygium", "Quercus"])
    assert counted.values.tolist() == [["Syzygium", 40, 20, True], ["Quercus", 0, 0, False]]


def test_duplicates_in_both_folds_flatter_and_gatherings_do_not():
    sheets, features = kew()
    accuracy = {}
    for grouped in (True, False):
        told = discriminate(features, sheets, "Syzygium", "Eugenia", grouped=grouped)
        accuracy[grouped] = (told["given"] == told["predicted"]).mean()
        parted = told.groupby("group")["fold"].nunique().max()
        assert parted == (1 if grouped else 2)
    assert accuracy[True] < 0.7 < 0.85 < accuracy[False]


def test_all_pairs_are_scored_with_intervals(collection):
    told = discriminate_all("nowhere", ["triplet", "colour"], "Syzygium", ["Eugenia", "Dendrobium"])
    assert len(told) == 2 * 2 * 80
    folds, scores = fold_scores(told), pair_scores(told)
    expected = ["network", "genus1", "genus2", "fold", "accuracy", "precision", "recall", "f1"]
    assert list(folds) == expected and len(folds) == 20
    assert ((scores["low"] <= scores["value"]) & (scores["value"] <= scores["high"])).all()
    f1 = scores[scores["score"] == "f1"].groupby("genus2")["value"].mean()
    assert f1["Dendrobium"] > f1["Eugenia"]


def test_too_few_gatherings_give_no_rows_and_no_crash(collection, monkeypatch):
    few, features = collection.iloc[::9], np.zeros((14, 512), "float32")
    monkeypatch.setattr(discrimination, "read_features", lambda *_: (few, features))
    told = discriminate_all("nowhere", ["triplet"], "Syzygium", ["Eugenia", "Quercus"])
    assert told.empty and fold_scores(told).empty and pair_scores(told).empty
