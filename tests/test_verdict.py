"""The verdict: places, leads, and a claim that can hold, fail, or stay open."""

import numpy as np
import pandas as pd
import pytest

from herbnb.applications.verdict import chance_of_firsts, check_claim, compare, is_application
from herbnb.errors import BadInput
from herbnb.files import write_table

NETWORKS = ["autoencoder", "triplet", "classifier"]


def artefacts(folder, skill):
    """Write what four chapters write, for networks that are right this often."""
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
        named.append(rows.assign(split="random", rank="genus"))
        told.append(rows[given != "c"].assign(genus1="a", genus2="b"))
        swapped = np.arange(n) % 10 == 0
        suspicion = np.where(right & swapped, 1.0, 0.5) + 0.01 * luck
        for repeat in (0, 1):
            search = rows.assign(genus1="a", genus2="b", mislabel_frac=0.1, repeat=repeat)
            found.append(search.assign(swapped=swapped, flagged=right, suspicion=suspicion))
        drawn.append(rows.assign(split="random", rank="genus", taxon=given, silhouette=share + luck))
    for name, tables in {
        "identification": named,
        "discrimination": told,
        "mislabels": found,
        "silhouettes": drawn,
    }.items():
        write_table(pd.concat(tables), folder / f"{name}.parquet")


def test_places_follow_scores_and_equal_scores_share_one(tmp_path):
    artefacts(tmp_path, {"triplet": 0.9, "autoencoder": 0.5, "classifier": 0.9, "colour": 0.2})
    verdict, _ = compare(tmp_path, [*NETWORKS, "colour"])
    assert list(verdict) == ["task", "network", "score", "low", "high", "place"]
    assert len(verdict) == 4 * 4
    place = verdict[verdict["task"].str.startswith("identification")].set_index("network")["place"]
    assert dict(place) == {"triplet": 1, "classifier": 1, "autoencoder": 3, "colour": 4}
    assert ((verdict["low"] <= verdict["score"]) & (verdict["score"] <= verdict["high"])).all()


def test_only_the_networks_asked_for_are_placed(tmp_path):
    artefacts(tmp_path, {"triplet": 0.9, "autoencoder": 0.5, "colour": 0.95})
    verdict, leads = compare(tmp_path, ["triplet", "autoencoder"])
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
def test_the_claim_is_computed(tmp_path, skill, answer):
    artefacts(tmp_path, skill | {"colour": 0.99})
    _, leads = compare(tmp_path, [*NETWORKS, "colour"])
    said, duels = check_claim(leads, NETWORKS)
    assert said == answer
    assert len(duels) == 3 * 2 and set(duels["rival"]) == {"autoencoder", "classifier"}
    assert is_application(duels["task"]).all()


def test_nothing_scored_cannot_tell(tmp_path):
    artefacts(tmp_path, {"triplet": 0.9, "autoencoder": 0.5})
    for name in ("identification", "discrimination", "mislabels", "silhouettes"):
        table = pd.read_parquet(tmp_path / f"{name}.parquet").head(0)
        write_table(table, tmp_path / f"{name}.parquet")
    verdict, leads = compare(tmp_path, NETWORKS)
    assert verdict.empty and leads.empty
    said, duels = check_claim(leads, NETWORKS)
    assert said == "cannot be told" and duels.empty


def test_a_chapter_that_has_not_run_is_named(tmp_path):
    with pytest.raises(BadInput, match="silhouettes"):
        compare(tmp_path, NETWORKS)


def test_chance():
    assert chance_of_firsts(2, 3, 2) == pytest.approx(1 / 9)
    assert chance_of_firsts(13, 3, 0) == 1
