"""Places where text from data arrives: on pages, in scripts, in cells, on a terminal."""

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd
from bs4 import BeautifulSoup
from click.testing import CliRunner
from docutils.core import publish_string
from myst_parser.docutils_ import Parser
from PIL import Image

from conftest import row
from herbnb import figures
from herbnb.atlas import columns as atlas_columns
from herbnb.book.profile import Person, Profile
from herbnb.book.provenance import footer
from herbnb.cabinet import page as review_page
from herbnb.cabinet.darwin_core import write_archive
from herbnb.cabinet.decisions import Decisions
from herbnb.cabinet.specify import write_specify
from herbnb.cabinet.symbiota import write_symbiota
from herbnb.cells import in_one_line, text_of
from herbnb.errors import BadInput
from herbnb.figures.renderer import page_html
from herbnb.scripts import write_script
from herbnb.tables import read_table, write_table
from test_decisions import decision, file_of

CC0 = "CC0 1.0 http://creativecommons.org/publicdomain/zero/1.0/"

TEXTS = {
    "a script": "<script>alert(1)</script>",
    "a picture that calls": '<img src="x" onerror="alert(1)">',
    "the end of an attribute": '"><svg onload=alert(1)>',
    "the end of another": "' onmouseover='alert(1)",
    "the end of a script": "</script><script>alert(1)</script>",
    "a comment": "<!-- Poa -->",
    "bold": "<b>Poa</b> annua",
    "an entity": "Poa &lt;annua&gt; &amp; &#60;b&#62;",
    "a link": "[Poa](javascript:alert(1))",
    "a picture": "![Poa](https://example.org/poa.jpg)",
    "an address": "<https://example.org/>",
    "emphasis": "*Poa* **annua** __L.__ `code` ~~gone~~",
    "a role": "{download}`/etc/passwd` {raw}`html`",
    "a directive": "```{include} /etc/passwd ``` :::{raw} html",
    "a formula of letters": "$\\frac{1}{2}$ $$ x $$ \\(y\\)",
    "a heading": "# Poa",
    "a list": "- Poa",
    "a number": "1. Poa",
    "a line": "--- === ***",
    "a cell": "Poa | annua",
    "a substitution": "{{ 7 * 7 }} {0} {name} %s %{x} ${x}",
    "what ends a fence": "``` ~~~ :::",
    "a sum": "=1+1",
    "a command": '=cmd|" /C calc"!A0',
    "a link of a spreadsheet": '=HYPERLINK("http://example.org";"Poa")',
    "a plus": "+1+1",
    "a minus": "-1+1",
    "an at": "@SUM(A1)",
    "a sum behind a comma": "Poa, =1+1; =2",
    "a wide sum": "＝1+1",
    "a quote": "Poa \"annua\" L. 'sensu lato'",
    "a path": "../../etc/passwd",
    "a path of a file that is there": "/etc/passwd",
    "an address alone": "http://127.0.0.1:9/poa",
    "line separators": "Poa\u2028annua\u2029L.",
    "a year": "1905",
    "nothing": "None",
    "accents and scripts": "Čekanka Ⅲ 早熟禾 نخلة",
}
"""What a name, a licence, a holder, a reason, a path or a parameter may be."""

COMMANDS = {
    "colours": "\x1b[31mPoa\x1b[0m",
    "the end of the title": "\x1b]0;Poa\x07",
    "a line that is written over": "Poa\rrosa",
    "a line that is gone": "Poa\x1b[2K",
    "a bell": "Poa\x07",
    "an eight-bit command": "Poa\x9b31m",
    "the other direction": "Poa \u202eannua",
}
"""What a terminal would obey."""


NUMBER = re.compile(r"-?\d+(\.\d+)?")
OBEYED = re.compile(r'(^|[;,|"\t\r\n])[\s\xa0]*[=+\-@＝＋－＠]')
"""What a spreadsheet reckons, were it not a number."""


class Place(NamedTuple):
    """A place where text arrives, and how what holds it is read back."""

    name: str
    show: Callable[[str], object]
    """Puts a text there, and returns the page, the figure, the script, the cell or the line."""
    check: Callable[[object, object, str], None]
    """Compares what a text has become with what harmless letters become there."""


def as_page(shown: str, harmless: str, text: str) -> None:
    """The tags and attributes are those that letters have, and the text is there letter by letter."""
    soup = BeautifulSoup(shown, "html.parser")
    assert tags(soup) == tags(BeautifulSoup(harmless, "html.parser"))
    said = [soup.get_text(" "), *(str(value) for tag in soup.find_all() for value in tag.attrs.values())]
    assert in_one_line(text) in in_one_line(" ".join(said)), said


def tags(soup: BeautifulSoup) -> list[tuple]:
    """Return what a page is made of: its tags, with the names of their attributes, without pictures' bytes."""
    return [(tag.name, *sorted(set(tag.attrs) - {"class"})) for tag in soup.find_all()]


def as_markdown(shown: str, harmless: str, text: str) -> None:
    """The same of Markdown, as the book's own parser makes a page of it."""
    as_page(rendered(shown), rendered(harmless), text)


def as_footer(shown: str, harmless: str, text: str) -> None:
    """A parameter is written as Python writes it."""
    as_markdown(shown, harmless, repr(text)[1:-1])


def as_heading(shown: str, harmless: str, text: str) -> None:
    """The name of a column is written with blanks."""
    as_page(shown, harmless, text.replace("_", " "))


def rendered(markdown: str) -> str:
    """Return HTML of Markdown by MyST, with the extensions of the book that stand without Sphinx."""
    extensions = ["colon_fence", "dollarmath", "deflist"]
    settings = {"myst_enable_extensions": extensions, "doctitle_xform": False, "report_level": 1}
    page = publish_string(markdown, parser=Parser(), writer_name="html5", settings_overrides=settings)
    return str(BeautifulSoup(page, "html.parser").body)


def as_figure(shown: object, harmless: object, text: str) -> None:
    """No string that plotly draws has other tags than with letters, and one of them is the text."""
    drawn, others = (json.loads(each.to_json()) for each in (shown, harmless))
    strings = strings_of(drawn)
    for each in (drawn, others):
        each["layout"].pop("meta", None)  # the page's, which escapes it
    assert marks(strings_of(drawn)) == marks(strings_of(others))
    assert any(in_one_line(text) in in_one_line(html.unescape(each)) for each in strings)
    pages = [BeautifulSoup(page_html(each.to_dict()), "html.parser") for each in (shown, harmless)]
    assert tags(pages[0]) == tags(pages[1])


def strings_of(content: object) -> list[str]:
    """Return all strings in what JSON says, but those that are pictures."""
    if isinstance(content, str):
        return [] if content.startswith("data:") else [content]
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else []
    return [string for each in inner for string in strings_of(each)]


def marks(strings: list[str]) -> list[str]:
    """Return the tags that plotly would obey in some strings, in any order."""
    return sorted(mark for string in strings for mark in re.findall(r"<[^>]*>", string))


def as_script(shown: str, harmless: str, text: str) -> None:
    """It is one statement that nothing within it can end, and hands over the text."""
    for sign in "<\u2028\u2029":
        assert sign not in shown
    given = json.loads(re.search(r",(\{.*\})\)?;\s*$", shown, re.DOTALL)[1])
    assert text in strings_of(given)


def as_cells(shown: str, harmless: str, text: str) -> None:
    """It has the rows and columns that it has with letters, and no cell that a spreadsheet would obey."""
    rows, others = (list(csv.reader(io.StringIO(each))) for each in (shown, harmless))
    assert [len(cells) for cells in rows] == [len(cells) for cells in others]
    cells = [cell for cells in rows for cell in cells]
    obeyed = [cell for cell in cells if OBEYED.search(cell) and not NUMBER.fullmatch(cell)]
    assert not obeyed
    assert any(in_one_line(text) in in_one_line(text_of(cell)) for cell in cells)


def as_line(shown: str, harmless: str, text: str) -> None:
    """Nothing in it tells a terminal to do anything."""
    assert "Poa" in shown and shown.isprintable(), ascii(shown)


def as_json(shown: str, harmless: str, text: str) -> None:
    """JSON that says the text and has the keys that it has with letters."""
    assert text in strings_of(json.loads(shown))
    assert keys(json.loads(shown)) == keys(json.loads(harmless))


def keys(content: object) -> list:
    if isinstance(content, dict):
        return [(key, keys(value)) for key, value in content.items()]
    return [keys(each) for each in content] if isinstance(content, list) else []


def scores(**columns: str) -> pd.DataFrame:
    """Four scores with intervals; a column that is named holds the text twice, and letters twice."""
    known = {"task": "a", "network": "triplet", "rank": "genus"}
    table = pd.DataFrame({name: [value] * 4 for name, value in known.items()})
    table = table.assign(n=[1, 2, 1, 2], mean=[0.1, 0.2, 0.3, 0.4], low=0.0, high=0.5)
    for name, text in columns.items():
        table[name] = [text, text, "other", "other"]
    return table


def cloud(**columns: str) -> pd.DataFrame:
    """Forty points; a column that is named holds the text in every other row."""
    rng = np.random.default_rng(89)
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["x", "y"]).assign(
        genus="Poa", species="Poa annua"
    )
    return table.assign(**{name: [text, "other"] * 20 for name, text in columns.items()})


def seen_by(name: str) -> pd.DataFrame:
    return pd.concat([cloud().assign(network=each) for each in (name, "triplet")], ignore_index=True)


def with_sheet(use: Callable[[pd.DataFrame, Path], object], **columns: str) -> object:
    """Show one sheet that may be shown, with what its row is given."""
    with TemporaryDirectory() as folder:
        Image.new("RGB", (40, 60), "beige").save(Path(folder) / "0.jpg")
        sheet = row("0", species="Poa annua") | {"licence": CC0, "rights_holder": "K", **columns}
        return use(pd.DataFrame([sheet]), Path(folder))


def grid(sheets: pd.DataFrame, folder: Path, **given: object) -> str:
    return figures.sheet_grid(sheets, folder, **given).data


def sprite(sheets: pd.DataFrame, folder: Path) -> object:
    points = sheets.assign(x=0.0, y=0.0)
    return figures.scatter(points, "genus", hover=["species"], thumbnails=points["path"], folder=folder)


def rows_of(text: str) -> list[str]:
    black = np.zeros((8, 8, 3), np.uint8)
    return figures.image_row([black], [text]).data


def kept(text: str, column: str) -> str:
    """Return what a table of a run is on disk, and see that it is read as it was."""
    with TemporaryDirectory() as folder:
        table = pd.DataFrame({"image_id": ["S1", "S2"], column: [text, "Poa"], "score": [-0.5, 0.5]})
        path = write_table(table, Path(folder) / "table.csv")
        pd.testing.assert_frame_equal(read_table(path), table)
        return path.read_text(encoding="utf-8")


def exported(text: str, field: str, write: Callable, file: str) -> str:
    """Return the file that a decision becomes in the form of a database."""
    changed = {"verdict": "wrong", "name": "Poa annua", "remarks": "seen", field: text}
    with TemporaryDirectory() as folder:
        write(Decisions.model_validate(file_of(decision("K1", **changed))), Path(folder) / "out")
        found = Path(folder) / "out" / file if file else Path(folder) / "out"
        if zipfile.is_zipfile(found):
            with zipfile.ZipFile(found) as archive:
                return archive.read("identifications.csv").decode("utf-8")
        return found.read_text(encoding="utf-8")


def script_of(write: Callable[[Path], object]) -> str:
    with TemporaryDirectory() as folder:
        write(Path(folder))
        (file,) = Path(folder).rglob("*.js")
        return file.read_text(encoding="utf-8")


def in_atlas(text: str) -> str:
    column = atlas_columns.encoded(pd.Series([text, "Poa", "Poa"]))
    return script_of(lambda folder: write_script(folder / "column-x.js", "Atlas", "column-x", column))


def in_review(text: str, field: str) -> str:
    sheet = dict.fromkeys((*row("0"), "references", "previous_identifications", "identified_by"), "Poa")
    data = {"sheet": {**sheet, field: text}}
    return script_of(lambda folder: write_script(folder / "review_data.js", "herbnb", "review", data))


def completed(text: str) -> str:
    table = pd.DataFrame([row("0", species="Poa annua")])
    names = {"names": review_page.names_of(table, [text])}
    return script_of(lambda folder: write_script(folder / "review_names.js", "herbnb", "names", names))


def on_terminal(text: str) -> str:
    """Return what a command says of a file that bears the text as its name."""
    from herbnb.cli import main

    arguments = ["data", "table", "--table", f"{text}.csv", "--images", ".", "--to", "absent"]
    return CliRunner().invoke(main, arguments).output.strip()


FIGURES = {
    "a step of a funnel": lambda text: figures.funnel(
        pd.DataFrame({"step": [text, "kept"], "images": [20, 10]})
    ),
    "a bar": lambda text: figures.counts(
        pd.DataFrame({"genus": [text, "Rosa"], "images": [3, 4]}), "genus", "images"
    ),
    "a lying bar": lambda text: figures.counts(
        pd.DataFrame({"genus": [text, "Rosa"], "images": [3, 4]}), "images", "genus"
    ),
    "the colour of a bar": lambda text: figures.counts(
        pd.DataFrame({"genus": ["Poa"] * 2, "split": [text, "train"], "images": [3, 4]}),
        *("genus", "images", "split"),
    ),
    "a metric of training": lambda text: figures.learning_curves(
        pd.DataFrame({"epoch": [0, 1], "split": "train", "metric": text, "value": [1.0, 0.5]})
    ),
    "a line of scores": lambda text: figures.interval_dots(scores(task=text), "mean", "task", "network"),
    "a colour of scores": lambda text: figures.interval_dots(scores(network=text), "mean", "n", "network"),
    "a panel of scores": lambda text: figures.interval_dots(
        scores(rank=text), "mean", "task", "network", facet="rank"
    ),
    "a curve": lambda text: figures.curves(scores(task=text), "n", "mean", "task"),
    "a panel of curves": lambda text: figures.curves(scores(rank=text), "n", "mean", "network", facet="rank"),
    "a row of a grid": lambda text: figures.heatmap(
        scores(task=text).iloc[[0, 2]], "network", "task", "mean"
    ),
    "a column of a grid": lambda text: figures.heatmap(
        scores(task=text).iloc[[0, 2]], "task", "network", "mean"
    ),
    "a violin": lambda text: figures.distributions(cloud(genus=text), "x", "genus"),
    "a panel of violins": lambda text: figures.distributions(cloud(species=text), "x", "genus", "species"),
    "a colour of points": lambda text: figures.scatter(cloud(genus=text), "genus"),
    "a panel of points": lambda text: figures.scatter(cloud(species=text), "genus", "species"),
    "what is said of a point": lambda text: figures.scatter(cloud(species=text), "genus", hover=["species"]),
    "a switch of points": lambda text: figures.scatter(seen_by(text), "genus", views="network"),
}
PAGES = {
    "a cell of a table": lambda text: figures.table(pd.DataFrame({"genus": [text], "n": [1]})).data,
    "the caption of a table": lambda text: figures.table(pd.DataFrame({"n": [1]}), caption=text).data,
    "the species of a sheet": lambda text: with_sheet(grid, species=text),
    "the caption of a sheet": lambda text: with_sheet(partial(grid, captions=[text])),
    "the holder of a sheet": lambda text: with_sheet(grid, rights_holder=text),
    "the caption of a picture": rows_of,
    "the holder below a map": lambda text: page_html(with_sheet(sprite, rights_holder=text).to_dict()),
}
MARKDOWN = {
    "a field of a sentence": lambda text: figures.say("Seen: {name}, and more.", name=text).data,
    "the beginning of a sentence": lambda text: figures.say("{name} is seen.", name=text).data,
    "a field in emphasis": lambda text: figures.say("Seen: *{name}*.", name=text).data,
    "a line of a list": lambda text: str(figures.each("- {name};", [{"name": text}, {"name": "Poa"}])),
    "words in words": lambda text: figures.say("Of {which}.", which=figures.words("{n}", n=text)).data,
    "what is said of nothing": lambda text: figures.table(pd.DataFrame(), empty=text).data,
}
HEADINGS = {"the head of a table": lambda text: figures.table(pd.DataFrame({text: [1]})).data}
FOOTERS = {
    "a parameter in the footer": lambda text: provenance({"name": text}),
    "a list in the footer": lambda text: provenance({"networks": [text]}),
    "the folder in the footer": lambda text: provenance({"results": text}),
}
SCRIPTS = {
    "a column of the atlas": in_atlas,
    "a name on the review page": partial(in_review, field="species"),
    "a determiner on the review page": partial(in_review, field="identified_by"),
    "an earlier name on the review page": partial(in_review, field="previous_identifications"),
    "a holder on the review page": partial(in_review, field="institution"),
    "a name that completes another": completed,
}
CELLS = {
    "a genus in a run's table": partial(kept, column="genus"),
    "a reason in a run's table": partial(kept, column="reason"),
    "a name for Symbiota": partial(exported, field="name", write=write_symbiota, file=""),
    "a remark for Symbiota": partial(exported, field="remarks", write=write_symbiota, file=""),
    "a person for Symbiota": partial(exported, field="decided_by", write=write_symbiota, file=""),
    "a name for Specify": partial(exported, field="name", write=write_specify, file="determinations.csv"),
    "a remark for Specify": partial(
        exported, field="remarks", write=write_specify, file="determinations.csv"
    ),
    "a name in a Darwin Core archive": partial(exported, field="name", write=write_archive, file=""),
    "a remark in a Darwin Core archive": partial(exported, field="remarks", write=write_archive, file=""),
}
LINES = {
    "a sentence": lambda text: str(BadInput(f"{text} is missing.")),
    "what a command says": on_terminal,
}
WRITTEN = {"who runs a profile": lambda text: Profile(by=Person(name=text)).model_dump_json()}


def provenance(parameters: dict) -> str:
    """Return the footer of a run, of its parameters alone: the rest differs from run to run."""
    told = footer({"results": "results/smoke"} | parameters, 1.0)
    return told[told.index("**Parameters**") : told.index("**Seed**")]


TABLES = (
    *((FIGURES, as_figure, TEXTS), (PAGES, as_page, TEXTS), (MARKDOWN, as_markdown, TEXTS)),
    *((HEADINGS, as_heading, TEXTS), (FOOTERS, as_footer, TEXTS)),
    *((SCRIPTS, as_script, TEXTS), (CELLS, as_cells, TEXTS), (LINES, as_line, COMMANDS)),
    (WRITTEN, as_json, TEXTS),
)
ROWS = [(Place(name, show, check), texts) for places, check, texts in TABLES for name, show in places.items()]
