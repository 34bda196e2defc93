"""The style of the chapters, which design their rhythm: short cells, typed parameters, known tags."""

import ast
import re
import statistics

import pytest

from herbnb.book.chapters import chapter_names, chapter_parameters, chapter_path
from herbnb.book.percent import read_chapter
from herbnb.figures.listing import without_docstrings

TEMPLATES = {"figures.say", "figures.words", "figures.each"}
WIDE = 79  # characters of code that a page shows without a scroll bar
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


def thoughts(cell):
    """How many statements a cell has: one that takes several lines, for the page is narrow, is one thought."""
    return sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(cell.source)))


def test_cells_are_short(chapter):
    parameters, *others = cells(chapter, "code")  # the first is a list, one parameter a line
    assert len(lines(parameters)) <= 18 and max(len(lines(cell)) for cell in others) <= 15
    sizes = sorted(map(thoughts, cells(chapter, "code")[2:]))  # after parameters and imports
    assert statistics.median(sizes) <= 3
    assert sizes[int(0.9 * len(sizes)) - 1] <= 10


def test_there_is_more_prose_than_code(chapter):
    words = sum(len(cell.source.split()) for cell in cells(chapter, "markdown"))
    code = sum(map(thoughts, cells(chapter, "code")))
    assert words >= 10 * code, f"{words} words for {code} statements"
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
    assert re.match(r"# .+\n\n\*\*[^*]+\?\*\*\n\n", first), "a title, then one question in bold"
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


def shown_sources(chapter):
    """The functions and classes whose source a chapter shows, found where its imports find them."""
    code = cells(chapter, "code")
    calls = [
        node
        for cell in code
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "figures.source"
    ]
    names = {}
    exec(code[1].source, names)
    return [eval(ast.unparse(thing), names) for call in calls for thing in call.args]


def test_a_chapter_is_as_wide_as_a_page(chapter):
    wide = [line for line in chapter_path(chapter).read_text().splitlines() if len(line) > WIDE]
    assert not wide, wide


def test_the_source_that_is_shown_is_as_wide_as_a_page(chapter):
    for thing in shown_sources(chapter):
        wide = [line for line in without_docstrings(thing).splitlines() if len(line) > WIDE]
        assert not wide, (thing, wide)


def test_a_figure_says_itself_that_it_is_empty(chapter):
    for cell in cells(chapter, "code"):
        assert not re.search(r"\bif len\(.*\) else figures\.|\belse figures\.say\(", cell.source), cell.source


def test_words_are_escaped_by_the_figures_alone(chapter):
    """No template is put together from data, which would pass for the author's Markdown."""
    trees = [ast.parse(cell.source) for cell in cells(chapter, "code")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    put_together = {
        target.id: ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Assign) and has_pieces(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in nodes:
        if isinstance(call, ast.Call) and ast.unparse(call.func) in TEMPLATES:
            assert not has_pieces(call.args[0]), ast.unparse(call)
            for node in ast.walk(call.args[0]):
                assert not (isinstance(node, ast.Name) and node.id in put_together), put_together[node.id]


def has_pieces(template):
    """Whether an expression makes text by an f-string, `format` or `join`, outside calls that escape."""
    if isinstance(template, ast.JoinedStr):
        return True
    if isinstance(template, ast.Call):
        called = ast.unparse(template.func)
        makes = isinstance(template.func, ast.Attribute) and template.func.attr in ("format", "join")
        return makes and not called.startswith("figures.")
    return any(has_pieces(node) for node in ast.iter_child_nodes(template))
