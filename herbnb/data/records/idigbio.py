"""iDigBio: the two files of a download, of occurrences and of media, joined on `coreid`.

iDigBio (Nelson and Paul 2019) gives what a search found as two tables, one row a specimen record
and one row a picture. Their names and columns have changed over the years (`occurrence.txt` with
`id` in 2015, `occurrence.csv` with `coreid` today, and since then the records as the herbaria wrote them in
a third file, `occurrence_raw.csv`, which alone says who named a specimen).
"""

from pathlib import Path

import pandas as pd

from herbnb.data.records import terms
from herbnb.data.records.columns import read_columns
from herbnb.data.records.history import history_beside, with_history
from herbnb.data.records.media import join_records
from herbnb.data.records.verbatim import in_its_own_words, verbatim_beside

ADDRESSES = ("access", "best", "identifier", "good")


def read_records(occurrence: str | Path, multimedia: str | Path) -> pd.DataFrame:
    """Read the two files and join them: the records table of `media.join_records`.

    The same files of a Symbiota or GBIF archive, unpacked, are read as well. So are the files of the records
    verbatim and of determinations, if they lie beside `occurrence`: see `verbatim` and `history`.

    Raises:
        BadInput: a file is missing, empty, not a table, lacks an essential column, or is neither UTF-8
            nor what a `meta.xml` beside it says; a `coreid` occurs twice.
    """
    specimens = read_columns(occurrence, terms.OCCURRENCE, [["coreid"], ["genus", "name"]])
    if written := verbatim_beside(Path(occurrence)):
        specimens = in_its_own_words(specimens, read_columns(written, terms.OCCURRENCE, [["coreid"]]))
    if listed := history_beside(Path(occurrence)):
        needed = [["coreid"], ["name", "genus"]]
        determinations = read_columns(listed, terms.IDENTIFICATION, needed, may_be_empty=True)
        specimens = with_history(specimens, determinations)
    images = read_columns(multimedia, terms.MULTIMEDIA, [["coreid"], ADDRESSES])
    return join_records(specimens, images, occurrence)
