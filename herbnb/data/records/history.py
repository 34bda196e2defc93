"""History: what a specimen was called before, by whom and when.

Darwin Core (Wieczorek et al. 2012) has a term for it, `previousIdentifications`, one text with | between the
names, and a table, the Identification extension, with a row a determination, old or new: Symbiota calls it
`identifications.csv`. Here the rows of the one become words of the other.
"""

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from herbnb.data.records.names import whole_name

YES = ("1", "true", "yes")
"""What says that a determination is the current one."""


class Earlier(NamedTuple):
    """A determination that another has followed."""

    words: str  # as a curator reads it
    when: str  # sorts by age
    names: tuple[str, ...]  # the name alone, without and with its author


def history_beside(path: Path) -> Path | None:
    """Return the file of determinations that an unpacked archive keeps beside `path`, or None."""
    names = (f"identifications{path.suffix}", f"identification{path.suffix}")
    return next((path.with_name(name) for name in names if os.path.isfile(path.with_name(name))), None)


def parts_of(previous: str) -> list[str]:
    """Take `previous_identifications` apart: one text a determination."""
    return [part.strip() for part in previous.split("|") if part.strip()]


def with_history(records: pd.DataFrame, determinations: pd.DataFrame) -> pd.DataFrame:
    """Add to `previous_identifications` of the records what `determinations` know beside it.

    A determination is written as `cf. Eugenia aquea Burm.f., by A. Nettle, 1901`, without what is not
    known of it. What the record itself says comes first, then the others, the oldest first and the undated
    last, and nothing twice. Left out is the current one (it is flagged so, or has name, determiner and date
    of the record), and what has no name or is of no record.

    Args:
        records: text columns of `terms.OCCURRENCE`.
        determinations: those of `terms.IDENTIFICATION`.
    """
    named = records[records["coreid"].isin(determinations["coreid"])]
    whole = named["scientific_name"]
    whole = whole.where(whole != "", (named["genus"] + " " + named["epithet"]).str.strip())
    now = zip(whole, named["identified_by"], named["date_identified"], strict=True)
    now = {coreid: comparable(*known) for coreid, known in zip(named["coreid"], now, strict=True)}
    found = defaultdict(list)
    for row in determinations.itertuples(index=False):
        earlier = earlier_of(row)
        theirs = [comparable(name, row.identified_by, row.date_identified) for name in earlier.names]
        current = row.current.casefold() in YES or now.get(row.coreid) in theirs
        if row.coreid in now and earlier.names and not current:
            found[row.coreid].append(earlier)
    told = zip(records["coreid"], records["previous_identifications"], strict=True)
    told = [joined(said, found[coreid]) if coreid in found else said for coreid, said in told]
    return records.assign(previous_identifications=pd.Series(told, index=records.index, dtype=str))


def comparable(name: str, by: str, date: str) -> tuple[str, str, str]:
    """Compare determinations by this: capitals and the time of day do not count."""
    return name.casefold(), by.casefold(), day_of(date)


def earlier_of(row) -> Earlier:
    """Put a row of determinations, with the columns of `terms.IDENTIFICATION`, into words."""
    name = whole_name(row.genus, row.epithet, row.name)
    full = name if row.author in name else f"{name} {row.author}"
    said = row.qualifier.casefold() in ("", *name.casefold().split())
    by = f", by {row.identified_by}" if row.identified_by else ""
    day = day_of(row.date_identified)
    words = f"{'' if said else f'{row.qualifier} '}{full}{by}{f', {day}' if day else ''}"
    words = "; ".join(parts_of(words))  # of several determiners, with | between them
    return Earlier(words, age_of(day), (name, full) if name else ())


def day_of(date: str) -> str:
    """Return a date without the time of day."""
    return re.sub(r"(?<=\d)T\d.*", "", date)


def age_of(date: str) -> str:
    """Return what a date sorts by: itself if it begins with its year, else the year in it; none is last."""
    if re.match(r"\d{4}(?!\d)", date):
        return date
    year = re.search(r"\b(1[5-9]|20)\d\d\b", date)
    return year[0] if year else "undated"


def joined(said: str, found: list[Earlier]) -> str:
    """Join what a record says of earlier determinations with those that were found beside it.

    Of what it says, that is left out which is found with more words.
    """
    fuller = {name.casefold() for earlier in found for name in earlier.names}
    told = [part for part in parts_of(said) if part.casefold() not in fuller]
    told += [earlier.words for earlier in sorted(found, key=lambda earlier: earlier.when)]
    once: dict[str, str] = {}
    for words in told:
        once.setdefault(words.casefold(), words)
    return " | ".join(once.values())
