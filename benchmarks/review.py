"""Time the review page of a large collection: made, opened, decided on, and printed as a walk list."""

import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from herbnb.applications.calibration import coverage
from herbnb.cabinet import list_card
from herbnb.cabinet.page import PAGE, write_page
from herbnb.cabinet.pictures import LARGE, SMALL, make_pictures
from herbnb.cabinet.suspects import Suspects
from herbnb.results import Results

SHEETS, LISTED, SCANS = 20_000, 5_000, 40
SCAN = (2600, 3900)
"""Pixels of a scan: ten million."""

PICTURES = f"Pictures of a thousand scans of 10 megapixels, reckoned from {SCANS}"
WHOLE = f"A list of {LISTED} among {SHEETS} sheets"


def tables() -> list[tuple[str, pd.DataFrame]]:
    """Measure, and return the titles and the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(89)
        noise = rng.integers(0, 255, (130, 87, 3), dtype=np.uint8)
        scan = Image.fromarray(noise).resize(SCAN, Image.Resampling.BICUBIC)
        scans = [folder / f"{number}.jpg" for number in range(SCANS)]
        for path in scans:
            scan.save(path, quality=85)
        started = time.perf_counter()
        make_pictures({path: [LARGE, SMALL] for path in scans}, folder / "pictures")
        pictures = pd.DataFrame({"seconds": [(time.perf_counter() - started) * 1000 / SCANS]}).round(0)
        here = run_of(folder / "results", scans[0], rng)
        started = time.perf_counter()
        write_page(Suspects(here, "large"), folder / "page")
        rows = {"written, but for its pictures": time.perf_counter() - started} | read(folder / "page")
        megabytes = sum(path.stat().st_size for path in (folder / "page").glob("*.*")) / 1e6
    whole = pd.DataFrame({"the page is": rows.keys(), "seconds": rows.values()}).round(2)
    return [(PICTURES, pictures), (f"{WHOLE}: {megabytes:.1f} MB without pictures", whole)]


def run_of(folder: Path, scan: Path, rng: np.random.Generator) -> Results:
    """Make a run with a large collection, all of whose sheets share one image, and its list."""
    here, genus = Results(folder), rng.integers(0, 300, SHEETS)
    table = pd.DataFrame({"image_id": [f"B{n:08d}" for n in range(SHEETS)], "path": str(scan)})
    table["genus"] = [f"Genus{code}" for code in genus]
    table["family"] = [f"Family{code // 10}aceae" for code in genus]
    table["species"] = table["genus"] + [f" species{code}" for code in rng.integers(0, 20, SHEETS)]
    table = table.assign(order="Order", institution="B", split="collection")
    here.write("collection", table, collection="large")
    listed = table.sample(LISTED, random_state=89)[["image_id"]]
    listed = listed.assign(suggested="Genus7", score=np.sort(rng.uniform(0.5, 1, LISTED))[::-1])
    reason = "3 of its 5 nearest sheets bear Genus7, 0 the name given; judged by both"
    listed = listed.assign(judged_by="both", standing="", reason=reason)
    listed = listed.assign(named_at="family", named="Family1aceae", sure=0.9)
    for place in range(1, 6):
        listed[f"neighbour_{place}"] = table["image_id"].sample(LISTED, random_state=place).to_numpy()
    here.write("your_review_list", listed, collection="large")
    here.write("your_review_card", list_card(here, "large", "imagenet", 89), collection="large")
    judged = table.assign(given=table["genus"], predicted="Genus7", group=table["image_id"])
    covered = coverage(judged.assign(confidence=rng.uniform(size=SHEETS)))
    here.write("your_coverage", covered, collection="large")
    return here


def read(folder: Path) -> dict[str, float]:
    """Do with the page what a person does, and return the seconds of each."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        steps = {"opened": timed(page, lambda: page.goto((folder / PAGE).as_uri()), "#list li")}
        page.fill("#called", "A. Botanist")
        page.keyboard.press("Enter")
        steps["told a decision"] = timed(page, lambda: page.keyboard.press("r"), "#said:not(:empty)")
        steps["put into filing order"] = timed(
            page, lambda: page.select_option("#order", "filing"), "#list li"
        )
        steps["a walk list"] = timed(page, lambda: page.click("#view"), f"#walk tbody tr >> nth={LISTED - 1}")
        browser.close()
    return steps


def timed(page: Page, act, shown: str) -> float:
    """Return the seconds until something is shown."""
    started = time.perf_counter()
    act()
    page.wait_for_selector(shown, state="attached")
    return time.perf_counter() - started
