"""Words: text from data made harmless, and text that a run computes."""

import html
import inspect

from IPython.display import Code, Markdown

MARKDOWN = {ord(mark): f"&#{ord(mark)};" for mark in "&<>\"'`*_[]{}\\~$|#"}


def safe(text: object) -> str:
    """Return `text` so that Markdown and HTML show it letter by letter, in one line."""
    return " ".join(str(text).split()).translate(MARKDOWN)


def plain(text: object) -> str:
    """Return `text` so that HTML and plotly's labels, which read tags, show it letter by letter."""
    return html.escape(" ".join(str(text).split()))


def heading(column: str) -> str:
    """Return the name of a column as a reader would write it: `average_precision`, "average precision"."""
    return plain(column.replace("_", " "))


def say(markdown: str) -> Markdown:
    """Show a computed answer. Pass every text that comes from data through `safe` first."""
    return Markdown(markdown)


def source(thing: object) -> Code:
    """Show the source of a function or class of the package, the one copy that runs."""
    return Code(inspect.getsource(thing), language="python")
