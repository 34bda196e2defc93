"""Silhouettes: scikit-learn's at every rank, from one pass, split by split."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_samples

from herbnb.devices import LARGE
from herbnb.errors import BadInput
from herbnb.representations import sums
from herbnb.representations.silhouettes import mean_silhouettes, score_splits, silhouettes
from herbnb.resampling import mean_interval
from herbnb.specimens import RANKS


@pytest.fixture(params=[LARGE, 0], ids=["few", "many"])
def scored(request):
    """The silhouettes of sheets that count as few, which they are, or as many."""
    return partial(silhouettes, large=request.param)


@pytest.mark.parametrize("megabytes", [64, 0.005])
def test_agrees_with_scikit_learn_at_every_rank(scored, toy, monkeypatch, megabytes):
    features, taxa = toy
    monkeypatch.setattr(sums, "SUMS_MEGABYTES", megabytes)  # 0.005 MB: some thirty sheets at a time
    scores = scored(features, taxa)
    assert list(scores) == list(RANKS)
    for rank in RANKS:
        expected = silhouette_samples(features, taxa[rank])
        np.testing.assert_allclose(scores[rank], expected, atol=2e-6)


def test_ranks_need_not_be_nested(scored):
    rng = np.random.default_rng(5)
    features = rng.normal(size=(90, 8)).astype(np.float32)
    taxa = pd.DataFrame({rank: rng.integers(0, 4, 90).astype(str) for rank in RANKS})
    scores = scored(features, taxa)
    for rank in RANKS:
        np.testing.assert_allclose(scores[rank], silhouette_samples(features, taxa[rank]), atol=2e-6)


def test_the_only_specimen_of_a_taxon_scores_nought(scored, toy):
    features, taxa = toy
    taxa = taxa.copy()
    taxa.loc[7, "genus"] = "Solitaria"
    scores = scored(features, taxa)
    assert scores.loc[7, "genus"] == 0
    np.testing.assert_allclose(scores["genus"], silhouette_samples(features, taxa["genus"]), atol=2e-6)


def taxa_of(numbers):
    return pd.DataFrame({"genus": np.asarray(numbers).astype(str)})


def test_features_far_from_the_origin_lose_nothing(scored, toy):
    features, taxa = toy
    far = (features + 300).astype(np.float32)  # where squares have but one digit left for the distances
    expected = silhouette_samples(far.astype(float), taxa["genus"])
    np.testing.assert_allclose(scored(far, taxa)["genus"], expected, atol=1e-5)


def test_sheets_that_are_close_or_the_same_far_from_the_others_lose_nothing(scored):
    """Two clumps, ten thousand times as far apart as the sheets of a clump: float32 has no digit left."""
    rng = np.random.default_rng(7)
    numbers = np.repeat(np.arange(6), 20)
    middles = rng.normal(size=(6, 16)) * 3e-3 + 10.0 * (np.arange(6) % 2)[:, None]
    features = middles[numbers] + 1e-3 * rng.normal(size=(120, 16))
    features[20:24] = features[20]
    expected = silhouette_samples(features, numbers)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(scored(features, taxa_of(numbers), ["genus"])["genus"], expected, atol=1e-4)


def test_lengths_beyond_float32_are_scored_too(scored, toy):
    features, taxa = toy
    scores = scored(features.astype(float) * 1e25, taxa)
    np.testing.assert_allclose(scores, scored(features, taxa), atol=1e-5)


def test_features_that_are_not_finite_are_refused(scored, toy):
    features, taxa = toy[0].copy(), toy[1]
    features[3, 4] = np.nan
    with pytest.raises(BadInput, match="not a finite number"):
        scored(features, taxa)


def test_taxa_of_one_sheet_each_score_nought(scored, toy):
    assert (scored(toy[0], taxa_of(range(240)), ["genus"]) == 0).all(axis=None)


def test_identical_sheets_score_nought(scored):
    taxa = pd.DataFrame({rank: ["a", "a", "b", "b"] for rank in RANKS})
    assert (scored(np.ones((4, 3), dtype=np.float32), taxa) == 0).all(axis=None)


def test_a_rank_with_one_taxon_is_left_out(scored, toy):
    features, taxa = toy
    scores = scored(features, taxa.assign(order="Poales"))
    assert list(scores) == ["genus", "family"]
    alone = taxa.assign(genus="Poa", family="Poaceae", order="Poales")
    assert scored(features, alone).shape == (240, 0)


def table_of(taxa):
    split = np.where(np.arange(len(taxa)) % 3 == 0, "random", "train")
    return taxa.assign(image_id=[f"{i:05d}" for i in range(len(taxa))], split=split)


def test_each_split_is_scored_by_itself(toy):
    features, taxa = toy
    specimens = table_of(taxa)
    scores = score_splits(specimens, {"colour": features})
    assert set(scores["split"]) == {"train", "random"} and len(scores) == 3 * 240
    part = specimens["split"] == "random"
    expected = silhouette_samples(features[part], taxa.loc[part, "family"])
    found = scores[(scores["split"] == "random") & (scores["rank"] == "family")]
    assert list(found["group"]) == list(taxa.loc[part, "genus"])
    assert list(found["image_id"]) == list(specimens.loc[part, "image_id"])
    np.testing.assert_allclose(found["silhouette"], expected, atol=1e-5)


def test_a_split_that_cannot_be_scored_has_no_rows(toy):
    features, taxa = toy
    specimens = table_of(taxa)
    keep = (specimens["split"] == "train") | (specimens["genus"] == "genus00")
    scores = score_splits(specimens[keep], {"colour": features[keep]})
    assert set(scores["split"]) == {"train"}


def test_summary_has_the_mean_and_an_interval_around_it(toy):
    features, taxa = toy
    specimens = table_of(taxa)
    scores = score_splits(specimens, {"colour": features})
    card = mean_silhouettes(scores, seed=89)
    assert list(card) == ["network", "split", "rank", "mean", "low", "high", "specimens", "taxa"]
    assert len(card) == 6 and card["specimens"].sum() == 720
    assert ((card["low"] < card["mean"]) & (card["mean"] < card["high"])).all()
    pd.testing.assert_frame_equal(card, mean_silhouettes(scores, seed=89))


def test_means_resample_genera_at_every_rank(toy):
    features, taxa = toy
    scores = score_splits(table_of(taxa), {"colour": features})
    for key, part in scores.groupby(["split", "rank"]):
        card = mean_silhouettes(part, seed=7).iloc[0]
        values = part["silhouette"].astype(float)
        low, high = mean_interval(
            values, part["image_id"].map(table_of(taxa).set_index("image_id")["genus"]), 7
        )
        assert (card["mean"], card["low"], card["high"]) == pytest.approx(
            (values.mean(), low, high), abs=1e-9
        ), key


def test_no_scores_have_no_means(toy):
    none = score_splits(table_of(toy[1].assign(genus="Poa", family="P", order="O")), {"colour": toy[0]})
    assert none.empty and "group" in none
    assert mean_silhouettes(none).empty and "low" in mean_silhouettes(none)


def test_rows_of_any_index_are_scored_row_for_row(toy):
    features, taxa = toy
    specimens = table_of(taxa)
    odd = score_splits(specimens.set_axis(specimens.index + 500), {"colour": features})
    pd.testing.assert_frame_equal(odd, score_splits(specimens, {"colour": features}))


def test_shuffled_labels_score_about_nought_or_below(scored, toy):
    features, taxa = toy
    shuffled = taxa.sample(frac=1, random_state=89).reset_index(drop=True)
    assert scored(features, shuffled)["genus"].mean() < 0.01
    assert scored(features, taxa)["genus"].mean() > 0.1
