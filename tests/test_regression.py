"""Regression: of many sheets the same model as of few, found by another way."""

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from herbnb.representations import probes
from herbnb.representations.probes import STRENGTHS, choose_c, log_loss, out_of_fold, probe
from herbnb.representations.regression import Regression, axes_of


@pytest.fixture
def sheets(toy):
    """Features that overlap, names of which every fifth is wrong or rare, and the gatherings."""
    features, taxa = toy
    rng = np.random.default_rng(3)
    names = taxa["genus"].to_numpy(object)
    names[::17] = rng.permutation(names[::17])
    names[4:16] = names[0]
    return features + 2 * rng.normal(size=features.shape).astype("float32"), names, np.arange(240) // 2


@pytest.fixture
def many(monkeypatch):
    """Let so few sheets count as many."""
    monkeypatch.setattr(probes, "LARGE", 1)


def exact(features, names, balanced, c):
    """What scikit-learn finds when it is not let go before the end."""
    model = probe(balanced, c)
    model[-1].set_params(solver="lbfgs", tol=1e-8, max_iter=20_000)
    return model.fit(features.astype(float), names)


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("c", STRENGTHS[STRENGTHS <= 1])
def test_it_finds_what_scikit_learn_finds(sheets, c, balanced):
    features, names, _ = sheets
    ours = Regression(c, balanced).fit(features[::2], names[::2])
    theirs = exact(features[::2], names[::2], balanced, c)
    assert list(ours.classes_) == list(theirs.classes_)
    probabilities = theirs.predict_proba(features[1::2].astype(float))
    np.testing.assert_allclose(ours.predict_proba(features[1::2]), probabilities, atol=1e-3)
    assert (ours.predict(features[1::2]) == theirs.predict(features[1::2].astype(float))).all()


@pytest.mark.parametrize("balanced", [True, False])
def test_of_two_names_as_of_many(sheets, balanced):
    features, names, _ = sheets
    two = np.isin(names, ["genus00", "genus01"])
    x, given = features[two], names[two]
    assert len(set(given)) == 2
    for c in (0.01, 1.0):
        found = [
            model.predict_proba(x)
            for model in (Regression(c, balanced).fit(x, given), exact(x, given, balanced, c))
        ]
        np.testing.assert_allclose(*found, atol=1e-3)


def test_where_a_search_begins_and_along_which_axes_changes_nothing(sheets):
    features, names, _ = sheets
    begun = Regression(10.0).fit(features[120:], names[120:])
    ways = [{}, {"start": begun}, {"axes": axes_of(features)}]
    found = [Regression(0.1, **way).fit(features, names).predict_proba(features) for way in ways]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-3)
    model = Regression()
    assert list(model.path(features, names, [0.001, 10.0, 0.1])) == [0.001, 10.0, 0.1]
    np.testing.assert_allclose(model.predict_proba(features), found[0], atol=1e-3)


def test_other_names_than_those_of_the_start_are_learnt_from_nothing(sheets):
    features, names, _ = sheets
    begun = Regression(0.1).fit(features, names)
    fewer = names != "genus05"
    ours = Regression(0.1, start=begun).fit(features[fewer], names[fewer])
    alone = Regression(0.1).fit(features[fewer], names[fewer])
    assert "genus05" not in ours.classes_
    np.testing.assert_array_equal(ours.predict_proba(features), alone.predict_proba(features))


def test_axes_are_those_of_standardised_features(sheets):
    features = sheets[0] * np.linspace(1, 9, sheets[0].shape[1], dtype="float32")
    axes = axes_of(features)
    correlations = np.corrcoef(features.T.astype(float))
    turn = axes.turn.double().numpy()
    np.testing.assert_allclose(turn.T @ turn, np.eye(len(turn)), atol=1e-5)
    np.testing.assert_allclose(turn.T @ correlations @ turn, np.diag(axes.variances), atol=1e-4)


def test_features_that_are_the_same_do_no_harm(sheets, many):
    features, names, groups = sheets
    features[:, 40:] = 7
    theirs = exact(features, names, True, 1.0).predict_proba(features.astype(float))
    np.testing.assert_allclose(Regression().fit(features, names).predict_proba(features), theirs, atol=1e-3)
    same = out_of_fold(np.ones_like(features), names, groups, balanced=True)[0]
    np.testing.assert_allclose(same, 1 / 12, atol=0.01)


@pytest.mark.parametrize("balanced", [True, False])
def test_out_of_fold_many_are_named_as_few_are(sheets, monkeypatch, balanced):
    features, names, groups = sheets
    names = np.where(names == "genus01", "genus02", names)
    few = out_of_fold(features, names, groups, balanced=balanced, c=0.1)
    monkeypatch.setattr(probes, "LARGE", 1)
    many = out_of_fold(features, names, groups, balanced=balanced, c=0.1)
    assert (few[1] == many[1]).all() and (few[2] == many[2]).all()
    np.testing.assert_allclose(many[0], few[0], atol=2e-3)
    top = np.sort(few[0])[:, -2:]
    clear = top[:, 1] - top[:, 0] > 4e-3
    assert clear.mean() > 0.9 and (many[0].argmax(1) == few[0].argmax(1))[clear].all()


def test_a_search_that_begins_at_another_fold_has_learnt_nothing_from_it(sheets, many):
    """Names drawn by lot, by features in which every sheet can be told: who had seen it would know it."""
    features, names, _ = sheets
    lot = np.random.default_rng(0).permutation(names)
    probabilities, taxa, fold = out_of_fold(features, lot, np.arange(240), balanced=False, c=1.0)
    assert (taxa[probabilities.argmax(axis=1)] == lot).mean() < 0.25
    for k in range(5):
        alone = Regression(1.0, False).fit(features[fold != k], lot[fold != k])
        np.testing.assert_allclose(
            probabilities[fold == k], alone.predict_proba(features[fold == k]), atol=2e-3
        )


def test_c_is_chosen_by_a_third_and_no_larger_one_is_tried_after_the_loss_has_risen(
    sheets, many, monkeypatch
):
    features, names, groups = sheets
    losses, of_third = iter([3.0, 2.0, 2.0, 2.5]), []
    monkeypatch.setattr(probes, "log_loss", lambda given, *_: of_third.append(len(given)) or next(losses))
    assert choose_c(features, names, groups) == STRENGTHS[2]
    assert next(losses, None) is None and 70 <= of_third[0] <= 90


def test_the_loss_by_which_c_is_chosen_is_right_to_a_thousandth_beyond_the_least_c(sheets, many, monkeypatch):
    features, names, groups = sheets
    found = []

    def kept(*of):
        found.append(log_loss(*of))
        return found[-1]

    monkeypatch.setattr(probes, "log_loss", kept)
    chosen = choose_c(features, names, groups, balanced=False)
    rows = np.flatnonzero(probes.large_enough(names, groups, 3))
    x, given = features[rows], names[rows]
    unseen = probes.deal(given, groups[rows], 3, 89) == 0
    losses = []
    for c in STRENGTHS[: len(found)]:
        model = exact(x[~unseen], given[~unseen], False, c)
        losses.append(log_loss(given[unseen], model.predict_proba(x[unseen].astype(float)), model))
    np.testing.assert_allclose(found[1:], losses[1:], atol=1e-3)
    assert abs(found[0] - losses[0]) < 0.05
    assert chosen == STRENGTHS[np.argmin(losses)] and 3 <= len(found) < len(STRENGTHS)


def test_few_sheets_are_scikit_learns(sheets):
    features, names, _ = sheets
    assert isinstance(probes.fitted(features, names)[-1], type(probe()[-1]))


def test_many_sheets_are_learnt_on_the_device(sheets, many):
    features, names, _ = sheets
    model = probes.fitted(features, names, c=0.1)
    assert isinstance(model, Regression) and model.weights_.dtype == torch.float64
    assert set(model.predict(features)) <= set(names)
    exact = model.predict_proba(features)
    np.testing.assert_allclose(model.predict_proba(features.astype(float)), exact, atol=1e-5)


def test_products_of_few_sheets_have_one_thread_and_those_of_many_as_many_as_before():
    def threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    with threadpool_limits(2):
        before = threads()
        with probes.limited(probes.LARGE):
            assert threads() == before
        with probes.limited(probes.LARGE - 1):
            assert threads() == {1}
