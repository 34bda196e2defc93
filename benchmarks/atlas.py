"""Time the atlas: how long it takes to write, how long until the first picture, and what is read for it.

The sheets are made up and none is shown; points are drawn by software where the machine has no graphics
card, as browsers without a screen do.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright

from herbnb.atlas.page import write_folder
from herbnb.atlas.points import Map, Points

SIZES = (2_600, 100_000, 2_260_000)
GENERA = 3_000
PATIENCE = 240_000
"""How long a picture may take, in milliseconds."""


def made_up(sheets: int, seed: int = 89) -> Points:
    """Return so many sheets in clusters, on two maps."""
    rng = np.random.default_rng(seed)
    genus = rng.integers(0, GENERA, size=sheets)
    number = pd.Series(genus)
    table = pd.DataFrame(
        {
            "image_id": np.arange(sheets).astype(str),
            "species": "Genus" + number.astype(str) + " species" + pd.Series(genus % 22).astype(str),
            "genus": "Genus" + number.astype(str),
            "family": "Family" + (number // 10).astype(str),
            "order": "Order" + (number // 100).astype(str),
        }
    )
    table = table.assign(institution="NY", split="train", licence="", collection="half_earth", file="")
    none = np.empty((0, 5), "int32"), np.empty((0, 5), "float32")
    maps = []
    for name in ("triplet", "colour"):
        middles = rng.uniform(-0.95, 0.95, size=(GENERA, 2))
        at = np.clip(middles[genus] + rng.normal(size=(sheets, 2)) / 40, -1, 1)
        maps.append(Map(name, at.astype("float32"), *none))
    return Points(table, maps)


MORPH = """() => new Promise((done) => {
    const [stage, map] = [document.getElementById("stage"), document.getElementById("map")];
    const begun = performance.now();
    let moving = false;
    new MutationObserver(() => {
        if (stage.dataset.rests === "false") moving = true;
        else if (moving) done(performance.now() - begun);
    }).observe(stage, { attributes: true, attributeFilter: ["data-rests"] });
    map.value = "1";
    map.dispatchEvent(new Event("change"));
})"""
"""Milliseconds from the choice of the other map until every sheet rests there, watched from inside the page:
from outside, the start of a short walk may be missed."""


def opened(browser, page_at: Path) -> tuple[float, float, float]:
    """Open an atlas; return the seconds until its first picture, those of a morph, and the MB read."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    read: list[str] = []
    page.on("request", lambda request: read.append(request.url))
    page.goto(page_at.as_uri())
    page.wait_for_selector("html[data-drawn]", state="attached", timeout=PATIENCE)
    first = float(page.evaluate("document.documentElement.dataset.drawn")) / 1000
    files = {Path(unquote(urlparse(url).path)) for url in read if url.startswith("file:")}
    size = sum(file.stat().st_size for file in files) / 1e6
    page.wait_for_selector("#stage[data-rests=true]", state="attached", timeout=PATIENCE)
    page.set_default_timeout(PATIENCE)
    morph = page.evaluate(MORPH) / 1000
    page.close()
    return first, morph, size


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titled table."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("Chromium is missing: apt-get install chromium")
    rows = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for sheets in SIZES:
            folder = Path(name) / str(sheets)
            started = time.monotonic()
            write_folder(made_up(sheets), folder)
            written = time.monotonic() - started
            rows.append((f"{sheets:,}", written, *opened(browser, folder / "index.html")))
        browser.close()
    columns = ["sheets", "written in s", "first picture in s", "another map in s", "MB read for it"]
    return [("The atlas, on made-up sheets", pd.DataFrame(rows, columns=columns).round(1))]
