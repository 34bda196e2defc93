"""Extension: what Sphinx needs to make pages that work without a network.

It gives the book one `plotly.min.js`, that of the installed plotly, so that the Python which wrote a
figure and the JavaScript which draws it agree. Pages with figures load it, the others do not. Formulas
become MathML, which browsers draw by themselves. The front page shows what the chapters answered, and each
chapter asks three questions of its own.
"""

from pathlib import Path

import nbformat
import plotly
from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from herbnb.book.answers import Answer
from herbnb.book.launch import Launches
from herbnb.book.quiz import QuizDirective, quizzed
from herbnb.following import follow

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_JSON = "application/vnd.plotly.v1+json"

PAGES_READ = 1
"""Which way pages are read: with another number, Sphinx reads again what it had read before."""


def read_notebook(text: str) -> nbformat.NotebookNode:
    """Read an executed chapter, with its quiz, and without the plotly JSON of figures that have HTML as well.

    The JSON is there for JupyterLab. A figure that has nothing else keeps it, so that the build's warning
    of an unknown mime type still tells of figures that a page would lose.
    """
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output["data"].pop(PLOTLY_JSON, None)
    return quizzed(notebook)


def add_plotly(app: Sphinx, config) -> None:
    """Have Sphinx copy `plotly.min.js` beside the book's own assets."""
    config.html_static_path.append(str(PLOTLY))


def load_scripts(
    app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Load the scripts that a page has figures, pictures or a teacher's notes for."""
    body = context.get("body", "")
    if 'class="herbnb-figure"' in body:
        app.add_js_file(PLOTLY.name, loading_method="defer", priority=700)
        app.add_js_file("figures.js", loading_method="defer", priority=710)
    if 'class="herbnb-sheets"' in body:
        app.add_js_file("pictures.js", loading_method="defer", priority=710)
    if "herbnb-teacher" in body:
        app.add_js_file("teacher.js", loading_method="defer", priority=710)


def visit_inline_math(writer, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def visit_block_math(writer, node: nodes.math_block) -> None:
    """Write a formula in a line of its own, in a box that scrolls, with its number if it has one."""
    writer.body.append(writer.starttag(node, "div", CLASS="math", tabindex="0"))
    writer.body.append(convert(node.astext(), display="block"))
    if node["number"]:
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})</span>')
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def visit_citation(writer, node: nodes.citation) -> None:
    """Write a reference as an item of its list: no list owns the role that docutils gives it."""
    HTML5Translator.visit_citation(writer, node)
    writer.body[-1] = writer.body[-1].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> dict:
    """Register everything with Sphinx, which ends with who has started it."""
    follow()
    app.connect("config-inited", add_plotly)
    app.connect("html-page-context", load_scripts)
    app.add_node(nodes.citation, override=True, html=(visit_citation, HTML5Translator.depart_citation))
    app.add_directive("answer", Answer)
    app.add_directive("launches", Launches)
    app.add_directive("quiz", QuizDirective)
    app.add_html_math_renderer("mathml", (visit_inline_math, None), (visit_block_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": PAGES_READ}
