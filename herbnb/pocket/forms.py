"""What is told of each taxon: the departures of an order, family or genus from the rank above it.

Loosely after nature (maples have opposite lobed leaves, umbels belong to onions). Lengths of leaves
and of inflorescences are fractions of the paper's height; widths, of the leaf's length.
Whatever is not told here is inherited, and varies (see `traits.py`).
"""

# fmt: off
FERN = dict(habit="rosette", inflorescence="none", roots=True, stems=1.0, leaves=4.0)
TUFT = dict(habit="tuft", venation="parallel", roots=True, petiole=0.0, fullness=3.0)
WOODY = dict(stem_width=0.01, branching=3.0)
HERB = dict(stem_width=0.006, roots=True)

FORMS = {
    "Polypodiales": FERN,
    "Polypodium": dict(
        length=0.4, ratio=0.34, lobes=13.0, lobe_depth=0.86, petiole=0.35, widest=0.35),
    "Asplenium": dict(
        leaf="pinnate", length=0.42, leaflets=15.0, leaflet_length=0.12, ratio=0.45,
        tooth_depth=0.25, teeth=6.0, petiole=0.2, leaves=6.0, widest=0.3),
    "Asparagales": dict(venation="parallel", petiole=0.0, fullness=2.6, tint=0.25),
    "Epidendrum": dict(
        length=0.15, ratio=0.24, internode=0.055, inflorescence="raceme", stems=2.0,
        stem_width=0.008, flowers=7.0, flower_size=0.022, branching=0.0, fullness=3.0),
    "Iris": dict(
        habit="rosette", fan=True, length=0.62, ratio=0.058, leaves=6.0, stems=1.0,
        inflorescence="raceme", flowers=2.0, flower_size=0.055, roots=True, widest=0.4),
    "Allium": dict(
        habit="rosette", length=0.38, ratio=0.045, leaves=4.0, inflorescence="umbel", flowers=26.0,
        inflo=0.075, flower_size=0.012, roots=True, bulb=True, stems=1.0),
    "Poales": TUFT,
    "Panicum": dict(
        length=0.26, ratio=0.055, inflorescence="panicle", inflo=0.3, flowers=70.0,
        flower_size=0.008, stems=3.0, leaves=4.0, flower_shape="grain"),
    "Bromus": dict(
        length=0.22, ratio=0.045, inflorescence="drooping", inflo=0.26, flowers=14.0,
        flower_size=0.036, stems=5.0, leaves=4.0, flower_shape="spikelet"),
    "Carex": dict(
        length=0.42, ratio=0.022, inflorescence="spikes", inflo=0.17, flowers=4.0,
        flower_size=0.012, stems=7.0, leaves=9.0),
    "Cyperus": dict(
        length=0.32, ratio=0.03, inflorescence="bracts", inflo=0.13, flowers=9.0, flower_size=0.03,
        stems=2.0, leaves=5.0, flower_shape="spikelet"),
    "Fabales": dict(leaf="pinnate", petiole=0.25, fruit="pod"),
    "Astragalus": dict(
        HERB, length=0.15, leaflets=8.0, leaflet_length=0.2, ratio=0.4, stems=3.0,
        inflorescence="raceme", placement="axillary", inflo=0.11, flowers=14.0, flower_size=0.012,
        internode=0.085, branching=0.0),
    "Desmodium": dict(
        HERB, length=0.17, leaflets=1.0, leaflet_length=0.55, ratio=0.52, stems=1.0,
        inflorescence="raceme", inflo=0.24, flowers=16.0, flower_size=0.012, branching=2.0,
        internode=0.085),
    "Lupinus": dict(
        HERB, leaf="palmate", length=0.13, leaflets=8.0, ratio=0.22, widest=0.6, petiole=0.9,
        inflorescence="spike", inflo=0.26, flowers=34.0, flower_size=0.018, stems=2.0,
        internode=0.11, branching=0.0),
    "Inga": dict(
        WOODY, length=0.34, leaflets=3.0, leaflet_length=0.46, ratio=0.42, stems=1.0,
        inflorescence="spike", placement="axillary", inflo=0.1, flowers=14.0, flower_size=0.022,
        internode=0.15, branching=0.0, even=True),
    "Rosales": dict(tooth_depth=0.13, teeth=14.0, inflorescence="raceme", fruit="berry"),
    "Rubus": dict(
        leaf="pinnate", leaflets=1.0, leaflet_length=0.62, length=0.22, ratio=0.62, base=0.55,
        inflorescence="cyme", inflo=0.1, flowers=7.0, flower_size=0.022, petiole=0.4,
        internode=0.12, branching=1.0, tooth_depth=0.17, prickles=True),
    "Rosa": dict(
        WOODY, leaf="pinnate", leaflets=3.0, leaflet_length=0.3, length=0.13, ratio=0.58,
        inflorescence="cyme", inflo=0.06, flowers=2.0, flower_size=0.05, internode=0.075,
        branching=4.0, prickles=True, petiole=0.2),
    "Prunus": dict(
        WOODY, length=0.13, ratio=0.44, inflorescence="raceme", placement="axillary", inflo=0.13,
        flowers=18.0, flower_size=0.012, internode=0.055, branching=4.0),
    "Fagales": dict(WOODY, inflorescence="catkin", placement="axillary"),
    "Quercus": dict(
        length=0.23, ratio=0.58, lobes=3.5, lobe_depth=0.55, widest=0.6, petiole=0.1,
        internode=0.08, branching=2.0, fruit="acorn", inflo=0.06, flowers=1.0),
    "Castanea": dict(
        length=0.25, ratio=0.3, tooth_depth=0.22, teeth=13.0, veins=13.0, petiole=0.08,
        internode=0.1, branching=1.0, inflo=0.16, flowers=1.0, apex=1.1),
    "Betula": dict(
        length=0.1, ratio=0.68, widest=0.3, apex=1.25, base=0.42, tooth_depth=0.15, teeth=11.0,
        petiole=0.32, internode=0.055, branching=5.0, inflo=0.055, flowers=1.0),
    "Alnus": dict(
        length=0.14, ratio=0.74, widest=0.56, apex=0.55, base=0.55, tooth_depth=0.07, teeth=16.0,
        veins=10.0, petiole=0.2, internode=0.085, branching=2.0, fruit="cone", inflo=0.07,
        flowers=3.0),
    "Myrtales": dict(arrangement="opposite", tooth_depth=0.0),
    "Melastomataceae": dict(venation="arcuate"),
    "Miconia": dict(
        WOODY, length=0.24, ratio=0.42, inflorescence="panicle", inflo=0.17, flowers=60.0,
        flower_size=0.009, internode=0.12, branching=0.0, petiole=0.14, fruit="berry"),
    "Rhexia": dict(
        HERB, length=0.07, ratio=0.4, inflorescence="cyme", inflo=0.1, flowers=6.0,
        flower_size=0.034, stems=3.0, internode=0.085, branching=1.0, petiole=0.02,
        tooth_depth=0.05, base=0.5),
    "Myrtaceae": dict(WOODY, petiole=0.09, fruit="berry", veins=11.0, vein_angle=1.05, apex=1.05),
    "Syzygium": dict(
        length=0.165, ratio=0.38, inflorescence="panicle", inflo=0.11, flowers=26.0,
        flower_size=0.013, internode=0.095, branching=2.0, fullness=2.2),
    "Eugenia": dict(
        length=0.12, ratio=0.47, inflorescence="cluster", placement="axillary", inflo=0.045,
        flowers=4.0, flower_size=0.017, internode=0.075, branching=3.5, fullness=2.0),
    "Dendrobium": dict(
        length=0.13, ratio=0.21, internode=0.042, inflorescence="raceme", inflo=0.13,
        placement="axillary", flowers=4.0, flower_size=0.031, stems=3.0, stem_width=0.019,
        branching=0.0, roots=True, fullness=3.2, cane=True),
    "Sapindales": dict(WOODY, inflorescence="panicle"),
    "Acer": dict(
        arrangement="opposite", venation="palmate", length=0.19, lobes=5.0, lobe_depth=0.55,
        ratio=1.05, petiole=0.55, internode=0.14, branching=1.0, tooth_depth=0.08, fruit="samara",
        placement="axillary", inflorescence="cluster", inflo=0.08, flowers=5.0, flower_size=0.01),
    "Rhus": dict(
        leaf="pinnate", length=0.36, leaflets=6.5, leaflet_length=0.27, ratio=0.28,
        tooth_depth=0.12, teeth=10.0, inflo=0.16, flowers=130.0, flower_size=0.011, internode=0.14,
        branching=0.0, petiole=0.18),
    "Lamiales": dict(HERB, arrangement="opposite"),
    "Salvia": dict(
        length=0.14, ratio=0.42, tooth_depth=0.08, teeth=12.0, margin="crenate", base=0.45,
        inflorescence="verticils", inflo=0.28, flowers=36.0, flower_size=0.02, internode=0.12,
        branching=1.0, petiole=0.3),
    "Scutellaria": dict(
        length=0.075, ratio=0.46, tooth_depth=0.1, teeth=7.0, margin="crenate", base=0.42,
        inflorescence="cluster", placement="axillary", inflo=0.022, flowers=2.0, flower_size=0.022,
        internode=0.062, branching=3.5, stems=2.0, petiole=0.12),
    "Plantago": dict(
        habit="rosette", venation="arcuate", length=0.28, ratio=0.34, leaves=7.0, petiole=0.4,
        inflorescence="spike", inflo=0.17, flowers=60.0, flower_size=0.008, stems=4.0,
        flower_shape="grain"),
    "Penstemon": dict(
        length=0.15, ratio=0.22, widest=0.34, inflorescence="verticils", inflo=0.3, flowers=18.0,
        flower_size=0.036, flower_shape="tube", internode=0.1, petiole=0.0, branching=0.0,
        stems=2.0, tooth_depth=0.05),
    "Asterales": dict(inflorescence="heads", flower_shape="daisy", stem_width=0.006),
    "Solidago": dict(
        length=0.13, ratio=0.17, internode=0.03, inflorescence="plume", inflo=0.26, flowers=120.0,
        flower_size=0.009, flower_shape="grain", branching=0.0, tooth_depth=0.07, teeth=9.0,
        petiole=0.0),
    "Helianthus": dict(
        length=0.2, ratio=0.46, widest=0.36, internode=0.11, inflo=0.16, flowers=2.0,
        flower_size=0.105, branching=1.0, tooth_depth=0.06, petiole=0.2, stem_width=0.011,
        veins=5.0),
    "Erigeron": dict(
        habit="rosette", length=0.15, ratio=0.2, widest=0.66, leaves=9.0, stems=2.0, inflo=0.15,
        flowers=8.0, flower_size=0.038, roots=True, petiole=0.25, cauline=5.0, tooth_depth=0.06,
        teeth=6.0),
}
