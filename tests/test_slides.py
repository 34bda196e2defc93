"""The slides: made of finished pages, turned by keys, with notes in a window of their own, and fit for paper."""

import re
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

from conftest import DESK, DRAWN, PHONE, ROOT, SCREEN, SCRIPT, TALLER, WIDER, barriers
from herbnb import figures
from herbnb.book.extension import PLOTLY
from herbnb.book.slides import write_slides
from herbnb.cli import main
from herbnb.errors import BadInput

NOTES = """<details class="sd-dropdown herbnb-teacher"><summary>For the teacher</summary>
<div class="sd-summary-content"><dl><dt>Say</dt><dd>{said}</dd></dl></div></details>"""

BLOCK = """<section id="{name}"><h3>Minutes {minutes}: {name}<a class="headerlink" href="#{name}">#</a></h3>
<p>Look at {links}.</p><p><strong>What is {name}?</strong></p>{notes}</section>"""

CHAPTER = """<article><section id="top"><h1>{name}</h1>
<section id="first"><span id="{name}-first"></span><h2>First</h2>
<div class="cell"><div class="cell_output">{picture}</div></div>
<p><em>A caption.</em></p><p>Read <a href="x.html">it</a>.</p><ul><li>And this.</li></ul>
<div class="cell"><div class="cell_output">{table}</div></div><p><em>Another.</em></p></section>
<section id="second"><h2>Second</h2><div class="cell">{table}</div><p><em>A table.</em></p></section>
<section id="third"><h2>Third</h2><p>Words alone.</p></section>
<section id="quiz"><h2>Three questions</h2><div class="herbnb-quiz"><ol><li><p>Is it {name}?</p>
<details class="sd-dropdown herbnb-wrong"><summary>No.<span class="sd-summary-state-marker">v</span></summary>
<div class="sd-summary-content"><p>It is.</p></div></details>
<details class="sd-dropdown herbnb-right"><summary>Yes.</summary>
<div class="sd-summary-content"><p>Right. It is.</p></div></details></li><li><p>And this?</p></li></ol></div>
</section></section></article>"""


def link(to: str) -> str:
    return f'<a class="reference internal" href="executed/{to}"><span>there</span></a>'


def block(name: str, minutes: str, *links: str) -> str:
    said = NOTES.format(said=f"Say {name}.")
    return BLOCK.format(name=name, minutes=minutes, links=", ".join(map(link, links)), notes=said)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A book of two chapters and a workshop of two blocks, with the real assets and a real figure."""
    pages = tmp_path_factory.mktemp("pages")
    shutil.copytree(ROOT / "book" / "assets", pages / "_static")
    shutil.copy(PLOTLY, pages / "_static")
    executed = pages / "book" / "executed"
    executed.mkdir(parents=True)
    table = pd.DataFrame({"genus": [SCRIPT, "Poa"], "images": [3, 5]})
    drawn = figures.counts(table, "images", "genus")._repr_mimebundle_()["text/html"]
    written = figures.table(table).data
    for name in ("poa", "carex"):
        page = CHAPTER.format(name=name, picture=drawn, table=written)
        (executed / f"{name}.html").write_text(page)
    blocks = [block("Look", "0 to 40", "poa.html#poa-first", "carex.html#third", "carex.html")]
    blocks.append(block("Go", "40 to 90", "poa.html#second", "carex.html#first"))
    guide = f"<h1>A workshop</h1><p>Say.</p>{NOTES.format(said='How.')}<section><table><tr><td>Look</td></tr></table>"
    (pages / "book" / "workshop.html").write_text(
        f"<article><section>{guide}{''.join(blocks)}</section></section></article>"
    )
    entries = [
        f"<dt>{link(f'{name}.html')}</dt><dd><p>What of {name}?</p>"
        f'<div class="herbnb-answer"><p>Much of <em>{name}</em>.</p></div></dd>'
        for name in ("poa", "carex")
    ]
    (pages / "book" / "index.html").write_text(
        '<article><h1>Grasses &amp; sedges</h1><div><p class="admonition-title">Not real</p></div>'
        f"<dl>{''.join(entries)}</dl></article>"
    )
    return pages


@pytest.fixture(scope="module")
def deck(pages, tmp_path_factory):
    """The slides of that book, in a folder that holds nothing else."""
    return write_slides(pages, tmp_path_factory.mktemp("deck") / "slides.html")


def slides_of(deck) -> list[str]:
    return re.findall(r'<section aria-label="\d+">.*?</section>', deck.read_text(), re.DOTALL)


def test_the_slides_follow_the_blocks_and_what_they_link_to(deck):
    told = [
        re.search(r'<p class="over">(.*?)</p>\s<h2>(.*?)</h2>', slide, re.DOTALL).groups()
        for slide in slides_of(deck)
    ]
    assert [(re.sub("<.*?>", "", over), re.sub("<.*?>", "", heading)) for over, heading in told] == [
        ("Grasses &amp; sedges", "A workshop"),
        ("Minutes 0 to 40", "Look"),
        ("there: First", "A caption."),
        ("Minutes 40 to 90", "Go"),
        ("there: Second", "A table."),
        ("there: First", "A caption."),
        ("there: the answer of this run", "What of poa?"),
        ("there: a question", "Is it poa?"),
        ("there: the answer of this run", "What of carex?"),
        ("there: a question", "Is it carex?"),
    ]


def test_a_slide_has_its_picture_and_the_teachers_notes(deck):
    title, look, picture, _, table, *_, answer, question = slides_of(deck)
    assert "How." in title and "Not real." in title and "<td>Look</td>" in title
    assert '<p class="question"><strong>What is Look?</strong></p>' in look
    shown, notes = look.split('<aside class="notes"')
    assert "Say Look." in notes and "Say Look." not in shown and "#" not in re.search("<h2>.*", look)[0]
    shown, notes = picture.split('<aside class="notes"')
    assert shown.count("herbnb-figure") == 1 and "herbnb-table" not in shown
    assert "Read it." in notes and "And this." in notes and "Another." not in notes
    assert "herbnb-table" in table.split("<aside")[0]
    assert "Much of <em>carex</em>." in answer
    shown, notes = question.split('<aside class="notes"')
    assert shown.count("<details") == 2 and "state-marker" not in shown and "<em>Yes.</em>" in notes


def test_the_file_holds_all_that_it_shows(deck):
    text = deck.read_text()
    assert "<title>Grasses &amp; sedges: slides</title>" in text
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(r'\b(?:href|src)="(?!data:)[^"]*"', markup) == [] and "<a " not in markup
    assert "<!-- " not in markup and len(text) > PLOTLY.stat().st_size / 2


def test_without_a_book_there_are_no_slides(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="has no workshop to show: render the book first, with `herbnb build`"):
        write_slides(tmp_path, tmp_path / "slides.html")
    (tmp_path / "_toc.yml").touch()
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["slides", "--to", "mine.html"])
    assert ran.exit_code == 1 and "_build/html has no workshop to show" in ran.output
    assert not (tmp_path / "mine.html").exists()


def test_the_command_writes_where_it_is_told(pages, tmp_path, monkeypatch):
    (tmp_path / "_toc.yml").touch()
    (tmp_path / "_build").mkdir()
    (tmp_path / "_build" / "html").symlink_to(pages)
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["slides", "--to", "mine.html"], catch_exceptions=False)
    assert ran.output == "The slides: mine.html\n" and (tmp_path / "mine.html").exists()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_slides_are_read_by_everybody(deck, visiting, viewport):
    for theme in ("light", "dark"):
        with visiting(deck, viewport, query="?notes") as visit:
            page = visit.page
            if theme == "dark":
                page.keyboard.press("d")
                page.wait_for_function("document.querySelector('[data-drawn]').dataset.drawn === 'dark'")
            assert page.evaluate("document.documentElement.dataset.theme") == theme
            drawn = page.evaluate(DRAWN)
            assert len(drawn) == 2 and all(drawn)
            for _ in slides_of(deck):
                assert page.evaluate(WIDER) <= 0
                page.keyboard.press("ArrowRight")
            assert barriers(page) == ""
            page.emulate_media(media="print")  # so all slides are seen at once
            assert barriers(page) == ""


def test_a_slide_is_no_taller_than_the_screen(deck, visiting):
    with visiting(deck, SCREEN) as visit:
        page = visit.page
        page.locator(".herbnb-table tbody").first.evaluate(
            "rows => rows.append(...Array.from({ length: 30 }, () => rows.rows[0].cloneNode(true)))"
        )
        page.locator("details p").first.evaluate("said => said.append(' It is.'.repeat(900))")
        shrunk = set()
        for number, _ in enumerate(slides_of(deck), start=1):
            assert page.evaluate(TALLER) <= 0
            if page.locator("main > .shown").evaluate("slide => slide.style.transform"):
                shrunk.add(number)
            page.keyboard.press("ArrowRight")
        assert shrunk == {5, 8}
        page.locator("details").first.evaluate("fold => { fold.open = false }")
        page.evaluate("location.hash = '#8'")
        page.wait_for_function("!document.querySelector('main > .shown').style.transform")
        page.locator("summary").first.click()
        page.wait_for_function("document.querySelector('main > .shown').style.transform")
        assert page.evaluate(TALLER) <= 0
        page.set_viewport_size(PHONE)
        page.wait_for_function("!document.querySelector('main > .shown').style.transform")
        assert page.evaluate(TALLER) > 0  # it scrolls, in letters that can be read


def test_keys_buttons_and_the_address_turn_the_slides(deck, visiting):
    with visiting(deck) as visit:
        page = visit.page

        def seen() -> tuple[str, str, str]:
            headings = page.locator("h2 >> visible=true")
            assert headings.count() == 1
            return headings.inner_text(), page.inner_text("#place"), page.url.split("#")[1]

        assert seen() == ("A workshop", "1 of 10", "1")
        for key, heading, number in (
            ("ArrowRight", "Look", 2),
            (" ", "A caption.", 3),
            ("PageDown", "Go", 4),
            ("PageUp", "A caption.", 3),
            ("End", "Is it carex?", 10),
            ("ArrowRight", "Is it carex?", 10),
            ("ArrowLeft", "What of carex?", 9),
            ("Home", "A workshop", 1),
            ("ArrowLeft", "A workshop", 1),
        ):
            page.keyboard.press(key)
            assert seen() == (heading, f"{number} of 10", str(number))
        page.get_by_role("button", name="On").click()
        assert seen()[0] == "Look"
        page.get_by_role("button", name="Back").click()
        assert seen()[0] == "A workshop"
        page.evaluate("location.hash = '#10'")
        page.wait_for_function("document.getElementById('place').textContent === '10 of 10'")
        fold = page.locator("details.herbnb-right").last
        fold.evaluate("each => { each.open = false }")
        fold.locator("summary").press("Space")
        assert fold.locator("p").is_visible()  # and no slide is turned
        assert seen()[0] == "Is it carex?"
        assert not page.locator(".notes >> visible=true").count()


def test_the_notes_have_a_window_that_turns_along(deck, visiting):
    with visiting(deck) as visit:
        page = visit.page
        page.keyboard.press("ArrowRight")
        with visit.context.expect_page() as opened:
            page.keyboard.press("n")
        notes = opened.value
        assert notes.url.endswith("slides.html?notes#2")
        notes.get_by_text("Say Look.").wait_for(state="visible")
        page.keyboard.press("ArrowRight")
        notes.get_by_label("Notes, 3", exact=True).get_by_text("Read it.").wait_for(state="visible")
        notes.keyboard.press("ArrowRight")
        page.get_by_role("heading", name="Go").wait_for(state="visible")
        assert not page.get_by_text("Say Go.").is_visible() and notes.get_by_text("Say Go.").is_visible()


def test_all_slides_go_to_paper(deck, visiting):
    with visiting(deck) as visit:
        page = visit.page
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("h2 >> visible=true").count() == 10
        assert page.locator("details").evaluate_all("each => each.every(one => one.open)")
        assert not page.locator("nav >> visible=true").count()
        tops = page.locator("main > section").evaluate_all(
            "each => each.map(one => one.getBoundingClientRect().top)"
        )
        assert tops == sorted(set(tops))
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert not page.locator("details[open]").count()
