"""Probes: nothing leaks, too small taxa are found, and only what is in the features is read."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from herbnb.representations.probes import out_of_fold, probe


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
