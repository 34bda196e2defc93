"""The style of the chapters, which design their rhythm: short cells, typed parameters, known tags."""

import re
import statistics

import pytest

from herbnb.book.chapters import chapter_names, chapter_parameters, chapter_path
from herbnb.book.percent import read_chapter

TAGS = {"parameters", "hide-input", "remove-input", "remove-cell"}


@pytest.fixture(params=chapter_names())
def chapter(request):
    """The name of each chapter in turn."""
    return request.param


def cells(chapter, kind):
    return [cell for cell in read_chapter(chapter_path(chapter)).cells if cell.cell_type == kind]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def test_the_contents_list_every_chapter_once_and_in_order():
    sources = [path.stem for path in chapter_path("sampling").parent.glob("*.py")]
    assert sorted(chapter_names()) == sorted(sources)


def test_only_tags_that_do_something(chapter):
    for cell in read_chapter(chapter_path(chapter)).cells:
        assert set(cell.metadata.get("tags", [])) <= TAGS, cell.source[:80]


def test_cells_are_short(chapter):
    sizes = sorted(len(lines(cell)) for cell in cells(chapter, "code"))
    assert sizes[-1] <= 15
    assert statistics.median(sizes) <= 3
    assert sizes[int(0.9 * len(sizes)) - 1] <= 10


def test_there_is_more_prose_than_code(chapter):
    words = sum(len(cell.source.split()) for cell in cells(chapter, "markdown"))
    code = sum(len(lines(cell)) for cell in cells(chapter, "code"))
    assert words >= 10 * code, f"{words} words for {code} lines"
    assert words <= 2600


def test_one_parameters_cell_of_annotated_literals_with_help(chapter):
    tagged = [cell for cell in cells(chapter, "code") if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    for line in lines(tagged[0]):
        assert re.fullmatch(r"\w+: (str|int|float|bool|list) = .+  # .+", line), line
    assert "results" in chapter_parameters(chapter)


def test_one_name_has_one_type_everywhere(chapter):
    for other in chapter_names():
        known = chapter_parameters(other)
        for name, parameter in chapter_parameters(chapter).items():
            assert name not in known or known[name].type == parameter.type, (name, other)


def test_imports_are_few_and_follow_the_parameters(chapter):
    code = cells(chapter, "code")
    with_imports = [i for i, cell in enumerate(code) if re.search(r"^(from|import) ", cell.source, re.M)]
    assert with_imports == [1]
    statements = [line for line in lines(code[1]) if line.startswith(("from ", "import "))]
    assert len(statements) <= 10


def test_the_rhythm_of_a_chapter(chapter):
    prose = "\n".join(cell.source for cell in cells(chapter, "markdown"))
    first = cells(chapter, "markdown")[0].source
    assert re.match(r"# .+\n\n\*\*.+\?\*\*", first), "a title, then one question in bold"
    assert ":::{dropdown} In short" in first
    assert re.search(r"minutes", first) and "Reads" in first and "Writes" in first
    assert "## What could fool us" in prose and "## The answer" in prose and "## Next" in prose
    assert len(re.findall(r":::\{admonition\} Exercise \d", prose)) == 3
    assert len(re.findall(r":::\{dropdown\} Solution", prose)) == 3


def test_takeaways_link_to_sections_that_exist(chapter):
    first = cells(chapter, "markdown")[0].source
    takeaways = first[first.index("{dropdown} In short") :].split(":::")[0]
    targets = re.findall(r"\]\(([\w-]+)\)", takeaways)
    assert len([line for line in takeaways.splitlines() if line.startswith("- ")]) == 3
    source = "\n".join(cell.source for cell in cells(chapter, "markdown"))
    assert len(targets) >= 3
    for target in targets:
        assert f"({target})=" in source, target


def test_prose_holds_no_number_that_a_run_makes(chapter):
    """Scores, shares and times come from cells: no decimal fraction or percentage stands in the prose."""
    for cell in cells(chapter, "markdown"):
        prose = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$|\([^)]*\)", "", cell.source, flags=re.S)
        found = re.findall(r"\b\d+\.\d+\b|\b\d+(?:\.\d+)?\s?(?:%|per ?cent)", prose)
        assert not found, (found, cell.source[:200])


def test_a_sentence_stands_before_every_visible_cell(chapter):
    previous = None
    for cell in read_chapter(chapter_path(chapter)).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not tags and previous is not None:
            assert previous.cell_type == "markdown" or "parameters" in previous.metadata.get("tags", []), (
                cell.source[:80]
            )
        previous = cell
