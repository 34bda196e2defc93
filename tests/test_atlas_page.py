"""The atlas in a browser, opened from its file as a reader would, with the network cut."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from conftest import DESK, PHONE, SCRIPT, WIDER
from herbnb.atlas.page import PALETTE, write_folder
from herbnb.atlas.points import Map, Points

pytestmark = pytest.mark.slow

FAMILIES = ["Poaceae", "Rosaceae", "Fabaceae", "Myrtaceae", "Fagaceae", SCRIPT]
EACH = 40
WITHOUT_GL = """
const before = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...others) {
  return kind.startsWith("webgl") ? null : before.call(this, kind, ...others);
};
"""


def collection(folder):
    """Six families of forty sheets, each about a corner of a hexagon; on the second map it is mirrored."""
    rng = np.random.default_rng(89)
    family = np.repeat(np.arange(6), EACH)
    turn = family * np.pi / 3
    at = 0.75 * np.stack([np.cos(turn), np.sin(turn)], axis=1) + rng.normal(size=(6 * EACH, 2)) / 30
    at = np.clip(at, -1, 1).astype("float32")
    for n in range(6):
        Image.new("RGB", (100, 140), (40 * n, 110, 70)).save(folder / f"{n}.png")
    sheets = pd.DataFrame(
        {
            "image_id": [f"B{n:04d}" for n in range(6 * EACH)],
            "species": [f"Genus{n // EACH} species{n % EACH}" for n in range(6 * EACH)],
            "genus": [f"Genus{n}" for n in family],
            "family": [FAMILIES[n] for n in family],
            "order": "Order",
            "institution": np.where(np.arange(6 * EACH) % 2, "K", "NY"),
            "split": "train",
            "recorded_by": np.where(family == 3, "Élodie Ångström", "J. Doe"),
            "references": [f"https://example.org/{n}" for n in range(6 * EACH)],
            "licence": np.where(family < 5, "CC0 1.0", ""),
            "rights_holder": "=HYPERLINK(1)",
            "doubt": np.where(family == 2, np.arange(6 * EACH) % EACH + 1.0, np.nan),
            "collection": np.where(family < 4, "half_earth", "mine"),
            "file": [str(folder / f"{n}.png") for n in family],
        }
    )
    step = np.arange(6 * EACH)[:, None] % EACH + np.arange(1, 6)
    near = (family[:, None] * EACH + step % EACH).astype("int32")
    likeness = np.tile(np.linspace(0.9, 0.5, 5, dtype="float32"), (6 * EACH, 1))
    maps = [Map("left", at, near, likeness), Map("right", at * (-1, 1), near, likeness)]
    return Points(sheets, [Map(*each[:1], each[1].astype("float32"), *each[2:]) for each in maps])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The sheets of an atlas, and its page."""
    folder = tmp_path_factory.mktemp("atlas")
    (folder / "scans").mkdir()
    points = collection(folder / "scans")
    write_folder(points, folder / "atlas")
    return points, folder / "atlas" / "index.html"


def ready(page):
    page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)


@pytest.fixture
def visit(drawn, visiting):
    """The atlas on a desk, by day."""
    with visiting(drawn[1]) as visit:
        ready(visit.page)
        yield visit


def count(page):
    """How many sheets the page says that it shows."""
    return int(page.inner_text("#count").split()[0].replace(",", ""))


def settled(page):
    """Wait until flights and drawings have ended, and the address has followed."""
    page.wait_for_timeout(300)  # what was clicked begins
    page.wait_for_selector("#stage[data-rests=true]", state="attached", timeout=20_000)


def on_screen(page, at):
    """Return where a place of the map lies on the screen of a desk, while the whole map is shown."""
    left = page.locator("#desk").bounding_box()
    left = left["x"] + left["width"]
    scale = 0.46 * min(DESK["width"] - left, DESK["height"])
    return float((left + DESK["width"]) / 2 + at[0] * scale), float(DESK["height"] / 2 - at[1] * scale)


def place(points, page, rows, on=0):
    """Return where on the screen the middle of `rows` lies, while the whole map is shown."""
    return on_screen(page, points.maps[on].places[rows].mean(axis=0))


def of_family(n):
    return np.arange(n * EACH, (n + 1) * EACH)


def draw_around(page, x, y, reach=95):
    """Draw a lasso around a place."""
    page.click("[data-tool=lasso]")
    turns = np.linspace(0, 2 * np.pi, 24)
    page.mouse.move(x + reach, y)
    page.mouse.down()
    for turn in turns[1:]:
        page.mouse.move(x + reach * np.cos(turn), y + reach * np.sin(turn))
    page.mouse.up()
    page.wait_for_selector("#list:not([hidden])")
    settled(page)


def colour_at(page, x, y):
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    box = picture.crop((x - 25, y - 25, x + 25, y + 25))
    return {colour for _, colour in box.getcolors(100_000)}


def near_to(colour, seen):
    wanted = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)])
    return min(np.abs(wanted - np.array(each)).max() for each in seen)


def test_every_family_lies_where_it_should_in_its_colour(drawn, visit):
    points, _ = drawn
    assert count(visit.page) == 6 * EACH
    names = sorted(FAMILIES)  # all as common: by name
    for n in range(6):
        x, y = place(points, visit.page, of_family(n))
        seen = colour_at(visit.page, x, y)
        assert near_to(PALETTE[names.index(FAMILIES[n])], seen) < 40


def test_hovering_shows_the_sheet_and_a_click_its_label(drawn, visit):
    points, page = drawn[0], visit.page
    x, y = on_screen(page, points.maps[0].places[7])
    page.mouse.move(x, y)
    page.wait_for_selector("#hint:not([hidden])")
    assert "Genus0 species" in page.inner_text("#hint")
    page.mouse.click(x, y)
    page.wait_for_selector("#label:not([hidden])")
    shown = page.inner_text("#label .barcode")
    row = int(shown[1:])
    assert points.sheets["species"][row] == page.inner_text("#label h2")
    assert page.get_attribute("#label a", "href") == f"https://example.org/{row}"
    assert "=HYPERLINK(1)" in page.inner_text("#label .rights")
    assert page.locator("#label .picture").first.bounding_box()["height"] > 150


def test_the_nearest_sheets_are_named_and_lead_on(drawn, visit):
    points, page = drawn[0], visit.page
    page.fill("#search", "B0000")
    page.wait_for_selector("#found li")
    page.press("#search", "Enter")
    page.wait_for_selector(".nearest li")
    told = page.eval_on_selector_all(
        ".nearest li span:not(.picture)", "each => each.map(one => one.textContent)"
    )
    assert told == points.sheets["species"][points.maps[0].near[0]].tolist()
    assert (
        page.eval_on_selector_all(".nearest small", "each => each.map(one => one.textContent)")[0] == "0.90"
    )
    page.click(".nearest li:nth-child(2) button")
    page.wait_for_function("document.querySelector('#label .barcode').textContent === 'B0002'")


@pytest.mark.parametrize(
    ("asked", "found"), [("myrta", of_family(3)), ("angstrom", of_family(3)), ("genus4", of_family(4))]
)
def test_search_finds_names_and_collectors_and_flies_there(drawn, visit, asked, found):
    page = visit.page
    page.fill("#search", asked)
    page.wait_for_selector("#found li")
    page.press("#search", "Enter")
    page.wait_for_function("location.hash.includes('at=')", timeout=10_000)
    settled(page)
    assert count(page) == len(found)
    at = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('at')").split()
    centre = drawn[0].maps[0].places[found].mean(axis=0)
    assert np.abs(np.array(at[:2], float) - centre).max() < 0.08 and float(at[2]) > 2


def test_search_finds_a_barcode_and_shows_the_sheet(visit):
    page = visit.page
    page.fill("#search", "b0123")
    page.wait_for_selector("#found li")
    page.press("#search", "ArrowDown")
    assert page.get_attribute("#found li", "aria-selected") == "true"
    page.press("#search", "Enter")
    page.wait_for_selector("#label:not([hidden])")
    assert page.inner_text("#label .barcode") == "B0123"


def test_a_lasso_selects_and_the_file_holds_exactly_what_is_selected(drawn, visit):
    points, page = drawn[0], visit.page
    draw_around(page, *place(points, page, of_family(1)))
    assert count(page) == EACH
    assert page.locator(".contacts li").count() == EACH
    page.click("#list button:has-text('Table')")
    page.wait_for_selector("#list tbody tr")
    shown = page.eval_on_selector_all("#list tbody button", "each => each.map(one => one.textContent)")
    with page.expect_download() as saving:
        page.click("#list .save")
    text = saving.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    ids = points.sheets["image_id"][of_family(1)].tolist()
    assert [each["image_id"] for each in rows] == shown == ids
    assert {each["rights_holder"] for each in rows} == {"'=HYPERLINK(1)"}
    assert [each["species"] for each in rows] == points.sheets["species"][of_family(1)].tolist()
    x, y = place(points, page, of_family(4))
    assert (
        near_to(PALETTE[sorted(FAMILIES).index("Fagaceae")], colour_at(page, x, y)) > 60
    )  # the rest is grey


def test_a_selection_stays_the_same_on_another_map_and_escape_lets_go(drawn, visit):
    points, page = drawn[0], visit.page
    draw_around(page, *place(points, page, of_family(0)))
    page.click("#list .close")
    page.click("#whole")
    page.select_option("#map", label="right")
    settled(page)
    assert count(page) == EACH
    x, y = place(points, page, of_family(0), on=1)
    page.mouse.move(x, y)
    page.mouse.move(*on_screen(page, points.maps[1].places[3]))
    page.wait_for_selector("#hint:not([hidden])")
    assert "Genus0" in page.inner_text("#hint")
    page.keyboard.press("Escape")
    settled(page)
    assert count(page) == 6 * EACH


def test_a_box_selects(drawn, visit):
    points, page = drawn[0], visit.page
    x, y = place(points, page, of_family(5))
    page.click("[data-tool=box]")
    page.mouse.move(x - 95, y - 95)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.move(x + 95, y + 95, steps=4)
    page.mouse.up()
    page.wait_for_selector("#list:not([hidden])")
    settled(page)
    assert count(page) == EACH
    assert page.locator(".contacts .unshown").count() == EACH  # their licence shows no picture


def test_the_legend_filters_and_names_are_text(visit):
    page = visit.page
    names = page.eval_on_selector_all("#legend .name span", "each => each.map(one => one.textContent)")
    assert sorted(names) == sorted(FAMILIES)
    page.click("#legend .name:has-text('Rosaceae')")
    page.click(f"#legend .name:has-text('{SCRIPT}')")
    settled(page)
    assert count(page) == 2 * EACH
    page.click("#legend .name:has-text('Rosaceae')")
    settled(page)
    assert count(page) == EACH
    page.select_option("#colour", label="place on the review list")
    settled(page)
    assert count(page) == 6 * EACH
    page.click("#legend .name >> nth=0")
    settled(page)
    assert count(page) == EACH / 8
    page.select_option("#collection", "mine")
    settled(page)
    assert count(page) == 0


def test_the_address_restores_the_view(drawn, visit, visiting):
    points, page = drawn[0], visit.page
    page.select_option("#map", label="right")
    page.select_option("#collection", "half_earth")
    page.select_option("#colour", label="institution")
    settled(page)
    draw_around(page, *place(points, page, of_family(2), on=1))
    page.click("#legend .name:has-text('NY')")
    page.click("#closer")
    page.click(".contacts li:nth-child(3) button")
    settled(page)
    query = page.evaluate("location.hash")
    before = [page.inner_text(box) for box in ("#count", "#legend", "#label", "#list")]
    assert count(page) == EACH / 2
    with visiting(drawn[1], query=query) as again:
        ready(again.page)
        settled(again.page)
        assert [again.page.inner_text(box) for box in ("#count", "#legend", "#label", "#list")] == before
        assert again.page.evaluate("location.hash") == query
        chosen = [
            again.page.eval_on_selector(box, "each => each.selectedOptions[0].textContent")
            for box in ("#map", "#collection", "#colour")
        ]
        assert chosen == ["right", "the sheets of this run", "institution"]


@pytest.mark.parametrize(
    "query", ["#map=nowhere&colour=x&at=a+b&around=1+2", "#column=doubt&name=1&sheets=toString"]
)
def test_an_address_that_makes_no_sense_shows_the_whole_map(drawn, visiting, query):
    with visiting(drawn[1], query=query) as visit:
        ready(visit.page)
        assert count(visit.page) == 6 * EACH


def test_near_to_the_paper_the_sheets_themselves_appear(visit):
    page = visit.page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.fill("#search", "Fabaceae")
    page.wait_for_selector("#found li")
    page.press("#search", "Enter")
    settled(page)
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB").getcolors(1_000_000)
    sheet = sum(number for number, colour in seen if np.abs(np.subtract(colour, (80, 110, 70))).max() < 10)
    assert sheet > 10_000  # pixels of the colour of that family's scans
    assert any("/tiles/" in url for url in asked)


def test_the_keys_do_what_the_pointer_does(drawn, visit):
    page = visit.page
    page.focus("#stage")
    for key in ("ArrowRight", "ArrowUp", "+", "+"):
        page.keyboard.press(key)
    settled(page)
    x, y, zoom = map(float, page.evaluate("new URLSearchParams(location.hash.slice(1)).get('at')").split())
    assert x > 0.1 and y > 0.1 and zoom == pytest.approx(1.69)
    page.keyboard.press("-")
    page.keyboard.press("0")
    settled(page)
    assert "at=" not in page.evaluate("location.hash")
    page.keyboard.press("Enter")
    page.wait_for_selector("#label:not([hidden])")
    page.keyboard.press("Escape")
    page.wait_for_selector("#label", state="hidden")
    page.keyboard.press("t")
    page.wait_for_selector("#list tbody tr")
    assert page.locator("#list tbody tr").count() == 100 and "140 more" in page.inner_text("#list")
    page.keyboard.press("Escape")
    page.wait_for_selector("#list", state="hidden")
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"search", "map", "collection", "colour", "name", "closer", "tabled"} <= reached


def test_fingers_move_and_pinch_the_map(drawn, visiting):
    with visiting(drawn[1], PHONE) as visit:
        page = visit.page
        ready(page)
        page.evaluate(
            """() => {
                const stage = document.getElementById('stage');
                const send = (kind, id, x, y) => stage.dispatchEvent(new PointerEvent(kind,
                    { pointerId: id, pointerType: 'touch', clientX: x, clientY: y, bubbles: true, button: 0 }));
                stage.setPointerCapture = () => {};
                send('pointerdown', 1, 150, 400);
                send('pointerdown', 2, 250, 400);
                send('pointermove', 1, 100, 400);
                send('pointermove', 2, 300, 400);
                send('pointerup', 1, 100, 400);
                send('pointerup', 2, 300, 400);
            }"""
        )
        settled(page)
        zoom = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('at')").split()[2]
        assert float(zoom) == pytest.approx(2, abs=0.05)
        assert page.locator("#label").is_hidden()


def test_without_webgl_there_is_a_picture_and_everything_else(drawn, visiting):
    with visiting(drawn[1]) as visit:
        page = visit.page
        visit.context.add_init_script(WITHOUT_GL)
        page.reload()
        ready(page)
        picture = page.locator("#still img")
        assert picture.is_visible() and picture.evaluate("each => each.naturalWidth") == 1200
        assert "does not draw with WebGL" in page.inner_text("#still")
        page.fill("#search", "Rosaceae")
        page.wait_for_selector("#found li")
        page.press("#search", "Enter")
        settled(page)
        page.click("#tabled")
        page.wait_for_selector("#list tbody tr")
        assert page.locator("#list tbody tr").count() == EACH


def faults(page):
    """What keeps the page from readers who cannot see it or use no mouse, as axe-core tells; "" for nothing."""
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(page, options={"runOnly": levels, "preload": False})  # files cannot be fetched again
    return found.generate_report() if found.violations_count else ""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "query", ["", "#sheet=half_earth/B0085&list=table", "#column=family&name=Rosaceae&list=pictures"]
)
def test_axe_finds_nothing(drawn, visiting, theme, viewport, query):
    with visiting(drawn[1], viewport, theme, query=query) as visit:
        ready(visit.page)
        settled(visit.page)
        assert faults(visit.page) == ""
        assert visit.page.evaluate(WIDER) <= 0


def test_a_hundred_thousand_sheets_open_and_are_found(tmp_path, visiting):
    rng = np.random.default_rng(89)
    at = np.clip(rng.normal(size=(100_000, 2)) / 3, -1, 1).astype("float32")
    genus = rng.integers(0, 3000, size=100_000)
    sheets = pd.DataFrame({"image_id": np.arange(100_000).astype(str), "genus": genus.astype(str)})
    sheets["species"] = sheets["genus"] + " sp."
    sheets = sheets.assign(
        family="F", order="O", institution="K", split="train", licence="", collection="mine", file=""
    )
    none = np.empty((0, 5), "int32"), np.empty((0, 5), "float32")
    write_folder(Points(sheets, [Map("triplet", at, *none)]), tmp_path / "atlas")
    with visiting(tmp_path / "atlas" / "index.html") as visit:
        page = visit.page
        ready(page)
        page.fill("#search", "77777")
        page.wait_for_selector("#found li", timeout=20_000)
        page.press("#search", "Enter")
        page.wait_for_selector("#label:not([hidden])")
        assert page.inner_text("#label .barcode") == "77777"
        assert "No picture" in page.inner_text("#label") and page.locator(".nearest").count() == 0


def test_as_many_sheets_as_the_half_earth_data_has_load_from_a_file(visiting, tmp_path):
    """On one map and with one column, for the others only repeat what it costs."""
    sheets = 2_260_000
    rng = np.random.default_rng(89)
    genus = rng.integers(0, 30, size=sheets)
    table = pd.DataFrame({"image_id": np.arange(sheets).astype(str), "collection": "half_earth", "file": ""})
    table = table.assign(
        family=pd.Categorical.from_codes(genus, [f"Family{n}" for n in range(30)]), licence=""
    )
    none = np.empty((0, 5), "int32"), np.empty((0, 5), "float32")
    at = np.clip(rng.uniform(-0.9, 0.9, size=(30, 2))[genus] + rng.normal(size=(sheets, 2)) / 40, -1, 1)
    write_folder(Points(table, [Map("large", at.astype("float32"), *none)]), tmp_path / "atlas")
    with visiting(tmp_path / "atlas" / "index.html") as visit:
        visit.page.set_default_timeout(120_000)
        visit.page.wait_for_selector("html[data-ready]", state="attached")
        assert count(visit.page) == sheets
        first = visit.page.locator("#legend button.name").first
        of_first = int(first.locator("b").inner_text().replace(",", ""))
        assert of_first == np.bincount(genus).max()
        first.click()
        visit.page.wait_for_function(
            f"document.getElementById('count').innerText.startsWith('{of_first:,} ')"
        )
