"""Few labels: who teaches in a lesson, who is asked, and what becomes of the scores."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import few_labels
from herbnb.applications.few_labels import COLUMNS, curve, enough, learn, lessons, strengths
from herbnb.applications.scores import BY_LOT
from herbnb.errors import BadInput


@pytest.fixture
def herbarium(toy):
    """The toy's sheets: twelve of each genus teach, and two, four and two are held out."""
    features, taxa = toy
    table = taxa.assign(image_id=[f"S{n}" for n in range(240)], gathering="")
    place = table.groupby("genus").cumcount()
    held_out = np.select([place < 14, place < 18], ["random", "species"], "institutions")
    table["split"] = np.where(place < 12, "train", held_out)
    table["species"] = table["genus"] + [" a" if n % 2 else " b" for n in range(240)]
    return features, table


def drawn_from(table, **how):
    names, train = table["genus"].to_numpy(object), (table["split"] == "train").to_numpy()
    return lessons(names, train, ~train, **how)


def test_a_lesson_has_so_many_sheets_of_each_genus_and_a_larger_one_holds_the_smaller(herbarium):
    _, table = herbarium
    drawn = drawn_from(table, sizes=[5, 1, 2], draws=3)
    assert [(each.sheets, each.draw) for each in drawn[:4]] == [(1, 0), (2, 0), (5, 0), (1, 1)]
    assert len(drawn) == 3 * 3 + 1 and drawn[-1].all and drawn[-1].sheets == 12
    for one in drawn:
        taught = table.iloc[one.teach]
        assert (taught["split"] == "train").all() and (taught["genus"].value_counts() == one.sheets).all()
        assert taught["genus"].nunique() == 12 and len(one.asked) == 96
        assert not set(one.teach) & set(one.asked)
    of_one, of_two, of_five = (set(one.teach) for one in drawn[:3])
    assert of_one < of_two < of_five
    assert set(drawn[0].teach) != set(drawn[3].teach)


def test_the_same_genera_are_asked_about_in_every_lesson(herbarium):
    _, table = herbarium
    fewer = table[(table["genus"] != "genus03") | (table.groupby("genus").cumcount() > 2)]
    drawn = drawn_from(fewer, sizes=[1, 10], draws=2)  # nine of them are left to teach
    for one in drawn:
        for rows in (one.teach, one.asked):
            assert set(fewer["genus"].iloc[rows]) == {*table["genus"]} - {"genus03"}


def test_where_a_set_teaches_itself_nobody_who_teaches_is_asked(herbarium):
    _, table = herbarium
    names = table["species"].to_numpy(object)
    own = table["genus"].isin(["genus00", "genus01"]).to_numpy()
    drawn = lessons(names, own, None, sizes=[1, 4], draws=2)
    assert len(drawn) == 4 and not any(each.all for each in drawn)
    for draw in (0, 1):
        small, large = (each for each in drawn if each.draw == draw)
        assert set(small.teach) < set(large.teach) and list(small.asked) == list(large.asked)
        assert not set(large.teach) & set(large.asked)
        assert len(large.teach) == 16 and len(large.asked) == 24
    assert lessons(names, own, None, sizes=[10]) == []  # ten sheets, and none left to be asked


def test_nothing_to_learn_gives_empty_tables(herbarium):
    features, table = herbarium
    assert drawn_from(table, sizes=[13]) == []
    assert drawn_from(table[table["split"] == "train"], sizes=[1]) == []
    assert drawn_from(table[table["genus"] == "genus00"], sizes=[1]) == []
    learnt = learn({"triplet": features}, table, [], "genus", {"triplet": 1.0})
    assert learnt.empty and list(learnt) == COLUMNS
    curves = curve(learnt)
    assert curves.empty and enough(curves).empty
    assert strengths({"triplet": features}, table, [])["triplet"] > 0


@pytest.mark.parametrize("how", [{"sizes": []}, {"sizes": [0, 1]}, {"draws": 0}])
def test_a_lesson_without_sheets_is_refused(herbarium, how):
    with pytest.raises(BadInput, match="give one of each at least"):
        drawn_from(herbarium[1], **how)


def test_more_sheets_teach_more_and_noise_teaches_nothing(herbarium):
    features, table = herbarium
    noise = np.random.default_rng(0).normal(size=features.shape).astype("float32")
    blurred = features + 3 * np.random.default_rng(1).normal(size=features.shape).astype("float32")
    both, drawn = {"triplet": blurred, "colour": noise}, drawn_from(table, draws=3)
    c = strengths(both, table, drawn)
    assert c["colour"] <= c["triplet"]
    learnt = learn(both, table, drawn, "genus", c)
    assert list(learnt) == COLUMNS and set(learnt["network"]) == {*both, BY_LOT}
    assert len(learnt) == 3 * 3 * (4 * 3 + 1) and learnt["f1"].between(0, 1).all()
    curves = curve(learnt)
    assert ((curves["low"] <= curves["f1"]) & (curves["f1"] <= curves["high"])).all()
    assert set(curves.loc[curves["all"], "draws"]) == {1} and set(curves.loc[~curves["all"], "draws"]) == {3}
    of_species = curves[curves["split"] == "species"].pivot(index="network", columns="sheets", values="f1")
    assert (
        of_species.loc["triplet", 1] < of_species.loc["triplet", 10] and of_species.loc["triplet", 12] > 0.6
    )
    assert (of_species.loc[["colour", BY_LOT]] < 0.35).all(axis=None)


def test_the_lot_is_right_as_often_as_there_are_names():
    table = pd.DataFrame({"genus": np.resize([*"abcd"], 4000), "split": np.repeat(["train", "random"], 2000)})
    train = (table["split"] == "train").to_numpy()
    drawn = lessons(table["genus"].to_numpy(object), train, ~train, sizes=[1], draws=8)
    f1 = learn({}, table, drawn, "genus", {})["f1"]
    assert len(f1) == 9 and abs(f1.mean() - 1 / 4) < 0.01  # equal genera: precision and recall are both 1/4


def test_the_fewest_that_will_do_are_found():
    f1 = {1: 0.3, 2: 0.46, 5: 0.44, 10: 0.49, 20: 0.5}
    rows = [("a", "genus", "random", n, n == 20, value, value, value, 1) for n, value in f1.items()]
    rows += [("b", "genus", "random", n, n == 20, n / 40, 0, 1, 1) for n in f1]
    columns = ["network", "rank", "split", "sheets", "all", "f1", "low", "high", "draws"]
    found = enough(pd.DataFrame(rows, columns=columns), 0.9).set_index("network")
    assert found.loc["a", "few"] == 2 and found.loc["a", "f1"] == 0.46 and found.loc["a", "f1_all"] == 0.5
    assert np.isnan(found.loc["b", "few"]) and found.loc["b", "sheets"] == 20


def test_c_is_chosen_from_the_sheets_of_the_largest_small_lesson(herbarium, monkeypatch):
    features, table = herbarium
    seen = []
    monkeypatch.setattr(few_labels, "choose_c", lambda x, names, groups, seed: seen.append((x, names)) or 1.0)
    drawn = drawn_from(table, sizes=[1, 4], draws=2)
    strengths({"triplet": features}, table, drawn)
    (x, names) = seen[0]
    assert len(seen) == 1 and (pd.Series(names).value_counts() == 4).all()
    assert (x == features[np.sort(drawn[1].teach)]).all()
