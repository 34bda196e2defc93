"""Scores, against scikit-learn, and their intervals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from herbnb.applications.review import judge
from herbnb.applications.scores import (
    COMMONEST,
    SCORES,
    fold_scores,
    interval_scores,
    name_scores,
    score,
)
from herbnb.resampling import Resampling, whole_set


@pytest.fixture
def names():
    rng = np.random.default_rng(1)
    given = np.repeat(np.array(["Acer", "Carex", "Poa", "Rosa"], object), [50, 30, 12, 8])
    other = rng.permutation(given)
    return given, np.where(rng.random(100) < 0.6, given, other)


def test_scores_are_those_of_scikit_learn(names):
    ours = score(*names, whole_set(100))
    theirs = precision_recall_fscore_support(*names, average="macro", zero_division=0)
    for name, value in zip(SCORES[1:], theirs, strict=False):
        assert ours[name][0] == pytest.approx(value, abs=1e-6)
    assert ours["accuracy"][0] == pytest.approx(accuracy_score(*names))


def test_scores_of_one_taxon_are_those_of_scikit_learn(names):
    ours = score(*names, whole_set(100), taxon="Carex")
    theirs = precision_recall_fscore_support(*names, labels=["Carex"], zero_division=0)
    for name, value in zip(SCORES[1:], theirs, strict=False):
        assert ours[name][0] == pytest.approx(value[0], abs=1e-6)


def test_a_weight_of_two_is_a_specimen_twice(names):
    given, predicted = names
    weights = next(Resampling(np.arange(100), seed=3, resamples=2).weights())
    times = weights[0].astype(int)
    ours = score(given, predicted, weights)["f1"][0]
    theirs = score(given.repeat(times), predicted.repeat(times), whole_set(times.sum()))["f1"][0]
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_a_taxon_never_predicted_has_no_precision():
    given = np.array(["a", "a", "b"])
    scores = score(given, np.array(["a", "a", "a"]), whole_set(3))
    assert scores["precision"][0] == pytest.approx(1 / 3)
    assert scores["recall"][0] == pytest.approx(0.5)


def test_folds_are_scored_by_themselves(names):
    fold = np.arange(100) % 5
    table = pd.DataFrame({"given": names[0], "predicted": names[1], "fold": fold, "task": "one"})
    scores = fold_scores(table, ["task"])
    second = table[table["fold"] == 1]
    expected = score(second["given"], second["predicted"], whole_set(20))
    assert list(scores) == ["task", "fold", *SCORES] and list(scores["fold"]) == [0, 1, 2, 3, 4]
    assert scores.loc[1, "f1"] == pytest.approx(expected["f1"][0])


def test_tasks_are_scored_apart_and_for_the_taxon_they_name(names):
    table = pd.DataFrame({"given": names[0], "predicted": names[1], "fold": 0, "group": np.arange(100)})
    both = pd.concat([table.assign(taxon="Carex"), table.assign(taxon="Rosa", predicted="Poa")])
    folds = fold_scores(both, ["taxon"], "taxon").set_index("taxon")
    assert folds.loc["Carex", "f1"] == pytest.approx(score(*names, taxon="Carex")["f1"][0])
    assert folds.loc["Rosa", "f1"] == 0
    whole = interval_scores(both, ["taxon"], "taxon").set_index(["taxon", "score"])
    assert whole.loc[("Carex", "f1"), "value"] == pytest.approx(folds.loc["Carex", "f1"])
    macro = interval_scores(both, ["taxon"]).set_index(["taxon", "score"])
    assert macro.loc[("Carex", "f1"), "value"] == pytest.approx(score(*names)["f1"][0])


def test_nothing_to_score_keeps_the_columns():
    none = pd.DataFrame(columns=["task", "given", "predicted", "fold", "group"])
    assert list(fold_scores(none, ["task"])) == ["task", "fold", *SCORES]
    assert list(interval_scores(none, ["task"])) == ["task", "score", "value", "low", "high"]


def test_an_interval_holds_the_value_and_narrows_with_more_specimens(names):
    small = pd.DataFrame({"given": names[0], "predicted": names[1], "group": np.arange(100)})
    small = small.assign(task="one")
    large = pd.concat([small] * 9).assign(group=np.arange(900))
    widths = []
    for table in (small, large):
        row = interval_scores(table, ["task"]).set_index("score").loc["accuracy"]
        assert row["low"] < row["value"] < row["high"]
        widths.append(row["high"] - row["low"])
    assert widths[1] == pytest.approx(widths[0] / 3, rel=0.15)


def test_duplicates_widen_an_interval(names):
    twice = pd.DataFrame({"given": names[0].repeat(4), "predicted": names[1].repeat(4), "task": "one"})
    alone = interval_scores(twice.assign(group=np.arange(400)), ["task"]).set_index("score")
    together = interval_scores(twice.assign(group=np.arange(400) // 4), ["task"]).set_index("score")
    spread = [t.loc["accuracy", "high"] - t.loc["accuracy", "low"] for t in (alone, together)]
    assert spread[1] > 1.6 * spread[0]


def test_the_commonest_name_is_that_of_the_teachers():
    teachers = pd.DataFrame({"genus": ["Poa"] * 200 + ["Rosa"] * 40, "order": "Poales"})
    named = pd.DataFrame({"rank": ["genus", "order"] * 4, "image_id": list("aabbaabb")})
    named = named.assign(network=["one"] * 4 + ["other"] * 4, group=named["image_id"], predicted="x")
    named["given"] = named["rank"].map({"genus": "Poa", "order": "Rosales"})
    scores = name_scores(named, teachers).set_index(["network", "rank", "score"])
    assert set(scores.index.get_level_values("network")) == {"one", "other", COMMONEST}
    assert scores.loc[(COMMONEST, "genus", "accuracy"), "value"] == 1
    assert scores.loc[(COMMONEST, "order", "accuracy"), "value"] == 0
    assert (scores["sheets"] == 2).all() and (scores["taxa"] == 1).all()


def test_networks_stand_beside_the_commonest_name_with_intervals(toy):
    features, taxa = toy
    table = taxa.assign(image_id=[f"K{n}" for n in range(240)], gathering=[f"g{n // 2}" for n in range(240)])
    named = judge(features, table).assign(network="triplet", rank="genus")
    scores = name_scores(named, table).set_index(["network", "score"])
    assert (scores["low"] <= scores["value"]).all() and (scores["value"] <= scores["high"]).all()
    assert scores.loc[("triplet", "accuracy"), "low"] > scores.loc[(COMMONEST, "accuracy"), "high"]
    assert scores.loc[(COMMONEST, "accuracy"), "value"] == pytest.approx(1 / 12)
    assert (scores["sheets"] == 240).all() and (scores["taxa"] == 12).all()
