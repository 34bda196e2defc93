"""Probes: nothing leaks, too small taxa are found, and only what is in the features is read."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from herbnb.representations.probes import large_enough, out_of_fold, probe, probe_names, probe_numbers


def test_taxa_need_a_group_for_every_fold():
    labels = np.repeat(["a", "b", "c"], [6, 5, 9])
    groups = np.concatenate([np.arange(11), [20] * 5, [21, 22, 23, 24]])
    assert list(large_enough(labels, np.arange(20))) == [True] * 20
    assert large_enough(labels, groups).all()
    groups[-1] = 23
    assert list(large_enough(labels, groups)) == [True] * 11 + [False] * 9


def test_one_taxon_is_nothing_to_tell_apart():
    labels = np.repeat(["a", "b"], [9, 2])
    assert not large_enough(labels, np.arange(11)).any()
    assert not large_enough(np.array([]), np.array([])).any()


def test_probabilities_are_of_specimens_not_seen(toy):
    features, taxa = toy
    labels = taxa["genus"].to_numpy()
    probabilities, names, fold = out_of_fold(features, labels, np.arange(240))
    assert probabilities.shape == (240, 12)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert list(np.unique(fold)) == [0, 1, 2, 3, 4]
    assert (names[probabilities.argmax(1)] == labels).mean() > 0.9
    shuffled = np.random.default_rng(0).permutation(labels)
    noise, names, _ = out_of_fold(features, shuffled, np.arange(240))
    assert (names[noise.argmax(1)] == shuffled).mean() < 0.2


def test_groups_stay_in_one_fold_and_each_fold_has_each_taxon(toy):
    features, taxa = toy
    labels, groups = taxa["genus"].to_numpy(), np.arange(240) // 2
    _, _, fold = out_of_fold(features, labels, groups)
    table = pd.DataFrame({"group": groups, "fold": fold, "label": labels})
    assert (table.groupby("group")["fold"].nunique() == 1).all()
    assert (table.groupby("label")["fold"].nunique() == 5).all()


def test_the_seed_deals_the_folds(toy):
    features, taxa = toy
    deals = [out_of_fold(features, taxa["order"], np.arange(240), seed=s)[2] for s in (1, 1, 2)]
    assert (deals[0] == deals[1]).all() and (deals[0] != deals[2]).any()


def test_the_probe_is_the_published_one():
    regression = probe(balanced=True)[-1]
    assert regression.C == 1 and regression.max_iter == 5000
    assert regression.class_weight == "balanced" and probe(balanced=False)[-1].class_weight is None


def test_what_saves_time_changes_no_prediction(toy):
    features, taxa = toy
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000, tol=1e-6))
    theirs = plain.fit(features[::2], taxa["genus"][::2]).predict_proba(features[1::2])
    ours = probe(balanced=False).fit(features[::2], taxa["genus"][::2]).predict_proba(features[1::2])
    np.testing.assert_allclose(ours, theirs, atol=0.01)


def test_a_constant_feature_does_no_harm(toy):
    features, taxa = toy
    features = features.copy()
    features[:, 40:] = 0
    probabilities, _, _ = out_of_fold(features, taxa["order"].to_numpy(), np.arange(240))
    assert np.isfinite(probabilities).all()


@pytest.mark.filterwarnings("error")
def test_a_collapsed_network_knows_nothing_and_warns_of_nothing(toy):
    _, taxa = toy
    labels = taxa["order"].to_numpy()
    probabilities, _, _ = out_of_fold(np.ones((240, 512), "float32"), labels, np.arange(240))
    np.testing.assert_allclose(probabilities, 1 / 3, atol=0.01)


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
