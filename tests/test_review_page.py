"""The review page in a browser, opened from its file with the network cut: a person decides, saves, and comes back."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import expect

from herbnb.cabinet import list_card
from herbnb.cabinet.decisions import read_decisions
from herbnb.cabinet.page import PAGE, write_page
from herbnb.cabinet.suspects import Suspects
from herbnb.cli import main
from test_exports import rows_of
from test_suspects import COVERAGE, HOSTILE, NAMES, here, listed, specimens

__all__ = ["here"]  # a fixture

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "preload": False}  # it would fetch the style sheet
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FIRST = ["0012", "0018", "0013", "0016", "0014", "0015", "0019"]
"""The sheets, gatherings under two names first, each together; then the most suspect."""


@pytest.fixture
def review(here, tmp_path) -> Path:
    """The page of the small list."""
    write_page(Suspects(here, "mine"), tmp_path / "page", ["Zea mays L."])
    return tmp_path / "page" / PAGE


class Reader:
    """A person with a browser of her own, which remembers; nothing may go wrong or out to the network."""

    def __init__(self, browser, viewport=DESK, scheme="light"):
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme, timezone_id="Asia/Kolkata")
        self.troubles: list[str] = []
        self.context.route("**/*", self.gate)

    def gate(self, route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.troubles.append(route.request.url)
            route.abort()

    def open(self, path: Path):
        page = self.context.new_page()
        page.on("console", lambda said: said.type == "error" and self.troubles.append(said.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_load_state("load")
        return page


@pytest.fixture
def reader(browser):
    """Make readers, and check at the end that nothing went wrong."""
    made = []

    def make(**options):
        made.append(Reader(browser, **options))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
        assert each.troubles == []


def introduced(page, name="A. Botanist"):
    """Say who decides, when the page asks."""
    page.fill("#called", name)
    page.keyboard.press("Enter")
    expect(page.locator("#who")).to_be_hidden()
    return page


def asked(page) -> str:
    """The number of the sheet that the page asks about."""
    return page.evaluate("document.getElementById('title').firstChild.textContent")


def wrong(page, name):
    """Press W, type a name and Enter."""
    page.keyboard.press("w")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def saved(page, to: Path) -> Path:
    """Save to a file."""
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(to)
    return to


def decide_five(page) -> None:
    """Decide five of seven sheets by keys alone."""
    page.keyboard.press("r")
    wrong(page, "Zea mays L.")
    page.keyboard.press("m")
    page.keyboard.type("no flower\n=1+1")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.keyboard.press("n")
    wrong(page, "")


def test_a_morning_goes_round_from_page_to_file_to_page_to_database(review, reader, tmp_path):
    page = introduced(reader().open(review))
    assert asked(page) == FIRST[0]
    decide_five(page)
    assert asked(page) == FIRST[5]
    row, box = (page.locator(each).bounding_box() for each in ("#list [aria-current]", "#list"))
    assert box["y"] <= row["y"] and row["y"] + row["height"] <= box["y"] + box["height"] + 1
    expect(page.locator("#tally")).to_have_text("5 of 7 decided, 5 not yet in a file")
    file = saved(page, tmp_path / "decisions.json")
    expect(page.locator("#tally")).to_have_text("5 of 7 decided")

    found = read_decisions(file)
    assert [(each.image_id, each.said) for each in found.decisions] == [
        ("0012", "right"),
        ("0014", "wrong"),
        ("0013", "unsure"),
        ("0016", "no plant"),
        ("0018", "wrong: Zea mays L."),
    ]
    of = {each.image_id: each for each in found.decisions}
    assert of["0013"].remarks == "no flower\n=1+1" and of["0014"].given == HOSTILE
    assert of["0012"].suspicion == 0.9 and of["0018"].suspicion is None
    assert {each.decided_by for each in found.decisions} == {"A. Botanist"}
    assert {each.decided_on.utcoffset().total_seconds() for each in found.decisions} == {5.5 * 3600}

    fresh = introduced(reader().open(review), "Ben")
    expect(fresh.locator("#tally")).to_have_text("0 of 7 decided")
    fresh.set_input_files("#file", file)
    expect(fresh.locator("#message")).to_have_text(
        "decisions.json: 5 of 5 decisions were taken; the others are known or older."
    )
    again = saved(fresh, tmp_path / "again.json")
    assert json.loads(again.read_text()) == json.loads(file.read_text())

    result = CliRunner().invoke(main, ["export", "symbiota", str(again), "--to", str(tmp_path / "out.csv")])
    assert "2 determinations" in result.output and "1 wrong without a name" in result.output
    rows = {row["occurrenceID"]: row for row in rows_of(tmp_path / "out.csv")}
    assert {key: (row["sciname"], row["identifiedBy"]) for key, row in rows.items()} == {
        "urn:0012": ("Acer rubrum", "A. Botanist"),
        "urn:0018": ("Zea mays L.", "A. Botanist"),
    }


def test_closing_the_page_loses_nothing(review, reader):
    person = reader()
    page = introduced(person.open(review))
    page.keyboard.press("r")
    page.keyboard.press("w")
    page.keyboard.type("Zea")
    page.keyboard.press("Tab")
    page.keyboard.type("cf.")
    page.close()
    page = person.open(review)
    assert asked(page) == FIRST[1]
    expect(page.locator("#who")).to_be_hidden()
    expect(page.locator("#person")).to_have_text("A. Botanist")
    expect(page.locator("#tally")).to_have_text("1 of 7 decided, 1 not yet in a file")
    expect(page.locator("#name")).to_have_value("Zea")
    expect(page.locator("#qualifier")).to_have_value("cf.")
    expect(page.locator("#list button").nth(1)).to_contain_text("begun")


def test_a_decision_is_taken_back_and_a_remark_comes_late(review, reader, tmp_path):
    page = introduced(reader().open(review))
    page.keyboard.press("r")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#decided")).to_contain_text("Decided: right, by A. Botanist")
    page.keyboard.press("m")
    page.keyboard.type("seen twice")
    page.keyboard.press("Escape")
    (kept,) = read_decisions(saved(page, tmp_path / "a.json")).decisions
    assert (kept.verdict, kept.remarks) == ("right", "seen twice")
    page.keyboard.press("t")
    expect(page.locator("#decided")).to_be_hidden()
    expect(page.locator("#remarks")).to_have_value("seen twice")
    assert read_decisions(saved(page, tmp_path / "b.json")).decisions == []


def test_two_people_share_the_work_and_hear_where_they_disagree(review, reader, tmp_path):
    ann = introduced(reader().open(review), "Ann")
    ann.keyboard.press("r")
    ann.keyboard.press("r")
    anns = saved(ann, tmp_path / "ann.json")
    ann.wait_for_timeout(1100)  # decisions are as old as their second
    ben = introduced(reader().open(review), "Ben")
    ben.keyboard.press("u")
    expect(ben.locator("#tally")).to_contain_text("1 of")
    ben.set_input_files("#file", anns)
    expect(ben.locator("#message")).to_contain_text("ann.json: 1 of 2 decisions were taken")
    expect(ben.locator("#message")).to_contain_text(
        "Two opinions on 0012: Ben says unsure, and before that Ann said right."
    )
    both = read_decisions(saved(ben, tmp_path / "both.json"))
    assert {each.image_id: (each.verdict, each.decided_by) for each in both.decisions} == {
        "0012": ("unsure", "Ben"),
        "0018": ("right", "Ann"),
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda file: file.update(format="x"), "is no decisions file"),
        (lambda file: file.update(version=2), "is of version 2; this page reads 1"),
        (lambda file: file.update(collection="kew"), "belongs to another list, of kew"),
        (lambda file: file["run"].update(seed=1), "belongs to another list, of mine (its seed is 1)"),
        (
            lambda file: file["decisions"][0].update(verdict="x"),
            "entry 1 (0012) has the verdict x: nothing was taken",
        ),
        (
            lambda file: file["decisions"][0].update(image_id="K9"),
            "entry 1 is of K9, which is not on this list",
        ),
        (lambda file: file["decisions"][0].update(decided_by=""), "entry 1 (0012) does not say who decided"),
        (lambda file: file["decisions"][0].update(decided_on="soon"), "entry 1 (0012) does not say when"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(review, reader, tmp_path, change, sentence):
    page = introduced(reader().open(review))
    page.keyboard.press("r")
    content = json.loads(saved(page, tmp_path / "mine.json").read_text())
    change(content)
    (tmp_path / "other.json").write_text(json.dumps(content))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("t")
    page.set_input_files("#file", tmp_path / "other.json")
    expect(page.locator("#message")).to_contain_text(
        f"other.json{',' if 'entry' in sentence else ''} {sentence}"
    )
    expect(page.locator("#tally")).to_have_text("0 of 7 decided")


def numbers(page) -> list[str]:
    """The sheets on the list, in its order."""
    return page.eval_on_selector_all("#list button", "each => each.map(one => one.children[1].textContent)")


def test_order_and_filters(review, reader):
    page = introduced(reader().open(review))
    assert numbers(page) == FIRST
    page.select_option("#order", "filing")
    by_name = sorted(
        FIRST, key=lambda each: (NAMES[each].split()[0], NAMES[each] if each != "0014" else "Acer !", each)
    )
    assert numbers(page) == by_name
    page.select_option("#genus", "Rosa")
    assert numbers(page) == ["0015", "0016"] and asked(page) == "0015"
    page.select_option("#genus", "")
    page.select_option("#judged", "duplicate")
    assert set(numbers(page)) == {"0013", "0016", "0018"}
    page.select_option("#judged", "")
    page.check("#undecided")
    page.keyboard.press("r")
    assert len(numbers(page)) == 6
    expect(page.locator("#counted")).to_have_text("6 sheets")


def test_the_sheet_stands_beside_its_duplicate_and_its_nearest(review, reader):
    page = introduced(reader().open(review))
    stage = page.locator("#stage figure")
    assert stage.count() == 2 and "Betula nigra" in stage.nth(1).inner_text()
    expect(page.locator("#question")).to_have_text("Is it Acer rubrum?")
    flags = page.locator("#title .flag").all_inner_texts()
    assert flags == ["its duplicates bear different names", "a type", "named by a specialist"]
    expect(page.locator("#reason")).to_have_text("3 of its 5 nearest bear Rosa.")
    earlier = page.locator("#facts dt", has_text="earlier determinations").locator(
        "xpath=following-sibling::dd"
    )
    assert earlier.all_text_contents()[:2] == ["Betula nigra, 1890", HOSTILE]
    assert len({line.bounding_box()["x"] for line in earlier.all()}) == 1, "each on a line of its own"
    captions = page.locator("#neighbours figcaption").all_inner_texts()
    assert [text.split(" 00")[0] for text in captions] == ["Rosa canina", "Rosa gallica"]
    shown = "document.querySelectorAll('#review img').forEach(each => { each.loading = 'eager' })"
    page.evaluate(shown)
    page.wait_for_function(
        "[...document.querySelectorAll('#review img')].every(each => each.naturalWidth > 0)"
    )
    page.click("text=Judge 0018")
    assert asked(page) == "0018"
    expect(page.locator("#facts dt", has_text="earlier determinations")).to_have_count(0)


def test_names_are_completed_and_hostile_ones_are_text(review, reader):
    page = introduced(reader().open(review))
    page.keyboard.press("w")
    offered = "[...document.querySelectorAll('#names option')].map(each => each.value)"
    assert page.evaluate(offered) == ["Rosa", "Betula nigra"]
    page.keyboard.type("ros")
    assert page.evaluate(offered) == ["ROSA", "Rosa", "Rosa canina", "Rosa gallica"]
    page.keyboard.press("Escape")
    page.locator("#list button", has_text="0014").click()
    expect(page.locator("#question")).to_have_text(f"Is it {HOSTILE}?")
    assert page.locator("main script").count() == 0


def test_single_keys_can_be_turned_off(review, reader):
    page = introduced(reader().open(review))
    page.keyboard.press("?")
    page.uncheck("#listening")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#tally")).to_have_text("0 of 7 decided")
    page.click("[data-verdict=unsure]")
    expect(page.locator("#tally")).to_contain_text("1 of 7 decided")


def test_a_sheet_is_enlarged_and_small_again(review, reader):
    page = introduced(reader().open(review))
    image = page.locator("#stage .zoom img").first
    before = image.bounding_box()["width"]
    page.keyboard.press("z")
    assert image.bounding_box()["width"] >= 2.5 * before - 5
    page.keyboard.press("ArrowRight")
    assert asked(page) == FIRST[0]  # arrows move the sheet
    page.keyboard.press("z")
    assert image.bounding_box()["width"] == before


def test_the_walk_list_is_in_filing_order_with_boxes_and_prints_alone(review, reader, tmp_path):
    page = introduced(reader().open(review))
    page.keyboard.press("r")
    page.select_option("#genus", "Acer")
    page.click("#view")
    walk = page.locator("#walk")
    expect(walk).to_contain_text("4 sheets (Acer), in filing order")
    assert walk.locator("tbody th strong").all_inner_texts() == ["0014", "0012", "0019", "0013"]
    assert (
        walk.locator(".box").count() == 9
        and "right (A. Botanist)" in walk.locator("tbody tr").nth(1).inner_text()
    )
    assert walk.locator("tbody img").count() == 4
    page.click("#view")
    page.select_option("#genus", "")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#walk tbody tr")).to_have_count(7)
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator("#review")).to_be_hidden()
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_axe_finds_nothing(review, reader, viewport, scheme):
    page = reader(viewport=viewport, scheme=scheme).open(review)
    found = [Axe().run(page, options=RULES)]
    introduced(page)
    decide_five(page)
    page.keyboard.press("w")
    found.append(Axe().run(page, options=RULES))
    assert page.evaluate(WIDER) <= 0
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    found.append(Axe().run(page, options=RULES))
    page.keyboard.press("Escape")
    page.click("#far")
    found.append(Axe().run(page, options=RULES))
    assert page.evaluate(WIDER) <= 0
    page.keyboard.press("Escape")
    page.click("#view")
    found.append(Axe().run(page, options=RULES))
    assert page.evaluate(WIDER) <= 0
    faults = [
        (each["id"], [node["html"][:160] for node in each["nodes"]])
        for one in found
        for each in one.response["violations"]
    ]
    assert faults == []


def test_how_far_to_read_is_told_by_the_labels_and_by_what_was_found(review, reader):
    page = introduced(reader().open(review))
    expect(page.locator("#facts")).to_contain_text("genus Rosa, with a probability of 0.84")
    page.click("#far")
    expect(page.locator("#found")).to_contain_text("Nothing is decided yet")
    expect(page.locator("#far-heading")).to_be_in_viewport()  # and not its last button
    rows = page.locator("#labels tbody tr")
    assert rows.all_inner_texts() == ["50 %\t4\t75 %\t20 % to 100 %", "100 %\t8\t63 %\t25 % to 90 %"]
    points = page.locator("#labels .curve").get_attribute("points").split()
    first, last = ([float(part) for part in point.split(",")] for point in points)
    assert first[0] < last[0] and first[1] < last[1]  # further right, and lower
    page.keyboard.press("Escape")
    while asked(page) != "0014":
        page.keyboard.press("j")
    wrong(page, "Rosa canina")
    page.keyboard.press("u")  # of 0015
    page.click("#far")
    assert page.locator("#found tbody tr").all_inner_texts() == ["1 to 4\t2\t1\t1"]


def test_a_list_that_no_regression_made_says_so(here, reader, tmp_path):
    here.write("your_coverage", COVERAGE.head(0), collection="mine")
    write_page(Suspects(here, "mine"), tmp_path / "page")
    page = introduced(reader().open(tmp_path / "page" / PAGE))
    page.click("#far")
    expect(page.locator("#labels")).to_have_text(
        "No regression could be asked: too few genera have enough gatherings."
    )


def test_a_long_list_is_shown_in_parts(here, reader, tmp_path):
    table = specimens()
    many = table.loc[[4] * 450].assign(image_id=[f"R{n:04d}" for n in range(450)], gathering="")
    here.write("collection", many, collection="mine")
    suspects = (
        listed().loc[[0] * 450].assign(image_id=many["image_id"].tolist(), neighbour_1="", neighbour_2="")
    )
    here.write("your_review_list", suspects, collection="mine")
    here.write("your_review_card", list_card(here, "mine", "imagenet", 89), collection="mine")
    write_page(Suspects(here, "mine"), tmp_path / "page")
    page = introduced(reader().open(tmp_path / "page" / PAGE))
    expect(page.locator("#counted")).to_have_text("1 to 200 of 450 sheets")
    page.locator("#list button").last.click()
    page.keyboard.press("j")
    assert asked(page) == "R0200"
    expect(page.locator("#counted")).to_have_text("201 to 400 of 450 sheets")
    page.click("#later")
    assert len(numbers(page)) == 50 and page.locator("#later").is_disabled()
