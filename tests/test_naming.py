"""Naming: by the training sheets that lie nearest, and by a regression on a collection's own labels."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.naming import (
    COMMONEST,
    always_commonest,
    by_own_labels,
    by_training,
    name_scores,
    used_by_training,
)


@pytest.fixture
def collection(toy):
    """The toy features as specimens of one collection, in gatherings of two."""
    features, taxa = toy
    table = taxa.assign(image_id=[f"K{n}" for n in range(240)], species=taxa["genus"] + " sp.")
    return features, table.assign(gathering=[f"g{n // 2}" for n in range(240)])


def test_training_names_what_it_has_shown_and_says_what_it_cannot_know(collection):
    features, table = collection
    shown = (table["order"] != "order02").to_numpy() & (np.arange(240) % 4 < 2)
    trained_on = table[shown].assign(image_id="T" + table["image_id"])
    named = by_training(features[shown], trained_on, features, table)
    assert len(named) == 3 * 240
    order = named[named["rank"] == "order"]
    assert order["known"].sum() == 160 and set(order["predicted"]) == {"order00", "order01"}
    known = named[named["known"]]
    right = (known["given"] == known["predicted"]).groupby(known["rank"]).mean()
    assert (right > 0.9).all()
    assert known["confidence"].between(0.2, 1).all() and set(named["group"]) == set(table["gathering"])


def test_a_sheet_that_training_used_is_not_named_by_itself(collection):
    features, table = collection
    trained_on = table.head(100)
    assert used_by_training(table, trained_on).sum() == 100
    other = trained_on.assign(species="another plant under the same number")
    assert not used_by_training(table, other).any()
    named = by_training(features[:100], trained_on, features, table)
    assert set(named["image_id"]) == set(table["image_id"][100:])
    none = by_training(features, table, features, table)
    assert none.empty and none[none["known"]].empty and none[~none["known"]].empty
    assert name_scores(none.assign(network="triplet"), table).empty


def test_fewer_training_sheets_than_voters_all_vote(collection):
    features, table = collection
    few = table.head(3).assign(image_id=["a", "b", "c"])
    named = by_training(features[:3], few, features, table, neighbours=9)
    assert set(named.loc[named["rank"] == "genus", "predicted"]) == {"genus00"}
    assert (named["confidence"] == 1).all()


def test_own_labels_name_every_sheet_by_others_of_other_gatherings(collection):
    features, table = collection
    named = by_own_labels(features, table)
    assert list(named["image_id"]) == list(table["image_id"])
    assert (named["given"] == named["predicted"]).mean() > 0.9
    assert (named["suggested"] != named["given"]).all()
    assert np.allclose(named["confidence"], named[["probability", "support"]].max(axis=1))
    assert (named["predicted"] == named["given"]).equals(named["probability"] >= named["support"])


def test_small_genera_are_left_out_and_a_collection_of_them_gives_no_row(collection):
    features, table = collection
    small = table["genus"].where(np.arange(240) % 20 != 0, [f"rara{n}" for n in range(240)])
    assert len(by_own_labels(features, table.assign(genus=small))) == 228
    for genus in ("Poa", table["image_id"]):
        none = by_own_labels(features, table.assign(genus=genus))
        assert none.empty and "support" in none
        assert name_scores(none.assign(network="triplet", rank="genus"), table).empty


def test_the_commonest_name_is_that_of_the_teachers(collection):
    _, table = collection
    teachers = table.assign(genus=["Poa"] * 200 + ["Rosa"] * 40, order="Poales")
    named = pd.DataFrame({"rank": ["genus", "order"] * 4, "image_id": list("aabbaabb"), "given": "x"})
    lazy = always_commonest(named, teachers)
    assert list(lazy["predicted"]) == ["Poa", "Poales"] * 2 and set(lazy["network"]) == {COMMONEST}


def test_scores_stand_beside_the_commonest_name_with_intervals(collection):
    features, table = collection
    named = by_own_labels(features, table).assign(network="triplet", rank="genus")
    scores = name_scores(named, table).set_index(["network", "score"])
    assert (scores["low"] <= scores["value"]).all() and (scores["value"] <= scores["high"]).all()
    assert scores.loc[("triplet", "accuracy"), "low"] > scores.loc[(COMMONEST, "accuracy"), "high"]
    assert scores.loc[(COMMONEST, "accuracy"), "value"] == pytest.approx(1 / 12)
    assert (scores["sheets"] == 240).all() and (scores["taxa"] == 12).all()
