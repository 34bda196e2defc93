"""Families: names are swapped among kin alone, and what no measure can judge stays in the search."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import families, mislabels
from herbnb.applications.suspicion import MEASURES
from herbnb.specimens import HELD_OUT


@pytest.fixture
def held_out(labelled):
    """The toy features in three held-out sets and the training set, with a family of one genus."""
    features, table = labelled
    split = np.resize([*HELD_OUT, "train"], 120).repeat(2)
    alone = table["genus"].isin(["genus04"])
    family = table["family"].where(
        ~table["genus"].isin(["genus04", "genus05"]), "family of " + table["genus"]
    )
    assert alone.any()
    return table.assign(split=split, family=family), features


def test_swaps_stay_within_the_family_and_heed_the_rate(held_out):
    sheets = held_out[0]
    genus, family = (sheets[rank].to_numpy(object) for rank in ("genus", "family"))
    of = dict(zip(genus, family, strict=True))
    given = families.swap(genus, family, 0.1, [89, 0])
    swapped = given != genus
    assert swapped.sum() == 20  # of two hundred, for those alone in their family take no part
    assert [of[name] for name in given] == list(family)
    assert not swapped[np.isin(genus, ["genus04", "genus05"])].any()
    assert (given == families.swap(genus, family, 0.1, [89, 0])).all()
    assert (given != families.swap(genus, family, 0.1, [89, 1])).any()
    assert (families.swap(genus, family, 0.0001, [89]) != genus).sum() == 1


def test_without_kin_there_is_nothing_to_swap_and_no_row(held_out):
    sheets, features = held_out
    genus = sheets["genus"].to_numpy(object)
    assert (families.swap(genus, genus, 0.5, [89]) == genus).all()
    found = families.search(sheets.assign(family=genus), {"triplet": features}, [0.1], 2)
    assert found.empty and mislabels.measure_scores(found, by=families.RATE).empty
    nobody = families.search(sheets.assign(split="train"), {"triplet": features}, [0.1], 1)
    assert nobody.empty and list(nobody) == list(found)


def test_the_same_names_are_swapped_for_every_network(held_out):
    sheets, features = held_out
    both = {"triplet": features, "colour": features[:, :64]}
    found = families.search(sheets, both, [0.05, 0.2], 2)
    by = ["split", "mislabel_frac", "repeat", "image_id"]
    alike = found.pivot(index=by, columns="network", values="swapped")
    assert (alike["triplet"] == alike["colour"]).all() and alike.notna().all(axis=None)
    assert set(found["image_id"]) == set(sheets.loc[sheets["split"] != "train", "image_id"])
    again = families.search(sheets, {"colour": both["colour"]}, [0.05, 0.2], 2)
    part = found[found["network"] == "colour"].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, again)


def test_each_measure_is_scored_on_the_same_sheets_with_intervals(held_out):
    sheets, features = held_out
    found = families.search(sheets, {"triplet": features}, [0.1], 2)
    scores = mislabels.measure_scores(found, by=families.RATE)
    assert list(scores) == ["measure", *families.RATE, "score", "value", "low", "high"]
    assert len(scores) == len(MEASURES) * 3 * len(mislabels.CURATOR_SCORES)
    precise = scores[scores["score"] == "average_precision"]
    by_distance = precise[precise["measure"] == "distance"]  # few genera here have five gatherings
    assert (by_distance["value"] > 0.8).all()
    assert ((precise["low"] <= precise["value"]) & (precise["value"] <= precise["high"])).all()
    one = mislabels.measure_scores(found, by=families.RATE, measures=["probability"])
    same = scores[scores["measure"] == "probability"].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, one)


def test_what_a_measure_cannot_judge_stays_in_the_search_unsuspected(held_out):
    sheets, features = held_out
    random = np.flatnonzero((sheets["split"] == "random") & (sheets["genus"] == "genus04"))
    sheets.loc[random[1:], "split"] = "train"
    few = np.flatnonzero((sheets["split"] == "random") & (sheets["genus"] == "genus05"))
    sheets.loc[few[4:], "split"] = "train"
    found = families.search(sheets, {"triplet": features}, [0.1], 1)
    by = found[found["split"] == "random"].set_index("image_id")
    alone = by.loc[sheets["image_id"][random[0]]]
    assert alone["judged_by"] == "" and alone["suspicion"] == alone["ratio"] == 0
    small = by.loc[sheets["image_id"][few[:4]]]
    assert (small["judged_by"] == "distance").all() and (small["suspicion"] == 0).all()
    assert (small["ratio"] > 0).all() and by.notna().all(axis=None)
