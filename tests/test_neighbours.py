"""Neighbours: found by cosine, duplicates marked and without a vote, what they would call a sheet, and what
they share by chance."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.neighbours import (
    find_neighbours,
    name_by_training,
    shared_by_neighbours,
    used_by_training,
    vote,
)
from herbnb.applications.scores import name_scores
from herbnb.devices import device
from herbnb.errors import BadInput
from herbnb.representations import closest


def sheets(n, gathering="", **columns):
    ids = {"image_id": [f"K{i}" for i in range(n)], "gathering": gathering}
    same = {"genus": "Poa", "family": "Poaceae", "order": "Poales", "institution": "K"}
    return pd.DataFrame(ids | same | columns)


def directions(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype("float32")


def test_the_angle_decides_and_the_length_does_not():
    features = directions(0, 10, 25, 80) * np.array([[1], [50], [1], [1]], "float32")
    near = find_neighbours(features, sheets(4), 2)
    of_first = near[near["image_id"] == "K0"]
    assert list(of_first["neighbour"]) == ["K1", "K2"] and list(of_first["place"]) == [1, 2]
    assert of_first["similarity"].to_numpy() == pytest.approx(np.cos(np.radians([10, 25])), abs=1e-6)
    assert not near["duplicate"].any() and not (near["image_id"] == near["neighbour"]).any()


def test_duplicates_are_listed_on_the_way_and_do_not_count():
    near = find_neighbours(directions(0, 1, 2, 30, 60, 90), sheets(6, ["a", "a", "a", "b", "c", "d"]), 2)
    of_first = near[near["image_id"] == "K0"]
    assert list(of_first["neighbour"]) == ["K1", "K2", "K3", "K4"]
    assert list(of_first["duplicate"]) == [True, True, False, False]
    of_fourth = near[near["image_id"] == "K3"]
    assert list(of_fourth["neighbour"]) == ["K2", "K1"] and not of_fourth["duplicate"].any()


def test_a_duplicate_farther_than_the_last_neighbour_is_not_listed():
    near = find_neighbours(directions(0, 5, 80), sheets(3, ["a", "b", "a"]), 1)
    assert list(near.loc[near["image_id"] == "K0", "neighbour"]) == ["K1"]


def test_a_sheet_without_a_gathering_is_nobodys_duplicate():
    assert not find_neighbours(directions(0, 0, 0), sheets(3), 2)["duplicate"].any()


@pytest.mark.parametrize(("n", "gathering", "rows"), [(1, "", 0), (2, "", 2), (2, "a", 2), (9, "a", 27)])
def test_small_and_strange_collections_have_what_neighbours_there_are(n, gathering, rows):
    near = find_neighbours(np.ones((n, 4), "float32"), sheets(n, gathering), 3)
    assert len(near) == rows and near["duplicate"].all() == (gathering == "a" or not rows)


def test_tiles_meet_without_a_seam(monkeypatch, toy):
    features, taxa = toy
    features, taxa = np.concatenate([features, features[:90] + 0.1]), pd.concat([taxa, taxa[:90]])
    table = taxa.reset_index(drop=True).assign(gathering="", institution="K")
    table["image_id"] = [str(n) for n in range(len(table))]
    monkeypatch.setitem(closest.TILE, device().type, 128)
    near = find_neighbours(features, table, 4)
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -1)
    expected = np.sort(cosines, axis=1)[:, :-5:-1]
    assert near["similarity"].to_numpy().reshape(-1, 4) == pytest.approx(expected, abs=1e-5)
    assert near["place"].tolist() == [1, 2, 3, 4] * len(table)


def test_a_large_gathering_hides_no_neighbour_and_lists_its_nearest():
    """Fifty sheets of one gathering, a degree apart, and five others beyond them."""
    near = find_neighbours(directions(*range(55)), sheets(55, ["a"] * 50 + list("bcdef")), 3)
    of_first = near[near["image_id"] == "K0"]
    assert list(of_first["neighbour"]) == ["K1", "K2", "K3", "K50", "K51", "K52"]
    assert list(of_first["duplicate"]) == [True] * 3 + [False] * 3
    assert list(near["image_id"].drop_duplicates()) == [f"K{n}" for n in range(55)]


def test_no_neighbours_at_all_is_refused():
    with pytest.raises(BadInput, match="neighbours is 0"):
        find_neighbours(directions(0, 1), sheets(2), 0)


def test_the_commonest_name_is_elected_and_at_a_tie_the_nearest():
    names = np.array([["a", "b", "b"], ["c", "a", "b"], ["a", "b", "a"]], object)
    elected, shares = vote(names)
    assert list(elected) == ["b", "c", "a"]
    assert shares == pytest.approx([2 / 3, 1 / 3, 2 / 3])


def test_training_names_what_it_has_shown_and_says_what_it_cannot_know(labelled):
    features, table = labelled
    shown = (table["order"] != "order02").to_numpy() & (np.arange(240) % 4 < 2)
    trained_on = table[shown].assign(image_id="T" + table["image_id"])
    named = name_by_training(features[shown], trained_on, features, table)
    assert len(named) == 3 * 240
    order = named[named["rank"] == "order"]
    assert order["known"].sum() == 160 and set(order["predicted"]) == {"order00", "order01"}
    known = named[named["known"]]
    right = (known["given"] == known["predicted"]).groupby(known["rank"]).mean()
    assert (right > 0.9).all()
    assert known["confidence"].between(0.2, 1).all() and set(named["group"]) == set(table["gathering"])


def test_a_sheet_that_training_used_is_not_named_by_itself(labelled):
    features, table = labelled
    trained_on = table.head(100)
    assert used_by_training(table, trained_on).sum() == 100
    other = trained_on.assign(species="another plant under the same number")
    assert not used_by_training(table, other).any()
    named = name_by_training(features[:100], trained_on, features, table)
    assert set(named["image_id"]) == set(table["image_id"][100:])
    none = name_by_training(features, table, features, table)
    assert none.empty and none[none["known"]].empty and none[~none["known"]].empty
    assert name_scores(none.assign(network="triplet"), table).empty


def test_fewer_training_sheets_than_voters_all_vote(labelled):
    features, table = labelled
    few = table.iloc[[0, 1, 239]].assign(image_id=["a", "b", "c"])
    named = name_by_training(features[[0, 1, 239]], few, features, table, neighbours=9)
    genus = named[named["rank"] == "genus"]
    assert set(genus["predicted"]) == {"genus00"} and genus["confidence"].to_numpy() == pytest.approx(2 / 3)


def test_chance_is_what_shuffled_names_share_and_duplicates_count_on_neither_side():
    rng = np.random.default_rng(5)
    gathering = [f"g{i // 2}" for i in range(400)]
    genus = np.repeat(rng.choice(["Poa", "Carex", "Rosa"], 200, p=[0.6, 0.3, 0.1]), 2)
    table = sheets(400, gathering, genus=genus, institution=rng.choice(["K", "NY"], 400))
    near = find_neighbours(rng.normal(size=(400, 20)).astype("float32"), table, 5)
    shared = shared_by_neighbours(near, table).set_index(["shared", "by"])
    assert {what for what, _ in shared.index} == {"genus", "institution"}
    for what in ("genus", "institution"):
        by_neighbours, chance = shared.loc[(what, "neighbours")], shared.loc[(what, "chance")]
        assert by_neighbours["low"] < chance["share"] < by_neighbours["high"]
        assert np.isnan(chance["low"])


def test_an_effect_of_the_institution_shows():
    rng = np.random.default_rng(5)
    institution = rng.choice(["K", "NY"], 200)
    features = rng.normal(size=(200, 20)) + 3 * (institution == "K")[:, None]
    table = sheets(200, institution=institution)
    shared = shared_by_neighbours(find_neighbours(features.astype("float32"), table), table)
    by = shared.set_index("by")
    assert list(shared["shared"]) == ["institution"] * 2
    assert by.loc["neighbours", "low"] > 0.9 > 0.6 > by.loc["chance", "share"]


def test_without_neighbours_or_differences_there_is_nothing_to_compare():
    one = sheets(1)
    assert shared_by_neighbours(find_neighbours(directions(0), one), one).empty
    gathering = sheets(6, "a", genus=["Poa", "Rosa"] * 3)
    assert shared_by_neighbours(find_neighbours(directions(*range(6)), gathering), gathering).empty
    alike = sheets(6)
    assert shared_by_neighbours(find_neighbours(directions(*range(6)), alike), alike).empty
