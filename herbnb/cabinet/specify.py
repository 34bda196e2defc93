"""Specify: one list of catalogue numbers a name, as its batch identification takes them.

In Specify a list of catalogue numbers becomes a selection of sheets, and the selection gets one
determination. So a new name, with its qualifier and the person who gave it, has a text file with a number a
line. `determinations.csv` says which file is which, and has the date, remarks and references of every sheet.
`right` gives nothing here: the name is there already.
"""

import re
from pathlib import Path

from herbnb.cabinet.decisions import Decisions
from herbnb.cabinet.determinations import Determined, determinations_of
from herbnb.cabinet.rows import cells_of, write_cells
from herbnb.errors import BadInput
from herbnb.files import whole

TABLE = "determinations.csv"
COLUMNS = (
    *("file", "catalogNumber", "taxon", "qualifier", "determiner"),
    *("determinedDate", "remarks", "references"),
)


def write_specify(decisions: Decisions, folder: str | Path) -> Determined:
    """Write what people decided as lists for Specify, and return what was written and what was left out.

    Args:
        decisions: as they were read or merged.
        folder: gets a file a name, and `determinations.csv`; made if missing.

    Raises:
        BadInput: the folder holds files already, which would mingle with these.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is there already: name a new folder for the lists.")
    determined = determinations_of(decisions, found_by=("catalog_number",), confirmations=False)
    lists = {}
    for each in determined.determinations:
        lists.setdefault((each.sciname, each.qualifier, each.identified_by), []).append(each)
    rows = []
    for place, ((name, *_), members) in enumerate(sorted(lists.items()), 1):
        file = f"{place:03d} {plain(name)}.txt"
        numbers = [each.decision.catalog_number for each in members]
        with whole(folder / file) as temporary:
            temporary.write_text(
                "".join(f"{' '.join(number.split())}\n" for number in numbers), encoding="utf-8"
            )
        for each in members:
            cells = (
                *(file, each.decision.catalog_number, each.sciname, each.qualifier, each.identified_by),
                *(each.date_identified, each.remarks, each.references),
            )
            row = dict(zip(COLUMNS, cells, strict=True))
            rows.append(cells_of(row, {}, f"Sheet {each.decision.image_id}"))
    write_cells(COLUMNS, rows, folder / TABLE)
    return determined


def plain(name: str) -> str:
    """Return what a file may be called after a name: letters, digits, full stops, hyphens, 60 at most."""
    return re.sub(r"[^\w.-]+", " ", name).strip(" .")[:60].strip() or "name"
