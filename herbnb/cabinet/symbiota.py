"""Symbiota: determinations as its extended import takes them, a CSV with a row a determination.

See "Importing Determinations" in Symbiota's documentation. A row finds its specimen by `catalogNumber` or
`occurrenceID` and adds a determination to its history; one with the name that is there already confirms it,
so `right` gives a row as well as `wrong`. `isCurrent` stays empty: which name is current is for the
portal's curators to say.
"""

from pathlib import Path

from herbnb.cabinet.decisions import Decisions
from herbnb.cabinet.determinations import Determination, Determined, determinations_of
from herbnb.cabinet.rows import cells_of, write_cells

FOUND_BY = ("catalog_number", "occurrence_id")
LIMITS = {
    "identifiedBy": 255,
    "sciname": 255,
    "identificationQualifier": 45,
    "identificationRemarks": 2000,
    "identificationReferences": 2000,
    "identificationVerificationStatus": 45,
}
"""The most characters of a column."""


def write_symbiota(decisions: Decisions, path: str | Path, print_queue: bool = False) -> Determined:
    """Write what people decided as CSV for Symbiota, and return what was written and what was left out.

    Args:
        decisions: as they were read or merged.
        path: of the file.
        print_queue: whether the portal shall print annotation labels.

    Raises:
        BadInput: a cell is longer than Symbiota takes.
    """
    determined = determinations_of(decisions, found_by=FOUND_BY)
    rows = [
        cells_of(row_of(each, print_queue), LIMITS, f"Sheet {each.decision.image_id}")
        for each in determined.determinations
    ]
    write_cells(COLUMNS, rows, path)
    return determined


def row_of(determination: Determination, print_queue: bool) -> dict[str, str]:
    """Return a determination under Symbiota's names."""
    return {
        "catalogNumber": determination.decision.catalog_number,
        "occurrenceID": determination.decision.occurrence_id,
        "identifiedBy": determination.identified_by,
        "dateIdentified": determination.date_identified,
        "sciname": determination.sciname,
        "identificationQualifier": determination.qualifier,
        "identificationRemarks": determination.remarks,
        "identificationReferences": determination.references,
        "identificationVerificationStatus": determination.status,
        "isCurrent": "",
        "printQueue": "1" if print_queue else "",
    }


COLUMNS = (
    *("catalogNumber", "occurrenceID", "identifiedBy", "dateIdentified", "sciname"),
    *("identificationQualifier", "identificationRemarks", "identificationReferences"),
    *("identificationVerificationStatus", "isCurrent", "printQueue"),
)
