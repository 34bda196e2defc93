"""Ranks: processes that train together see other sheets each, learn what one would, and can be fewer later."""

import json
import os
import subprocess
import sys
import time
from collections import Counter

import pandas as pd
import psutil
import pytest
import torch
import yaml

from conftest import ROOT
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.jobs import READING
from herbnb.book.percent import read_chapter
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.networks.dealing import DrawnTriplets, GenusBatches
from herbnb.networks.network import network_class
from herbnb.networks.ranks import ALONE, Ranks, ranks_of_environment, seed_of
from herbnb.results import Results
from test_training import herbarium

LABELS = torch.arange(12).repeat_interleave(torch.arange(12) + 4)  # 4 to 15 sheets of a genus
SETTINGS = {"max_epochs": 1, "batch_size": 8, "learning_rate": 1e-5, "input_height": 32, "seed": 89}
SETTINGS |= {"encoder": "test_efficientnet", "weights": "none", "trainable": "all", "schedule": "constant"}
SETTINGS |= {"augment": False, "precision": "32-true"}
VARIANTS = {
    "autoencoder": ("autoencoder", {}),
    "all": ("triplet", {"margin": 100.0}),  # which no random features keep
    "drawn": ("triplet", {"margin": 100.0, "negatives": "drawn"}),
    "classifier": ("classifier", {}),
}


def of_all(size):
    """The ranks of a job with so many processes on one node."""
    return [Ranks(rank, size) for rank in range(size)]


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("name", ["autoencoder", "triplet"])
def test_ranks_share_every_batch_that_one_process_would_learn_from(name, size):
    kind = network_class(name)
    for negatives in ("all", "drawn") if name == "triplet" else ("",):
        network = kind(input_height=32, **({"negatives": negatives} if negatives else {}))
        whole, *shares = (
            batches_of(network.dealt(LABELS, 24, 89, True, ranks)) for ranks in (ALONE, *of_all(size))
        )
        rest = negatives == "drawn" and size == 3  # a last batch of two triplets
        assert {len(share) for share in shares} == {len(whole) - rest} and len(whole) > 3
        for batch, *parts in zip(whole[: len(whole) - rest], *shares, strict=True):
            assert all(parts) and Counter(batch) == sum(map(Counter, parts), Counter())


def batches_of(deal):
    loader = torch.utils.data.DataLoader(range(len(LABELS)), **deal)
    return [batch.tolist() for batch in loader]


@pytest.mark.parametrize("name", ["autoencoder", "triplet"])
def test_ranks_judge_whole_batches_each_once(name):
    network = network_class(name)(input_height=32)
    whole = network.dealt(LABELS, 16, 89, False)["batch_sampler"]
    shares = [network.dealt(LABELS, 16, 89, False, ranks)["batch_sampler"] for ranks in of_all(2)]
    assert sorted(whole) == sorted(shares[0] + shares[1]) and all(shares)


def test_the_sheets_of_a_genus_stay_together_on_a_rank():
    seen = [list(GenusBatches(LABELS, 24, 89, ranks=ranks)) for ranks in of_all(2)]
    for shares in zip(*seen, strict=True):
        for genus in range(12):
            counts = [sum(LABELS[sheet] == genus for sheet in share) for share in shares]
            assert all(count == 0 or count >= 4 for count in counts)  # a hand is whole
    for ranks in of_all(2):
        for batch in DrawnTriplets(LABELS, 24, 89, ranks):
            anchor, positive, negative = LABELS[torch.tensor(batch)].view(3, -1)
            assert (anchor == positive).all() and (anchor != negative).all()


def test_drawn_triplets_leave_no_rank_without_one():
    labels = torch.tensor([0, 0, 0, 1, 1])  # five anchors, two a batch
    assert [len(list(DrawnTriplets(labels, 6, 89, ranks))) for ranks in (ALONE, *of_all(2))] == [3, 2, 2]


def test_what_cannot_be_shared_is_said():
    with pytest.raises(BadInput, match="batch_size is 32, which 3 processes cannot share evenly"):
        Ranks(0, 3).check_share(32)
    with pytest.raises(BadInput, match="has 2 hands of a genus, too few for 4 processes"):
        GenusBatches(LABELS, 8, 89, ranks=Ranks(0, 4))


TORCHRUN = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}
TORCHRUN |= {"TORCHELASTIC_RUN_ID": "none"}
SRUN = {"SLURM_STEP_ID": "0", "SLURM_PROCID": "3", "SLURM_NTASKS": "4", "SLURM_NTASKS_PER_NODE": "2"}


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ({}, (0, 1, 1)),
        (TORCHRUN, (5, 4, 2)),
        (SRUN, (3, 2, 2)),
        (SRUN | TORCHRUN, (5, 4, 2)),
        ({**SRUN, "SLURM_NTASKS": "1", "SLURM_NTASKS_PER_NODE": "1"}, (0, 1, 1)),
        ({key: value for key, value in SRUN.items() if key != "SLURM_STEP_ID"}, (0, 1, 1)),  # no srun
    ],
)
def test_the_environment_says_who_trains_together(monkeypatch, job, expected):
    for key in [*TORCHRUN, *SRUN]:
        monkeypatch.delenv(key, raising=False)
    for key, value in job.items():
        monkeypatch.setenv(key, value)
    ranks = ranks_of_environment()
    assert ranks[:3] == expected and ranks.size == expected[1] * expected[2]


def test_srun_must_say_how_many_processes_a_node_has(monkeypatch):
    for key, value in SRUN.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("SLURM_NTASKS_PER_NODE")
    with pytest.raises(BadInput, match="start as many on each, with --ntasks-per-node"):
        ranks_of_environment()


def test_ranks_draw_from_their_own_seeds_and_the_first_from_that_of_the_run():
    assert seed_of(0, 89) == 89
    assert len({seed_of(rank, seed) for rank in range(64) for seed in range(1000)}) == 64_000


@pytest.mark.parametrize("chapter", NETWORKS)
def test_a_job_trains_with_what_its_chapter_would(chapter):
    """The chapter's own lines that put its settings together say the same as the rule in `READING`."""
    values = {name: parameter.default for name, parameter in chapter_parameters(chapter).items()}
    lines = [
        line
        for cell in read_chapter(ROOT / "chapters" / f"{chapter}.py").cells
        for line in cell.source.splitlines()
        if cell.cell_type == "code" and line.startswith("settings")
    ]
    known = dict(values)
    exec("\n".join(lines), known)
    assert known["settings"] == {name: value for name, value in values.items() if name not in READING}
    assert chapter in chapter_names() and set(values) >= READING


SCRIPT = """
import json, sys
from pathlib import Path
from torch import nn
from herbnb.data.images.sheets import SheetImages
from herbnb.networks.ranks import ranks_of_environment
from herbnb.networks.training import train
from herbnb.results import Results

nn.Dropout.forward = lambda self, values: values  # each process would draw its own
fetch, seen = SheetImages.__getitems__, []

def noted(sheets, indices):
    seen.extend([len(sheets), sheets.paths[index].name] for index in indices)
    return fetch(sheets, indices)

SheetImages.__getitems__ = noted
folder, variants, settings = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
ranks = ranks_of_environment()
for variant, (name, own) in variants.items():
    here = Results(folder / variant)
    seen.clear()
    card = train(name, here.folder, here, ranks=ranks, **settings, **own)
    (here.folder / f"seen-{ranks.rank}.json").write_text(json.dumps([card, seen]))
"""


def processes(number, *command, **settings):
    """The beginning of a command on so many processes, and how it is run."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(number)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return [sys.executable, *(launch if number > 1 else []), *map(str, command)], {"env": env, "cwd": ROOT}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """All networks trained by one process and by two, from the same beginning: their folders."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "script.py").write_text(SCRIPT)
    for number in (1, 2):
        for variant in VARIANTS:
            (folder / str(number) / variant).mkdir(parents=True)
            herbarium(folder / str(number) / variant, sheets=48)
        told = folder / str(number), json.dumps(VARIANTS), json.dumps(SETTINGS)
        command, how = processes(number, folder / "script.py", *told)
        ran = subprocess.run(command, **how, capture_output=True, text=True, check=False, timeout=300)
        assert ran.returncode == 0, ran.stderr[-4000:]
    return folder


def notes(trained, number, variant):
    """What each of so many processes said at its end: its card, and the sheets it was given."""
    return [
        json.loads((trained / str(number) / variant / f"seen-{rank}.json").read_text())
        for rank in range(number)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_two_processes_train_as_one(trained, variant):
    name, _ = VARIANTS[variant]
    one, two = (Results(trained / number / variant).read("metrics", network=name) for number in "12")
    assert set(one["split"]) == {"train", "validation"} and one["value"].gt(0).all()
    pd.testing.assert_frame_equal(one, two, rtol=1e-5, atol=1e-5)
    weights = [
        torch.load(Results(trained / number / variant).path("checkpoint", network=name), weights_only=True)
        for number in "12"
    ]
    assert list(weights[0]["state_dict"]) == list(weights[1]["state_dict"])


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_two_processes_see_the_sheets_that_one_does_and_none_twice(trained, variant):
    ((_, alone),) = notes(trained, 1, variant)
    first, second = (Counter(map(tuple, seen)) for _, seen in notes(trained, 2, variant))
    assert Counter(map(tuple, alone)) == first + second
    if variant != "drawn":  # where a sheet is in several triplets
        assert not first & second and max((first + second).values()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_one_of_two_processes_writes(trained, variant):
    name, _ = VARIANTS[variant]
    (first, _), (second, _) = notes(trained, 2, variant)
    here = Results(trained / "2" / variant)
    assert first == second == here.read("card", network=name) and first["processes"] == 2
    files = {path.name for path in (here.folder / "networks" / name).iterdir()}
    assert files == {"card.json", "checkpoint.ckpt", "last.ckpt", "metrics.csv"}


@pytest.mark.slow
def test_a_job_killed_on_two_processes_goes_on_on_one_and_its_chapter_finds_it_done(tmp_path):
    here = Results(herbarium(tmp_path, sheets=48))
    settings = {**SETTINGS, "max_epochs": 8, "cache": True, "data": str(tmp_path), "results": str(tmp_path)}
    profile = tmp_path / "job.yml"
    profile.write_text(yaml.safe_dump({"parameters": settings}))
    training = "-m", "herbnb.cli", "train", "classifier", "--profile", profile
    command, how = processes(2, *training)
    log = (tmp_path / "log").open("w")
    with subprocess.Popen(command, **how, stdout=log, stderr=log) as job:
        deadline = time.monotonic() + 120
        while not here.path("last_checkpoint", network="classifier").exists() and job.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        for process in [*psutil.Process(job.pid).children(recursive=True), job]:
            process.kill()
    assert not here.path("card", network="classifier").exists(), (tmp_path / "log").read_text()
    command, how = processes(1, *training)
    ran = subprocess.run(command, **how, capture_output=True, text=True, check=True, timeout=120)
    assert "classifier: interrupted after epoch" in ran.stdout and "8 epochs in" in ran.stdout
    epochs = here.read("metrics", network="classifier").groupby("epoch").size()
    assert epochs.index.tolist() == list(range(8)) and epochs.nunique() == 1
    assert here.read("card", network="classifier")["processes"] == 1
    again = subprocess.run(command, **how, capture_output=True, text=True, check=True, timeout=120)
    assert "classifier: trained already" in again.stdout
