"""The names: orders, families, genera and species of the pocket herbarium, after APG IV.

The names are real, the plants are drawn. The Kew genera are kept out of the Half-Earth part, so
that the Kew chapters ask what a network makes of genera that it was never trained on.
"""

from typing import NamedTuple

HALF_EARTH = {
    "Polypodiales": {
        "Polypodiaceae": {"Polypodium": "vulgare virginianum glycyrrhiza scouleri"},
        "Aspleniaceae": {"Asplenium": "platyneuron trichomanes serra auritum"},
    },
    "Asparagales": {
        "Orchidaceae": {"Epidendrum": "nocturnum radicans ciliare"},
        "Iridaceae": {"Iris": "versicolor setosa virginica"},
        "Amaryllidaceae": {"Allium": "cernuum canadense tricoccum schoenoprasum"},
    },
    "Poales": {
        "Poaceae": {
            "Panicum": "virgatum capillare miliaceum",
            "Bromus": "ciliatus inermis tectorum kalmii",
        },
        "Cyperaceae": {
            "Carex": "aquatilis lurida pensylvanica scabrata",
            "Cyperus": "esculentus odoratus rotundus",
        },
    },
    "Fabales": {
        "Fabaceae": {
            "Astragalus": "canadensis alpinus mollissimus",
            "Desmodium": "canadense incanum tortuosum",
            "Lupinus": "perennis polyphyllus argenteus arboreus",
            "Inga": "edulis vera feuillei",
        }
    },
    "Rosales": {
        "Rosaceae": {
            "Rubus": "idaeus occidentalis allegheniensis hispidus",
            "Rosa": "carolina nutkana woodsii",
            "Prunus": "serotina virginiana pensylvanica",
        }
    },
    "Fagales": {
        "Fagaceae": {
            "Quercus": "alba rubra macrocarpa stellata",
            "Castanea": "dentata pumila sativa",
        },
        "Betulaceae": {
            "Betula": "papyrifera lenta populifolia",
            "Alnus": "rubra incana acuminata",
        },
    },
    "Myrtales": {
        "Melastomataceae": {
            "Miconia": "prasina albicans calvescens",
            "Rhexia": "virginica mariana alifanus",
        }
    },
    "Sapindales": {
        "Sapindaceae": {"Acer": "rubrum saccharum spicatum macrophyllum"},
        "Anacardiaceae": {"Rhus": "typhina glabra copallinum"},
    },
    "Lamiales": {
        "Lamiaceae": {
            "Salvia": "lyrata coccinea azurea apiana",
            "Scutellaria": "lateriflora galericulata incana",
        },
        "Plantaginaceae": {
            "Plantago": "major lanceolata rugelii",
            "Penstemon": "digitalis hirsutus strictus",
        },
    },
    "Asterales": {
        "Asteraceae": {
            "Solidago": "canadensis rugosa nemoralis gigantea",
            "Helianthus": "annuus tuberosus divaricatus",
            "Erigeron": "annuus philadelphicus strigosus",
        }
    },
}

KEW = {
    "Myrtales": {
        "Myrtaceae": {
            "Syzygium": "cumini jambos malaccense samarangense aqueum grande",
            "Eugenia": "uniflora axillaris stipitata brasiliensis reinwardtiana",
        }
    },
    "Asparagales": {"Orchidaceae": {"Dendrobium": "nobile moniliforme crumenatum bigibbum speciosum"}},
}


class Species(NamedTuple):
    """A species with the ranks above it; `name` is the binomial."""

    order: str
    family: str
    genus: str
    name: str


def species_of(tree: dict) -> list[Species]:
    """List the species of a tree, in the order in which they are written down."""
    return [
        Species(order, family, genus, f"{genus} {epithet}")
        for order, families in tree.items()
        for family, genera in families.items()
        for genus, epithets in genera.items()
        for epithet in epithets.split()
    ]
