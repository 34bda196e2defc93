"""The curator's list: the labels as they are, most suspect first."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import review
from herbnb.applications.review import best_network, review_list, truly_misnamed


@pytest.fixture
def collection(monkeypatch):
    rng = np.random.default_rng(4)
    genus = np.repeat(["Syzygium", "Eugenia", "Dendrobium", "Rara"], [40, 40, 40, 3]).astype(object)
    features = rng.normal(size=(123, 512)) + 0.7 * rng.normal(size=(4, 512)).repeat([40, 40, 40, 3], axis=0)
    sheets = pd.DataFrame({"image_id": [f"K{n}" for n in range(123)], "genus": genus})
    sheets = sheets.assign(gathering="", occurrence_id="urn:" + sheets["image_id"])
    sheets["path"] = "images/" + sheets["image_id"] + ".jpg"
    sheets.loc[[3, 50], "genus"] = ["Dendrobium", "Syzygium"]
    read = lambda *_: (sheets.copy(), features.astype("float32"))  # noqa: E731
    monkeypatch.setattr(review, "read_features", read)
    return sheets


def test_misnamed_sheets_come_first_with_the_better_name(collection):
    listed = review_list("nowhere", "triplet")
    columns = ["image_id", "occurrence_id", "given", "suggested", "score", "path", "reason"]
    assert list(listed) == [*columns, *(f"neighbour_{n}" for n in range(1, 6))]
    assert set(listed["image_id"][:2]) == {"K3", "K50"}
    third = listed.set_index("image_id").loc["K3"]
    assert (third["given"], third["suggested"]) == ("Dendrobium", "Syzygium")
    assert third["path"] == "kew/images/K3.jpg" and third["occurrence_id"] == "urn:K3"
    assert listed["score"].is_monotonic_decreasing and (listed["score"] > 0.5).all()
    assert "Rara" not in set(listed["given"]) | set(listed["suggested"])


def test_each_suspect_comes_with_its_neighbours_and_a_reason_in_words(collection):
    collection.loc[[3, 60], "gathering"] = "hill|7|1901"
    suspect = review_list("nowhere", "triplet").set_index("image_id").loc["K3"]
    ids = [suspect[f"neighbour_{n}"] for n in range(1, 6)]
    genera = collection.set_index("image_id")["genus"][ids]
    assert len(set(ids)) == 5 and not {"K3", "K60"} & set(ids)
    votes, own = (genera == "Syzygium").sum(), (genera == "Dendrobium").sum()
    assert f"{votes} of its 5 nearest sheets bear Syzygium, {own} the name given" in suspect["reason"]
    assert f"and the name given {1 - suspect['score']:.2f}" in suspect["reason"]
    assert suspect["reason"].endswith("; a duplicate of it bears Eugenia")


def test_a_list_may_have_fewer_or_more_neighbours(collection):
    assert "neighbour_2" in review_list("nowhere", "triplet", neighbours=2)
    assert "neighbour_3" not in review_list("nowhere", "triplet", neighbours=2)
    assert review_list("nowhere", "triplet", neighbours=500)["neighbour_122"].notna().all()


def test_a_path_that_is_absolute_stays_so(collection):
    collection["path"] = "/sheets/" + collection["image_id"] + ".jpg"
    assert review_list("nowhere", "triplet")["path"][0] in ("/sheets/K3.jpg", "/sheets/K50.jpg")


def test_nothing_to_judge_is_an_empty_list(collection, monkeypatch):
    one = collection[collection["genus"] == "Eugenia"]
    monkeypatch.setattr(review, "read_features", lambda *_: (one, np.zeros((len(one), 512))))
    assert review_list("nowhere", "triplet").empty


def test_the_truth_is_counted_only_where_it_is_known(collection):
    listed = review_list("nowhere", "triplet").head(2)
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
