"""Words: text from data made harmless, and text that a run computes."""

import html
import re
from collections.abc import Iterable, Mapping
from numbers import Real

import pandas as pd
from IPython.display import Markdown
from markupsafe import EscapeFormatter, Markup

from herbnb.errors import BadInput

MARKDOWN = {ord(mark): f"&#{ord(mark)};" for mark in "&<>\"'`*_[]{}\\~$|#"}
MARKER = re.compile(r"^\s*(?:[-+=](?!\d)|\d+[.)](?!\d))")
"""What makes a list or a heading of a text, if a line begins with it."""
UNKNOWN = "–"


APPROXIMATE = (
    "There are too many pairs of sheets here to compare them all, so the nearest were looked for where "
    "they are likely to be. On a sample compared with all sheets, this found **{recall:.1%}** of them."
)


class Words(Markup):
    """Markdown that may be shown as it is: added to it, joined or filled in, anything else is escaped."""

    __slots__ = ()

    @classmethod
    def escape(cls, text: object) -> "Words":
        """Return `text` so that Markdown and HTML show it letter by letter, in one line."""
        if isinstance(text, cls):
            return text
        line = re.sub(r"\s+", " ", str(text)).translate(MARKDOWN)
        return cls(MARKER.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", line))


class Fields(EscapeFormatter):
    """Fills in a template: words as they are, all other text escaped, a dash for what is not known."""

    def format_field(self, value: object, form: str) -> str:
        """Return one field in its format, a number with a minus sign as in tables.

        Blanks around a name would undo the emphasis it stands in.
        """
        if pd.api.types.is_scalar(value) and pd.isna(value):
            return UNKNOWN
        field = super().format_field(value, form)
        if isinstance(value, Real):
            sign = "−" if re.search("[1-9]", field) else ""  # and no nought has one
            return re.sub("^-", sign, field.strip())
        return field if isinstance(value, Words) else field.strip()


def words(template: str, /, **fields) -> Words:
    """Return a piece of Markdown whose `fields` are filled in and escaped, unless they are words themselves.

    Args:
        template: Markdown by the author, in the syntax of `str.format`: `"*{genus}*: {share:.0%}"`. Words
            are taken as they are.
        fields: what the template names; None and NaN become a dash, whatever their format.

    Raises:
        BadInput: the template and its fields do not fit each other.
    """
    return filled(template, fields)


def say(template: str, /, **fields) -> Markdown:
    """Show a computed answer: `template` with its `fields` filled in and escaped, as by `words`.

    Raises:
        BadInput: the template and its fields do not fit each other.
    """
    answer = Markdown()
    answer.data = str(filled(template, fields))  # given at once, a path would be read and an address fetched
    return answer


def recalled(*searches: pd.DataFrame) -> Markdown | None:
    """Say how much an approximate search finds; nothing where all pairs were compared.

    Args:
        searches: tables with the column `recall`, as `search.Nearest` has it. The least is shown.
    """
    shares = pd.concat([table["recall"] for table in searches]).dropna()
    return say(APPROXIMATE, recall=shares.min()) if len(shares) else None


def each(
    template: str,
    rows: pd.DataFrame | Iterable[Mapping],
    sep: str = "\n",
    before: str = "",
    after: str = "",
    **fields,
) -> Words:
    """Return `template` filled in once for each row: `figures.each("- *{genus}*, {share:.0%};", table)`.

    Of a template that ends in a semicolon the last row ends in a full stop.

    Args:
        template: Markdown by the author, as for `words`.
        rows: a table, whose columns are the fields, or mappings.
        sep: Markdown between two rows.
        before: Markdown before the first row; without rows there is nothing at all.
        after: Markdown after the last row.
        fields: what is the same in all rows.

    Raises:
        BadInput: the template and its fields do not fit each other.
    """
    records = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows
    pieces = [filled(template, fields | dict(record)) for record in records]
    if pieces and template.endswith(";"):
        pieces[-1] = pieces[-1][:-1] + Words(".")
    return Words(before) + Words(sep).join(pieces) + Words(after) if pieces else Words()


def filled(template: str, fields: Mapping) -> Words:
    """Return `template` with `fields` in their places."""
    if isinstance(template, Words):
        return template
    try:
        return Words(Fields(Words.escape).vformat(template, (), fields))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error)
        named = ", ".join(map(str, fields)) or "no fields"
        raise BadInput(f"{template!r} cannot be filled in from {named}: {reason}.") from error


def plain(text: object) -> str:
    """Return `text` so that HTML and plotly's labels, which read tags, show it letter by letter."""
    return html.escape(" ".join(str(text).split()))


def heading(column: str) -> str:
    """Return the name of a column as a reader would write it: `average_precision`, "average precision"."""
    return plain(column.replace("_", " "))
