"""The verdict: places, leads, and a claim that can hold, fail, or stay open."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import discrimination, identification, mislabels, scores
from herbnb.applications.discrimination import discriminate_all
from herbnb.applications.identification import identify_all
from herbnb.applications.verdict import APPLICATIONS, KINDS, chance_of_firsts, check_claim, compare, name_task
from herbnb.representations.silhouettes import mean_silhouettes, score_splits

NETWORKS = ["autoencoder", "triplet", "classifier"]


def artefacts(skill):
    """Return what four chapters write, for networks that are right this often."""
    rng = np.random.default_rng(2)
    n = 300
    ids = [f"{i:03d}" for i in range(n)]
    given = np.resize(["a", "b", "c"], n)
    named, told, found, drawn = [], [], [], []
    luck = rng.random(n)
    for network, share in skill.items():
        right = luck < share
        wrong = np.where(given == "a", "b", "a")
        rows = pd.DataFrame({"network": network, "image_id": ids, "group": ids, "given": given})
        rows["predicted"] = np.where(right, given, wrong)
        named.append(rows.assign(taught="train", split="random", rank="genus"))
        told.append(rows[given != "c"].assign(genus1="a", genus2="b"))
        swapped = np.arange(n) % 10 == 0
        suspicion = np.where(right & swapped, 1.0, 0.5) + 0.01 * luck
        for repeat in (0, 1):
            search = rows.assign(genus1="a", genus2="b", mislabel_frac=0.1, repeat=repeat)
            found.append(search.assign(swapped=swapped, flagged=right, suspicion=suspicion))
        drawn.append(rows.assign(split="random", rank="genus", taxon=given, silhouette=share + luck))
    kinds = {"silhouettes": drawn, "identification": named, "discrimination": told, "mislabels": found}
    return {kind: pd.concat(tables, ignore_index=True) for kind, tables in kinds.items()}


def test_places_follow_scores_and_equal_scores_share_one():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.9, "colour": 0.2})
    verdict, _ = compare(tables, [*NETWORKS, "colour"])
    assert list(verdict) == ["kind", "task", "network", "score", "low", "high", "place"]
    assert len(verdict) == 4 * 4
    assert list(verdict["kind"].unique()) == list(KINDS) == [*tables]
    assert set(verdict["task"]) >= {"identification: genus by train, random", "mislabels: a, b, 0.1"}
    place = verdict[verdict["kind"] == "identification"].set_index("network")["place"]
    assert dict(place) == {"triplet": 1, "classifier": 1, "autoencoder": 3, "colour": 4}
    assert ((verdict["low"] <= verdict["score"]) & (verdict["score"] <= verdict["high"])).all()


def test_only_the_networks_asked_for_are_placed():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "colour": 0.95})
    verdict, leads = compare(tables, ["triplet", "autoencoder"])
    assert set(verdict["network"]) == {"triplet", "autoencoder"}
    assert verdict["place"].max() == 2
    assert set(leads["rival"]) == {"triplet", "autoencoder"}


@pytest.mark.parametrize(
    ("skill", "answer"),
    [
        ({"triplet": 0.95, "autoencoder": 0.5, "classifier": 0.7}, "holds"),
        ({"triplet": 0.7, "autoencoder": 0.5, "classifier": 0.95}, "does not hold"),
        ({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.9}, "cannot be told"),
    ],
)
def test_the_claim_is_computed(skill, answer):
    tables = artefacts(skill | {"colour": 0.99})
    _, leads = compare(tables, [*NETWORKS, "colour"])
    said, duels = check_claim(leads, NETWORKS)
    assert said == answer
    assert len(duels) == 3 * 2 and set(duels["rival"]) == {"autoencoder", "classifier"}
    assert {task.partition(":")[0] for task in duels["task"]} == {*APPLICATIONS}


def test_nothing_scored_cannot_tell():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    tables = {kind: table.head(0) for kind, table in tables.items()}
    verdict, leads = compare(tables, NETWORKS)
    assert verdict.empty and leads.empty
    said, duels = check_claim(leads, NETWORKS)
    assert said == "cannot be told" and duels.empty


def test_kinds_that_are_not_given_are_not_judged():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    one = {"identification": tables["identification"]}
    verdict, leads = compare(one, NETWORKS)
    assert set(verdict["kind"]) == set(leads["kind"]) == {"identification"}
    assert compare({}, NETWORKS)[0].empty


def test_silhouettes_of_training_sheets_are_no_task_and_no_application():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    learnt = tables["silhouettes"].assign(split="train")
    both = pd.concat([tables["silhouettes"], learnt], ignore_index=True)
    verdict, leads = compare({"silhouettes": both}, NETWORKS)
    assert set(verdict["task"]) == {"silhouettes: genus, random"}
    assert check_claim(leads, NETWORKS)[0] == "cannot be told"


def test_the_rate_nearest_to_the_one_asked_for_is_compared():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    found = pd.concat([tables["mislabels"].assign(mislabel_frac=rate) for rate in (0.01, 0.05, 0.2)])
    for asked, rate in ((0.1, "0.05"), (0.0, "0.01"), (1.0, "0.2")):
        verdict, _ = compare({"mislabels": found}, NETWORKS, asked)
        assert set(verdict["task"]) == {f"mislabels: a, b, {rate}"}


def test_the_order_of_the_rows_decides_nothing():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.8})
    shuffled = {kind: table.sample(frac=1, random_state=4) for kind, table in tables.items()}
    by = ["kind", "task", "network"]
    for one, other in zip(compare(tables, NETWORKS), compare(shuffled, NETWORKS), strict=True):
        keys = [*by, "rival"] if "rival" in one else by
        one, other = (table.sort_values(keys, ignore_index=True) for table in (one, other))
        pd.testing.assert_frame_equal(one, other)


@pytest.fixture(scope="module")
def scored(toy):
    """What three chapters write of the toy's sheets, in gatherings of two, and what they print beside it."""
    features, taxa = toy
    rng = np.random.default_rng(0)
    sheets = taxa.assign(image_id=rng.permutation(240).astype(str), path="x", species="s", institution="K")
    sheets["gathering"] = [f"g{n // 2}" if n % 3 else "" for n in range(240)]
    sheets["split"] = np.resize(["random", "species", "institutions", "train", "random"], 240)
    noise = features + 6 * rng.normal(size=features.shape).astype("float32")
    by_name = {"triplet": features, "classifier": noise, "collapsed": np.ones_like(features)}
    silhouettes = pd.concat([score_splits(name, sheets, x) for name, x in by_name.items()])
    named = identify_all(sheets, by_name, seed=7)
    told = discriminate_all(sheets, by_name, "genus00", ["genus01", "genus05"], seed=7)
    found = mislabels.search(sheets, by_name, "genus00", ["genus01"], [0.1, 0.2], 3, seed=7)
    tables = {"silhouettes": silhouettes, "identification": named, "discrimination": told, "mislabels": found}
    printed = {
        "silhouettes": mean_silhouettes(silhouettes, 7).rename(columns={"mean": "value"}),
        "identification": scores.interval_scores(named, identification.TASK, seed=7),
        "discrimination": scores.interval_scores(told, discrimination.TASK, "genus1", seed=7),
        "mislabels": mislabels.rate_scores(found, 7),
    }
    return tables, printed, [*by_name]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.1, 0.2])
def test_one_number_has_one_interval_in_every_chapter(scored, kind, rate):
    tables, printed, networks = scored
    verdict, _ = compare({kind: tables[kind]}, networks, rate, seed=7)
    table = printed[kind]
    wanted = {"mislabels": "average_precision"}.get(kind, "f1")
    table = table[table["score"] == wanted] if "score" in table else table
    table = table.assign(task=[name_task(kind, row) for row in table.to_dict("records")])
    both = verdict.merge(table, on=["task", "network"], suffixes=("", "_there"))
    assert len(both) == len(verdict) > 0
    for here, there in (("score", "value"), ("low", "low_there"), ("high", "high_there")):
        here = both["score" if here == "score" else here]
        np.testing.assert_allclose(here, both[there], atol=1e-9, rtol=0, err_msg=kind)


def test_chance():
    assert chance_of_firsts(2, 3, 2) == pytest.approx(1 / 9)
    assert chance_of_firsts(13, 3, 0) == 1
