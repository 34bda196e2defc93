"""The book: built without a warning, and read in a browser as a reader would, with the network cut."""

import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from conftest import DESK, DRAWN, NAMELESS, PHONE, ROOT, SCREEN, SCRIPT, TALLER, WIDER, barriers
from herbnb import figures
from herbnb.atlas.page import write_atlas
from herbnb.book.chapters import chapter_names, chapter_parameters, chapter_path
from herbnb.book.percent import read_chapter
from herbnb.book.slides import write_slides
from herbnb.results import Results

PAGES = [
    Path(page["file"]).as_posix()
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    for page in part["chapters"]
]


def build(folder: Path, notebooks: Path, without: str = "") -> Path:
    """Build the book of `notebooks` in `folder` as `make book` does, and return its pages."""
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns("executed", without))
    shutil.copytree(notebooks, folder / "book" / "executed", ignore=shutil.ignore_patterns("failed"))
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n", "--keep-going"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, "\n".join(
        line for line in (built.stdout + built.stderr).splitlines() if re.search("WARNING|rror", line)
    )
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def book(executed, workplace, hostile, tmp_path_factory) -> Path:
    """The pages of the book, its slides and its atlas, made from the chapters that the session ran."""
    pages = build(tmp_path_factory.mktemp("book"), executed)
    write_slides(pages, pages / "slides.html")
    write_atlas(Results(workplace / "results"), hostile, pages / "atlas", home="../book/index.html")
    return pages


def sampler_cells(folder: Path) -> list:
    """Outputs with every hostile thing that data could bring, beside formulas and a thumbnail."""
    rng = np.random.default_rng(89)
    for number in range(4):
        Image.new("RGB", (120, 180), (60 * number, 120, 80)).save(folder / f"{number}.jpg")
    sheets = pd.DataFrame(rng.normal(size=(40, 2)), columns=["x", "y"]).assign(
        genus=rng.choice([SCRIPT, "<b>Myrtus</b>", "Eugenia"], 40),
        species=SCRIPT,
        path=[f"{number % 4}.jpg" for number in range(40)],
        licence="CC0 1.0",
        network=["triplet", "classifier"] * 20,
    )
    seen = pd.concat(
        [sheets.assign(network=name, x=rng.random(40)) for name in (SCRIPT, "triplet")], ignore_index=True
    )
    shown = [
        figures.scatter(sheets, "genus", hover=["species"], thumbnails=sheets["path"], folder=folder),
        figures.counts(sheets.groupby("genus").size().reset_index(name="images"), "images", "genus"),
        figures.distributions(sheets, "x", "genus", "network"),
        figures.table(sheets.head(3).assign(**{f"column_{n}": n for n in range(12)})),
        figures.sheet_grid(sheets.head(4), folder),
        figures.scatter(seen, "genus", views="network", hover=["species"]),
    ]
    cells = [
        new_markdown_cell("# Sampler\n\nA *Syzygium* and $\\frac{a}{b}$.\n\n$$ x_i = \\max(0, y) $$ (hinge)"),
        new_markdown_cell(":::{dropdown} Solution\nSolved by looking.\n:::"),
        new_code_cell("long = " + repr(["a line that leaves the page"] * 9)),
    ]
    for thing in shown:
        bundle = thing._repr_mimebundle_() if hasattr(thing, "layout") else {"text/html": thing.data}
        cells.append(new_code_cell("shown", outputs=[new_output("display_data", bundle)]))
    for said in (figures.say("Said: {name} {mark}", name=SCRIPT, mark="*x*"), figures.source(figures.counts)):
        cells.append(
            new_code_cell("said", outputs=[new_output("display_data", {"text/markdown": said.data})])
        )
    return cells


def outline(chapter: str) -> list[str]:
    """The headings of a chapter and the labels that other pages link to, its title first."""
    cells = read_chapter(chapter_path(chapter)).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.findall(r"^(?:\([\w-]+\)=|#+ .+)$", prose, re.MULTILINE)


@pytest.fixture(scope="module")
def sampler(tmp_path_factory) -> Path:
    """A book whose first chapter shows the sampler, the others no more than their headings."""
    folder, notebooks = tmp_path_factory.mktemp("sampler"), tmp_path_factory.mktemp("notebooks")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for place, name in enumerate(chapter_names()):
        title, *headings = outline(name)
        cells = sampler_cells(notebooks) if place == 0 else [new_markdown_cell(title)]
        cells.append(new_markdown_cell("\n\n".join(headings)))
        nbformat.write(new_notebook(cells=cells, metadata=kernel), notebooks / f"{name}.ipynb")
    return build(folder, notebooks)


@pytest.mark.parametrize("page", ["book/index", *PAGES, "search", "genindex"])
def test_a_page_reads_well_on_a_desk_and_on_a_phone_by_day_and_by_night(book, visiting, page):
    path = book / f"{page}.html"
    assert path.stat().st_size < 1_500_000
    figures_written = path.read_text().count('<figure class="herbnb-figure"')
    for viewport, theme in product((DESK, PHONE), ("light", "dark")):
        with visiting(path, viewport, theme) as visit:
            assert barriers(visit.page) == "", (viewport, theme)
            drawn = visit.page.evaluate(DRAWN)
            assert len(drawn) == figures_written and all(drawn)
            assert visit.page.evaluate(WIDER) <= 0
            assert visit.page.evaluate(NAMELESS) == []


def test_names_that_are_markup_are_text_on_every_page(book):
    pages = {page.stem: page.read_text() for page in book.rglob("*.html")}
    assert [name for name, text in pages.items() if SCRIPT in text] == []
    shown = {name for name, text in pages.items() if "alert(1)" in text}
    assert {"sampling", "classifier", "embedding", "kew", "your_herbarium"} <= shown


def test_one_plotly_serves_the_book(book):
    copies = list(book.rglob("plotly*.js"))
    assert [copy.name for copy in copies] == ["plotly.min.js"]
    loading = [page for page in book.rglob("*.html") if "plotly.min.js" in page.read_text()]
    assert loading
    for page in loading:
        assert page.read_text().count("plotly.min.js") == 1
        assert "herbnb-figure" in page.read_text()


def test_a_page_loads_the_scripts_that_it_needs(sampler):
    for page in sampler.rglob("book/**/*.html"):
        text = page.read_text()
        assert ("pictures.js" in text) == ('class="herbnb-sheets"' in text)
        assert ("figures.js" in text) == ('class="herbnb-figure"' in text)
        assert ("teacher.js" in text) == ("herbnb-teacher" in text)
    assert "pictures.js" in (sampler / "book/executed/sampling.html").read_text()


def test_a_key_opens_the_reason_of_an_answer(opened):
    page = opened.page
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")
    questions = page.locator(".herbnb-quiz > ol > li")
    assert [questions.nth(place).locator("summary").count() for place in range(questions.count())] == [3] * 3
    right = questions.first.locator("details.herbnb-right")
    assert right.count() == 1 and not page.get_by_text("Right.").locator("visible=true").count()
    questions.first.locator("summary").first.focus()
    while not right.evaluate("each => each.contains(document.activeElement)"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert right.locator("p").inner_text().startswith("Right. ")
    assert page.get_by_text("Right.").locator("visible=true").count() == 1
    wrong = questions.first.locator("details.herbnb-wrong").first
    wrong.locator("summary").press("Space")
    assert wrong.locator("p").inner_text().startswith("No. ")


def test_a_quiz_that_is_missing_stops_the_build(sampler, tmp_path):
    notebooks, folder = tmp_path / "executed", tmp_path / "book"
    shutil.copytree(sampler.parent.parent / "book" / "executed", notebooks)
    folder.mkdir()
    with pytest.raises(AssertionError, match=r"kew\.yml is missing: give the chapter its 3 questions"):
        build(folder, notebooks, without="kew.yml")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_teachers_notes_open_for_teachers_only(sampler, visiting, viewport):
    path = sampler / "book/workshop.html"
    with visiting(path, viewport) as visit:
        notes = visit.page.locator(".herbnb-teacher")
        assert notes.count() == 10 and not visit.page.locator(".herbnb-teacher >> visible=true").count()
        visit.page.get_by_role("link", name="open this page for the teacher").click()
        visit.page.wait_for_load_state("load")
        assert visit.page.url.endswith("workshop.html?teacher")
        assert notes.evaluate_all("each => each.every(one => one.open && one.clientHeight > 50)")
        assert barriers(visit.page) == "" and visit.page.evaluate(WIDER) <= 0


def test_every_chapter_is_a_page_and_no_page_calls_out(book):
    for page in book.rglob("*.html"):
        called = re.findall(
            r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(?:https?:)?//[^"]+"', page.read_text()
        )
        assert called == [], page
    assert all((book / f"{page}.html").exists() for page in PAGES)
    assert "book/index.html" in (book / "index.html").read_text()


def test_the_front_page_shows_what_every_chapter_answered(book, sampler):
    front = (book / "book" / "index.html").read_text()
    assert front.count('class="herbnb-answer') == len(chapter_names())
    assert re.search(r"A network may learn from <strong>\d+</strong> sheets", front)
    assert "herbnb-answer" not in (sampler / "book" / "index.html").read_text()  # nothing has run there


def test_the_slides_show_what_the_workshop_links_to(book, visiting):
    with visiting(book / "slides.html", SCREEN) as visit:
        page = visit.page
        overs = page.locator(".over").all_text_contents()
        assert len([over for over in overs if over.startswith("Minutes ")]) == 9
        asked = [over.split(":")[0] for over in overs if over.endswith(": a question")]
        answered = [over.split(":")[0] for over in overs if over.endswith(": the answer of this run")]
        assert asked == answered and len(set(asked)) == len(asked) > 8
        drawn = page.evaluate(DRAWN)
        assert len(drawn) >= 5 and all(drawn)
        pictures = page.locator("main > section:has(.herbnb-figure, .herbnb-sheets, .herbnb-table)")
        assert pictures.count() > 9
        assert pictures.locator("h2 > em:only-child").count() == pictures.count()  # the captions
        assert page.evaluate(NAMELESS) == []
        for over in overs:
            assert page.evaluate(WIDER) <= 0 and page.evaluate(TALLER) <= 0, over
            page.keyboard.press("PageDown")
        assert barriers(page) == ""
        page.emulate_media(media="print")  # so all slides are seen at once
        assert barriers(page) == ""


def test_search_finds_a_word_without_a_server(book, visiting):
    with visiting(book / "search.html", query="?q=silhouette") as visit:
        visit.page.wait_for_selector("ul.search li a", timeout=20_000)
        assert any(
            "silhouettes" in (link.get_attribute("href") or "")
            for link in visit.page.query_selector_all("ul.search li a")
        )


@pytest.fixture
def opened(sampler, visiting):
    """The sampler's page on a desk, by day."""
    with visiting(sampler / "book/executed/sampling.html") as visit:
        yield visit


def test_a_hostile_name_is_text_wherever_it_stands(opened):
    page = opened.page
    ticks = page.eval_on_selector_all(".ytick text", "each => each.map(one => one.textContent)")
    assert SCRIPT in ticks and "<b>Myrtus</b>" in ticks
    legend = page.eval_on_selector_all(".legendtext", "each => each.map(one => one.textContent)")
    assert SCRIPT in legend
    assert SCRIPT in page.inner_text(".herbnb-table")
    assert SCRIPT in page.inner_text(".herbnb-sheets")
    assert f"Said: {SCRIPT} *x*" in page.inner_text("article")
    assert page.query_selector("article b") is None


def test_a_source_is_coloured_like_a_cell_and_explains_itself(opened):
    page = opened.page
    code = page.locator(".cell_output .highlight-python")
    assert code.locator(".k").first.text_content() == "def"
    colours = [
        page.locator(f"{box} .highlight .n").first.evaluate("each => getComputedStyle(each).color")
        for box in (".cell_input", ".cell_output")
    ]
    assert colours[0] == colours[1]
    assert "Draw bars" in page.inner_text("details.herbnb-source summary")
    assert "x: column of categories" in page.inner_text("details.herbnb-source pre")
    assert "Args:" not in code.inner_text()


def hover_first_point(page) -> None:
    """Put the pointer on the first point of the first figure."""
    page.locator(".herbnb-plot").first.scroll_into_view_if_needed()
    box = page.locator(".scatterlayer .point").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_hovering_shows_the_sheet_and_its_name(opened):
    page = opened.page
    thumb = page.locator(".herbnb-thumbnail")
    assert thumb.is_hidden()
    hover_first_point(page)
    thumb.wait_for(state="visible", timeout=5_000)
    assert "data:image/webp" in thumb.evaluate("each => each.style.backgroundImage")
    assert page.text_content(".hoverlayer .hovertext") == SCRIPT
    page.mouse.move(5, 5)
    thumb.wait_for(state="hidden", timeout=5_000)


def test_a_key_changes_from_one_view_of_the_points_to_the_next(opened):
    page = opened.page
    choice = page.get_by_role("group", name="network").get_by_role("radio")
    assert [choice.nth(place).evaluate("each => each.parentNode.innerText") for place in range(2)] == [
        "triplet",
        SCRIPT,
    ]
    points = page.locator(".herbnb-plot").last.locator(".scatterlayer .point")

    def places() -> list[str]:
        return points.evaluate_all("each => each.map(one => one.getAttribute('transform'))")

    before, count = places(), points.count()
    choice.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1_500)  # the points move there
    assert choice.nth(1).is_checked() and points.count() == count
    assert all(one != other for one, other in zip(before, places(), strict=True))
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(1_500)
    assert [[round(float(n)) for n in re.findall(r"[\d.]+", one)] for one in places()] == [
        [round(float(n)) for n in re.findall(r"[\d.]+", one)] for one in before
    ]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_picture_opens_large_by_a_key_or_a_click(sampler, visiting, viewport):
    with visiting(sampler / "book/executed/sampling.html", viewport, "dark") as visit:
        page = visit.page
        buttons = page.get_by_role("button", name=f"Sheet of {SCRIPT}")
        dialog = page.get_by_role("dialog", name=f"Sheet of {SCRIPT}")
        assert buttons.count() == 4 and dialog.count() == 0
        small, first = (
            buttons.first.locator("img").bounding_box(),
            buttons.first.locator("img").get_attribute("src"),
        )
        buttons.first.focus()
        page.keyboard.press("Enter")
        large = dialog.locator("img")
        box = large.bounding_box()
        assert (
            box["height"] > 0.75 * viewport["height"] > 2 * small["height"]
            and box["width"] > 0.85 * viewport["width"]
        )
        assert large.get_attribute("src") == first
        assert dialog.locator("figcaption").inner_text() == f"Sheet of {SCRIPT}"
        assert barriers(page) == ""
        page.keyboard.press("ArrowRight")
        assert large.get_attribute("src") != first
        page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert buttons.nth(1).evaluate("each => each === document.activeElement")
        buttons.nth(2).click()
        assert dialog.is_visible()
        large.click()
        assert not dialog.is_visible() and buttons.nth(2).evaluate("each => each === document.activeElement")
        page.keyboard.press("Space")
        dialog.get_by_role("button", name="Close").click()
        assert not dialog.is_visible()


def test_figures_follow_the_theme(opened):
    page = opened.page

    def ink() -> list[int]:
        colour = page.locator(".xtick text").first.evaluate("each => getComputedStyle(each).fill")
        return [int(number) for number in re.findall(r"\d+", colour)[:3]]

    assert sum(ink()) < 300
    switch = page.locator(".theme-switch-button").locator("visible=true").first
    for _ in range(3):
        if page.evaluate("document.documentElement.dataset.theme") != "dark":
            switch.click()
    page.wait_for_function(
        "[...document.querySelectorAll('.herbnb-figure')].every(each => each.dataset.drawn === 'dark')"
    )
    assert sum(ink()) > 500


def test_panels_stand_below_one_another_on_a_phone(sampler, visiting):
    lefts = {}
    for name, viewport in (("desk", DESK), ("phone", PHONE)):
        with visiting(sampler / "book/executed/sampling.html", viewport) as visit:
            panels = visit.page.locator(".herbnb-plot").nth(2).locator(".annotation")
            lefts[name] = {round(panels.nth(place).bounding_box()["x"]) for place in range(2)}
            assert visit.page.evaluate(WIDER) <= 0
            table = visit.page.locator(".herbnb-table")
            assert table.evaluate("each => each.scrollWidth > each.clientWidth")
    assert len(lefts["desk"]) == 2 and len(lefts["phone"]) == 1


def test_a_page_goes_to_paper_whole_and_comes_back(sampler, visiting):
    with visiting(sampler / "book/executed/sampling.html", DESK, "dark") as visit:
        page = visit.page
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.wait_for_function(
            "[...document.querySelectorAll('.herbnb-figure')].every(each => each.dataset.drawn === 'light')"
        )
        folded = page.locator("details.sd-dropdown")
        assert folded.count() > 9 and folded.evaluate_all("each => each.every(one => one.open)")
        assert page.locator("text=Solved by looking.").is_visible()
        widths = page.locator(".main-svg").evaluate_all("each => each.map(one => one.clientWidth)")
        assert widths and max(widths) <= 640
        for pressed in (
            ".modebar",
            ".copybtn",
            ".bd-header-article",
            ".bd-sidebar-primary",
        ):
            assert page.locator(pressed).count() and not page.locator(f"{pressed} >> visible=true").count(), (
                pressed
            )
        for whole in (
            "figure.herbnb-figure",
            ".herbnb-sheets figure",
            ".herbnb-table table",
            ".cell_input",
            "article pre",
        ):
            broken = page.locator(whole).evaluate_all(
                "each => each.map(one => getComputedStyle(one).breakInside)"
            )
            assert set(broken) == {"avoid"}, whole
        page.set_viewport_size({"width": 673, "height": 1000})  # an A4 sheet within its margins
        assert page.locator("article pre").evaluate_all(
            "each => each.every(one => one.scrollWidth <= one.clientWidth)"
        )
        assert page.evaluate(WIDER) <= 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert folded.evaluate_all("each => each.every(one => !one.open)")


def test_formulas_are_drawn_by_the_browser_itself(opened):
    boxes = opened.page.eval_on_selector_all(
        "math", "each => each.map(one => one.getBoundingClientRect().width)"
    )
    assert len(boxes) == 2 and min(boxes) > 5
    assert "(1.1)" in opened.page.inner_text("div.math") or "(1)" in opened.page.inner_text("div.math")


def test_commands_on_the_pages_name_real_chapters_and_parameters():
    for page in (ROOT / "book").glob("*.md"):
        text = page.read_text().replace("\\\n", "")
        commands = re.findall(r"^herbnb run ((?:\w+ )*\w+)(?: (-.*))?$", text, re.MULTILINE)
        for named, given in commands:
            for chapter in (chapter_path(name).stem for name in named.split()):
                for name in re.findall(r"-p (\w+) ", given):
                    assert name in chapter_parameters(chapter), f"{page.name}: {chapter} has no {name}"


def test_every_published_command_is_on_its_page():
    page = (ROOT / "book/published_commands.md").read_text()
    scripts = (
        "make_data autoencoder classifier generate_features calculate_silhouettes embed_features "
        "downstream_ident downstream_discrim downstream_mislabel"
    )
    for script in scripts.split():
        assert f"python project/{script}.py" in page
    for folder, split in (("rand", "random"), ("spp", "species"), ("herb", "institutions")):
        assert re.search(rf"`{folder}`.*\| split `{split}`", page)
