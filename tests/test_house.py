"""The house is added to in one place: a network, a rank, a chapter, each by a file or a line of its own."""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from conftest import ROOT
from herbnb import networks
from herbnb.applications.identification import TASK, identify_all
from herbnb.applications.scores import interval_scores
from herbnb.applications.tasks import score_tasks
from herbnb.applications.verdict import lead, place
from herbnb.book import chapters, graph
from herbnb.book.chapters import chapter_names
from herbnb.book.profile import Profile, read_profile
from herbnb.book.runner import run_chapter
from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.networks import training
from herbnb.representations.extraction import extract, keep_features, load_encoders
from herbnb.representations.features import read_all_features
from herbnb.representations.silhouettes import mean_silhouettes, score_splits
from herbnb.results import Results
from test_training import SMALL, herbarium

pytestmark = pytest.mark.slow

NETWORK = '''
"""Toy: an encoder of four numbers, on a black ground, taught to tell the genera's numbers."""

import torch.nn.functional as F
from torch import nn

from herbnb.data.images.geometry import Geometry
from herbnb.networks.encoder import Encoder
from herbnb.networks.network import Network


class Toy(Network):
    def __init__(self, genera: int, depth: int = 1, **common):
        super().__init__(**common)
        black = Geometry(self.geometry.height, self.geometry.fit, backdrop=(0, 0, 0))
        pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        layers = [layer for _ in range(depth) for layer in (nn.Linear(4, 4), nn.ReLU())]
        backbone = nn.Sequential(pooled, nn.Linear(3, 4), nn.ReLU(), *layers)
        self.encoder = Encoder(backbone, width=4, geometry=black)
        self.head = nn.Linear(self.width, genera)

    @classmethod
    def made_for(cls, genera, **parameters):
        return cls(len(genera), **parameters)

    def forward(self, maps):
        return self.head(self.encoder.crown(maps))

    def training_step(self, batch, batch_idx):
        images, labels, maps = batch
        return self.record(len(images), loss=F.cross_entropy(self(maps), labels))
'''


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A run of three genera, twelve sheets of each to learn from and eight held out, that knows the toy."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "toy_network.py").write_text(NETWORK)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.setitem(networks.NETWORKS, "toy", "toy_network:Toy")
    here = Results(herbarium(tmp_path, sheets=20))
    table = here.read("specimens")
    place = table.groupby("genus").cumcount()
    table["split"] = np.where(place < 8, "random", "train")
    here.write("specimens", table)
    yield here
    sys.modules.pop("toy_network", None)


def test_a_network_is_a_module_and_a_line(here, capsys):
    with pytest.raises(BadInput, match="run chapter toy first"):
        load_encoders(["toy"], here)
    settings = {**SMALL, "depth": 2, "max_epochs": 10, "learning_rate": 0.03}
    card = training.train("toy", here.folder, here, **settings)
    assert card["network"] == "toy" and card["width"] == 4 and card["parameters"]["depth"] == 2
    assert set(here.read("metrics", network="toy")["split"]) == {"train", "validation"}
    tested = training.test("toy", here.folder, here)
    assert list(tested["split"]) == ["random"] and list(tested["metric"]) == ["loss"]
    training.train("toy", here.folder, here, **settings)
    assert "trained already" in capsys.readouterr().out

    encoders = load_encoders(["toy", "colour", "untrained"], here)
    assert {each.geometry for each in encoders.values()} == {encoders["toy"].geometry}
    keep_features(here, "half_earth", encoders, here.folder)
    specimens, features = read_all_features(here, [*encoders])
    assert features["toy"].shape == (60, 4) and features["colour"].shape == (60, 512)

    scores = score_splits(specimens, features)
    means = mean_silhouettes(scores[scores["network"] == "toy"]).set_index("split")
    assert set(means.index) == {"random", "train"} and (means["low"] <= means["mean"]).all()
    named = identify_all(specimens, features)
    f1 = interval_scores(named, TASK).set_index(["network", "score"]).loc["toy"].loc["f1"]
    assert len(f1) == 3 and (f1["low"] <= f1["value"]).all() and (f1["value"] <= f1["high"]).all()
    assert (f1["value"] > 0.8).all()
    scored = score_tasks(
        [{"silhouettes": scores[scores["network"] == "toy"], "identification": named}], [*encoders]
    )
    places, leads = place(scored), lead(scored)
    assert set(places["network"]) == {*encoders} and {"toy"} < set(leads["network"])


def test_a_network_that_sees_other_squares_is_not_compared_unawares(here):
    training.train("toy", here.folder, here, **{**SMALL, "max_epochs": 1})
    training.train("triplet", here.folder, here, **{**SMALL, "max_epochs": 1})
    with pytest.raises(BadInput, match="train them alike, or in two runs"):
        load_encoders(["colour"], here)
    encoders = load_encoders(["toy", "triplet"], here)
    features = extract(encoders, here.read("specimens"), here.folder)
    assert {name: each.shape[1] for name, each in features.items()} == {"toy": 4, "triplet": 512}
    assert encoders["toy"].geometry.backdrop == (0, 0, 0) and encoders["triplet"].geometry == Geometry(32)


RANK = """
import json, sys
import numpy as np, pandas as pd
from herbnb.applications.identification import askable, identify_all
from herbnb.applications.neighbours import name_by_training
from herbnb.applications.tasks import score_tasks
from herbnb.applications.verdict import lead, place
from herbnb.data.collection import data_card
from herbnb.data.sampling import split_card
from herbnb.representations.silhouettes import mean_silhouettes, score_splits

rng = np.random.default_rng(89)
species = np.repeat(np.arange(8), 24)
centres = rng.normal(size=(8, 16)) + 3 * rng.normal(size=(4, 16)).repeat(2, axis=0)
features = (2 * centres[species] + rng.normal(size=(192, 16))).astype("float32")
names = {"species": species, "genus": species // 2, "family": species // 4}
table = pd.DataFrame({rank: [f"{rank} {code}" for code in codes] for rank, codes in names.items()})
rare = ["once" if n == 0 else name for n, name in enumerate(table["species"])]
table = table.assign(species=rare, order="Poales", institution="K", licence="", gathering="", occurrence_id="")
table["image_id"] = [str(n) for n in range(192)]
table["split"] = np.resize(["train", "random", "species", "train"], 192)
learnt = (table["split"] == "train").to_numpy()
scores = score_splits(table, {"toy": features})
named = identify_all(table, {"toy": features})
voted = name_by_training(features[learnt], table[learnt], features[~learnt], table[~learnt])
steps = pd.DataFrame({"step": ["all"], "images": [192]})
card = data_card(table, steps, pd.DataFrame({"image_id": [], "reason": []}))
json.dump({
    "silhouettes": list(mean_silhouettes(scores)["rank"].unique()),
    "identification": list(named["rank"].unique()),
    "askable": list(askable(table)["rank"].unique()),
    "neighbours": list(voted["rank"].unique()),
    "right": float((voted["given"] == voted["predicted"])[voted["rank"] == "species"].mean()),
    "verdict": list(place(score_tasks([{"identification": named, "silhouettes": scores}], ["toy"]))["task"]),
    "splits": int(split_card(table).set_index("split").loc["train", "species"]),
    "card": list(card.loc[card["of"] == "rank", "name"]),
}, sys.stdout)
"""


def test_a_rank_is_an_entry(tmp_path):
    shutil.copytree(ROOT / "herbnb", tmp_path / "herbnb", ignore=shutil.ignore_patterns("__pycache__"))
    module = tmp_path / "herbnb" / "specimens.py"
    text, entry = module.read_text(encoding="utf-8"), 'RANKS = ("genus", '
    assert text.count(entry) == 1
    module.write_text(text.replace(entry, 'RANKS = ("species", "genus", '), encoding="utf-8")
    (tmp_path / "asked.py").write_text(RANK)
    ran = subprocess.run(
        [sys.executable, "asked.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    three = ["species", "genus", "family"]
    assert told["silhouettes"] == told["identification"] == three  # there is a single order to tell apart
    assert told["askable"] == told["neighbours"] == [*three, "order"]
    assert told["right"] > 0.8
    assert {f"identification: {rank}, random" for rank in ("species", "genus")} <= set(told["verdict"])
    assert "relatives: family, random" in told["verdict"]
    assert {f"silhouettes: {rank}, species" for rank in three} <= set(told["verdict"])
    assert told["splits"] == 9 and told["card"] == [*three, "order"]


CHAPTER = """# %% [markdown]
# # Tally: how many sheets of each genus?
#
# Reads: `specimens.parquet`, from [Sampling](sampling).
#
# Writes: nothing.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
fewest: int = 1  # sheets of a genus that is counted

# %%
from herbnb.results import Results

# %%
specimens = Results(results).read("specimens")
counts = specimens["genus"].value_counts()
print(dict(counts[counts >= fewest]))
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A copy of the book's sources, with one more chapter after the silhouettes, in which the process stands."""
    for name in ("chapters", "profiles"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "chapters" / "tally.py").write_text(CHAPTER)
    line = "  - file: book/executed/silhouettes\n"
    toc = (ROOT / "_toc.yml").read_text()
    assert toc.count(line) == 1
    (tmp_path / "_toc.yml").write_text(toc.replace(line, "  - file: book/executed/tally\n" + line))
    monkeypatch.chdir(tmp_path)
    chapters.chapter_parameters.cache_clear()
    yield tmp_path
    chapters.chapter_parameters.cache_clear()


def test_a_chapter_is_a_file_and_a_line(book):
    assert chapter_names()[4:7] == ["features", "tally", "silhouettes"]
    profile = read_profile("pocket")
    assert profile.value("fewest", "tally") == 1 and set(profile.of("tally")) <= {"results"}
    here = Results(str(profile.value("results", "tally")))
    assert here.folder.is_relative_to(book)
    assert graph.files("tally", "Reads", profile) == [here.path("specimens")]
    assert graph.files("tally", "Writes", profile) == []
    assert here.path("specimens") in graph.files("sampling", "Writes", profile)
    used = {path.relative_to(ROOT).as_posix() for path in graph.modules("tally")}
    tables = ("cells", "errors", "files", "leftovers", "parquet", "tables", "thrift")
    assert used == {f"herbnb/{name}.py" for name in (*tables, "results", "specimens")}


def test_the_chapter_runs_and_says_what_it_lacks(book, specimens):
    profile = Profile(parameters={"results": "results/mine"})
    with pytest.raises(
        BadInput, match=r"tally stopped: .*specimens\.parquet is missing: run chapter sampling"
    ):
        run_chapter("tally", profile, {}, book / "out")
    Results("results/mine").write("specimens", specimens)
    notebook = nbformat.read(run_chapter("tally", profile, {"fewest": "2"}, book / "out"), as_version=4)
    printed = [output["text"] for cell in notebook.cells for output in cell.get("outputs", [])]
    genus = specimens["genus"].value_counts().index[0]
    assert len(printed) == 1 and repr(genus) in printed[0]
    assert "fewest = 2" in notebook.cells[-1].source
