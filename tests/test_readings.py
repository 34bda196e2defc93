"""Readings: what is in the features is read, and what is not is not."""

import numpy as np
import pandas as pd
import pytest

from herbnb.representations.readings import probe_names, probe_numbers


@pytest.fixture(scope="module")
def halves():
    rng = np.random.default_rng(89)
    features = rng.normal(size=(400, 32)).astype(np.float32)
    numbers = pd.DataFrame({"length": 3 * features[:, 4] + 1, "luck": rng.normal(size=400), "constant": 2.0})
    return (features[:250], numbers[:250]), (features[250:], numbers[250:])


def test_a_trait_in_the_features_is_read_and_luck_is_not(halves):
    (learn, known), (test, truth) = halves
    card = probe_numbers(learn, known, test, truth, seed=89, groups=np.arange(150)).set_index("trait")
    assert list(card.index) == ["length", "luck"]  # what never varies is left out
    assert card.loc["length", "r2"] > 0.95 and card.loc["luck", "r2"] < 0.1
    assert ((card["low"] <= card["r2"]) & (card["r2"] <= card["high"])).all()


def test_nothing_to_read_gives_no_rows(halves):
    (learn, known), (test, truth) = halves
    assert probe_numbers(learn, known[["constant"]], test, truth[["constant"]], 89, np.arange(150)).empty


def test_names_in_the_features_are_read_and_shuffled_names_are_not(halves):
    (features, _), _ = halves
    names, alone = np.where(features[:, 7] > 0.8, "Kew", "New York"), np.arange(250)
    shuffled = np.random.default_rng(89).permutation(names)
    assert probe_names(features, names, alone, seed=89) > 0.8
    assert probe_names(features, shuffled, alone, seed=89) == pytest.approx(0.5, abs=0.12)
    assert probe_names(features, names, alone, seed=89) == probe_names(features, names, alone, seed=89)


def test_a_name_is_not_read_from_another_of_its_group(halves):
    (features, _), _ = halves
    rng = np.random.default_rng(89)
    names, group = rng.permutation(np.repeat(["Kew", "New York"], 25)), np.repeat(np.arange(50), 5)
    copies = 9 * rng.normal(size=(50, features.shape[1]))[group] + features
    assert probe_names(copies, names[group], np.arange(250), seed=89) > 0.75
    assert probe_names(copies, names[group], group, seed=89) == pytest.approx(0.5, abs=0.2)


def test_a_single_name_or_a_rare_one_cannot_be_read(halves):
    (features, _), _ = halves
    alone = np.arange(250)
    assert np.isnan(probe_names(features, np.repeat("Kew", 250), alone, seed=89))
    rare = np.repeat(["Kew", "Kyoto"], [246, 4])
    assert np.isnan(probe_names(features, rare, alone, seed=89))
