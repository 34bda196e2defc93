"""What several tests share: a small drawn herbarium, its table, toy features, and the chapters run on it."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from hypothesis import settings
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

from herbnb.data.half_earth import read_half_earth
from herbnb.data.sampling import draw_splits, keep_shared_genera
from herbnb.pocket import draw_herbarium
from herbnb.specimens import check_specimens

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("HERBNB_SHARED", ROOT.parent / "shared"))
"""Real sheets and real records, which are not ours to hand on: tests read them where they lie."""

REAL_SHEETS, REAL_RECORDS = SHARED / "real-sheets", SHARED / "real-records"
on_real_sheets = pytest.mark.skipif(not REAL_SHEETS.is_dir(), reason="no real sheets (set HERBNB_SHARED)")
on_real_records = pytest.mark.skipif(not REAL_RECORDS.is_dir(), reason="no real records (set HERBNB_SHARED)")
SCRIPT = "<script>alert(1)</script>"
SMOKE = yaml.safe_load((ROOT / "profiles" / "smoke.yml").read_text())
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 720}
DRAWN = """() => [...document.querySelectorAll('.herbnb-plot')].map(plot => {
    const box = plot.querySelector('.main-svg')?.getBoundingClientRect();
    const marks = plot.querySelectorAll('.mlayer path, .mlayer image').length;
    return box && box.width > 100 && box.height > 50 && marks > 0;
})"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TALLER = "() => document.documentElement.scrollHeight - document.documentElement.clientHeight"
AT_REST = "() => document.getAnimations().every(each => each.playState !== 'running')"
NAMELESS = "() => [...document.images].filter(each => !each.alt).map(each => each.outerHTML.slice(0, 120))"

settings.register_profile("herbnb", deadline=None)  # a busy machine is no failure
settings.load_profile("herbnb")


class Rooms(LoadScopeScheduling):
    """Deal the tests out by file, and those that read the chapters' run to one process together.

    The groups of pytest-xdist 3.8 are lost on pytest 9.2, which keeps the name of a test as it was.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "chapters" if reads_the_run(ROOT / file) else file


@functools.cache
def reads_the_run(file: Path) -> bool:
    """Whether a file of tests, or a fixture in it, asks for the fixture `executed`."""
    return re.search(r"^def \w+\([^)]*\bexecuted\b", file.read_text(), re.MULTILINE) is not None


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Rooms:
    """Deal in rooms, whatever the command line says."""
    return Rooms(config, log)


SLOW = {"executed", "browser", "pocket"}
"""Fixtures that take long: what asks for them is left out of `make check`, as are files marked so."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what takes long for its fixtures as slow, and leave out torture that was not asked for."""
    for item in items:
        if SLOW & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)
    if "torture" not in config.option.markexpr:
        large = [item for item in items if item.get_closest_marker("torture")]
        config.hook.pytest_deselected(items=large)
        items[:] = [item for item in items if item not in set(large)]


@pytest.fixture(scope="session")
def workplace(tmp_path_factory) -> Path:
    """A folder for what the whole session makes."""
    return tmp_path_factory.mktemp("herbnb")


@pytest.fixture(scope="session")
def pocket(workplace) -> Path:
    """The smoke profile's pocket herbarium."""
    return draw_herbarium(workplace / "herbarium", **SMOKE["pocket"])


@pytest.fixture(scope="session")
def specimens(pocket) -> pd.DataFrame:
    """The specimens table of the small herbarium, with all four splits."""
    drawn = draw_splits(
        read_half_earth(pocket),
        max_images=25,
        train_institution="New York Botanical Garden",
        species_sample=0.2,
        rand_sample=0.2,
        seed=89,
    )
    return check_specimens(keep_shared_genera(drawn), "the test's table")


@pytest.fixture(scope="session")
def toy() -> tuple[np.ndarray, pd.DataFrame]:
    """Features [240, 512] in twelve genera of six families of three orders, and their taxa."""
    rng = np.random.default_rng(89)
    genus = np.repeat(np.arange(12), 20)
    ranks = {"order": genus // 4, "family": genus // 2, "genus": genus}
    features = rng.normal(size=(240, 512))
    for scale, code in zip((1.0, 1.0, 1.5), ranks.values(), strict=True):
        features += scale * rng.normal(size=(code.max() + 1, 512))[code]
    taxa = pd.DataFrame({rank: [f"{rank}{c:02d}" for c in code] for rank, code in ranks.items()})
    return features.astype(np.float32), taxa[["genus", "family", "order"]]


@pytest.fixture
def labelled(toy):
    """The toy features as specimens of one collection, in gatherings of two."""
    features, taxa = toy
    table = taxa.assign(image_id=[f"K{n}" for n in range(240)], species=taxa["genus"] + " sp.")
    return features, table.assign(gathering=[f"g{n // 2}" for n in range(240)])


@pytest.fixture
def mine():
    """Twelve sheets: ten of two genera, one of a third, and one of a genus nobody expects."""
    genus = ["Poa"] * 5 + ["Carex"] * 5 + ["Rosa", "<script>alert(1)</script>"]
    ids = [f"S{n}" for n in range(11)] + ["../../etc/passwd"]
    table = pd.DataFrame({"image_id": ids, "path": [f"images/{n}.jpg" for n in range(12)], "genus": genus})
    return table.assign(species=table["genus"] + " sp.", family="F", order="O", institution="K")


def row(image_id, split="train", species="Acer rubrum", institution="NY") -> dict[str, str]:
    """A row of a specimens table."""
    return {
        "image_id": image_id,
        "path": f"{image_id}.jpg",
        "species": species,
        "genus": species.split()[0],
        "family": "Sapindaceae",
        "order": "Sapindales",
        "institution": institution,
        "split": split,
    }


def profile_in(folder: Path, herbarium: Path, text: dict, name: str = "smoke") -> Path:
    """Write a profile, called `name` in the book, with its data and results elsewhere; return the file."""
    moved = json.dumps(text).replace(f"data/{name}", str(herbarium))
    profile = json.loads(moved.replace(f"results/{name}", str(folder / "results")))
    path = folder / "profile.yml"
    path.write_text(yaml.safe_dump(profile))
    return path


@pytest.fixture(scope="session")
def hostile(workplace, pocket) -> Path:
    """The small herbarium with names that are markup: a genus, a family, an institution, a rights holder."""
    folder = shutil.copytree(pocket, workplace / "hostile")
    metadata = folder / "train" / "metadata.json"
    text = metadata.read_text()
    for name in ("Quercus", "Betulaceae", "Bishop Museum"):
        text = text.replace(f'"{name}', f'"{SCRIPT}')
    metadata.write_text(text)
    records = pd.read_csv(folder / "kew" / "occurrence.csv", dtype=str, keep_default_na=False)
    renamed = records["dwc:specificEpithet"] == records["dwc:specificEpithet"].mode()[0]
    records.loc[renamed, ["dwc:genus", "dwc:family", "dwc:recordedBy"]] = SCRIPT
    records.to_csv(folder / "kew" / "occurrence.csv", index=False)
    written = pd.read_csv(folder / "kew" / "occurrence_raw.csv", dtype=str, keep_default_na=False)
    spoilt = written["coreid"].isin(records.loc[renamed, "coreid"])
    written.loc[spoilt, ["dwc:identifiedBy", "dwc:typeStatus", "dwc:scientificName"]] = SCRIPT
    written.to_csv(folder / "kew" / "occurrence_raw.csv", index=False)
    media = pd.read_csv(folder / "kew" / "multimedia.csv", dtype=str, keep_default_na=False)
    media.assign(**{"xmpRights:Owner": SCRIPT}).to_csv(folder / "kew" / "multimedia.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def smoke_profile(workplace, hostile) -> Path:
    """The smoke profile on hostile names, its results in the session's folder."""
    return profile_in(workplace, hostile, SMOKE)


HEARD = "heard.tsv"
"""Where the processes of a run note whom they speak to."""


def snakemake(
    profile: Path, executed: Path, *arguments: str, home: Path = ROOT, config: Sequence[str] = ()
) -> subprocess.CompletedProcess:
    """Run Snakemake in the book's folder for all chapters of `profile`, with the package that lies there.

    All its processes note whom they speak to, beside the folder of executed chapters.
    """
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--nolock", "chapters", *arguments]
    configured = ["--config", f"profile={profile}", f"to={executed}", *config]
    paths = os.pathsep.join([str(ROOT / "tests" / "tracing"), str(home)])
    env = os.environ | {"PYTHONPATH": paths, "HERBNB_HEARD": str(executed.parent / HEARD)}
    return subprocess.run(
        [*command, *configured], cwd=home, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def executed(workplace, smoke_profile) -> Path:
    """The folder of all chapters, executed by Snakemake on the smoke profile."""
    ran = snakemake(smoke_profile, workplace / "executed", "--quiet")
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-6000:]
    return workplace / "executed"


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium. Without it these tests fail: nothing else shows that a page works."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


class Visit:
    """A page opened from its file; the browser may complain of nothing, and ask the network for nothing."""

    def __init__(self, browser, path: Path, viewport: dict = DESK, theme: str = "light", query: str = ""):
        self.troubles: list[str] = []
        self.outside: list[str] = []
        self.context = browser.new_context(viewport=viewport)
        self.context.add_init_script(f"localStorage.setItem('mode', '{theme}')")
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type == "error" and self.troubles.append(said.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        self.page.route("**/*", self.gate)
        self.page.goto(path.as_uri() + query)
        self.page.wait_for_load_state("load")
        self.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        self.page.wait_for_function(
            "[...document.querySelectorAll('figure.herbnb-figure')].every(each => each.dataset.drawn)",
            timeout=20_000,
        )

    def gate(self, route) -> None:
        """Let local files pass and note everything else."""
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def __enter__(self):
        return self

    def __exit__(self, kind: type | None, *_):
        self.context.close()
        if kind is None:
            assert self.troubles == [] and self.outside == []


@pytest.fixture
def visiting(browser) -> Callable[..., Visit]:
    """Visit pages: `with visiting(path, PHONE, "dark") as visit:`."""
    return partial(Visit, browser)


def barriers(page) -> str:
    """What keeps a page from readers who cannot see it or use no mouse, as axe-core tells; "" for nothing."""
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    page.wait_for_function(AT_REST)  # what is still fading in is pale
    terse = {"resultTypes": ["violations"], "preload": False}  # a thousand passes, and files fetched again
    found = Axe().run(page, options={"runOnly": levels, **terse})
    return found.generate_report() if found.violations_count else ""
