"""The files that an iDigBio search gives for Kew: `occurrence.csv`, `multimedia.csv`, `occurrence_raw.csv`.

They have the columns of a download of today, where the last, the records as the herbarium wrote them, has
those that its records fill. Three rows are no good, as in any real download: a specimen without an image, an
image that the server has lost, and an observation in the field.
"""

import csv
import json
from pathlib import Path
from uuid import UUID

import numpy as np

from herbnb.pocket.accession import Accession
from herbnb.pocket.determination import Determination, draw_determinations
from herbnb.pocket.history import draw_histories

SERVER, PAGES = "http://kew.pocket.example/images", "http://kew.pocket.example/sheets"
"""Where the images are, and the pages of the records: on a reserved host, where nobody is. The Kew chapter
puts a stand-in for the images on the loopback address."""
LICENCE = "http://creativecommons.org/publicdomain/zero/1.0/"
MODIFIED = "2022-05-02T00:00:00.000Z"
DARWIN_CORE = """
    basisOfRecord bed catalogNumber class collectionCode collectionID continent
    coordinateUncertaintyInMeters country county earliestAgeOrLowestStage
    earliestEonOrLowestEonothem
    earliestEpochOrLowestSeries earliestEraOrLowestErathem earliestPeriodOrLowestSystem eventDate
    family fieldNumber formation genus geologicalContextID group higherClassification
    highestBiostratigraphicZone individualCount infraspecificEpithet institutionCode institutionID
    kingdom latestAgeOrHighestStage latestEonOrHighestEonothem latestEpochOrHighestSeries
    latestEraOrHighestErathem latestPeriodOrHighestSystem lithostratigraphicTerms locality
    lowestBiostratigraphicZone maximumDepthInMeters maximumElevationInMeters member
    minimumDepthInMeters minimumElevationInMeters municipality occurrenceID order phylum
    recordNumber
    recordedBy scientificName specificEpithet startDayOfYear stateProvince taxonID taxonRank
    taxonomicStatus typeStatus verbatimEventDate verbatimLocality vernacularName waterBody
"""
IDIGBIO = """
    associatedsequences barcodeValue collectionName commonnames dataQualityScore dateModified etag
    eventDate flags geoPoint hasImage hasMedia institutionName isoCountryCode mediarecords recordIds
    recordset uuid version
"""
AUDUBON = """
    ac:accessURI ac:licenseLogoURL ac:tag coreid dc:type dcterms:format dcterms:modified
    dcterms:rights exif:PixelXDimension exif:PixelYDimension idigbio:dataQualityScore
    idigbio:dateModified idigbio:etag idigbio:flags idigbio:hasSpecimen idigbio:mediaType
    idigbio:recordIds idigbio:records idigbio:recordsets idigbio:uuid idigbio:version
    xmpRights:WebStatement
"""
OCCURRENCE = [
    "coreid",
    *(f"dwc:{name}" for name in DARWIN_CORE.split()),
    "gbif:canonicalName",
    *(f"idigbio:{name}" for name in IDIGBIO.split()),
]
MULTIMEDIA = AUDUBON.split()
"""Columns of these two files, as a search of today gives them."""


def write_records(folder: Path, accessions: list[Accession], seed: int) -> None:
    """Write the files into `folder`: a row a sheet, and the three rows that are no good."""
    rng = np.random.default_rng([seed, 3001])
    determined = draw_histories(accessions, draw_determinations(accessions, seed), seed)
    occurrences, media, written = [], [], []
    last = int(accessions[-1].image_id[1:])
    for accession, known in zip(accessions, determined, strict=True):
        add(occurrences, media, written, accession, known, rng)
    for step, basis, pictured in (
        (3, "PreservedSpecimen", False),
        (5, "PreservedSpecimen", True),
        (9, "HumanObservation", True),
    ):
        stray = accessions[step]._replace(image_id=f"K{last + step:09d}", record_number=9000 + step)
        add(occurrences, media, written, stray, determined[step], rng, basis, pictured)
    for name, columns, rows in (
        ("occurrence", OCCURRENCE, occurrences),
        ("multimedia", MULTIMEDIA, media),
        ("occurrence_raw", [*written[0]], written),
    ):
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def add(
    occurrences: list[dict],
    media: list[dict],
    written: list[dict],
    accession: Accession,
    known: Determination,
    rng: np.random.Generator,
    basis: str = "PreservedSpecimen",
    pictured: bool = True,
) -> None:
    """Add the rows of one accession: its occurrence, what the herbarium wrote of it and, when `pictured`,
    its image."""
    coreid, picture, record, recordset = (str(UUID(bytes=rng.bytes(16), version=4)) for _ in range(4))
    words = verbatim_row(accession, known, coreid)
    index = occurrence_row(accession, coreid, picture if pictured else "", basis, rng.bytes(20).hex())
    written.append(words)
    occurrences.append({term: word for term, word in words.items() if term in OCCURRENCE} | index)
    if pictured:
        wide, tall = accession.institution.size
        media.append(
            {
                "ac:accessURI": f"{SERVER}/{accession.image_id}.jpg",
                "coreid": coreid,
                "dc:type": "StillImage",
                "dcterms:format": "image/jpeg",
                "dcterms:modified": MODIFIED,
                "dcterms:rights": "CC0 1.0",
                "exif:PixelXDimension": wide,
                "exif:PixelYDimension": tall,
                "idigbio:dataQualityScore": 0.4,
                "idigbio:dateModified": MODIFIED,
                "idigbio:etag": rng.bytes(20).hex(),
                "idigbio:hasSpecimen": "true",
                "idigbio:mediaType": "images",
                "idigbio:recordIds": json.dumps([f"urn:uuid:{record}"]),
                "idigbio:records": json.dumps([coreid]),
                "idigbio:recordsets": recordset,
                "idigbio:uuid": picture,
                "idigbio:version": 1,
                "xmpRights:WebStatement": LICENCE,
            }
        )


def verbatim_row(accession: Accession, known: Determination, coreid: str) -> dict:
    """Row of `occurrence_raw.csv`."""
    return {
        "coreid": coreid,
        "dcterms:references": f"{PAGES}/{accession.image_id}",
        "dwc:catalogNumber": accession.image_id,
        "dwc:collectionCode": "Herbarium",
        "dwc:country": known.country,
        "dwc:dateIdentified": known.date_identified,
        "dwc:eventDate": accession.date,
        "dwc:identificationQualifier": known.qualifier,
        "dwc:identifiedBy": known.identified_by,
        "dwc:institutionCode": accession.institution.code,
        "dwc:otherCatalogNumbers": known.other_number,
        "dwc:previousIdentifications": known.previous,
        "dwc:recordNumber": accession.record_number,
        "dwc:recordedBy": accession.collector,
        "dwc:scientificName": accession.species.name,
        "dwc:stateProvince": known.state,
        "dwc:typeStatus": known.type_status,
    }


def occurrence_row(accession: Accession, coreid: str, picture: str, basis: str, etag: str) -> dict:
    """What the portal adds in `occurrence.csv`; columns that are named nowhere stay empty."""
    species, barcode = accession.species, accession.image_id
    classes = "Plantae; Tracheophyta; " + "; ".join(species[:3])
    return {
        "dwc:basisOfRecord": basis,
        "dwc:family": species.family,
        "dwc:genus": species.genus,
        "dwc:higherClassification": classes,
        "dwc:kingdom": "Plantae",
        "dwc:locality": accession.place,
        "dwc:occurrenceID": f"http://specimens.pocket.example/{barcode}",
        "dwc:order": species.order,
        "dwc:phylum": "Tracheophyta",
        "dwc:specificEpithet": species.name.split()[1],
        "dwc:taxonRank": "species",
        "dwc:taxonomicStatus": "accepted",
        "dwc:verbatimEventDate": accession.date,
        "gbif:canonicalName": species.name,
        "idigbio:barcodeValue": barcode,
        "idigbio:dataQualityScore": 0.32,
        "idigbio:dateModified": MODIFIED,
        "idigbio:etag": etag,
        "idigbio:eventDate": f"{accession.date}T00:00:00+00:00",
        "idigbio:hasImage": str(bool(picture)).lower(),
        "idigbio:hasMedia": str(bool(picture)).lower(),
        "idigbio:institutionName": accession.institution.name,
        "idigbio:mediarecords": json.dumps([picture] if picture else []),
        "idigbio:recordIds": json.dumps([f"k\\{barcode.lower()}"]),
        "idigbio:uuid": coreid,
        "idigbio:version": 1,
    }
