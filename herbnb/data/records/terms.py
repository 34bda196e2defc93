"""Terms: where in a table of specimen records each of our columns may stand.

Herbaria exchange records in the terms of Darwin Core (Wieczorek et al. 2012) and Audubon Core
(Morris et al. 2013), but a file may call one term `dwc:genus` (iDigBio), `genus` (Symbiota, GBIF) or
`http://rs.tdwg.org/dwc/terms/genus` (a meta.xml). So terms are known here by their local names.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from herbnb.errors import BadInput
from herbnb.specimens import RECORD


def local_name(column: str) -> str:
    """Cut prefix or URI off a column's name, in small letters without gaps: `dwc:Genus` becomes
    `genus`, `Scientific name` becomes `scientificname`."""
    return re.sub(r"[\s_-]", "", re.split(r"[:/#]", column.strip("\ufeff/# "))[-1]).casefold()


OCCURRENCE = {
    **{column: (local_name(column),) for column in RECORD},
    "catalog_number": ("catalognumber", "barcodevalue", "barcode"),
    "recorded_by": ("recordedby", "collector"),
    "record_number": ("recordnumber", "fieldnumber"),
    "event_date": ("eventdate", "verbatimeventdate"),
    "scientific_name": ("verbatimscientificname", "scientificname"),
    "references": ("references", "occurrencedetails"),
    "coreid": ("coreid", "id", "gbifid"),
    "occurrence_id": ("occurrenceid", "uuid", "recordid", "coreid", "id", "gbifid"),
    "barcode": ("barcodevalue", "barcode", "catalognumber"),
    "institution": ("institutioncode", "ownerinstitutioncode", "institution", "herbarium"),
    "basis": ("basisofrecord",),
    "name": ("scientificname", "canonicalname", "verbatimscientificname"),
    "genus": ("genericname", "genus"),
    "epithet": ("specificepithet", "species"),
    "family": ("family",),
    "order": ("order",),
    "record_licence": ("license", "licence", "rights"),
    "record_holder": ("rightsholder", "institutioncode"),
    "associated": ("associatedmedia",),
}
"""Our name of a column of a record, and the local names of the terms that may fill it: row by row,
the first that is filled. A column of `specimens.RECORD` is filled by the term that it is called after,
unless more is said here: `occurrenceDetails` is what Darwin Core called the record's page before it
borrowed `references`, and where a file has `verbatimScientificName` (GBIF), `scientificName` is no longer
the herbarium's own. `genericName` is the genus within the scientific name; where a file has it beside
`genus` (GBIF), the latter is the genus of the accepted name, to which the epithet need not belong. A
`species` that is a whole name is taken apart as one."""

MULTIMEDIA = {
    "coreid": ("coreid", "gbifid", "id"),
    "access": ("accessuri",),
    "best": ("bestqualityaccessuri",),
    "identifier": ("identifier",),
    "good": ("goodqualityaccessuri",),
    "etag": ("etag",),
    "uuid": ("uuid",),
    "format": ("format", "type", "mediatype"),
    "licence": ("webstatement", "license", "usageterms", "rights"),
    "rights_holder": ("rightsholder", "owner"),
}
"""The same for a row of a multimedia file."""

IDENTIFICATION = {
    "coreid": ("coreid", "gbifid", "id"),
    "name": ("scientificname", "verbatimidentification"),
    "author": ("scientificnameauthorship",),
    "genus": ("genus",),
    "epithet": ("specificepithet",),
    "qualifier": ("identificationqualifier",),
    "identified_by": ("identifiedby",),
    "date_identified": ("dateidentified",),
    "current": ("identificationiscurrent",),
}
"""The same for a row of a file of determinations. `identificationIsCurrent` is Symbiota's own term."""


def whereabouts(columns: Sequence[str], terms: dict[str, tuple[str, ...]]) -> dict[str, list[int]]:
    """Say for each of our names in which of `columns` to look, by number, in order of preference.

    Of columns with one local name iDigBio's own come last: `dwc:eventDate` is what the herbarium
    wrote, `idigbio:eventDate` is derived from it.
    """
    derived = ["idigbio" in column.casefold() for column in columns]
    numbers = sorted(range(len(columns)), key=lambda number: derived[number])
    names = [local_name(column) for column in columns]
    return {
        ours: [number for name in theirs for number in numbers if names[number] == name]
        for ours, theirs in terms.items()
    }


def under_our_names(table: pd.DataFrame, where: dict[str, list[int]]) -> pd.DataFrame:
    """Return the columns of `where`: row by row the first value that is filled, blank where none is."""
    found = {}
    for ours, numbers in where.items():
        found[ours] = pd.Series("", index=table.index, dtype=str)
        for number in numbers:
            found[ours] = found[ours].where(found[ours] != "", table[number])
    return pd.DataFrame(found, index=table.index)


def demand(
    where: dict[str, list[int]],
    columns: dict[str, tuple[str, ...]],
    needed: Sequence[Sequence[str]],
    source: str | Path,
) -> None:
    """Check that of each group of our names in `needed` the file has a column.

    Raises:
        BadInput: it has none, with the terms of `columns` that would do.
    """
    for group in needed:
        if not any(where[ours] for ours in group):
            known = ", ".join(dict.fromkeys(term for ours in group for term in columns[ours]))
            raise BadInput(
                f"{source} lacks the column {group[0]!r}, called one of {known}: is it the right file?"
            )
