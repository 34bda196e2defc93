"""The names: orders, families, genera and species of the pocket herbarium, after APG IV.

The names are real, the plants are drawn. The Kew genera are kept out of the Half-Earth part, so
that the Kew chapters ask what a network makes of genera that it was never trained on.
"""

from typing import NamedTuple

HALF_EARTH = {
    "Polypodiales": {
        "Polypodiaceae": {"Polypodium": "vulgare virginianum glycyrrhiza scouleri cambricum"},
        "Aspleniaceae": {"Asplenium": "platyneuron trichomanes serra auritum montanum"},
    },
    "Asparagales": {
        "Orchidaceae": {"Epidendrum": "nocturnum radicans ciliare magnoliae ibaguense"},
        "Iridaceae": {"Iris": "versicolor setosa virginica prismatica douglasiana"},
        "Amaryllidaceae": {"Allium": "cernuum canadense tricoccum schoenoprasum stellatum"},
    },
    "Poales": {
        "Poaceae": {
            "Panicum": "virgatum capillare miliaceum amarum dichotomiflorum",
            "Bromus": "ciliatus inermis tectorum kalmii carinatus",
        },
        "Cyperaceae": {
            "Carex": "aquatilis lurida pensylvanica scabrata stricta",
            "Cyperus": "esculentus odoratus rotundus strigosus squarrosus",
        },
    },
    "Fabales": {
        "Fabaceae": {
            "Astragalus": "canadensis alpinus mollissimus crassicarpus lentiginosus",
            "Desmodium": "canadense incanum tortuosum paniculatum rotundifolium",
            "Lupinus": "perennis polyphyllus argenteus arboreus texensis",
            "Inga": "edulis vera feuillei laurina punctata",
        }
    },
    "Rosales": {
        "Rosaceae": {
            "Rubus": "idaeus occidentalis allegheniensis hispidus parviflorus",
            "Rosa": "carolina nutkana woodsii palustris virginiana",
            "Prunus": "serotina virginiana pensylvanica americana maritima",
        }
    },
    "Fagales": {
        "Fagaceae": {
            "Quercus": "alba rubra macrocarpa stellata velutina",
            "Castanea": "dentata pumila sativa mollissima crenata",
        },
        "Betulaceae": {
            "Betula": "papyrifera lenta populifolia nigra alleghaniensis",
            "Alnus": "rubra incana acuminata serrulata viridis",
        },
    },
    "Myrtales": {
        "Melastomataceae": {
            "Miconia": "prasina albicans calvescens laevigata tomentosa",
            "Rhexia": "virginica mariana alifanus lutea petiolata",
        }
    },
    "Sapindales": {
        "Sapindaceae": {"Acer": "rubrum saccharum spicatum macrophyllum negundo"},
        "Anacardiaceae": {"Rhus": "typhina glabra copallinum aromatica trilobata"},
    },
    "Lamiales": {
        "Lamiaceae": {
            "Salvia": "lyrata coccinea azurea apiana farinacea",
            "Scutellaria": "lateriflora galericulata incana integrifolia ovata",
        },
        "Plantaginaceae": {
            "Plantago": "major lanceolata rugelii virginica aristata",
            "Penstemon": "digitalis hirsutus strictus gracilis laevigatus",
        },
    },
    "Asterales": {
        "Asteraceae": {
            "Solidago": "canadensis rugosa nemoralis gigantea bicolor",
            "Helianthus": "annuus tuberosus divaricatus grosseserratus maximiliani",
            "Erigeron": "annuus philadelphicus strigosus pulchellus canadensis",
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
