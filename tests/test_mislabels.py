"""Mislabels: what is swapped is known, so what is found can be scored."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from herbnb.applications.mislabels import (
    curator_scores,
    measure_scores,
    rate_near,
    repeat_scores,
    search,
    swap,
    to_swap,
)
from herbnb.applications.suspicion import by_answers, name_by_others
from herbnb.resampling import Resampling, whole_set


@pytest.fixture
def collection():
    """Sheets of two genera, and their features."""
    rng = np.random.default_rng(4)
    genus = np.repeat(["Syzygium", "Eugenia"], [60, 50])
    features = rng.normal(size=(110, 512)).astype("float32")
    features[:60] += 0.35 * rng.normal(size=512)
    sheets = pd.DataFrame({"image_id": [f"K{n}" for n in range(110)], "genus": genus})
    sheets["gathering"] = ""
    return sheets, features


def test_a_share_of_each_genus_is_swapped_by_the_seed(collection):
    labels = collection[0]["genus"].to_numpy()
    swapped = swap(labels, 0.1, [89, 0])
    assert swapped[:60].sum() == 6 and swapped[60:].sum() == 5
    assert (swapped == swap(labels, 0.1, [89, 0])).all()
    assert (swapped != swap(labels, 0.1, [89, 1])).any()
    assert swap(labels, 0.001, [89]).sum() == 2


def test_swapped_labels_are_suspect(collection):
    sheets, features = collection
    labels = sheets["genus"].to_numpy().copy()
    labels[[0, 100]] = ["Eugenia", "Syzygium"]
    judged = by_answers(labels, name_by_others(features, labels, np.arange(110)))
    assert set(np.argsort(-judged["suspicion"])[:2]) == {0, 100}
    assert judged["flagged"][0] and judged["flagged"].sum() < 20
    assert judged["suggested"][0] == "Syzygium" and (judged["suggested"] != labels).all()
    assert np.allclose(judged["support"], judged["suspicion"], atol=1e-6)  # of two names, one gets the rest


def test_curator_scores_by_hand():
    found = pd.DataFrame(
        {
            "swapped": [True, False, True, False],
            "flagged": [True, True, False, False],
            "suspicion": [0.9, 0.8, 0.7, 0.1],
        }
    )
    scores = {name: value[0] for name, value in curator_scores(found, whole_set(4)).items()}
    assert scores["tpr"] == 0.5 and scores["fpr"] == 0.5 and scores["precision"] == 0.5
    assert scores["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert scores["precision_at_20"] == 0.5


def test_average_precision_is_that_of_scikit_learn_and_twenty_are_twenty():
    rng = np.random.default_rng(0)
    found = pd.DataFrame({"swapped": rng.random(90) < 0.2, "suspicion": rng.random(90)})
    found["flagged"] = found["suspicion"] > 2
    weights = next(Resampling(np.arange(90), 1, resamples=1).weights())
    for w in (np.ones((1, 90), "float32"), weights):
        scores = curator_scores(found, w)
        theirs = average_precision_score(found["swapped"], found["suspicion"], sample_weight=w[0])
        assert scores["average_precision"][0] == pytest.approx(theirs, abs=1e-5)
    first = found.sort_values("suspicion", ascending=False).head(20)["swapped"].mean()
    assert curator_scores(found, whole_set(90))["precision_at_20"][0] == pytest.approx(first)
    assert np.isnan(scores["precision"][0]) and scores["fpr"][0] == 0


def test_the_search_heeds_the_rate_and_swaps_alike_for_every_network(collection):
    rates = [0.02, 0.2]
    sheets, features = collection
    both = {"triplet": features, "colour": features}
    found = search(sheets, both, "syzygium", ["eugenia"], rates, 2)
    assert len(found) == 2 * 2 * 2 * 110
    shares = found.groupby("mislabel_frac")["swapped"].mean()
    assert shares[0.02] == pytest.approx(2 / 110) and shares[0.2] == pytest.approx(0.2)
    alike = found.pivot(index=["mislabel_frac", "repeat", "image_id"], columns="network", values="swapped")
    assert (alike["triplet"] == alike["colour"]).all()
    scores = repeat_scores(found)
    assert list(scores)[:5] == ["network", "genus1", "genus2", "mislabel_frac", "repeat"]
    assert len(scores) == 8 and (scores["average_precision"] > 0.3).all()


def test_the_rate_nearest_to_the_one_asked_for_is_the_first_of_two_as_near():
    assert rate_near([0.01, 0.05, 0.2]) == 0.05 and rate_near([0.2, 0.05], 0.18) == 0.2
    assert rate_near([0.0, 0.2]) == 0.0


def test_as_many_are_swapped_as_the_table_of_genera_says():
    counts = to_swap(pd.Series([3, 40, 110]), 0.05)
    assert counts.tolist() == [1, 2, 6] == [to_swap(sheets, 0.05) for sheets in (3, 40, 110)]
    labels = np.repeat(["Eugenia", "Syzygium"], [40, 110])
    assert swap(labels, 0.05, [89]).sum() == 8


def test_rates_are_averaged_over_repeats_with_intervals(collection):
    sheets, features = collection
    found = search(sheets, {"triplet": features}, "Syzygium", ["Eugenia"], [0.1], 3)
    table = measure_scores(found, measures=["probability"]).set_index("score")
    repeats = repeat_scores(found)
    for name in ("tpr", "average_precision"):
        assert table.loc[name, "value"] == pytest.approx(repeats[name].mean(), abs=1e-5)
        assert table.loc[name, "low"] <= table.loc[name, "value"] <= table.loc[name, "high"]


def test_a_pair_that_is_too_small_gives_no_rows_and_no_crash(collection):
    sheets, features = collection
    few = {"triplet": features[:63]}
    found = search(sheets.head(63), few, "Syzygium", ["Eugenia", "Quercus"], [0.1], 1)
    assert found.empty and repeat_scores(found).empty and measure_scores(found).empty


def test_every_sheet_of_the_pair_comes_with_its_gathering_and_no_other(collection):
    sheets, features = collection
    gathering = [f"g{n // 2}" for n in range(110)]
    more = pd.concat([sheets.assign(gathering=gathering), sheets.assign(genus="Poa", gathering="")])
    more["image_id"] = [f"K{n}" for n in range(220)]
    found = search(more, {"triplet": np.concatenate([features] * 2)}, "Syzygium", ["Eugenia"], [0.1], 1)
    assert list(found["image_id"]) == [f"K{n}" for n in range(110)]
    assert list(found["group"]) == gathering


def test_sheets_equally_suspect_score_the_same_in_any_order(collection):
    """A collapsed network suspects all alike: then the image id decides, and not the order of a table."""
    sheets, _ = collection
    collapsed = {"triplet": np.ones((110, 512), "float32")}
    found = search(sheets, collapsed, "Syzygium", ["Eugenia"], [0.1], 2)
    shuffled = found.sample(frac=1, random_state=5)
    by = ["measure", "mislabel_frac", "score"]
    one, other = (measure_scores(table).sort_values(by, ignore_index=True) for table in (found, shuffled))
    pd.testing.assert_frame_equal(one, other)
    one, other = (
        repeat_scores(table).sort_values("repeat", ignore_index=True) for table in (found, shuffled)
    )
    pd.testing.assert_frame_equal(one, other)


def test_both_measures_judge_the_same_swaps_and_the_published_numbers_stay(collection):
    sheets, features = collection
    found = search(sheets, {"triplet": features}, "Syzygium", ["Eugenia"], [0.1], 2)
    assert found["ratio"].between(0, 1).all() and (found["judged_by"] == "both").all()
    scores = measure_scores(found)
    assert list(scores["measure"].unique()) == ["probability", "distance", "both"]
    published = scores[scores["measure"] == "probability"].reset_index(drop=True)
    pd.testing.assert_frame_equal(published, measure_scores(found, measures=["probability"]))
    by = scores.set_index(["measure", "score"])["value"]
    distance = found.assign(suspicion=found["ratio"], flagged=found["ratio"] > 0.5)
    theirs = repeat_scores(distance)[["tpr", "average_precision"]].mean()
    for name in ("tpr", "average_precision"):
        assert by["distance", name] == pytest.approx(theirs[name], abs=1e-5)
    assert (by[:, "average_precision"] > 0.2).all()
