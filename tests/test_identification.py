"""Identification: the four scores of every set and rank, and the leads over baselines."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import identification
from herbnb.applications.identification import (
    census,
    fold_scores,
    identify,
    identify_all,
    leads,
    set_scores,
)

NETWORKS = ["triplet", "colour"]


@pytest.fixture
def features_of(toy, monkeypatch):
    """Features of two networks: `triplet` knows the taxa, `colour` is noise."""
    features, taxa = toy
    table = taxa.assign(image_id=[str(n) for n in range(240)], gathering="")
    table["split"] = np.resize(["random", "species", "institutions"], 240)
    noise = np.random.default_rng(0).normal(size=features.shape).astype("float32")

    def read(results, network, collection, split):
        part = (table["split"] == split).to_numpy()
        known = features if network == "triplet" else noise
        return table[part].reset_index(drop=True), known[part]

    monkeypatch.setattr(identification, "read_features", read)
    return table


def test_every_specimen_is_named_once_by_a_model_that_had_not_seen_it(toy):
    features, taxa = toy
    named = identify(features, taxa["genus"])
    assert sorted(named["row"]) == list(range(240))
    assert named["probability"].between(0, 1).all()
    assert (named["given"] == named["predicted"]).mean() > 0.9


def test_small_taxa_are_left_out(toy):
    features, taxa = toy
    labels = taxa["genus"].to_numpy().copy()
    labels[:4] = "rare"
    named = identify(features, labels)
    assert len(named) == 236 and "rare" not in set(named["predicted"])


def test_too_few_taxa_give_an_empty_table_and_no_crash(toy):
    features, _ = toy
    named = identify(features[:8], np.array(["a", "b"] * 4))
    assert named.empty and "predicted" in named
    assert identify(features[:0], np.array([])).empty


def test_all_sets_and_ranks_are_scored_and_counted(features_of):
    predictions = identify_all("nowhere", NETWORKS)
    assert len(predictions) == 2 * 3 * 240
    folds = fold_scores(predictions)
    assert list(folds)[:4] == ["network", "split", "rank", "fold"] and len(folds) == 2 * 9 * 5
    scores = set_scores(predictions, census(features_of))
    assert len(scores) == 2 * 9 * 4
    assert ((scores["low"] <= scores["value"]) & (scores["value"] <= scores["high"])).all()
    f1 = scores[scores["score"] == "f1"].groupby("network")["value"].min()
    assert f1["triplet"] > 0.8 > 0.6 > f1["colour"]
    assert (scores["left_out"] == 0).all() and set(scores["taxa"]) == {12, 6, 3}


def test_a_lead_over_noise_is_clear_and_one_over_itself_is_not(features_of):
    predictions = identify_all("nowhere", NETWORKS)
    table = leads(predictions, ["triplet"], ["colour", "triplet"])
    over = table.set_index("rival")
    assert over.loc["colour", "clear"].all() and (over.loc["colour", "low"] > 0.1).all()
    assert not over.loc["triplet", "clear"].any() and (over.loc["triplet", "high"] == 0).all()


def test_the_census_counts_what_is_left_out():
    sheets = pd.DataFrame({"image_id": list("abcdefghijklm"), "gathering": "", "split": "random"})
    sheets["genus"] = ["x"] * 5 + ["y"] * 5 + ["z"] * 3
    sheets["family"], sheets["order"] = "one", "one"
    counted = census(sheets).set_index(["split", "rank"])
    assert list(counted.loc[("random", "genus")]) == [10, 2, 3, 1]
    assert list(counted.loc[("random", "family")]) == [0, 0, 13, 1]
    assert list(counted.loc[("species", "genus")]) == [0, 0, 0, 0]


def test_nothing_to_score_gives_empty_tables(features_of, monkeypatch):
    one = features_of.head(1)
    empty = np.zeros((1, 512), "float32")
    monkeypatch.setattr(identification, "read_features", lambda *_: (one, empty))
    predictions = identify_all("nowhere", NETWORKS)
    assert predictions.empty
    assert fold_scores(predictions).empty and leads(predictions, ["triplet"], ["colour"]).empty
    assert set_scores(predictions, census(one)).empty
