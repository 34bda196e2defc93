"""Suspicion: a planted wrong name is found with and without a regression, and never by its duplicates."""

import numpy as np
import pytest

from herbnb.applications import suspicion
from herbnb.applications.suspicion import (
    by_answers,
    name_by_others,
    seen_by,
    suspect_by_both,
    suspect_by_distance,
)
from herbnb.devices import device
from herbnb.representations import closest

EACH_ITSELF = np.arange(5)


@pytest.fixture
def planted(labelled):
    """The toy sheets with three wrong names, of the same family: features, names, gatherings, which."""
    features, table = labelled
    wrong = np.isin(np.arange(240), [3, 45, 130])
    genus = table["genus"].to_numpy(object)
    other = {f"genus{g:02d}": f"genus{g ^ 1:02d}" for g in range(12)}
    given = np.where(wrong, [other[name] for name in genus], genus)
    return features, given, table["gathering"].to_numpy(), wrong


def flat(*degrees):
    """Features of one length, at these angles."""
    angle = np.radians(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_the_ratio_by_hand():
    """Of squared chords: with 60 degrees to its like and 90 to another, 1 to 2."""
    features = flat(0, 60, 90)
    found = suspect_by_distance(features, np.array(["a", "a", "b"]), np.arange(3))
    assert found["suspicion"][0] == pytest.approx(1 / 3)
    near = 2 - 2 * np.cos(np.radians(30))
    assert found["suspicion"][1] == pytest.approx(1 / (1 + near))
    assert list(found["flagged"][:2]) == [False, True] and list(found["suggested"][:2]) == ["b", "b"]


def test_how_long_a_vector_is_does_not_matter():
    features = flat(0, 60, 90, 20, 40)
    names = np.array(["a", "a", "b", "b", "a"])
    long = features * np.array([1, 5, 0.1, 30, 2])[:, None]
    one, other = (suspect_by_distance(x, names, EACH_ITSELF)["suspicion"] for x in (features, long))
    assert np.allclose(one, other)


def test_a_planted_wrong_name_is_found_by_each_measure(planted):
    features, given, groups, wrong = planted
    judged, _ = suspect_by_both(features, given, groups)
    for measure in suspicion.MEASURES:
        seen = seen_by(judged, measure)
        assert set(np.argsort(-seen["suspicion"])[:3]) == set(np.flatnonzero(wrong)), measure
        assert seen["suspicion"].between(0, 1).all()
    assert list(judged["suggested"][wrong]) == ["genus00", "genus02", "genus06"]
    assert (judged["judged_by"] == "both").all()
    alone = by_answers(given, name_by_others(features, given, groups))
    assert np.allclose(judged["suspicion"], alone["suspicion"]) and judged["flagged"].equals(alone["flagged"])


def test_duplicates_never_vouch_for_a_sheet(planted):
    """Copies of a wrongly named sheet, under the same wrong name, change nothing."""
    features, given, groups, wrong = planted
    copied = np.repeat(np.flatnonzero(wrong), 3)
    more = [np.concatenate([part, part[copied]]) for part in (features, given, groups)]
    before = suspect_by_distance(features, given, groups)["suspicion"]
    after = suspect_by_distance(*more)["suspicion"]
    assert np.allclose(after[:240][wrong], before[wrong]) and np.allclose(after[240:], before[copied])
    vouched = suspect_by_distance(*more[:2], np.arange(len(more[0])))["suspicion"]
    assert (vouched[240:] < 1e-6).all()


def test_a_genus_of_one_gathering_is_not_judged_and_is_never_nan():
    features = flat(0, 10, 90, 100, 50)
    names, groups = np.array(["a", "a", "b", "b", "c"]), np.array(["1", "2", "3", "3", "4"])
    found = suspect_by_distance(features, names, groups)
    assert list(found["judged"]) == [True, True, False, False, False]
    assert (found["suspicion"][2:] == 0).all() and not found["flagged"][2:].any()
    assert found.drop(columns="recall").notna().all(axis=None)
    judged, _ = suspect_by_both(features, names, groups)
    assert list(judged["judged_by"]) == ["distance", "distance", "", "", ""]
    for measure in suspicion.MEASURES:
        assert (seen_by(judged, measure)["suspicion"][2:] == 0).all()
    assert (seen_by(judged, "both")["suspicion"][:2] == found["suspicion"][:2]).all()


def test_one_name_for_all_cannot_be_judged():
    found = suspect_by_distance(flat(0, 10, 20, 30, 40), np.array(["a"] * 5), EACH_ITSELF)
    assert not found["judged"].any() and (found["suspicion"] == 0).all()


def test_a_collapsed_network_is_undecided():
    features = np.ones((5, 512), "float32") * 0.3
    found = suspect_by_distance(features, np.array(list("aabbb")), EACH_ITSELF)
    assert (found["suspicion"] == 0.5).all() and not found["flagged"].any()


def test_the_ratio_is_that_of_all_pairs_whatever_the_tiles(planted, monkeypatch):
    features, given, groups, _ = planted
    monkeypatch.setitem(closest.TILE, device().type, 64)
    found = suspect_by_distance(features, given, groups)
    units = features.astype(float) / np.linalg.norm(features.astype(float), axis=1, keepdims=True)
    apart = np.square(units[:, None] - units[None]).sum(axis=2)
    apart[groups[:, None] == groups] = np.inf
    alike = given[:, None] == given
    same, unlike = np.where(alike, apart, np.inf).min(axis=1), np.where(alike, np.inf, apart)
    assert np.allclose(found["suspicion"], same / (same + unlike.min(axis=1)), atol=1e-9)
    assert list(found["suggested"]) == list(given[unlike.argmin(axis=1)]) and found["judged"].all()
