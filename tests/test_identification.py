"""Identification: the four scores of every set and rank, and the leads over baselines."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.identification import TASK, askable, identify, identify_all, leads
from herbnb.applications.scores import fold_scores, interval_scores


@pytest.fixture
def collection(toy):
    """A table of three held-out sets, and features of two networks: `triplet` knows the taxa, `colour` is noise."""
    features, taxa = toy
    table = taxa.assign(image_id=[str(n) for n in range(240)], gathering="")
    table["split"] = np.resize(["random", "species", "institutions"], 240)
    noise = np.random.default_rng(0).normal(size=features.shape).astype("float32")
    return table, {"triplet": features, "colour": noise}


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


def test_all_sets_and_ranks_are_scored_and_counted(collection):
    predictions = identify_all(*collection)
    assert len(predictions) == 2 * 3 * 240
    assert list(predictions)[:4] == [*TASK, "image_id"] == ["network", "split", "rank", "image_id"]
    folds = fold_scores(predictions, TASK)
    assert list(folds)[:4] == ["network", "split", "rank", "fold"] and len(folds) == 2 * 9 * 5
    scores = interval_scores(predictions, TASK)
    assert len(scores) == 2 * 9 * 4
    assert ((scores["low"] <= scores["value"]) & (scores["value"] <= scores["high"])).all()
    f1 = scores[scores["score"] == "f1"].groupby("network")["value"].min()
    assert f1["triplet"] > 0.8 > 0.6 > f1["colour"]
    counted = askable(collection[0])
    assert (counted["left_out"] == 0).all() and set(counted["taxa"]) == {12, 6, 3}


def test_each_sheet_keeps_its_own_name_set_and_gathering(collection):
    table, features = collection
    table = table.assign(gathering=[f"g{n // 2}" if n % 5 else "" for n in range(240)])
    table = table.set_axis(table.index + 77)
    predictions = identify_all(table, features)
    known = table.set_index("image_id").loc[predictions["image_id"]]
    rank = predictions["rank"].to_numpy()
    assert (known["split"].to_numpy() == predictions["split"]).all()
    given = np.select(
        [rank == each for each in ("genus", "family", "order")],
        known[["genus", "family", "order"]].to_numpy(object).T,
    )
    assert (given == predictions["given"]).all()
    groups = known["gathering"].where(known["gathering"] != "", predictions["image_id"].to_numpy())
    assert (groups.to_numpy() == predictions["group"]).all()


def test_training_sheets_are_not_asked(collection):
    table, features = collection
    asked = identify_all(table.assign(split=table["split"].replace("species", "train")), features)
    assert set(asked["split"]) == {"random", "institutions"} and len(asked) == 2 * 3 * 160


def test_a_lead_over_noise_is_clear_and_one_over_itself_is_not(collection):
    predictions = identify_all(*collection)
    table = leads(predictions, ["triplet"], ["colour", "triplet"])
    over = table.set_index("rival")
    assert over.loc["colour", "clear"].all() and (over.loc["colour", "low"] > 0.1).all()
    assert not over.loc["triplet", "clear"].any() and (over.loc["triplet", "high"] == 0).all()


def test_leads_are_paired_whatever_the_order_of_the_rows(collection):
    predictions = identify_all(*collection)
    shuffled = predictions.sample(frac=1, random_state=3)
    by = ["network", "rival", "split", "rank"]
    one, other = (
        leads(p, ["triplet"], ["colour"]).sort_values(by, ignore_index=True) for p in (predictions, shuffled)
    )
    pd.testing.assert_frame_equal(one, other)


def test_the_askable_are_counted_and_so_is_what_is_left_out():
    sheets = pd.DataFrame({"image_id": list("abcdefghijklm"), "gathering": "", "split": "random"})
    sheets["genus"] = ["x"] * 5 + ["y"] * 5 + ["z"] * 3
    sheets["family"], sheets["order"] = "one", "one"
    counted = askable(sheets).set_index(["split", "rank"])
    assert list(counted.loc[("random", "genus")]) == [10, 2, 3, 1]
    assert list(counted.loc[("random", "family")]) == [0, 0, 13, 1]
    assert list(counted.loc[("species", "genus")]) == [0, 0, 0, 0]


def test_nothing_to_score_gives_empty_tables(collection):
    one = collection[0].head(1)
    empty = np.zeros((1, 512), "float32")
    predictions = identify_all(one, {"triplet": empty, "colour": empty})
    assert predictions.empty and identify_all(one, {}).empty
    assert fold_scores(predictions, TASK).empty and leads(predictions, ["triplet"], ["colour"]).empty
    assert interval_scores(predictions, TASK).empty
