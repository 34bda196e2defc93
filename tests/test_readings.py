"""Readings: what is in the features is read, what is not is not."""

import numpy as np
import pandas as pd
import pytest

from herbnb.representations.probes import read_names, read_numbers


@pytest.fixture(scope="module")
def halves():
    rng = np.random.default_rng(89)
    features = rng.normal(size=(400, 32)).astype(np.float32)
    numbers = pd.DataFrame({"length": 3 * features[:, 4] + 1, "luck": rng.normal(size=400), "constant": 2.0})
    return (features[:250], numbers[:250]), (features[250:], numbers[250:])


def test_a_trait_in_the_features_is_read_and_luck_is_not(halves):
    (learn, known), (test, truth) = halves
    card = read_numbers(learn, known, test, truth, seed=89, groups=np.arange(150)).set_index("trait")
    assert list(card.index) == ["length", "luck"]  # what never varies is left out
    assert card.loc["length", "r2"] > 0.95 and card.loc["luck", "r2"] < 0.1
    assert ((card["low"] <= card["r2"]) & (card["r2"] <= card["high"])).all()


def test_nothing_to_read_gives_no_rows(halves):
    (learn, known), (test, truth) = halves
    assert read_numbers(learn, known[["constant"]], test, truth[["constant"]], 89, np.arange(150)).empty


def test_names_in_the_features_are_read_and_shuffled_names_are_not(halves):
    (features, _), _ = halves
    names = pd.Series(np.where(features[:, 7] > 0.8, "Kew", "New York"))
    shuffled = names.sample(frac=1, random_state=89).reset_index(drop=True)
    assert read_names(features, names, seed=89) > 0.8
    assert read_names(features, shuffled, seed=89) == pytest.approx(0.5, abs=0.12)
    assert read_names(features, names, seed=89) == read_names(features, names, seed=89)


def test_a_single_name_or_a_rare_one_cannot_be_read(halves):
    (features, _), _ = halves
    assert np.isnan(read_names(features, pd.Series(["Kew"] * 250), seed=89))
    rare = pd.Series(["Kew"] * 246 + ["Kyoto"] * 4)
    assert np.isnan(read_names(features, rare, seed=89))
