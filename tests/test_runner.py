"""The runner, on a small book of one chapter in a folder of its own."""

import shutil
import sys

import nbformat
import pandas as pd
import pytest

from conftest import ROOT
from herbnb.book import chapters, runner
from herbnb.book.profile import Profile
from herbnb.errors import BadInput
from herbnb.journal import END, keep, last_record

CHAPTER = """# %% tags=["parameters"]
data: str = "data"  # where images live
results: str = "results"  # where artefacts go
leaves: int = 2  # on a twig

# %%
from herbnb.files import whole
from herbnb.results import Results

# %%
with whole(Results(results).folder / "leaves.txt") as path:
    path.write_text("leaf " * leaves)
    assert leaves < 9, "too many leaves\\nfor a twig"

# %%
if leaves == 0:
    Results(results).read("splits")
"""
TOC = (
    "format: jb-book\nroot: book/index\nparts: [{caption: Data, chapters: [{file: book/executed/leaves}]}]\n"
)


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one chapter, in which the process stands."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "leaves.py").write_text(CHAPTER)
    (tmp_path / "_toc.yml").write_text(TOC)
    monkeypatch.chdir(tmp_path)
    chapters.chapter_parameters.cache_clear()
    yield tmp_path
    chapters.chapter_parameters.cache_clear()


def test_a_chapter_runs_with_what_is_given_before_the_profile(book):
    profile = Profile(parameters={"leaves": 3, "results": "elsewhere"})
    notebook = runner.run_chapter("leaves", profile, {"leaves": "4"}, book / "out")
    assert notebook == book / "out" / "leaves.ipynb"
    assert (book / "elsewhere" / "leaves.txt").read_text() == "leaf " * 4
    footer = nbformat.read(notebook, as_version=4).cells[-1]
    assert footer.cell_type == "markdown"
    assert "leaves = 4" in footer.source and "data = " in footer.source


def test_a_cell_that_fails_without_a_word_is_a_sentence(book):
    (book / "chapters" / "leaves.py").write_text(f"{CHAPTER}\n# %%\nraise MemoryError\n")
    with pytest.raises(BadInput, match=r"leaves stopped: cell \d raised MemoryError\. \(The cell"):
        runner.run_chapter("leaves", Profile(), {}, book / "out")
    assert not (book / "out" / "leaves.ipynb").exists()
    assert not [path.name for path in (book / "out").iterdir() if path.name.startswith(".")]


def test_a_folder_for_temporary_files_too_far_away_for_sockets_is_said(book, monkeypatch):
    far = book / ("far" * 50)
    monkeypatch.setattr(runner, "SOCKETS", far / "herbnb")
    with pytest.raises(BadInput, match=f"^{far} is too long for a kernel's sockets: set TMPDIR to a shorter"):
        runner.run_chapter("leaves", Profile(), {}, book / "out")
    assert not [*far.iterdir()] and not [*(book / "out").iterdir()]


def test_a_kernel_keeps_freed_memory_unless_it_was_told_how(book, monkeypatch):
    kept, other = runner.ALLOCATION
    monkeypatch.setenv(kept, "1")
    monkeypatch.delenv(other, raising=False)
    seen = '\nimport os\nfor name in sorted(os.environ):\n    if "MALLOC" in name: print(name, os.environ[name])\n'
    (book / "chapters" / "leaves.py").write_text(CHAPTER + "\n# %%" + seen)
    notebook = nbformat.read(runner.run_chapter("leaves", Profile(), {}, book / "out"), as_version=4)
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert dict(line.split() for line in printed.splitlines()) == runner.ALLOCATION | {kept: "1"}


@pytest.mark.parametrize(("given", "cells"), [({}, 4), ({"leaves": 3}, 5)])
def test_a_chapter_tells_its_cells_to_its_journal(book, given, cells):
    path = runner.journal_of("leaves", book / "out")
    with keep(path, given):
        runner.run_chapter("leaves", Profile(), given, book / "out")
    told = [place for _, place in last_record(path).places]
    assert told == [*((f"cell {number + 1} of {cells}",) for number in range(cells)), END]


def test_a_failing_cell_leaves_what_was_and_shows_where(book):
    before = runner.run_chapter("leaves", Profile(), {}, book / "out")
    kept = before.read_bytes()
    with pytest.raises(BadInput, match=r"leaves stopped: cell \d raised AssertionError: too many leaves\. "):
        runner.run_chapter("leaves", Profile(), {"leaves": 9}, book / "out")
    assert before.read_bytes() == kept
    assert (book / "results" / "leaves.txt").read_text() == "leaf leaf "
    shown = nbformat.read(book / "out" / "failed" / "leaves.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in shown.cells for output in cell.get("outputs", []))
    assert sorted(path.name for path in (book / "out").iterdir()) == ["failed", "leaves.ipynb"]


def test_an_image_that_cannot_be_read_is_its_sentence_alone(book):
    opened = "\n# %%\nfrom herbnb.data.images.decoding import measured\nmeasured('a.jpg')\n"
    (book / "chapters" / "leaves.py").write_text(CHAPTER + opened)
    with pytest.raises(BadInput, match=r"leaves stopped: a\.jpg is missing: fetch it, .* table\. \(The cell"):
        runner.run_chapter("leaves", Profile(), {}, book / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_a_kernel_that_is_killed_alone_is_one_sentence(book):
    before = runner.run_chapter("leaves", Profile(), {}, book / "out")
    kept = before.read_bytes()
    killed = "\n# %%\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    (book / "chapters" / "leaves.py").write_text(CHAPTER + killed)
    with pytest.raises(
        BadInput, match=r"^leaves stopped: its kernel was ended from outside, .* start again\.$"
    ):
        runner.run_chapter("leaves", Profile(), {}, book / "out")
    assert before.read_bytes() == kept and [*(book / "out").iterdir()] == [before]


def test_a_missing_input_is_one_sentence_with_the_chapter_to_run(book):
    with pytest.raises(BadInput, match=r"stopped: .*splits.csv is missing: run chapter sampling first"):
        runner.run_chapter("leaves", Profile(), {"leaves": 0}, book / "out")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epoch": "2"}, "leaves has no parameter 'epoch'"),
        ({"leaves": "many"}, "leaves: leaves takes int, such as 2, and not 'many'"),
    ],
)
def test_a_wrong_parameter_stops_before_anything_runs(book, given, message):
    with pytest.raises(BadInput, match=message):
        runner.run_chapter("leaves", Profile(), given, book / "out")
    assert not (book / "out").exists() and not (book / "results").exists()


def test_a_wrong_chapter_is_answered_with_those_there_are(book):
    with pytest.raises(BadInput, match="There is no chapter 'twigs': choose one of leaves"):
        runner.run_chapter("twigs", Profile(), {}, book / "out")


def test_a_profile_with_a_pocket_draws_it_once(book):
    profile = Profile(pocket={"sheets": 420, "kew_sheets": 72, "seed": 5}, parameters={"data": "drawn"})
    with keep(book / "sampling.jsonl", {}):
        folder = runner.prepare_data(profile)
    told = [place for _, place in last_record(book / "sampling.jsonl").places]
    assert told[0] == ("drawing sheet 1 of 492",) and len(told) == 9
    metadata = folder / "train" / "metadata.json"
    drawn = metadata.stat().st_mtime_ns
    assert runner.prepare_data(profile) == folder == book / "drawn"
    assert metadata.stat().st_mtime_ns == drawn


def test_a_book_that_cannot_be_built_is_an_error_with_the_reason(book):
    shutil.copy(ROOT / "_config.yml", book)
    with pytest.raises(BadInput, match="The book was not built"):
        runner.build_book()


@pytest.fixture
def pages(book):
    """The book with its chapter executed and a first page, to be rendered."""
    shutil.copy(ROOT / "_config.yml", book)
    shutil.copytree(ROOT / "book" / "assets", book / "book" / "assets")
    shutil.copy(ROOT / "book" / "references.bib", book / "book")
    (book / "book" / "index.md").write_text("# Leaves\n")
    chapter = CHAPTER.replace("# %% tags", "# %% [markdown]\n# # A chapter\n\n# %% tags", 1)
    (book / "chapters" / "leaves.py").write_text(chapter)
    runner.run_chapter("leaves", Profile(), {}, book / "book" / "executed")
    return book


@pytest.mark.slow
def test_the_pages_tell_how_many_are_made(pages):
    with keep(pages / "book.jsonl", {}):
        assert runner.build_book() == pages / "_build" / "html" / "index.html"
    told = [place for _, place in last_record(pages / "book.jsonl").places]
    assert told == [
        *((f"{what}, {part} %",) for what in ("reading sources", "writing output") for part in (50, 100)),
        END,
    ]


@pytest.mark.slow
def test_pages_of_a_rendering_that_was_killed_are_all_made_again(pages):
    runner.build_book()
    page, begun = pages / "_build" / "html" / "book" / "index.html", pages / runner.BEGUN
    assert not begun.exists()
    whole = page.read_text()
    page.write_text(whole[:500])  # newer than what it is made of
    begun.touch()
    runner.build_book()
    assert page.read_text()[-500:] == whole[-500:] and not begun.exists()


def test_chapters_keep_the_same_table_for_the_same_seed(executed, workplace, smoke_profile):
    """The specimens table, byte for byte, from a second run of the sampling."""
    table = workplace / "results" / "specimens.parquet"
    first = table.read_bytes()
    again = workplace / "again"
    from herbnb.book.profile import read_profile

    given = {"results": str(again)}
    runner.run_chapter("sampling", read_profile(str(smoke_profile)), given, workplace / "executed_again")
    assert (again / "specimens.parquet").read_bytes() == first
    assert len(pd.read_parquet(table)) > 100
