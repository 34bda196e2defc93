"""Scorebook: what is scored in parts is what is scored at once, and is scored once."""

import os
import signal
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from herbnb import sources
from herbnb.applications import families, mislabels
from herbnb.applications.discrimination import discriminate_all
from herbnb.applications.identification import identify_all, strengths
from herbnb.applications.retrieval import retrieve_all
from herbnb.representations import scorebook
from herbnb.representations.scorebook import Scorebook
from herbnb.representations.silhouettes import score_splits

ORIGINS = {name: {"encoder": name, "sheets": "0" * 16} for name in ("triplet", "colour")}


class Watched(dict):
    """Features that write down whose were asked for."""

    def __init__(self, features):
        super().__init__(features)
        self.asked = []

    def __getitem__(self, name):
        self.asked.append(name)
        return super().__getitem__(name)


@pytest.fixture
def herbarium(toy):
    """A table of four splits in which gatherings are two sheets, and the features of two networks."""
    features, taxa = toy
    table = taxa.assign(image_id=[f"H{n}" for n in range(240)], gathering=[f"g{n // 2}" for n in range(240)])
    table["species"] = table["genus"] + " sp."
    table["split"] = np.repeat(np.resize(["random", "train", "species", "institutions", "train"], 120), 2)
    noise = np.random.default_rng(0).normal(size=(240, 16)).astype(np.float32)
    return table, Watched({"triplet": features[:, :40], "colour": noise})


PAIR = ("genus00", ["genus01", "genus05"])
SCORED = {
    "silhouettes": score_splits,
    "identification": identify_all,
    "within": partial(identify_all, c={"triplet": 0.1, "colour": 10.0}),
    "discrimination": lambda *data, **keep: discriminate_all(*data, *PAIR, **keep),
    "mislabels": lambda *data, **keep: mislabels.search(*data, *PAIR, [0.1, 0.2], 2, **keep),
    "families": lambda *data, **keep: families.search(*data, [0.1], 2, **keep),
    "retrieval": lambda *data, **keep: pd.concat(retrieve_all(*data, 20, **keep)),
}


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


@pytest.mark.parametrize("name", SCORED)
def test_parts_are_what_is_scored_at_once_and_are_scored_once(herbarium, tmp_path, name):
    table, features = herbarium
    at_once = SCORED[name](table, features)
    keep = Scorebook(tmp_path, ORIGINS)
    one = SCORED[name](table, {"colour": features["colour"]}, keep=keep)  # as a job does
    assert set(one["network"]) == {"colour"}
    made = files(tmp_path)
    in_parts = SCORED[name](table, features, keep=keep)
    assert len(at_once) and made.items() < files(tmp_path).items()
    pd.testing.assert_frame_equal(in_parts, at_once, check_dtype=False)

    features.asked.clear()
    again = SCORED[name](table, features, keep=Scorebook(tmp_path, ORIGINS))
    pd.testing.assert_frame_equal(again, in_parts)
    assert not features.asked  # what is kept asks for no features


@pytest.fixture
def kept(tmp_path):
    """A function that asks a scorebook for a part, and says how often it was made."""
    made = []

    def make():
        made.append(1)
        return pd.DataFrame({"image_id": ["007"], "value": [1.5], "given": ["Poa"]})

    make.__module__ = "herbnb.applications.scores"

    def ask(network="triplet", part=("random", 0.1), origins=ORIGINS, **given):
        table = Scorebook(tmp_path, origins)(make, network, *part, **{"seed": 89} | given)
        assert table.to_dict("records") == [{"image_id": "007", "value": 1.5, "given": "Poa"}]
        return len(made)

    return ask


def test_a_part_is_made_again_when_it_would_be_made_otherwise(kept, monkeypatch):
    assert kept() == kept() == 1
    assert kept(network="colour") == 2 and kept(part=("random", 0.2)) == 3 and kept() == 3
    assert kept(seed=7) == 4 and kept(c=1.0) == 5
    changed = {"triplet": ORIGINS["triplet"] | {"sheets": "1" * 16}}
    assert kept(origins=changed) == kept(origins=changed) == 6
    monkeypatch.setattr(scorebook, "method", lambda module: f"other code of {module}")
    assert kept(origins=changed) == 7


@pytest.mark.parametrize("damage", ["empty", "cut", "byte", "foreign", "folder"])
def test_a_damaged_part_is_made_again(kept, tmp_path, damage):
    assert kept() == 1
    path = tmp_path / "triplet" / "random 0.1.parquet"
    content = path.read_bytes()
    if damage == "foreign":
        pd.read_parquet(path).to_parquet(path)  # loses what it was made from
    else:
        value = content.index(np.float64(1.5).tobytes())
        other = content[:value] + b"\1" + content[value + 1 :]
        path.write_bytes({"empty": b"", "cut": content[:-9], "byte": other}.get(damage, b"PAR1"))
    assert kept() == kept() == 2


def test_a_name_cannot_lead_out_of_the_folder(kept, tmp_path):
    assert kept(part=("../../Poa", "A/B")) == kept(part=("../../Poa", "A/B")) == 1
    assert kept(part=("../../Poa A/B",)) == 2  # one file, but another part
    assert [path.parent for path in files(tmp_path)] == [tmp_path / "triplet"]


def killed_at(folder, count):
    """Score the splits of a small table, in a process that is killed before part `count`, if any, is whole."""

    def keep(make, *part, **given):
        if len(files(folder)) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return book(make, *part, **given)

    book = Scorebook(folder, ORIGINS)
    scored(keep)


def scored(keep):
    rng = np.random.default_rng(3)
    names = {"genus": rng.choice(["Poa", "Carex"], 40), "family": "F", "order": "O"}
    table = pd.DataFrame({"image_id": [f"H{n}" for n in range(40)], **names})
    table["split"] = np.resize(["train", "random"], 40)
    features = {name: rng.normal(size=(40, 3)).astype(np.float32) for name in ORIGINS}
    return score_splits(table, features, keep)


def test_who_is_killed_loses_the_part_under_way(tmp_path):
    for count in (1, 3):
        process = get_context("spawn").Process(target=killed_at, args=(tmp_path, count))
        process.start()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL and len(files(tmp_path)) == count
    before = files(tmp_path)
    told = scored(Scorebook(tmp_path, ORIGINS))
    pd.testing.assert_frame_equal(told, scored(scorebook.anew), check_dtype=False)
    assert len(files(tmp_path)) == 4 and before.items() < files(tmp_path).items()


@pytest.mark.slow
def test_four_processes_at_once_score_what_one_does(tmp_path):
    context = get_context("spawn")
    processes = [context.Process(target=killed_at, args=(tmp_path, None)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
    assert [process.exitcode for process in processes] == [0] * 4
    before = files(tmp_path)
    told = scored(Scorebook(tmp_path, ORIGINS))
    pd.testing.assert_frame_equal(told, scored(scorebook.anew), check_dtype=False)
    assert len(before) == 4 and files(tmp_path) == before
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".parquet"] == []


def test_the_choice_of_c_is_kept_to_its_last_digit(herbarium, tmp_path):
    keep = Scorebook(tmp_path, ORIGINS)
    first = strengths(*herbarium, keep=keep)
    assert first == strengths(*herbarium, keep=keep) == strengths(*herbarium)


def test_code_is_what_a_module_stands_on():
    found = {path.name for path in sources.stands_on({"herbnb.applications.identification"})}
    assert {"identification.py", "teaching.py", "probes.py", "scorebook.py", "files.py"} <= found
    assert not {"mislabels.py", "page.py", "trainer.py"} & found
    codes = [sources.method(f"herbnb.applications.{name}") for name in ("identification", "discrimination")]
    assert len({*codes, sources.method("herbnb.representations.silhouettes")}) == 3


def test_code_that_changes_has_another_fingerprint(tmp_path, monkeypatch):
    before = sources.method("herbnb.errors")
    changed = tmp_path / "errors.py"
    changed.write_text("# another")
    monkeypatch.setattr(sources, "file_of_module", lambda module: changed)
    sources.method.cache_clear()
    assert sources.method("herbnb.errors") != before
    sources.method.cache_clear()
