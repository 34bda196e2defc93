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
from herbnb.applications.sureness import (
    ANY,
    NOTHING,
    least_sure,
    mean_costs,
    name_as_far,
    named_sheets,
    sure_names,
)
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
    ranks, names, of_names = name_as_far(answers.probabilities, lineage, 0.6)
    assert list(ranks) == ["genus", "family", NOTHING, "genus"]
    assert list(names) == ["Carex", "Poaceae", "", "Quercus"]
    assert of_names[2] == 1 and (of_names >= 0.6).all()
    ranks, names, _ = name_as_far(answers.probabilities, lineage, 0.85)
    assert list(ranks) == ["order", "family", NOTHING, "genus"] and names[0] == "Poales"
    assert set(name_as_far(answers.probabilities, lineage, 0.0)[0]) == {"genus"}
    named = named_sheets(answers.probabilities, lineage, answers.genera, 0.6)
    assert list(named["right"]) == [True, True, False, True]
    assert list(named["wrong"]) == [0, 0, 0, 0] and list(named["missing"]) == [0, 1, 3, 0]


def test_a_wrong_name_is_some_steps_up_and_as_many_down_again(meadow, answers):
    lineage = lineages(meadow, answers.genera)
    given = np.array(["Poa", "Quercus", "Carex", "Poa"], object)
    sure_of = np.eye(4)[[list(answers.genera).index("Carex")] * 4]
    named = named_sheets(sure_of, lineage, given, 0.8)
    assert list(named["named"]) == ["Carex"] * 4 and list(named["right"]) == [False, False, True, False]
    assert list(named["wrong"]) == [2, 3, 0, 2] and list(named["missing"]) == [2, 3, 0, 2]
    of_family = np.tile([0.5 if genus in ("Poa", "Festuca") else 0.0 for genus in answers.genera], (4, 1))
    named = named_sheets(of_family, lineage, given, 0.8)
    assert list(named["named"]) == ["Poaceae"] * 4 and list(named["right"]) == [True, False, False, True]
    assert list(named["wrong"]) == [0, 2, 1, 0] and list(named["missing"]) == [1, 3, 2, 1]


@pytest.mark.parametrize("wrong_step", [1, 2, 4, 9])
def test_no_other_name_would_cost_less_in_expectation(wrong_step):
    rng = np.random.default_rng(5)
    lineage = pd.DataFrame(
        {"genus": [f"g{n}" for n in range(12)], "family": [f"f{n // 2}" for n in range(12)]}
    )
    lineage["order"] = [f"o{n // 6}" for n in range(12)]
    probabilities = rng.dirichlet(np.full(12, 0.15), 300)
    nodes = [(rank, taxon) for rank in RANKS for taxon in lineage[rank].unique()] + [(NOTHING, "")]

    def cost(node, genus):
        """The steps from a name to a genus, one by one."""
        ladder = [*RANKS, NOTHING]
        above = (
            dict(zip(RANKS, lineage.loc[lineage[node[0]] == node[1]].iloc[0][list(RANKS)], strict=True))
            if node[0] != NOTHING
            else {}
        )
        own = lineage.set_index("genus", drop=False).loc[genus]
        total, place = 0.0, ladder.index(node[0])
        while ladder[place] != NOTHING and above[ladder[place]] != own[ladder[place]]:
            total, place = total + wrong_step, place + 1
        return total + place

    costs = np.array([[cost(node, genus) for genus in lineage["genus"]] for node in nodes])
    expected = probabilities @ costs.T
    ranks, names, _ = name_as_far(probabilities, lineage, least_sure(wrong_step))
    chosen = [nodes.index(node) for node in zip(ranks, names, strict=True)]
    assert np.allclose(expected[np.arange(300), chosen], expected.min(axis=1))
    assert len(set(ranks)) > 2
    own = rng.integers(12, size=300)
    named = named_sheets(
        probabilities, lineage, lineage["genus"].to_numpy(object)[own], least_sure(wrong_step)
    )
    paid = wrong_step * named["wrong"] + named["missing"]
    assert np.allclose(paid, costs[chosen, own])


def test_a_wrong_step_costs_a_missing_one_at_least():
    assert least_sure(4) == 0.8 and least_sure(1) == 0.5
    for wrong_step in (0.5, 0, -1, float("nan"), float("inf")):
        with pytest.raises(BadInput, match=r"wrong_step is .*: it is at least 1"):
            least_sure(wrong_step)


def test_what_names_have_cost_stands_beside_a_genus_for_all_and_none(toy):
    named = pd.DataFrame({"wrong": [0, 1], "missing": [1, 2], "height": [0, 3], "group": ["a", "b"]})
    table = mean_costs(named, 4.0).set_index("names")["cost"]
    assert list(table) == [(1 + 6) / 2, 15 / 2, 3]
    assert mean_costs(named.iloc[:0], 4.0).empty


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
