"""The notebooks to take along: a student's has no solution, a teacher's has all, and both are plain Markdown."""

import json
import re

import nbformat
import pytest
from click.testing import CliRunner
from sphinx.cmd.build import build_main

from conftest import ROOT
from herbnb.book import launch
from herbnb.book.chapters import chapter_names, chapter_path
from herbnb.book.exercises import read_exercises
from herbnb.book.markdown import plain_markdown
from herbnb.book.notebooks import notebook_for
from herbnb.book.percent import read_chapter
from herbnb.cli import main

CONF = """
from herbnb.book.launch import Launches

extensions, myst_enable_extensions = ["myst_parser"], ["colon_fence"]


def setup(app):
    app.add_directive("launches", Launches)
"""
ADDRESS = "https://github.com/owner/name"


@pytest.fixture(params=chapter_names())
def chapter(request):
    """The name of each chapter in turn."""
    return request.param


def text_of(notebook) -> str:
    return " ".join("\n".join(cell.source for cell in notebook.cells).split())


def sentences(text: str) -> set[str]:
    """What a text says and has the reader type, line by line or sentence by sentence."""
    typed = re.findall(r"^(?:herbnb|make) .+|(?<=^\+) *\S.+", text, re.MULTILINE)
    said = re.split(r"(?<=[.?:])\s|\n\n", re.sub(r"```.*?```", "\n\n", plain_markdown(text), flags=re.DOTALL))
    return {" ".join(each.split()) for each in (*typed, *said) if len(each.split()) > 3}


def test_a_student_gets_tasks_and_hints_and_no_solution(chapter):
    student, teacher = (text_of(notebook_for(reader, chapter)) for reader in launch.READERS)
    for exercise in read_exercises(chapter):
        for text in (exercise.task, exercise.hint):
            assert " ".join(plain_markdown(text).split()) in student
        told = sentences(exercise.solution)
        assert told
        for sentence in told:
            assert sentence not in student
            assert sentence in teacher
    assert "Solution" not in student and teacher.count("**Solution**") == 3


def test_beneath_each_task_is_an_empty_cell(chapter):
    for reader in launch.READERS:
        cells = notebook_for(reader, chapter).cells
        tasks = [place for place, cell in enumerate(cells) if cell.source.startswith("### Exercise ")]
        answers = [(cells[place + 1].cell_type, cells[place + 1].source) for place in tasks]
        assert answers == [("code", ""), ("code", ""), ("markdown", "*Your answer:*")]


def test_the_cells_are_those_of_the_chapter_and_valid(chapter):
    source = read_chapter(chapter_path(chapter))
    for reader in launch.READERS:
        notebook = notebook_for(reader, chapter)
        nbformat.validate(notebook)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
        assert [(cell.source, cell.metadata) for cell in cells] == [
            (cell.source, cell.metadata) for cell in source.cells if cell.cell_type == "code"
        ]


def test_nothing_of_myst_is_left(chapter):
    for cell in notebook_for("teacher", chapter).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r":::|\{(?:term|cite|ref|doc)|^\([\w-]+\)=$", cell.source, re.MULTILINE), (
                cell.source
            )
            links = re.findall(r"\]\(([^)]+)\)", cell.source)
            assert all(re.fullmatch(r"https://.+|\w+\.ipynb", link) for link in links), links


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("A {term}`sheet` of {term}`distances <distance>`.", "A sheet of distances."),
        ("Of {term}`held-out\nsets <held-out set>`", "Of held-out\nsets"),
        ("(here)=\n## Here\n", "## Here"),
        ("[here](a-label), [there](../page) and [Kew](kew.ipynb)", "here, there and [Kew](kew.ipynb)"),
        ("[two\nlines](a-label)", "two\nlines"),
        (
            "{cite:t}`walker2022` asked.",
            "[Walker et al. 2022](https://doi.org/10.3389/fpls.2021.806407) asked.",
        ),
        (
            "So it is {cite:p}`hinton2006autoencoder`.",
            "So it is ([Hinton and Salakhutdinov 2006](https://doi.org/10.1126/science.1127647)).",
        ),
        (":::{dropdown} More\nOf it.\n:::", "<details><summary>More</summary>\n\nOf it.\n\n</details>"),
    ],
)
def test_myst_becomes_markdown(myst, markdown):
    assert plain_markdown(myst) == markdown


def test_the_command_writes_one_for_every_reader(tmp_path):
    ran = CliRunner().invoke(main, ["notebooks", "--to", str(tmp_path)])
    assert ran.exit_code == 0 and ran.output == f"{2 * len(chapter_names())} notebooks: {tmp_path}\n"
    for reader in launch.READERS:
        assert sorted(path.stem for path in (tmp_path / reader).iterdir()) == sorted(chapter_names())
    json.loads((tmp_path / "student" / "kew.ipynb").read_text())


def test_without_an_address_nothing_is_linked_to(tmp_path, monkeypatch):
    for text in ("title: x", "repository:", "repository: {url: }", 'repository: {url: ""}'):
        (tmp_path / "_toc.yml").touch()
        (tmp_path / "_config.yml").write_text(text)
        monkeypatch.chdir(tmp_path)
        assert launch.repository() == ""
    (tmp_path / "_config.yml").write_text(f"repository: {{url: {ADDRESS}/}}")
    assert launch.repository() == ADDRESS


def test_with_an_address_notebooks_open_in_colab_and_on_binder():
    assert launch.launches(ADDRESS, "kew", "student") == {
        "Colab": "https://colab.research.google.com/github/owner/name/blob/notebooks/student/kew.ipynb",
        "Binder": "https://mybinder.org/v2/gh/owner/name/HEAD?labpath=notebooks%2Fstudent%2Fkew.ipynb",
    }
    table = launch.table_of_launches(ADDRESS)
    assert len(table) == 2 + len(chapter_names()) and all(row.count("https://") == 4 for row in table[2:])
    setup = notebook_for("student", "kew", ADDRESS).cells[0].source
    assert f"git clone --quiet --depth 1 {ADDRESS} herbnb" in setup
    assert f"{ADDRESS}/releases/latest/download/pocket.zip" in setup


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_the_page_has_the_links_as_a_table_or_says_why_not(tmp_path, monkeypatch, address):
    (tmp_path / "_config.yml").write_text(f"repository: {{url: '{address}'}}")
    (tmp_path / "_toc.yml").write_text((ROOT / "_toc.yml").read_text())
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "executed").mkdir()
    for chapter in chapter_names():
        (tmp_path / "executed" / f"{chapter}.md").write_text(f"---\norphan: true\n---\n# About {chapter}\n")
    (tmp_path / "index.md").write_text("# Page\n\n:::{launches}\n:::\n")
    monkeypatch.chdir(tmp_path)
    assert build_main(["-q", "-W", str(tmp_path), str(tmp_path / "pages")]) == 0
    page = (tmp_path / "pages" / "index.html").read_text()
    assert page.count('href="https://mybinder.org/') == 2 * len(chapter_names()) * bool(address)
    assert ("no public address" in page) == (not address)
    assert bool(re.search(r'href="executed/kew.html"><span[^>]*>About kew<', page)) == bool(address)


def test_binder_makes_the_notebooks_and_installs_nothing_that_trains():
    assert (ROOT / "binder" / "requirements.txt").read_text() == "-r ../requirements-read.txt\n"
    build = (ROOT / "binder" / "postBuild").read_text()
    assert "--no-deps --editable ." in build and "\nherbnb notebooks\n" in build
    assert (ROOT / "binder" / "postBuild").stat().st_mode & 0o111
