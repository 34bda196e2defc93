"""Listing: the code that runs, with what it says of itself folded away."""

import ast
import html
import inspect
import re
import textwrap

from IPython.display import Markdown

DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def source(*things: object) -> Markdown:
    """Show the source of functions or classes of the package, the one copy that runs.

    Above the code stand its name and the first sentence of its docstring; the rest unfolds there.
    """
    return Markdown(
        "\n\n".join(f"{headed(thing)}\n\n{fenced(without_docstrings(thing))}" for thing in things)
    )


def without_docstrings(thing: object) -> str:
    """Return the source of a function or class without the docstrings, its other lines as they are."""
    code = written(thing)
    lines = code.splitlines()
    for node in reversed(documented(code)):
        first, last = node.body[0].lineno - 1, node.body[0].end_lineno
        while last < len(lines) and not lines[last].strip():
            last += 1
        only = len(node.body) == 1
        lines[first:last] = [" " * node.body[0].col_offset + "..."] if only else []
    return "\n".join(lines)


def written(thing: object) -> str:
    """Return the source of a function, class or method, from the left edge."""
    return textwrap.dedent(inspect.getsource(thing))


def documented(code: str) -> list[ast.AST]:
    """Return the functions and classes in `code` that have a docstring, in the order of their lines."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, DOCUMENTED)]
    return sorted((node for node in nodes if ast.get_docstring(node)), key=lambda node: node.lineno)


def headed(thing: object) -> str:
    """Return HTML, in one line, that names a thing and holds its docstring and those of its methods.

    Line breaks are written as entities, since an empty line would end the HTML in the midst of Markdown.
    """
    sentence, parts = "", []
    for node in documented(written(thing)):
        text = ast.get_docstring(node)
        if node.col_offset == 0:
            sentence, _, text = text.partition("\n\n")
        else:
            text = f"{node.name}\n{textwrap.indent(text, '    ')}"
        parts += [text] if text else []
    name = html.escape(f"{thing.__module__}.{thing.__qualname__}")
    told = re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(sentence.split())))
    summary = f"<code>{name}</code> {told}".strip()
    if not parts:
        return f'<p class="herbnb-source">{summary}</p>'
    folded = html.escape("\n\n".join(parts)).replace("\n", "&#10;")
    return f'<details class="herbnb-source"><summary>{summary}</summary><pre>{folded}</pre></details>'


def fenced(code: str) -> str:
    """Return `code` as a block of Markdown, between more backticks than it has in a row itself."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    return f"{fence}python\n{code}\n{fence}"
