"""Slides: the workshop as one file that needs no network, made of the finished pages of the book.

Nothing is written twice. Blocks, their questions and the teacher's notes come from the guide; figures from
the sections of chapters that a block links to, with the chapter's reading of them as notes; answers from the
front page; and of each chapter's quiz the first question.
"""

from html import escape
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from bs4 import Tag

from herbnb.book.pages import inside, outside, read_page, text
from herbnb.errors import BadInput
from herbnb.files import whole

STYLES = ("herbnb.css", "slides.css")
SCRIPTS = ("plotly.min.js", "figures.js", "pictures.js", "slides.js")

SLIDE = """<section aria-label="{number}">
<p class="over">{over}</p>
<h2>{heading}</h2>
{body}
<aside class="notes" aria-label="Notes, {number}">{notes}</aside>
</section>"""


class Slide(NamedTuple):
    """A slide in HTML: a line over its heading, what is shown, and what is only for the teacher."""

    over: str
    heading: str
    body: str
    notes: str = ""


def write_slides(pages: Path, to: Path) -> Path:
    """Write the slides of the workshop to `to`, and return it.

    Args:
        pages: the folder of the finished book, with its folders `book` and `_static`.
        to: a file, which holds all that it shows.

    Raises:
        BadInput: no book has been rendered there, or an older one.
    """
    book, static = pages / "book", pages / "_static"
    if not (book / "workshop.html").exists() or not (static / "slides.html").exists():
        raise BadInput(f"{pages} has no workshop to show: render the book first, with `herbnb build`.")
    guide, front = read_page(book / "workshop.html"), read_page(book / "index.html")
    slides = [opening(guide, front), *told(guide, front, book)]
    parts = {
        "title": escape(text(front.h1)),
        "styles": "\n".join((static / name).read_text(encoding="utf-8") for name in STYLES),
        "slides": "\n".join(
            SLIDE.format(number=number, **slide._asdict()) for number, slide in enumerate(slides, start=1)
        ),
        "scripts": "\n".join(script(static / name) for name in SCRIPTS),
    }
    first, *others = (static / "slides.html").read_text(encoding="utf-8").split("<!-- ")
    with whole(to) as temporary, temporary.open("w", encoding="utf-8") as page:
        page.write(first)
        for name, after in (each.split(" -->") for each in others):
            page.write(parts[name] + after)
    return to


def opening(guide: Tag, front: Tag) -> Slide:
    """Return the first slide: the book, the workshop and its timetable."""
    said = f"<p>{inside(front.select_one('.admonition-title'))}.</p>\n{outside(guide.table)}"
    return Slide(inside(front.h1), inside(guide.h1), said, notes_of(guide.section))


def told(guide: Tag, front: Tag, book: Path) -> list[Slide]:
    """Return the slides of all blocks: questions, what they link to, and the answers of the run."""
    blocks = guide.select("section:has(> h3):has(> .herbnb-teacher)")
    links = [[a["href"].split("#") for a in block.select(":scope > p a[href*='.html#']")] for block in blocks]
    left_in = {file: number for number, of_block in enumerate(links) for file, _ in of_block}
    chapters = {file: read_page(book / file) for file in left_in}
    names = {file: inside(front.select_one(f"dt > a[href='{file}']")) for file in left_in}
    slides = []
    for number, block in enumerate(blocks):
        slides.append(question_of(block))
        for file, anchor in links[number]:
            section = chapters[file].select_one(f"section#{anchor}, section:has(> :is(span, p)#{anchor})")
            slides += pictured(section, names[file])
        for file in [file for file, last in left_in.items() if last == number]:
            slides += answered(front.select_one(f"dt:has(> a[href='{file}']) + dd"), names[file])
            slides.append(asked(chapters[file], names[file]))
    return slides


def question_of(block: Tag) -> Slide:
    """Return the slide of a block of the guide: its minutes, what there is to do, its question."""
    minutes, name = text(block.h3).split(": ")
    *task, question = block.find_all("p", recursive=False)
    body = f'{outside(*task)}\n<p class="question">{inside(question)}</p>'
    return Slide(minutes, escape(name), body, notes_of(block))


def notes_of(section: Tag) -> str:
    """Return the teacher's notes of a section of the guide."""
    return inside(section.select_one(":scope > .herbnb-teacher > .sd-summary-content"))


def pictured(section: Tag, chapter: str) -> list[Slide]:
    """Return the first figure or pictures of a chapter's section, or else its first table, if there is any.

    The heading is its caption; what the chapter says of it, until the next cell, are the notes.
    """
    shown = section.select_one("figure.herbnb-figure, .herbnb-sheets") or section.select_one(".herbnb-table")
    if shown is None:
        return []
    after = shown.find_parent("div", class_="cell").find_next_siblings()
    caption, *reading = takewhile(lambda each: "cell" not in each.get("class", []), after)
    return [Slide(f"{chapter}: {inside(section.h2)}", inside(caption), outside(shown), outside(*reading))]


def answered(entry: Tag, chapter: str) -> list[Slide]:
    """Return a chapter's question and what this run has answered, as the front page has them, if it has."""
    said = entry.select_one(".herbnb-answer")
    return [Slide(f"{chapter}: the answer of this run", inside(entry.p), outside(said))] if said else []


def asked(page: Tag, chapter: str) -> Slide:
    """Return the first question of a chapter's quiz, with the right answer as notes."""
    item = page.select_one(".herbnb-quiz > ol > li")
    right = item.select_one(".herbnb-right")
    notes = f"<p><em>{inside(right.summary)}</em></p>\n{outside(right.p)}"
    return Slide(f"{chapter}: a question", inside(item.p), outside(*item.find_all("details")), notes)


def script(path: Path) -> str:
    """Return a script as an element, with what would end it early written otherwise."""
    return "<script>\n" + path.read_text(encoding="utf-8").replace("</script", "<\\/script") + "\n</script>"
