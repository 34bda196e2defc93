"""The verdict: places, leads, and a claim that can hold, fail, be shared, or stay open."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import discrimination, identification, mislabels, scores
from herbnb.applications.discrimination import discriminate_all
from herbnb.applications.identification import identify_all
from herbnb.applications.tasks import KINDS, TABLES, name_task, score_tasks
from herbnb.applications.verdict import APPLICATIONS, answer, duel, lead, luck, place, trainings, transferred
from herbnb.errors import BadInput
from herbnb.representations.silhouettes import mean_silhouettes, score_splits

NETWORKS = ["autoencoder", "triplet", "classifier"]
MARGIN = 0.02


def artefacts(skill, seed=2):
    """Return what four chapters write, for networks that are right this often."""
    rng = np.random.default_rng(seed)
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
        named.append(rows.assign(taught="others", split="random", rank="family"))
        named.append(rows.assign(taught="others", split="random", rank="order"))
        named.append(rows.assign(taught="within", split="random", rank="genus", predicted="c"))
        told.append(rows[given != "c"].assign(genus1="a", genus2="b"))
        swapped = np.arange(n) % 10 == 0
        suspicion = np.where(right & swapped, 1.0, 0.5) + 0.01 * luck
        for repeat in (0, 1):
            search = rows.assign(genus1="a", genus2="b", mislabel_frac=0.1, repeat=repeat)
            found.append(search.assign(swapped=swapped, flagged=right, suspicion=suspicion))
        drawn.append(rows.assign(split="random", rank="genus", taxon=given, silhouette=share + luck))
    kinds = {"silhouettes": drawn, "identification": named, "discrimination": told, "mislabels": found}
    return {kind: pd.concat(tables, ignore_index=True) for kind, tables in kinds.items()}


def judged(tables, networks=NETWORKS, rate=0.1, seed=89):
    """Return the places and the leads."""
    scored = score_tasks([tables], networks, rate, seed)
    return place(scored), lead(scored)


def told(tables, claimed="triplet", networks=NETWORKS, enough=5, margin=MARGIN):
    """Return the answer and the duels."""
    duels = duel(score_tasks([tables], networks), claimed, networks, margin)
    return answer(duels, enough), duels


def test_places_follow_scores_and_equal_scores_share_one():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.9, "colour": 0.2})
    verdict, _ = judged(tables, [*NETWORKS, "colour"])
    assert list(verdict) == ["kind", "task", "network", "score", "low", "high", "place"]
    assert len(verdict) == 5 * 4 and {*TABLES} == {*tables}
    assert list(verdict["kind"].unique()) == list(KINDS)
    wanted = {"identification: genus, random", "relatives: family, random", "mislabels: a, b, 0.1"}
    assert set(verdict["task"]) >= wanted and not verdict["task"].str.contains("order").any()
    places = verdict[verdict["kind"] == "identification"].set_index("network")["place"]
    assert dict(places) == {"triplet": 1, "classifier": 1, "autoencoder": 3, "colour": 4}
    assert ((verdict["low"] <= verdict["score"]) & (verdict["score"] <= verdict["high"])).all()


def test_only_the_networks_asked_for_are_placed():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "colour": 0.95})
    verdict, leads = judged(tables, ["triplet", "autoencoder"])
    assert set(verdict["network"]) == {"triplet", "autoencoder"}
    assert verdict["place"].max() == 2
    assert set(leads["rival"]) == {"triplet", "autoencoder"}


def test_every_training_is_listed_and_their_mean_is_the_score():
    runs = [artefacts({"triplet": share, "autoencoder": 0.5}, seed=3) for share in (0.9, 0.7, 0.8)]
    scored = score_tasks(runs, NETWORKS)
    table = trainings(scored)
    assert len(table) == 5 * 2 * 3 and set(table["training"]) == {1, 2, 3}
    means = table.groupby(["task", "network"])["score"].mean()
    pd.testing.assert_series_equal(means, place(scored).set_index(["task", "network"])["score"].sort_index())
    one = table[table["kind"].eq("identification") & table["network"].eq("triplet")]
    assert one["score"].argsort().tolist() == [1, 2, 0]
    strays = luck(scored).set_index("network")
    of_kinds = table[table["kind"].isin(APPLICATIONS)].groupby(["network", "training"])["score"].mean()
    for network, (of_trainings, _) in transferred(scored).items():
        assert of_trainings.tolist() == pytest.approx(of_kinds[network].tolist())
        assert strays.loc[network, "mean"] == pytest.approx(of_trainings.mean())
    assert strays.loc["triplet", "std"] > 0.05 and strays.loc["autoencoder", "std"] == 0
    once = luck(score_tasks(runs[:1], NETWORKS))
    assert once["std"].isna().all() and trainings([]).empty and luck([]).empty


def test_every_kind_counts_the_same_whatever_it_has_tasks():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    more = tables["discrimination"].assign(genus2="d")
    tables["discrimination"] = pd.concat([tables["discrimination"], more, more.assign(genus2="e")])
    scored = score_tasks([tables], NETWORKS)
    verdict = place(scored)
    verdict = verdict[verdict["kind"].isin(APPLICATIONS)]
    means = verdict.groupby(["network", "kind"])["score"].mean().groupby("network").mean()
    for network, ((value,), draws) in transferred(scored).items():
        assert value == pytest.approx(means[network]) and draws.shape == (1000,)
        assert np.quantile(draws, 0.01) < value < np.quantile(draws, 0.99)


@pytest.mark.parametrize(
    ("skill", "expected"),
    [
        ({"triplet": 0.95, "autoencoder": 0.4, "classifier": 0.5}, "holds"),
        ({"triplet": 0.5, "autoencoder": 0.4, "classifier": 0.9}, "does not hold"),
        ({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.9}, "shares the first place"),
        ({"triplet": 0.84, "autoencoder": 0.5, "classifier": 0.8}, "cannot be told"),
    ],
)
def test_the_answer_to_the_claim(skill, expected):
    tables = artefacts(skill)
    if expected == "cannot be told":  # other sheets are hard for it than for the other
        luck = artefacts({"classifier": 0.82}, seed=7)
        for kind, table in tables.items():
            own = table["network"] != "classifier"
            tables[kind] = pd.concat([table[own], luck[kind]], ignore_index=True)
    said, duels = told(tables)
    assert said == expected
    assert set(duels["rival"]) == {"autoencoder", "classifier"}
    assert ((duels["low"] <= duels["lead"]) & (duels["lead"] <= duels["high"])).all()
    for few in (1, 2):  # another training might be another network
        assert answer(duels, trainings=few) == "cannot be told"
    assert answer(duels, trainings=3) == expected


def test_a_wider_margin_calls_more_equivalent_and_a_narrow_one_less():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.89})
    outcome = {m: told(tables, margin=m)[1].set_index("rival")["outcome"] for m in (0.0, 0.1, 1.0)}
    assert outcome[0.1]["classifier"] == "equivalent" and outcome[0.1]["autoencoder"] == "better"
    assert outcome[0.0]["classifier"] != "equivalent" and set(outcome[1.0]) == {"equivalent"}


def test_more_rivals_make_wider_whiskers():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.7})
    scored = score_tasks([tables], NETWORKS)
    both = duel(scored, "triplet", NETWORKS, MARGIN).set_index("rival")
    alone = duel(scored, "triplet", ["autoencoder"], MARGIN).set_index("rival")
    assert both.loc["autoencoder", "low"] < alone.loc["autoencoder", "low"]
    assert both.loc["autoencoder", "lead"] == alone.loc["autoencoder", "lead"]


def test_networks_whose_answers_are_swapped_at_random_are_seldom_told_apart():
    """Of a hundred swaps of two networks' answers, sheet by sheet, five at most are called better."""
    tables = artefacts({"triplet": 0.75})
    luck = artefacts({"triplet": 0.6}, seed=3)
    rng, better = np.random.default_rng(0), 0
    kinds = ("identification", "discrimination")
    for _ in range(100):
        swapped = {}
        for kind in kinds:
            one, other = tables[kind], luck[kind]
            ids = one["image_id"].unique()
            chosen = one["image_id"].isin(rng.choice(ids, len(ids) // 2, replace=False)).to_numpy()
            mixed = one.assign(predicted=np.where(chosen, one["predicted"], other["predicted"]))
            rest = one.assign(predicted=np.where(chosen, other["predicted"], one["predicted"]))
            swapped[kind] = pd.concat([mixed, rest.assign(network="classifier")], ignore_index=True)
        duels = duel(score_tasks([swapped], NETWORKS), "triplet", NETWORKS, margin=0.0)
        better += duels["outcome"].eq("better").sum()
    assert better <= 5


def test_trainings_that_differ_widen_the_interval_and_their_mean_is_the_score():
    good, poor = (
        artefacts({"triplet": 0.9, "autoencoder": 0.6}),
        artefacts({"triplet": 0.5, "autoencoder": 0.6}),
    )
    alone, other, both = (score_tasks(runs, NETWORKS) for runs in ([good], [poor], [good, poor]))
    for one, two, mean in zip(alone, other, both, strict=True):
        assert mean.values["triplet"] == pytest.approx((one.values["triplet"] + two.values["triplet"]) / 2)
    width = {}
    for name, scored in (("alone", alone), ("both", both)):
        row = duel(scored, "triplet", NETWORKS, MARGIN).iloc[0]
        width[name] = row["high"] - row["low"]
        assert row["outcome"] == {"alone": "better", "both": "cannot be told"}[name]
    assert width["both"] > 2 * width["alone"]


def test_three_sets_of_trainings_never_contradict_one_another():
    """Networks that are equal but for the luck of training get one answer, or none, from every set."""
    rng = np.random.default_rng(0)
    kinds = ("identification", "discrimination")
    for _ in range(4):
        said = []
        for _ in range(3):
            skills = [{n: rng.normal(0.7, 0.05) for n in ("triplet", "classifier")} for _ in range(3)]
            runs = [{kind: artefacts(skill)[kind] for kind in kinds} for skill in skills]
            said.append(answer(duel(score_tasks(runs, NETWORKS), "triplet", NETWORKS, MARGIN), len(runs)))
        assert len(set(said) - {"cannot be told"}) <= 1, said


def test_runs_that_did_not_ask_the_same_are_refused():
    one = artefacts({"triplet": 0.9, "autoencoder": 0.6})
    with pytest.raises(BadInput, match="Only 1 of 2 runs asked autoencoder about"):
        score_tasks([one, artefacts({"triplet": 0.9})], NETWORKS)


def test_nothing_scored_cannot_tell():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    tables = {kind: table.head(0) for kind, table in tables.items()}
    verdict, leads = judged(tables)
    assert verdict.empty and leads.empty
    said, duels = told(tables)
    assert said == "cannot be told" and duels.empty


def test_tables_that_are_not_given_are_not_judged():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    one = {"identification": tables["identification"]}
    verdict, leads = judged(one)
    assert set(verdict["kind"]) == set(leads["kind"]) == {"identification", "relatives"}
    assert judged({})[0].empty


def test_silhouettes_of_training_sheets_are_no_task_and_no_application():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    learnt = tables["silhouettes"].assign(split="train")
    both = {"silhouettes": pd.concat([tables["silhouettes"], learnt], ignore_index=True)}
    verdict, _ = judged(both)
    assert set(verdict["task"]) == {"silhouettes: genus, random"}
    assert told(both)[0] == "cannot be told" and told(both)[1].empty


def test_the_rate_nearest_to_the_one_asked_for_is_compared():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5})
    found = pd.concat([tables["mislabels"].assign(mislabel_frac=rate) for rate in (0.01, 0.05, 0.2)])
    for asked, rate in ((0.1, "0.05"), (0.0, "0.01"), (1.0, "0.2")):
        verdict, _ = judged({"mislabels": found}, rate=asked)
        assert set(verdict["task"]) == {f"mislabels: a, b, {rate}"}


def test_the_order_of_the_rows_decides_nothing():
    tables = artefacts({"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.8})
    shuffled = {kind: table.sample(frac=1, random_state=4) for kind, table in tables.items()}
    by = ["kind", "task", "network"]
    for one, other in zip(judged(tables), judged(shuffled), strict=True):
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
    silhouettes = score_splits(sheets, by_name)
    named = identify_all(sheets, by_name, seed=7)
    told = discriminate_all(sheets, by_name, "genus00", ["genus01", "genus05"], seed=7)
    found = mislabels.search(sheets, by_name, "genus00", ["genus01"], [0.1, 0.2], 3, seed=7)
    tables = {"silhouettes": silhouettes, "identification": named, "discrimination": told, "mislabels": found}
    printed = {
        "silhouettes": mean_silhouettes(silhouettes, 7).rename(columns={"mean": "value"}),
        "identification": scores.interval_scores(named, identification.TASK, seed=7),
        "discrimination": scores.interval_scores(told, discrimination.TASK, "genus1", seed=7),
        "mislabels": mislabels.measure_scores(found, 7, measures=["probability"]),
    }
    return tables, printed, [*by_name]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.1, 0.2])
def test_one_number_has_one_interval_in_every_chapter(scored, kind, rate):
    tables, printed, networks = scored
    source = KINDS[kind].table
    verdict, _ = judged({source: tables[source]}, networks, rate, seed=7)
    verdict, table = verdict[verdict["kind"] == kind], printed[source]
    if KINDS[kind].wanted:
        table = table[KINDS[kind].wanted(table)]
    wanted = {"mislabels": "average_precision", "discrimination": scores.BALANCED}.get(kind, "f1")
    table = table[table["score"] == wanted] if "score" in table else table
    table = table.assign(task=[name_task(kind, row) for row in table.to_dict("records")])
    both = verdict.merge(table, on=["task", "network"], suffixes=("", "_there"))
    assert len(both) == len(verdict) > 0
    for here, there in (("score", "value"), ("low", "low_there"), ("high", "high_there")):
        here = both["score" if here == "score" else here]
        np.testing.assert_allclose(here, both[there], atol=1e-9, rtol=0, err_msg=kind)
