"""Darwin Core: determinations as an archive that any portal reads (Wieczorek et al. 2012).

The core has a row a sheet, with the name that it bears; the Identification extension has a row a
determination. An identification history has confirmations as well as changes, so `right` gives a row there.
"""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from herbnb.archives import undated
from herbnb.cabinet.decisions import Decisions, described
from herbnb.cabinet.determinations import Determination, Determined, determinations_of
from herbnb.cabinet.rows import cells_of, written
from herbnb.cells import in_one_line
from herbnb.files import whole

TERMS = "http://rs.tdwg.org/dwc/terms/"
TEXT = "http://rs.tdwg.org/dwc/text/"
EML = "eml://ecoinformatics.org/eml-2.1.1"
OCCURRENCE = ("id", "occurrenceID", "catalogNumber", "basisOfRecord", "scientificName")
IDENTIFICATION = (
    *("coreid", "identifiedBy", "dateIdentified", "scientificName", "identificationQualifier"),
    *("identificationRemarks", "identificationReferences", "identificationVerificationStatus"),
)
CORE, EXTENSION = "occurrence.csv", "identifications.csv"


def write_archive(decisions: Decisions, path: str | Path) -> Determined:
    """Write what people decided as a Darwin Core Archive, and return what was written and what was left out.

    Args:
        decisions: as they were read or merged.
        path: of the zip.
    """
    determined = determinations_of(decisions)
    core = {
        key_of(each): occurrence(each) for each in determined.determinations
    }  # a sheet may have two images
    extension = [identification(each) for each in determined.determinations]
    with whole(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(undated("meta.xml"), descriptor())
        archive.writestr(undated("eml.xml"), description(decisions))
        archive.writestr(undated(CORE), table(OCCURRENCE, [*core.values()]))
        archive.writestr(undated(EXTENSION), table(IDENTIFICATION, extension))
    return determined


def key_of(determination: Determination) -> str:
    """Return what ties the two tables together: the best id that the sheet has."""
    decision = determination.decision
    return decision.occurrence_id or decision.catalog_number or decision.image_id


def occurrence(determination: Determination) -> dict[str, str]:
    """Return the row of the sheet in the core."""
    decision = determination.decision
    return {
        "id": key_of(determination),
        "occurrenceID": decision.occurrence_id,
        "catalogNumber": decision.catalog_number,
        "basisOfRecord": "PreservedSpecimen",
        "scientificName": decision.given,
    }


def identification(determination: Determination) -> dict[str, str]:
    """Return the row of the determination in the extension."""
    return {
        "coreid": key_of(determination),
        "identifiedBy": determination.identified_by,
        "dateIdentified": determination.date_identified,
        "scientificName": determination.sciname,
        "identificationQualifier": determination.qualifier,
        "identificationRemarks": determination.remarks,
        "identificationReferences": determination.references,
        "identificationVerificationStatus": determination.status,
    }


def table(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    """Return rows as CSV."""
    file = io.StringIO(newline="")
    written(columns, [cells_of(row, {}, row[columns[0]]) for row in rows], file)
    return file.getvalue()


def descriptor() -> bytes:
    """Return `meta.xml`, which says what is in the two tables."""
    archive = ElementTree.Element("archive", {"xmlns": TEXT, "metadata": "eml.xml"})
    for tag, kind, file, columns in (
        ("core", "Occurrence", CORE, OCCURRENCE),
        ("extension", "Identification", EXTENSION, IDENTIFICATION),
    ):
        form = {
            "encoding": "UTF-8",
            "fieldsTerminatedBy": ",",
            "linesTerminatedBy": "\\n",
            "fieldsEnclosedBy": '"',
            "ignoreHeaderLines": "1",
            "rowType": TERMS + kind,
        }
        part = ElementTree.SubElement(archive, tag, form)
        ElementTree.SubElement(ElementTree.SubElement(part, "files"), "location").text = file
        ElementTree.SubElement(part, "id" if tag == "core" else "coreid", {"index": "0"})
        for place, term in enumerate(columns[1:], 1):
            ElementTree.SubElement(part, "field", {"index": str(place), "term": TERMS + term})
    return ElementTree.tostring(archive, "utf-8", xml_declaration=True)


def description(decisions: Decisions) -> bytes:
    """Return `eml.xml`, which says what the archive is and whose work."""
    people = sorted({in_one_line(each.decided_by) for each in decisions.decisions})
    newest = max((each.decided_on.date() for each in decisions.decisions), default=decisions.run.date)
    attributes = {
        "xmlns:eml": EML,
        "packageId": f"herbnb/{decisions.run.specimens}/{newest}",
        "system": "herbnb",
    }
    root = ElementTree.Element("eml:eml", attributes)
    dataset = ElementTree.SubElement(root, "dataset")
    ElementTree.SubElement(
        dataset, "title"
    ).text = f"Determinations of doubtful sheets of {decisions.collection}"
    for person in people:
        individual = ElementTree.SubElement(ElementTree.SubElement(dataset, "creator"), "individualName")
        ElementTree.SubElement(individual, "surName").text = person
    ElementTree.SubElement(dataset, "pubDate").text = newest.isoformat()
    ElementTree.SubElement(dataset, "language").text = "en"
    abstract = ElementTree.SubElement(ElementTree.SubElement(dataset, "abstract"), "para")
    abstract.text = (
        "Names that people gave to sheets, or confirmed, when a review list asked them to look. "
        f"The list: {described(decisions)}, herbnb {decisions.run.herbnb}."
    )
    for person in people[:1]:
        individual = ElementTree.SubElement(ElementTree.SubElement(dataset, "contact"), "individualName")
        ElementTree.SubElement(individual, "surName").text = person
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)
