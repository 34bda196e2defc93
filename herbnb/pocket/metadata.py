"""The metadata of the Half-Earth part: one COCO file of five tables, as the published data have."""

import json
from pathlib import Path

from herbnb.pocket.accession import Accession
from herbnb.pocket.institution import HALF_EARTH as INSTITUTIONS
from herbnb.pocket.records import LICENCE


def write_metadata(path: Path, accessions: list[Accession]) -> None:
    """Write the COCO file of the Half-Earth layout. Ids of annotations stay below 100,000."""
    names = sorted({sheet.species for sheet in accessions}, key=lambda species: species.name)
    categories = {species: number for number, species in enumerate(names)}
    institutions = {institution.name: number for number, institution in enumerate(INSTITUTIONS)}
    metadata = {
        "info": {"description": "A pocket herbarium: the names are real, the plants are drawn."},
        "licenses": [{"id": 0, "name": "CC0 1.0", "url": LICENCE}],
        "images": [
            {
                "id": int(sheet.image_id),
                "file_name": sheet.path.removeprefix("train/"),
                "width": sheet.institution.size[0],
                "height": sheet.institution.size[1],
                "license": 0,
            }
            for sheet in accessions
        ],
        "annotations": [
            {
                "id": number,
                "image_id": int(sheet.image_id),
                "category_id": categories[sheet.species],
                "institution_id": institutions[sheet.institution.name],
                "gathering": sheet.collected,
            }
            for number, sheet in enumerate(accessions, start=1)
        ],
        "categories": [
            {"id": number, "name": species.name, "family": species.family, "order": species.order}
            for species, number in categories.items()
        ],
        "institutions": [{"id": number, "name": name} for name, number in institutions.items()],
    }
    path.write_text(json.dumps(metadata) + "\n", "utf-8")
