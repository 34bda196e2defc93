"""Chapters as jobs of a Slurm cluster, which has one node here: this machine."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.metadata import write_images, write_metadata
from conftest import ROOT, SMOKE, profile_in
from herbnb.representations import with_baselines
from herbnb.representations.features import read_all_features
from herbnb.representations.silhouettes import score_splits
from herbnb.results import Results

CONFIGURED = Path("/etc/slurm/slurm.conf")
"""Jobs look for it here: Snakemake takes every variable of Slurm's from them."""

needed = [
    "Slurm is missing: apt-get install slurm-wlm munge" if not shutil.which("slurmctld") else "",
    "the plugin is missing: python -m herbnb.setup"
    if not find_spec("snakemake_executor_plugin_slurm")
    else "",
    "only root may start a cluster" if os.geteuid() else "",
    f"{CONFIGURED} is there already" if CONFIGURED.exists() else "",
]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(any(needed), reason="; ".join(filter(None, needed)))]

SETTINGS = """\
ClusterName=herbarium
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
KillWait=2
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=64000 State=UNKNOWN
PartitionName=sheets Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens to."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def said(*command: str) -> str:
    """What a command of Slurm says; nothing while nobody answers."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def until(true, seconds: float = 120) -> None:
    """Wait until something is true."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds
        time.sleep(0.5)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster of one node, gone at the end."""
    folder = Path("/tmp") / f"herbnb-slurm-{os.getpid()}"  # a socket's path must be short
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    host = socket.gethostname().split(".")[0]
    settings = SETTINGS.format(host=host, folder=folder, ports=free_ports(2), cores=os.cpu_count())
    CONFIGURED.parent.mkdir(exist_ok=True)
    CONFIGURED.write_text(settings)
    files = [
        f"--{each}={folder}/munge.{ends}"
        for each, ends in (
            ("key-file", "key"),
            ("socket", "socket"),
            ("pid-file", "pid"),
            ("log-file", "log"),
            ("seed-file", "seed"),
        )
    ]
    daemons = [subprocess.Popen(["munged", "--foreground", "--force", *files])]
    try:
        until((folder / "munge.socket").exists)
        daemons += [
            subprocess.Popen([name, "-D"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name in ("slurmctld", "slurmd")
        ]
        until(lambda: "idle" in said("sinfo", "--noheader", "--format=%T"))
        yield
    finally:
        said("scancel", "--user=root")
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(30)
        CONFIGURED.unlink()
        shutil.rmtree(folder, ignore_errors=True)


def submitted(folder: Path, profile: Path, *chapters: str, parts: int = 0) -> subprocess.Popen:
    """Have Snakemake hand some chapters, and what they wait for, to the cluster."""
    command = [sys.executable, "-m", "snakemake", "--profile", str(ROOT / "profiles" / "slurm")]
    command += ["--cores", "1", "--slurm-status-command", "squeue"]
    command += ["--slurm-init-seconds-before-status-checks", "3", "--seconds-between-status-checks", "2"]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(ROOT), "--nolock"]
    command += ["--config", f"profile={profile}", f"to={folder / 'executed'}", f"parts={parts}"]
    command += ["--", *(str(folder / "executed" / f"{chapter}.ipynb") for chapter in chapters)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_killed_job_costs_no_more_than_itself(cluster, pocket, tmp_path):
    text = SMOKE | {"parameters": SMOKE["parameters"] | {"max_epochs": 3}}
    profile = profile_in(tmp_path, pocket, text)
    here = Results(tmp_path / "results")
    first = submitted(tmp_path, profile, "classifier")
    begun = here.path("last_checkpoint", network="classifier")  # an epoch is done
    until(lambda: begun.exists() or first.poll() is not None, 300)
    assert begun.exists(), first.communicate()[0][-3000:]
    said("scancel", "--user=root", "--signal=KILL", "--full")
    told = first.communicate(timeout=300)[0]
    assert first.returncode != 0 and "Error in rule classifier" in told, told[-3000:]
    assert "Finished jobid" in told and here.path("specimens").exists()
    assert not here.path("checkpoint", network="classifier").exists()
    kept = here.path("specimens").stat().st_mtime_ns

    second = submitted(tmp_path, profile, "classifier")
    told = second.communicate(timeout=300)[0]
    assert second.returncode == 0, told[-3000:]
    assert "rule sampling:" not in told and "has been submitted with SLURM jobid" in told
    assert here.path("specimens").stat().st_mtime_ns == kept
    assert here.path("checkpoint", network="classifier").exists()
    metrics = here.read("metrics", network="classifier")
    assert set(metrics["epoch"]) == {0, 1, 2}
    assert not metrics.duplicated(["epoch", "split", "metric"]).any()
    assert (tmp_path / "executed" / "classifier.ipynb").exists()


SHEETS, SPECIES = 20_000, 600


def test_what_is_heavy_is_done_in_parts_that_the_chapters_find(cluster, pocket, tmp_path):
    """Stand-in sheets, from their metadata to the scores of two chapters: see also `benchmarks/parts.py`."""
    write_metadata(tmp_path, SHEETS, SPECIES)
    write_images(tmp_path)
    settings = {"networks": ["classifier"], "input_height": 32, "max_images": SHEETS, "data": str(tmp_path)}
    settings |= {"batch_size": 256}
    settings = {"parameters": SMOKE["parameters"] | settings, "chapters": SMOKE["chapters"]}
    profile = profile_in(tmp_path, pocket, settings)
    run = submitted(tmp_path, profile, "silhouettes", "discrimination", parts=1)
    told = run.communicate(timeout=2400)[0]
    assert run.returncode == 0, told[-3000:]

    here, names = Results(tmp_path / "results"), with_baselines(["classifier"])
    for chapter in ("silhouettes", "discrimination"):
        entered = here.path("scores", chapter=chapter)
        assert {flag.stem for flag in entered.glob("*.done")} == {*names}
        for name in names:  # the chapter has made none of the parts, nor made one again
            parts = [part.stat().st_mtime_ns for part in (entered / name).glob("*.parquet")]
            assert len(parts) == 4 and max(parts) <= (entered / f"{name}.done").stat().st_mtime_ns
    # the pairs are over in seconds: all representations went as one job
    assert len(set(re.findall(r"Group job (\S+)", told))) == 1
    specimens, features = read_all_features(here, names)
    assert len(specimens) > SHEETS / 2
    alone = score_splits(specimens, features)
    pd.testing.assert_frame_equal(here.read("silhouettes"), alone, check_dtype=False)

    again = submitted(tmp_path, profile, "silhouettes", "discrimination", parts=1)
    assert "Nothing to be done" in again.communicate(timeout=120)[0]
