"""Retrieval: lists by hand, what lists by lot come to, duplicates, hubs, and one's own house."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew
from sklearn.metrics import average_precision_score

from herbnb.applications import houses, hubs, retrieval
from herbnb.applications.hubs import BY_GENUS
from herbnb.applications.retrieval import SCORES
from herbnb.applications.scores import BY_LOT


@pytest.fixture
def herbarium(toy):
    """The toy's sheets in three splits and three houses, each house with a paper of its own."""
    features, taxa = toy
    table = taxa.assign(image_id=[f"S{n}" for n in range(240)], gathering="", licence="CC0")
    table["species"] = table["genus"] + " sp."
    table["split"] = np.resize(["train", "species", "institutions", "train", "institutions"], 240)
    table["institution"] = np.resize(["B", "K"], 240)
    table.loc[table["split"] != "institutions", "institution"] = "NY"
    return features, table


def test_a_list_is_scored_by_hand_and_as_scikit_learn_scores_it():
    right = np.array([[0, 1, 0, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1]], bool)
    assert retrieval.average_precision(right) == pytest.approx([0.45, 1, 0.2])
    rng = np.random.default_rng(0)
    drawn = rng.random((20, 30)) < 0.3
    drawn[:, 0] = True
    expected = [average_precision_score(row, -np.arange(30)) for row in drawn]
    assert retrieval.average_precision(drawn) == pytest.approx(expected)
    assert np.isnan(retrieval.average_precision(np.zeros((1, 4), bool)))


@pytest.mark.parametrize(("relevant", "candidates"), [(1, 5), (2, 5), (5, 5), (7, 60), (1, 1)])
def test_a_list_in_any_order_comes_to_what_drawing_says(relevant, candidates):
    rng = np.random.default_rng(relevant)
    right = np.arange(candidates) < relevant
    lists = rng.permuted(np.tile(right, (20_000, 1)), axis=1)
    drawn = retrieval.average_precision(lists).mean()
    assert retrieval.expected_precision([relevant], [candidates]) == pytest.approx([drawn], abs=0.01)
    for depth in (1, 3, 20):
        share = lists[:, :depth].any(axis=1).mean()
        expected = retrieval.expected_recall([relevant], [candidates], depth)
        assert expected == pytest.approx([share], abs=0.015)


def test_the_nearest_come_first_and_a_genus_that_is_not_there_is_not_asked_about():
    angles = np.radians([0, 10, 20, 80, 4, 4])
    features = np.column_stack([np.cos(angles), np.sin(angles)]).astype("float32")
    table = pd.DataFrame({"image_id": [*"abcdef"], "genus": ["oak", "fir", "oak", "fir", "oak", "yew"]})
    table = table.assign(gathering="", species=table["genus"], split="institutions")
    answers, near = retrieval.retrieve(features, table, np.array([4, 5]), np.arange(4))
    assert list(answers["image_id"]) == ["e"]  # no yew in the cupboards
    one = answers.iloc[0]
    assert (one["candidates"], one["relevant"], one["first"]) == (4, 2, 1)
    assert [*near["place"]] == [1, 2, 3, 4]
    assert [*near["neighbour"]] == [*"abcd"] and [*near["right"]] == [True, False, True, False]
    assert one["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert [one[f"recall_at_{depth}"] for depth in (1, 5, 20)] == [True] * 3
    assert near["similarity"].iloc[-1] == pytest.approx(np.cos(np.radians(76)), abs=1e-6)


def test_a_duplicate_of_the_query_is_not_in_the_cupboards():
    features = np.eye(4, dtype="float32")[[0, 1, 2, 0]] + 0.1
    table = pd.DataFrame({"image_id": [*"abcd"], "genus": ["oak", "oak", "fir", "oak"]})
    table = table.assign(gathering=["g", "", "", "g"], species=table["genus"], split="institutions")
    answers, near = retrieval.retrieve(features, table, np.array([3]), np.arange(3))
    assert set(near["neighbour"]) == {"b", "c"} and answers["candidates"].item() == 2
    assert answers["relevant"].item() == 1


def test_lists_of_a_network_that_gives_all_sheets_the_same_features_are_by_lot(herbarium):
    _, table = herbarium
    same = {"triplet": np.ones((240, 8), "float32")}
    means = [
        retrieval.retrieval_scores(retrieval.retrieve_all(table, same, 5000, seed)[0], seed)
        for seed in range(12)
    ]
    of_map = pd.concat(means).query("score == 'average_precision'").groupby("network")["value"].mean()
    assert of_map["triplet"] == pytest.approx(of_map[BY_LOT], abs=0.02)


def test_scores_have_intervals_and_knowledge_beats_the_lot(herbarium):
    features, table = herbarium
    noise = np.random.default_rng(0).normal(size=features.shape).astype("float32")
    answers, near = retrieval.retrieve_all(table, {"triplet": features, "colour": noise}, 5000)
    scores = retrieval.retrieval_scores(answers)
    assert set(scores["network"]) == {"triplet", "colour", BY_LOT} and set(scores["score"]) == {*SCORES}
    assert ((scores["low"] <= scores["value"]) & (scores["value"] <= scores["high"])).all()
    assert scores["value"].between(0, 1).all()
    wide = scores.pivot(index=["network", "split"], columns="score", values="value")
    assert (wide.loc["triplet", "average_precision"] > 0.6).all()
    assert (wide.loc["colour", "average_precision"] < 0.2).all()
    assert (wide["recall_at_1"] <= wide["recall_at_5"]).all()
    assert (wide["recall_at_5"] <= wide["recall_at_20"]).all()
    over = retrieval.precision_leads(answers, ["triplet"], ["colour", "triplet"])
    assert set(over["rival"]) == {"colour"} and over["clear"].all()  # nobody leads over itself
    assert len(near) == 2 * 20 * answers.drop_duplicates("image_id").shape[0]


def test_at_most_so_many_ask(herbarium):
    features, table = herbarium
    answers, _ = retrieval.retrieve_all(table, {"triplet": features, "colour": features}, 10)
    asked = answers.groupby(["network", "split"])["image_id"].agg(["size", frozenset])
    assert set(asked["size"]) == {10} and asked["frozenset"].groupby("split").nunique().eq(1).all()


def test_hubs_are_counted_and_the_interval_holds_the_skewness(herbarium):
    features, table = herbarium
    cupboards = table[table["split"] == "train"]
    tied = 0.1 * np.random.default_rng(0).normal(size=(240, 64)).astype("float32")
    tied[cupboards.index[0]] = 0
    tied[:, 0] += 1  # all lie around this one
    answers, near = retrieval.retrieve_all(table, {"triplet": features, "colour": tied}, 5000)
    found = hubs.hubness(answers, near, cupboards)
    of_networks = found[~found["network"].isin([BY_LOT, BY_GENUS])]
    assert (of_networks["low"] <= of_networks["skewness"]).all()
    assert (of_networks["skewness"] <= of_networks["high"]).all()
    skewness = found.pivot(index="split", columns="network", values="skewness")
    assert (skewness["colour"] > skewness["triplet"]).all()
    part = near[near["network"].eq("triplet") & near["split"].eq("species")]
    counts = hubs.popularity(part, cupboards["image_id"].to_numpy())
    assert counts.sum() == 10 * 48 and skewness.loc["species", "triplet"] == pytest.approx(skew(counts))
    of_genus = found[found["network"] == BY_GENUS].set_index("split")
    assert (of_genus["busiest"] <= found.set_index("split").loc[of_genus.index, "lists"].max()).all()


def test_popularity_by_lot_is_as_skewed_as_drawing_says():
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(300):
        lists = rng.permuted(np.tile(np.arange(50), (80, 1)), axis=1)[:, :5]
        drawn.append(skew(np.bincount(lists.ravel(), minlength=50)))
    assert hubs.expected_skewness(80, 5, 50) == pytest.approx(np.mean(drawn), abs=0.06)
    assert np.isnan(hubs.expected_skewness(80, 50, 50))  # every list has every sheet


def test_the_own_house_is_nearer_where_the_paper_shows_and_not_where_it_does_not(herbarium):
    features, table = herbarium
    papered = features + 4 * np.where(table["institution"] == "K", 1, -1)[:, None] * features[0]
    found = houses.own_houses({"triplet": features, "colour": papered.astype("float32")}, table)
    nearer = found.set_index("network")
    assert nearer.loc["colour", "low"] > 0.8
    assert abs(nearer.loc["triplet", "own_house_nearer"] - 0.5) < 0.1
    assert ((found["low"] <= found["own_house_nearer"]) & (found["own_house_nearer"] <= found["high"])).all()
    same = houses.own_house(np.ones((240, 4), "float32"), table, np.flatnonzero(table["split"] != "train"))
    assert (same["nearer"] == 0.5).all()


def test_who_asks_is_counted(herbarium):
    _, table = herbarium
    fewer = table[~(table["genus"].eq("genus00") & table["split"].eq("train"))]
    counted = retrieval.asked_about(fewer).set_index("queries_from")
    assert counted.loc["species", "sheets"] == 48 and counted.loc["species", "genus_not_there"] == 4
    assert counted.loc["institutions", "fewest"] == 8 == counted.loc["institutions", "most"]
    assert list(retrieval.asked_about(table[table["split"] == "train"]).index) == []


def test_two_lists_are_chosen_one_right_and_one_wrong():
    rows = [("a", 1, "x", 0.9, True), ("a", 2, "y", 0.8, False), ("b", 1, "y", 0.7, False)]
    near = pd.DataFrame(rows, columns=["image_id", "place", "neighbour", "similarity", "right"])
    shown = retrieval.examples(near)
    assert [*shown["image_id"]] == ["a", "x", "y", "b", "y"]
    assert [*shown["role"]] == ["the query", "0.90", "0.80", "the query", "0.70"]
    assert [*retrieval.examples(near.head(2))["image_id"]] == ["a", "x", "y"]
    assert retrieval.examples(near.head(0)).empty


def test_nobody_asks_or_nothing_is_there_and_the_tables_are_empty(herbarium):
    features, table = herbarium
    for lonely in (table.assign(split="train"), table.assign(split="institutions")):
        answers, near = retrieval.retrieve_all(lonely, {"triplet": features}, 5000)
        assert answers.empty and near.empty
        assert retrieval.retrieval_scores(answers).empty
        cupboards = lonely[lonely["split"] == "train"]
        assert hubs.hubness(answers, near, cupboards).empty
        assert retrieval.precision_leads(answers, ["triplet"], ["triplet"]).empty
    assert houses.own_houses({"triplet": features}, table.assign(split="train")).empty
    one_house = table.assign(institution="K")
    assert houses.own_houses({"triplet": features}, one_house).empty
