"""Table: rows and columns that a phone can show."""

import pandas as pd
from IPython.display import HTML
from pandas.api.types import is_float_dtype, is_integer_dtype

from herbnb.figures.rows import checked, spoken
from herbnb.figures.words import heading, plain

MOST_ROWS = 50

LONG = 40
"""Characters that a cell holds on one line."""


@spoken
def table(rows: pd.DataFrame, digits: int = 3, caption: str = "") -> HTML:
    """Show a table with its text escaped and its numbers rounded, in a box that scrolls on a phone.

    Args:
        rows: at most 50 are shown, and a line says of how many.
        digits: decimals of a fractional number.
        caption: a few words, also read to those who cannot see the table.
    """
    rows = checked(rows)
    shown = rows.head(MOST_ROWS)
    numeric = [is_float_dtype(rows[name]) or is_integer_dtype(rows[name]) for name in rows]
    head = "".join(cell("th", heading(str(name)), number) for name, number in zip(rows, numeric, strict=True))
    body = "".join(
        "<tr>"
        + "".join(cell("td", cell_text(v, digits), n) for v, n in zip(row, numeric, strict=True))
        + "</tr>"
        for row in shown.itertuples(index=False, name=None)
    )
    more = f"<p>The first {MOST_ROWS:,} of {len(rows):,} rows.</p>" if len(rows) > MOST_ROWS else ""
    title = f"<caption>{plain(caption)}</caption>" if caption else ""
    label = plain(caption or "Table")
    return HTML(
        f'<div class="herbnb-table" role="region" aria-label="{label}" tabindex="0"><table>{title}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def cell(tag: str, content: str, number: bool) -> str:
    """Return one cell; numbers stand to the right, and a sentence may take several lines."""
    sentence = len(content) > LONG and " " in content
    kind = ' class="number"' if number else ' class="sentence"' if sentence else ""
    return f"<{tag}{kind}>{content}</{tag}>"


def cell_text(value: object, digits: int) -> str:
    """Return a value as text: a fraction rounded, thousands set off, a blank for nothing."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if is_float_dtype(type(value)):
        return f"{value:,.{digits}f}".replace("-", "−")
    if is_integer_dtype(type(value)):
        return f"{value:,}".replace("-", "−")
    return plain(value)
