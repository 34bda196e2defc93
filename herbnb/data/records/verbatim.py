"""Verbatim: a record as the herbarium wrote it, beside what a portal has made of it.

iDigBio keeps the one in `occurrence_raw.csv` and the other in `occurrence.csv`, GBIF in `verbatim.txt` and
`occurrence.txt`. A portal reads dates and codes, so its reading counts; but it writes in small letters
(iDigBio), puts accepted names for those on the sheets, and leaves out who named a specimen and when.
"""

import os
from pathlib import Path

import pandas as pd

from herbnb.specimens import RECORD


def verbatim_beside(path: Path) -> Path | None:
    """Return the file that a download keeps beside `path` with its records verbatim, or None."""
    names = (f"{path.stem}_raw{path.suffix}", f"verbatim{path.suffix}")
    return next((path.with_name(name) for name in names if os.path.isfile(path.with_name(name))), None)


def in_its_own_words(records: pd.DataFrame, verbatim: pd.DataFrame) -> pd.DataFrame:
    """Give records the words of their herbarium, in the columns of `specimens.RECORD`.

    A scientific name is always the herbarium's, if it gives one. Another word is where the portal's is blank
    or differs from it only in capitals.

    Args:
        records: text columns of `terms.OCCURRENCE`, as the portal has them.
        verbatim: the same, as the herbarium gave them; of rows with one `coreid` the first counts.
    """
    own = verbatim.drop_duplicates("coreid").set_index("coreid").reindex(records["coreid"])
    words = {}
    for column in RECORD:
        told = own[column].fillna("").set_axis(records.index)
        same = told.str.casefold() == records[column].str.casefold()
        fits = same | (records[column] == "") | (column == "scientific_name")
        words[column] = records[column].where(~fits | (told == ""), told)
    return records.assign(**words)
