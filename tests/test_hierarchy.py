"""Hierarchy: how far off a name is, and how far down a sheet is named."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.hierarchy import (
    MADE,
    Answers,
    heights,
    mistake_scores,
    mistakes,
    name_all,
    rank_accuracy,
)
from herbnb.applications.scores import BY_LOT
from herbnb.applications.sureness import ANY, NOTHING, name_as_far, named_sheets, sure_names
from herbnb.applications.teaching import by_training
from herbnb.errors import BadInput
from herbnb.specimens import RANKS, lineages

TREE = [
    ("Carex", "Cyperaceae", "Poales"),
    ("Festuca", "Poaceae", "Poales"),
    ("Poa", "Poaceae", "Poales"),
    ("Quercus", "Fagaceae", "Fagales"),
]


@pytest.fixture
def meadow():
    """A training sheet and a held-out sheet of each of four genera, the second in this order."""
    genera = pd.DataFrame(TREE, columns=list(RANKS))
    table = pd.concat([genera, genera], ignore_index=True)
    table["split"] = ["train"] * 4 + ["random"] * 4
    return table.assign(image_id=[*"abcdefgh"], gathering="", species=table["genus"] + " sp.")


@pytest.fixture
def answers():
    """Of the four held-out sheets: right; the other grass; an oak; surely right."""
    given = [[0.7, 0.1, 0.1, 0.1], [0.05, 0.35, 0.55, 0.05], [0.3, 0.1, 0.1, 0.5], [0, 0, 0, 1]]
    return Answers(np.arange(4, 8), np.array(given), np.array([each[0] for each in TREE], object))


def test_two_genera_meet_at_their_family_their_order_or_the_root(meadow):
    lineage = lineages(meadow, ["Carex", "Festuca", "Poa", "Quercus"])
    assert list(lineage) == list(RANKS)
    assert heights(lineage).tolist() == [[0, 2, 2, 3], [2, 0, 1, 3], [2, 1, 0, 3], [3, 3, 3, 0]]


def test_the_commonest_opinion_on_a_family_counts(meadow):
    table = pd.concat([meadow, meadow[meadow["genus"] == "Poa"].assign(family="Wrongaceae").head(1)])
    assert lineages(table, ["Poa"])["family"].tolist() == ["Poaceae"]


def test_mistakes_are_measured_by_hand(meadow, answers):
    made = mistakes(meadow, {"triplet": answers}).set_index("given")
    assert made["height"].to_dict() == {"Carex": 0, "Festuca": 1, "Poa": 3, "Quercus": 0}
    assert made.loc["Poa", "lot_height"] == pytest.approx((2 + 1 + 3) / 3)
    assert made.loc["Poa", "lot_family"] == pytest.approx(1 / 3)
    assert made.loc["Poa", "lot_order"] == pytest.approx(2 / 3)
    assert made.loc["Carex", "lot_family"] == 0 and made.loc["Quercus", "lot_height"] == 3
    scores = mistake_scores(made.reset_index()).set_index(["measure", "by"])["value"]
    assert scores["height", MADE] == 2 and scores["height", BY_LOT] == 2
    assert scores["family", MADE] == 0.5 and scores["order", MADE] == 0.5
    assert scores["family", BY_LOT] == pytest.approx(1 / 3)
    accuracy = rank_accuracy(made.reset_index()).iloc[0]
    assert [accuracy[rank] for rank in RANKS] == [0.5, 0.75, 0.75] and accuracy["height"] == 1


def test_a_wrong_genus_by_lot_is_as_far_as_drawing_says(meadow, answers):
    rng = np.random.default_rng(3)
    apart = heights(lineages(meadow, answers.genera))
    expected = mistakes(meadow, {"a": answers})
    for place in range(4):
        others = np.delete(apart[place], place)
        drawn = rng.choice(others, 20_000)
        assert abs(drawn.mean() - expected["lot_height"].iloc[place]) < 0.03
        assert abs((drawn <= 1).mean() - expected["lot_family"].iloc[place]) < 0.02


def test_a_sheet_is_named_as_far_as_it_is_sure(meadow, answers):
    lineage = lineages(meadow, answers.genera)
    ranks, names = name_as_far(answers.probabilities, lineage, 0.6)
    assert list(ranks) == ["genus", "family", NOTHING, "genus"]
    assert list(names) == ["Carex", "Poaceae", "", "Quercus"]
    ranks, names = name_as_far(answers.probabilities, lineage, 0.85)
    assert list(ranks) == ["order", "family", NOTHING, "genus"] and names[0] == "Poales"
    assert set(name_as_far(answers.probabilities, lineage, 0.0)[0]) == {"genus"}
    part = named_sheets(meadow, answers, 0.6)
    assert list(part["right"]) == [True, True, False, True] and set(part["split"]) == {"random"}


def test_what_is_named_is_counted_at_each_rank(meadow, answers):
    table = sure_names(meadow, {"triplet": answers}, [0.0, 0.6, 0.9]).set_index(["sure", "rank"])
    assert table.loc[(0.6, "genus"), "sheets"] == 2 and table.loc[(0.6, "family"), "right"] == 1
    assert table.loc[(0.6, NOTHING), "share"] == 0.25 and np.isnan(table.loc[(0.6, NOTHING), "right"])
    assert table.loc[(0.0, ANY), "share"] == 1 and table.loc[(0.0, ANY), "right"] == 0.5
    assert np.isnan(table.loc[(0.6, "order"), "right"])
    shares = table["share"].drop(ANY, level="rank").groupby("sure").sum()
    assert np.allclose(shares, 1)
    known = table.xs(ANY, level="rank")
    assert ((known["low"] <= known["right"]) & (known["right"] <= known["high"])).all()
    with pytest.raises(BadInput, match="each is a probability"):
        sure_names(meadow, {"triplet": answers}, [1.2])


def test_a_regression_errs_within_the_family_where_features_have_families(toy):
    features, taxa = toy
    table = taxa.assign(image_id=[f"S{n}" for n in range(240)], gathering="", species=taxa["genus"])
    table["split"] = np.resize(["train", "random", "institutions"], 240)
    blurred = features + 6 * np.random.default_rng(0).normal(size=features.shape).astype("float32")
    found = name_all(table, {"triplet": blurred}, {"triplet": 0.01})
    made = mistakes(table, found)
    assert len(made) == 160 and set(made["split"]) == {"random", "institutions"}
    identified = by_training(blurred, table, "genus", 0.01, seed=0)  # the same regression, the same names
    assert (made["predicted"].to_numpy() == identified["predicted"].to_numpy()).all()
    scores = mistake_scores(made)
    of_network = scores[scores["by"] == MADE]
    between = (of_network["low"] <= of_network["value"]) & (of_network["value"] <= of_network["high"])
    assert between.all() and set(of_network["measure"]) == {"height", "family", "order"}
    height = scores[scores["measure"] == "height"].pivot(index="split", columns="by", values="value")
    assert (height[MADE] < height[BY_LOT]).all()
    named = sure_names(table, found, [0.0, 0.5, 0.9])
    share = named[named["rank"] == ANY].pivot(index="split", columns="sure", values="share")
    assert (share[0.0] == 1).all() and (share[0.5] >= share[0.9]).all()


def test_where_nothing_is_asked_or_nothing_is_wrong_there_is_no_row(toy, meadow, answers):
    features, taxa = toy
    table = taxa.assign(image_id=[f"S{n}" for n in range(240)], gathering="", species="x", split="train")
    with pytest.raises(BadInput, match="No C is known for triplet: run chapter identification with it"):
        name_all(table, {"triplet": features}, {"colour": 1.0})
    none = name_all(table, {"triplet": features}, {"triplet": 1.0})
    assert not len(none["triplet"].rows)
    made = mistakes(table, none)
    assert made.empty and mistake_scores(made).empty and rank_accuracy(made).empty
    assert sure_names(table, none, [0.5]).empty
    one = table.assign(genus="one", split=np.resize(["train", "random"], 240))
    assert not len(name_all(one, {"a": features}, {"a": 1.0})["a"].rows)
    perfect = answers._replace(probabilities=np.eye(4))
    right = mistakes(meadow, {"triplet": perfect})
    assert (right["height"] == 0).all() and mistake_scores(right).empty
