"""Folds: who is large enough to be dealt, and who stays together."""

import numpy as np

from herbnb.representations.folds import large_enough


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
