"""Teaching: a held-out sheet is named by those who may teach it, and by nobody else."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import scores, teaching
from herbnb.applications.identification import WAYS, identify_all, units
from herbnb.representations.probes import STRENGTHS, choose_c

SETS = ["train", "train", "random", "species", "institutions"]


@pytest.fixture
def herbarium(toy):
    """The toy's sheets in four splits, one family left with a single genus, and a genus that no one taught."""
    features, taxa = toy
    table = taxa.assign(image_id=[f"S{n}" for n in range(240)], gathering="", institution="K")
    table["species"] = table["genus"] + " sp."
    table["split"] = np.resize(SETS, 240)
    table.loc[table["genus"] == "genus00", "family"] = "alone"
    table.loc[(table["genus"] == "genus11") & (table["split"] == "train"), "split"] = "random"
    return features, table


@pytest.mark.parametrize("way", WAYS)
def test_a_sheet_is_named_whatever_the_other_held_out_sheets_are(herbarium, way):
    features, table = herbarium
    rank = "family" if way == "others" else "genus"
    alone = WAYS[way](features, table, rank, 0.1, 89)
    assert list(alone) == teaching.COLUMNS and len(alone) > 80
    kept = (table["split"] == "train") | (np.arange(240) % 7 == 0)
    fewer = WAYS[way](features[kept], table[kept], rank, 0.1, 89)
    fewer = fewer.assign(row=np.flatnonzero(kept)[fewer["row"].to_numpy(int)])
    both = fewer.merge(alone, on="row", suffixes=("", "_alone"))
    assert len(both) == len(fewer) > 10 and (both["predicted"] == both["predicted_alone"]).all()
    assert (table.iloc[alone["row"].to_numpy(int)]["split"] != "train").all()


def test_training_teaches_names_and_a_name_that_it_does_not_know_is_not_asked(herbarium):
    features, table = herbarium
    for way in ("train", "nearest"):
        named = WAYS[way](features, table, "genus", 1.0, 89)
        assert "genus11" not in set(named["given"]) and named["given"].nunique() == 11
        assert (named["given"] == named["predicted"]).mean() > 0.8
        assert (table["genus"].to_numpy()[named["row"].to_numpy(int)] == named["given"]).all()


def test_a_family_is_learnt_from_other_genera(herbarium, monkeypatch):
    features, table = herbarium
    lessons, answered = [], teaching.answered
    monkeypatch.setattr(teaching, "answered", lambda *given: lessons.extend(given[2]) or answered(*given))
    named = teaching.by_others(features, table, "family", 1.0, 89)
    for taught, asked in lessons:
        assert not set(table["genus"][taught]) & set(table["genus"][asked])
        assert set(table["family"][asked]) <= set(table["family"][taught])
        assert (table["split"][taught] == "train").all() and (table["split"][asked] != "train").all()
    asked = table["genus"].iloc[named["row"].to_numpy(int)]
    assert len(asked) == asked.index.nunique()
    # the one alone in its family has no relative to learn from, nor has the one it left
    assert set(asked) == set(table["genus"]) - {"genus00", "genus01"} - {"genus10"}


def test_genera_of_one_family_are_dealt_into_different_folds():
    train = pd.DataFrame({"family": list("aaabbcdddd"), "genus": list("0123456789")})
    for seed in range(20):
        fold = train["genus"].map(teaching.deal_genera(train, "family", seed))
        assert (fold.groupby(train["family"]).nunique() == train.groupby("family").size()).all()
        assert fold.between(0, 4).all()
    assert teaching.deal_genera(train, "family", 1) != teaching.deal_genera(train, "family", 2)


def test_nobody_to_teach_names_nobody(herbarium):
    features, table = herbarium
    untaught = table.assign(split=table["split"].replace("train", "random"))
    for way in WAYS.values():
        assert way(features, untaught, "family", 1.0, 89).empty
    lonely = table.assign(genus="one", family="two")
    assert teaching.by_training(features, lonely, "genus", 1.0, 89).empty


def test_c_is_small_for_noise_and_larger_where_there_is_something_to_lean_on(toy):
    features, taxa = toy
    genera, groups = taxa["genus"].to_numpy(object), np.arange(240)
    noise = np.random.default_rng(0).normal(size=features.shape).astype("float32")
    firm, loose = (choose_c(x, genera, groups) for x in (features, noise))
    assert loose == STRENGTHS[0] < firm
    assert (
        choose_c(features, genera, np.repeat(np.arange(60), 4)) in STRENGTHS
    )  # three groups a genus or more
    assert choose_c(features[:8], genera[:8], groups[:8]) == 1.0  # of one genus only


def test_c_suits_the_spread_of_a_representation(toy):
    """What is nearly all noise wants a small C, and its log loss at 1 is worse."""
    features, taxa = toy
    rng = np.random.default_rng(1)
    blurred = features + 16 * rng.normal(size=features.shape).astype("float32")
    genera = taxa["genus"].to_numpy(object)
    assert choose_c(blurred, genera, np.arange(240)) < choose_c(features, genera, np.arange(240))


def test_what_is_resampled_is_what_the_question_is_about(herbarium):
    _, table = herbarium
    table = table.assign(gathering=[f"g{n // 2}" for n in range(240)])
    new = (table["split"] == "species").to_numpy()
    assert (units(table, "others") == table["genus"]).all()
    assert (units(table, "within") == table["gathering"]).all()
    assert (units(table, "train")[new] == table["species"][new]).all()
    assert (units(table, "train")[~new] == table["gathering"][~new]).all()


def test_the_commonest_name_is_that_of_the_teachers_and_answers_every_question(herbarium):
    features, table = herbarium
    named = identify_all(table, {"triplet": features, "colour": features[:, :8]})
    teachers = table[table["split"] == "train"].assign(genus="genus05")
    always = scores.always_commonest(named, teachers)
    of_one = named[named["network"] == "triplet"]
    assert len(always) == len(of_one) and set(always["network"]) == {scores.COMMONEST}
    assert set(always.loc[always["rank"] == "genus", "predicted"]) == {"genus05"}
    assert scores.always_commonest(named.head(0), teachers).empty
