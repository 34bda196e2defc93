"""The curator's list: the labels as they are, most suspect first."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.calibration import calibration
from herbnb.applications.neighbours import find_neighbours
from herbnb.applications.review import (
    best_network,
    count_doubted,
    judge,
    name_by_labels,
    review_list,
    truly_misnamed,
    unjudged,
)
from herbnb.applications.scores import name_scores
from herbnb.errors import BadInput


def listed_of(specimens, features, neighbours=5):
    """Judge a collection, and list the sheets that are doubted."""
    near = find_neighbours(features, specimens, neighbours)
    return review_list(specimens, judge(features, specimens), near)


@pytest.fixture
def collection():
    """Sheets of four genera, two of them misnamed, and their features."""
    rng = np.random.default_rng(4)
    genus = np.repeat(["Syzygium", "Eugenia", "Dendrobium", "Rara"], [40, 40, 40, 3]).astype(object)
    features = rng.normal(size=(123, 512)) + 0.7 * rng.normal(size=(4, 512)).repeat([40, 40, 40, 3], axis=0)
    sheets = pd.DataFrame({"image_id": [f"K{n}" for n in range(123)], "genus": genus})
    families = {"Syzygium": "Myrtaceae", "Eugenia": "Myrtaceae", "Dendrobium": "Orchidaceae"}
    sheets = sheets.assign(family=sheets["genus"].map(families).fillna("Raraceae"), order="unknown")
    sheets = sheets.assign(gathering="", occurrence_id="urn:" + sheets["image_id"])
    sheets["path"] = "images/" + sheets["image_id"] + ".jpg"
    sheets.loc[[3, 50], "genus"] = ["Dendrobium", "Syzygium"]
    sheets["catalog_number"] = "HERB " + sheets["image_id"]
    sheets = sheets.assign(scientific_name=sheets["genus"] + " sp.", date_identified="1999")
    sheets["identified_by"] = ["A. Nettle", "Sundew, M.E.", "A. Nettle; M. E. Sundew"] * 41
    sheets["type_status"] = "Not a type"
    sheets.loc[[3, 5], "type_status"] = "Isotype"
    return sheets, features.astype("float32")


def test_misnamed_sheets_come_first_with_the_better_name(collection):
    listed = listed_of(*collection)
    columns = ["image_id", "occurrence_id", "given", "catalog_number", "scientific_name", "identified_by"]
    columns += ["date_identified", "type_status", "standing", "suggested", "score", "judged_by"]
    columns += ["named_at", "named", "sure", "path", "reason"]
    assert list(listed) == [*columns, *(f"neighbour_{n}" for n in range(1, 6))]
    assert set(listed["image_id"][:2]) == {"K3", "K50"}
    third = listed.set_index("image_id").loc["K3"]
    assert (third["given"], third["suggested"]) == ("Dendrobium", "Syzygium")
    assert (third["catalog_number"], third["scientific_name"]) == ("HERB K3", "Dendrobium sp.")
    assert (third["identified_by"], third["date_identified"]) == ("A. Nettle", "1999")
    assert third["path"] == "images/K3.jpg" and third["occurrence_id"] == "urn:K3"
    assert listed["score"].is_monotonic_decreasing and (listed["score"] > 0.5).all()
    assert "Rara" not in set(listed["given"]) | set(listed["suggested"])


def test_each_suspect_comes_with_its_neighbours_and_a_reason_in_words(collection):
    sheets, features = collection
    sheets.loc[[3, 60], "gathering"] = "hill|7|1901"
    suspect = listed_of(sheets, features).set_index("image_id").loc["K3"]
    ids = [suspect[f"neighbour_{n}"] for n in range(1, 6)]
    genera = sheets.set_index("image_id")["genus"][ids]
    assert len(set(ids)) == 5 and not {"K3", "K60"} & set(ids)
    votes, own = (genera == "Syzygium").sum(), (genera == "Dendrobium").sum()
    assert f"{votes} of its 5 nearest sheets bear Syzygium, {own} the name given" in suspect["reason"]
    judged = judge(features, sheets).set_index("image_id").loc["K3"]
    assert suspect["score"] == pytest.approx((1 - judged["probability"] + judged["ratio"]) / 2)
    assert f"and the name given {judged['probability']:.2f}; judged by both" in suspect["reason"]
    assert f"the ratio of distances is {judged['ratio']:.2f}" in suspect["reason"]
    assert suspect["reason"].endswith("; a duplicate of it bears Eugenia")


def test_the_list_says_which_names_are_of_types_or_were_given_by_specialists(collection):
    sheets, features = collection
    near, judged = find_neighbours(features, sheets, 5), judge(features, sheets)
    listed = review_list(sheets, judged, near, ["M. E. Sundew"]).set_index("image_id")
    assert listed.loc["K3", "standing"] == "type" and listed.loc["K3", "type_status"] == "Isotype"
    assert listed.loc["K50", "standing"] == "specialist"
    without = listed_of(sheets, features).set_index("image_id")
    assert without.loc["K3", "standing"] == "type" and without.loc["K50", "standing"] == ""
    pd.testing.assert_frame_equal(without.drop(columns="standing"), listed.drop(columns="standing"))
    with pytest.raises(BadInput, match="names nobody"):
        review_list(sheets, judged, near, ["1999"])


def test_doubted_names_are_counted_by_their_standing(collection):
    sheets, _ = collection
    listed = pd.DataFrame({"image_id": ["K3", "K5", "K50", "K0"]})
    counted = count_doubted(sheets, listed, ["Sundew, M. E."]).set_index("names")
    assert counted.loc["types"].tolist() == [2, 2]
    assert counted.loc["named by a specialist"].tolist() == [82, 2]
    assert counted.loc["all others"].tolist() == [40, 1]
    assert list(count_doubted(sheets, listed)["names"]) == ["types", "all others"]
    plain = sheets.assign(type_status="", identified_by="")
    assert count_doubted(plain, listed).empty and list(count_doubted(plain, listed)) == [
        "names",
        "sheets",
        "doubted",
    ]


def test_a_list_may_have_fewer_or_more_neighbours(collection):
    listed = listed_of(*collection, 2)
    assert "neighbour_2" in listed and "neighbour_3" not in listed
    assert listed_of(*collection, 500)["neighbour_122"].notna().all()


def test_nothing_to_judge_is_an_empty_list(collection):
    one = collection[0][collection[0]["genus"] == "Eugenia"]
    assert listed_of(one, np.zeros((len(one), 512), "float32")).empty


def test_the_order_of_the_rows_changes_no_sheet_and_no_reason(collection):
    sheets, features = collection
    turned = listed_of(sheets[::-1].reset_index(drop=True), features[::-1])
    assert set(turned["image_id"][:2]) == {"K3", "K50"}
    odd = listed_of(sheets.set_axis(sheets.index + 1000), features)
    pd.testing.assert_frame_equal(odd, listed_of(*collection))


def test_own_labels_name_every_sheet_by_others_of_other_gatherings(labelled):
    features, table = labelled
    named = judge(features, table)
    assert list(named["image_id"]) == list(table["image_id"])
    assert (named["given"] == named["predicted"]).mean() > 0.9
    assert (named["suggested"] != named["given"]).all()
    assert np.allclose(named["confidence"], named[["probability", "support"]].max(axis=1))
    assert (named["predicted"] == named["given"]).equals(named["probability"] >= named["support"])


def test_a_small_genus_is_judged_by_distance_and_says_so(collection):
    sheets, features = collection
    sheets.loc[10, "genus"] = "Rara"
    judged = judge(features, sheets).set_index("image_id")
    small = judged[judged["given"] == "Rara"]
    assert set(small.index) == {"K120", "K121", "K122", "K10"} and (small["judged_by"] == "distance").all()
    assert small[["probability", "support", "confidence"]].isna().all(axis=None)
    assert (small["suspicion"] == small["ratio"]).all() and judged["suspicion"].between(0, 1).all()
    assert (judged[judged["given"] != "Rara"]["judged_by"] == "both").all()
    assert small.loc["K10", "predicted"] == "Syzygium" and small.loc["K122", "predicted"] == "Rara"
    listed = listed_of(sheets, features).set_index("image_id")
    assert {"K3", "K50", "K10"} <= set(listed.index) and "K122" not in listed.index
    assert listed.loc["K10", "judged_by"] == "distance" and listed.loc["K10", "suggested"] == "Syzygium"
    assert "judged by distance alone" in listed.loc["K10", "reason"]
    assert "regression gives" not in listed.loc["K10", "reason"]


def test_what_has_no_probability_is_no_part_of_the_calibration(collection):
    sheets, features = collection
    judged = judge(features, sheets)
    by_regression = judged[judged["judged_by"] == "both"]
    assert len(judged) == len(by_regression) + 3
    pd.testing.assert_frame_equal(calibration(judged), calibration(by_regression))
    named = judged.assign(network="triplet", rank="genus")
    of_all = name_scores(named, sheets).set_index(["network", "score"])["value"]["triplet"]
    right = judged["predicted"] == judged["given"]
    assert of_all["accuracy"] == pytest.approx(right.mean()) and right.tail(3).all()


def test_a_sheet_without_its_like_elsewhere_is_left_out_and_can_be_counted(labelled):
    features, table = labelled
    table.loc[[0, 1, 7], "genus"] = ["Sola", "Sola", "Unica"]  # one gathering in two sheets, and a single one
    judged = judge(features, table)
    left = unjudged(table, judged)
    assert list(left["image_id"]) == ["K0", "K1", "K7"] and len(judged) == 237
    assert judged["suspicion"].notna().all()


def test_small_genera_alone_are_a_collection_that_distance_can_judge(labelled):
    features, table = labelled
    few = table.groupby("genus").head(4)  # two gatherings a genus
    judged = judge(features[few.index], few)
    assert len(judged) == len(few) and (judged["judged_by"] == "distance").all()
    assert (judged["predicted"] == judged["given"]).mean() > 0.8
    assert calibration(judged).empty
    assert name_by_labels(features[few.index], few).empty


def test_a_baseline_names_the_sheets_that_a_judge_asks_its_regression_about(collection):
    sheets, features = collection
    judged = judge(features, sheets)
    asked = judged[judged["judged_by"] == "both"]
    named = name_by_labels(features, sheets)
    columns = ["image_id", "group", "given", "predicted"]
    pd.testing.assert_frame_equal(named, asked[columns].reset_index(drop=True), check_dtype=False)
    assert 100 < len(named) < len(judged) + 1 and set(named["given"]) == {"Syzygium", "Eugenia", "Dendrobium"}


def test_genera_of_one_gathering_are_left_out_and_a_collection_of_them_gives_no_row(labelled):
    features, table = labelled
    small = table["genus"].where(np.arange(240) % 20 != 0, [f"rara{n}" for n in range(240)])
    assert len(judge(features, table.assign(genus=small))) == 228
    for genus in ("Poa", table["image_id"]):
        none = judge(features, table.assign(genus=genus))
        assert none.empty and "support" in none
        assert name_scores(none.assign(network="triplet", rank="genus"), table).empty


def test_the_truth_is_counted_only_where_it_is_known(collection):
    listed = listed_of(*collection).head(2)
    truth = pd.DataFrame({"image_id": ["K3"], "genus": ["syzygium"]})
    assert truly_misnamed(listed, truth).sum() == 1
    right = truth.assign(genus="DENDROBIUM")
    assert truly_misnamed(listed, right).sum() == 0


def test_the_best_network_is_the_one_that_found_swapped_labels_best():
    columns = ["network", "score", "value"]
    rows = [("triplet", "average_precision", 0.4), ("classifier", "average_precision", 0.6)]
    rows += [("colour", "average_precision", 0.9), ("triplet", "tpr", 1.0)]
    table = pd.DataFrame(rows, columns=columns)
    assert best_network(table, ["triplet", "classifier"]) == "classifier"
    assert best_network(table.head(0), ["triplet", "classifier"]) == "triplet"


def test_a_sheet_is_named_as_far_as_the_regression_is_sure(collection):
    sheets, features = collection
    judged = judge(features, sheets).set_index("image_id")
    asked = judged[judged["judged_by"] == "both"]
    at_genus = asked[asked["named_at"] == "genus"]
    assert len(at_genus) and (at_genus["named"] == at_genus["predicted"]).all()
    assert np.allclose(at_genus["sure"], at_genus["confidence"]) and (at_genus["sure"] >= 0.8).all()
    assert judged.loc[["K120", "K121"], ["named_at", "named", "sure"]].isna().all(axis=None)  # not asked
    strict = judge(features, sheets, wrong_step=1000).set_index("image_id").loc[asked.index]
    assert (strict["named_at"] == "genus").sum() < len(at_genus)
    assert set(strict["named_at"]) <= {"genus", "family", "order", "nothing"}
    same = (strict["predicted"] == strict["given"]) == (strict["height"] == 0)
    assert same.all()
    with pytest.raises(BadInput, match="wrong_step is 0"):
        judge(features, sheets, wrong_step=0)
    listed = listed_of(sheets, features).set_index("image_id")
    assert (listed["named"] == judged.loc[listed.index, "named"]).all()
