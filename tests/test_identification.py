"""Identification: the four scores of every set and rank, and the leads over baselines."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.identification import (
    ASKED,
    TASK,
    askable,
    beside_duplicates,
    identify,
    identify_all,
    leads,
)
from herbnb.applications.scores import fold_scores, interval_scores


@pytest.fixture
def collection(toy):
    """A table of three held-out sets, and features of two networks: `triplet` knows the taxa, `colour` is noise."""
    features, taxa = toy
    table = taxa.assign(image_id=[str(n) for n in range(240)], gathering="")
    table["species"] = table["genus"] + " sp."
    table["split"] = np.resize(["random", "species", "institutions", "train"], 240)
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


def test_all_sets_ways_and_ranks_are_scored_and_counted(collection):
    table, features = collection
    predictions = identify_all(table, features)
    assert list(predictions)[:5] == [*TASK, "image_id"] == ["network", "taught", "split", "rank", "image_id"]
    asked = predictions.groupby("taught")["rank"].unique().map(list).to_dict()
    assert asked == {way: list(ranks) for way, ranks in ASKED.items()}
    assert len(predictions) == 2 * 180 * sum(map(len, ASKED.values()))
    folds = fold_scores(predictions[predictions["taught"] == "within"], TASK)
    assert list(folds)[:5] == [*TASK, "fold"] and len(folds) == 2 * 9 * 5
    scores = interval_scores(predictions, TASK)
    assert len(scores) == 2 * 3 * 7 * 4
    assert ((scores["low"] <= scores["value"]) & (scores["value"] <= scores["high"])).all()
    f1 = scores[scores["score"] == "f1"].groupby(["taught", "network"])["value"].min().unstack()
    assert (f1["triplet"] > 0.7).all() and (f1["colour"] < 0.5).all()
    counted = askable(table)
    assert (counted["left_out"] == 0).all() and set(counted["taxa"]) == {12, 6, 3}
    assert (counted["specimens"] == 60).all()


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
    group, taught = predictions["group"].to_numpy(), predictions["taught"].to_numpy()
    others, within = taught == "others", taught == "within"
    assert (group == known["genus"])[others].all() and (group == groups)[within].all()
    of_species = (predictions["split"] == "species").to_numpy() & ~others & ~within
    assert (group == known["species"])[of_species].all() and of_species.any()
    assert (group == groups)[~of_species & ~others].all()


def test_training_sheets_are_not_asked(collection):
    table, features = collection
    asked = identify_all(table.assign(split=table["split"].replace("species", "train")), features)
    assert set(asked["split"]) == {"random", "institutions"}
    assert len(asked) == 2 * 120 * sum(map(len, ASKED.values()))


def test_a_lead_over_noise_is_clear_and_nobody_leads_over_itself(collection):
    predictions = identify_all(*collection)
    predictions = predictions[predictions["rank"] != "order"]  # three orders, and few genera to draw
    table = leads(predictions, ["triplet"], ["colour", "triplet"])
    over = table.set_index("rival")
    assert over.loc["colour", "clear"].all() and (over.loc["colour", "low"] > 0.1).all()
    assert set(table["rival"]) == {"colour"}


def test_duplicates_of_what_teaches_are_counted_beside_the_others():
    rows = [("a", "random", "1", "x", "x"), ("a", "random", "2", "x", "y"), ("a", "random", "3", "y", "y")]
    rows += [("a", "species", "4", "x", "x")]
    table = pd.DataFrame(rows, columns=["network", "split", "image_id", "given", "predicted"])
    (row,) = beside_duplicates(table, pd.Series(["1", "9"])).to_dict("records")
    assert row == {"network": "a", "split": "random", "sheets": 1, "duplicates": 1.0, "others": 0.5}
    for nobody in ([], ["4"]):
        assert beside_duplicates(table, pd.Series(nobody, dtype=object)).empty
    assert beside_duplicates(table.head(0), pd.Series(["1"])).empty


def test_leads_are_paired_whatever_the_order_of_the_rows(collection):
    predictions = identify_all(*collection)
    shuffled = predictions.sample(frac=1, random_state=3)
    by = ["network", "rival", "taught", "split", "rank"]
    one, other = (
        leads(p, ["triplet"], ["colour"]).sort_values(by, ignore_index=True) for p in (predictions, shuffled)
    )
    pd.testing.assert_frame_equal(one, other)


def test_the_askable_are_counted_and_so_is_what_is_left_out():
    sheets = pd.DataFrame({"image_id": list("abcdefghijklm"), "gathering": "", "split": "random"})
    sheets["genus"] = ["x"] * 5 + ["y"] * 5 + ["z"] * 3
    sheets["family"], sheets["order"] = "one", "one"
    counted = askable(sheets).set_index("taught").loc["within"].set_index(["split", "rank"])
    assert list(counted.loc[("random", "genus")]) == [10, 2, 3, 1]
    assert list(counted.loc[("random", "family")]) == [0, 0, 13, 1]
    assert list(counted.loc[("species", "genus")]) == [0, 0, 0, 0]
    sheets.loc[sheets.index[::4], "split"] = "train"  # a, e of x; i of y; m of z
    sheets.loc[sheets["genus"] == "y", "family"] = "other"
    counted = askable(sheets).set_index(["taught", "split", "rank"])
    assert list(counted.loc[("train", "random", "genus")]) == [9, 3, 0, 0]
    assert list(counted.loc[("others", "random", "family")]) == [5, 1, 4, 1]  # y is alone in its family


def test_nothing_to_score_gives_empty_tables(collection):
    one = collection[0].head(1)
    empty = np.zeros((1, 512), "float32")
    predictions = identify_all(one, {"triplet": empty, "colour": empty})
    assert predictions.empty and identify_all(one, {}).empty
    assert fold_scores(predictions, TASK).empty and leads(predictions, ["triplet"], ["colour"]).empty
    assert interval_scores(predictions, TASK).empty
