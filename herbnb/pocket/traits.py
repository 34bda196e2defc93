"""Traits, and how they are handed down: order, family, genus, species, specimen.

A taxon has the traits of the rank above it, but for what `forms.py` tells of it (its departures)
and for some variation drawn by lot: sizes vary on a logarithmic scale, and now and then a discrete
trait takes another state. Some species, and some specimens, take after a relative, so that genera
overlap as real ones do.
"""

from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np

from herbnb.pocket.forms import FORMS
from herbnb.pocket.taxonomy import HALF_EARTH, KEW, Species, species_of


@dataclass(frozen=True)
class Traits:
    """What a plant looks like when it is alive. Lengths are fractions of the paper's height."""

    habit: str = "shoot"  # shoot, rosette, tuft
    arrangement: str = "alternate"  # alternate, opposite, whorled
    leaf: str = "simple"  # simple, pinnate, palmate
    margin: str = "serrate"  # serrate, crenate: the shape of the teeth, if there are any
    venation: str = "pinnate"  # pinnate, parallel, arcuate, palmate
    inflorescence: str = "raceme"
    placement: str = "terminal"  # terminal, axillary: where the inflorescence sits
    flower_shape: str = "blossom"  # blossom, daisy, grain, spikelet, tube
    fruit: str = "none"  # none, pod, berry, acorn, cone, samara
    fan: bool = False  # leaves in one plane, as irises have them
    even: bool = False  # a compound leaf without a leaflet at its end
    roots: bool = False
    bulb: bool = False
    cane: bool = False  # swollen, jointed stems
    prickles: bool = False
    length: float = 0.13
    ratio: float = 0.45  # width of a leaf, or of a leaflet, by its length
    widest: float = 0.45  # where along the leaf it is widest
    fullness: float = 2.0  # 1: a rhomb, 2: an ellipse, 4: a strap
    apex: float = 0.95  # 0.5: round, 1: acute, 1.5: drawn out
    base: float = 0.7
    petiole: float = 0.12  # by the length of the leaf
    teeth: float = 12.0  # a side
    tooth_depth: float = 0.0
    lobes: float = 0.0  # pairs; with palmate venation: all
    lobe_depth: float = 0.0
    leaflets: float = 5.0  # pairs; in a palmate leaf: all
    leaflet_length: float = 0.3  # by the length of the leaf
    veins: float = 8.0  # pairs
    vein_angle: float = 0.85  # radians
    leaves: float = 7.0  # of a rosette, or of a culm
    cauline: float = 0.0  # small leaves on the stalk of a rosette
    internode: float = 0.07
    leaf_angle: float = 0.85  # radians between stem and leaf
    stems: float = 1.0
    stem_width: float = 0.007
    branching: float = 1.5
    branch_angle: float = 0.65  # radians
    inflo: float = 0.12
    flowers: float = 14.0
    flower_size: float = 0.014
    tint: float = 0.0  # -1 towards green, 1 towards brown


SPREAD = {
    "length": 0.26, "ratio": 0.17, "apex": 0.10, "base": 0.10, "petiole": 0.22, "teeth": 0.18,
    "tooth_depth": 0.30, "lobes": 0.14, "lobe_depth": 0.10, "leaflets": 0.16,
    "leaflet_length": 0.10,
    "veins": 0.15, "vein_angle": 0.08, "leaves": 0.22, "internode": 0.20, "leaf_angle": 0.14,
    "stems": 0.30, "stem_width": 0.18, "branching": 0.35, "branch_angle": 0.12, "inflo": 0.25,
    "flowers": 0.25, "flower_size": 0.18, "fullness": 0.08, "cauline": 0.2,
}  # fmt: skip
"""Standard deviations of the logarithm of a trait, before `SHARE` has its say."""

LINEAR_SPREAD = {"widest": 0.035, "tint": 0.22}
LIMITS = {
    "widest": (0.2, 0.75), "tint": (-1.0, 1.0), "length": (0.03, 0.75), "lobe_depth": (0.0, 0.92),
    "ratio": (0.015, 1.25), "tooth_depth": (0.0, 0.32), "leaf_angle": (0.3, 1.4),
    "stem_width": (0.003, 0.026), "flower_size": (0.005, 0.12), "apex": (0.4, 1.7),
}  # fmt: skip

SHARE = {"order": 0.25, "family": 0.4, "genus": 0.6, "species": 0.75, "specimen": 0.5}
"""How much of the spread each rank adds."""

STATES = {
    "arrangement": ("alternate", "opposite", "whorled"),
    "margin": ("serrate", "crenate"),
    "placement": ("terminal", "axillary"),
    "fruit": ("none", "berry"),
}
MUTATION = {"order": 0.0, "family": 0.0, "genus": 0.0, "species": 0.04, "specimen": 0.01}
"""How often a discrete trait takes another state. Above the species `forms.py` sets the states."""


def inherit(parent: Traits, rank: str, rng: np.random.Generator, **departures) -> Traits:
    """Traits of a child of `parent` at `rank`: `departures` first, then variation by lot."""
    child = replace(parent, **departures)
    changed = {}
    for name, spread in SPREAD.items():
        value = getattr(child, name) * np.exp(rng.normal(0.0, spread * SHARE[rank]))
        changed[name] = float(np.clip(value, *LIMITS.get(name, (0.0, np.inf))))
    for name, spread in LINEAR_SPREAD.items():
        value = getattr(child, name) + rng.normal(0.0, spread * SHARE[rank])
        changed[name] = float(np.clip(value, *LIMITS[name]))
    for name, states in STATES.items():
        if rng.random() < MUTATION[rank] and getattr(child, name) in states:
            changed[name] = str(rng.choice(states))
    return replace(child, **changed)


def place_of(tree: dict, taxon: str) -> int:
    """Place of a taxon's name among all the names of `tree`, which seeds its lot."""
    names = {}
    for species in species_of(tree):
        for name in species:
            names.setdefault(name, len(names))
    return names[taxon]


LIKENESS = {"species": (0.2, 0.1, 0.5), "specimen": (0.2, 0.2, 0.7)}
"""How often a species, or a specimen, takes after a relative of another genus; how little, and how much."""


def take_after(traits: Traits, relative: Traits, likeness: float, rng: np.random.Generator) -> Traits:
    """Traits between `traits` (likeness 0) and those of `relative` (1), as a hybrid or an odd form has them.

    Sizes lie between on a logarithmic scale; of the discrete traits each is the relative's or not, by lot.
    """
    mixed = {}
    for name, value in vars(traits).items():
        other = getattr(relative, name)
        if not isinstance(value, float):
            mixed[name] = other if rng.random() < likeness else value
        elif name in LINEAR_SPREAD or not value or not other:
            mixed[name] = value + likeness * (other - value)
        else:
            mixed[name] = float(np.exp(np.log(value) + likeness * np.log(other / value)))
    return replace(traits, **mixed)


@cache
def relatives_of(seed: int, species: Species) -> tuple[Species, ...]:
    """Species that one could take for `species`: of other genera of its family or, if it has none, its order.

    They grow as it does, and belong to the same collection.
    """
    tree = KEW if species in species_of(KEW) else HALF_EARTH
    others = [kin for kin in species_of(tree) if kin.genus != species.genus]
    habit = pure_traits(seed, species).habit
    for rank in ("family", "order"):
        kindred = [kin for kin in others if getattr(kin, rank) == getattr(species, rank)]
        alike = tuple(kin for kin in kindred if pure_traits(seed, kin).habit == habit)
        if alike:
            return alike
    return ()


def likened(traits: Traits, seed: int, species: Species, rank: str, rng: np.random.Generator) -> Traits:
    """Traits of a species or a specimen, which now and then takes after a relative."""
    often, least, most = LIKENESS[rank]
    relatives = relatives_of(seed, species)
    if not relatives or rng.random() >= often:
        return traits
    relative = relatives[int(rng.integers(len(relatives)))]
    return take_after(traits, pure_traits(seed, relative), rng.uniform(least, most), rng)


@cache
def pure_traits(seed: int, species: Species) -> Traits:
    """Traits of a species, handed down from its order, before it takes after anyone."""
    kew = species.genus in {kin.genus for kin in species_of(KEW)}
    traits = Traits()
    for rank, taxon in zip(("order", "family", "genus", "species"), species, strict=True):
        # An order or family that both collections have is one taxon, so it must have one lot.
        shared = taxon in {name for kin in species_of(HALF_EARTH) for name in kin}
        tree, collection = (HALF_EARTH, 0) if shared or not kew else (KEW, 1)
        rng = np.random.default_rng([seed, 1000 + collection, place_of(tree, taxon)])
        traits = inherit(traits, rank, rng, **FORMS.get(taxon, {}))
    return traits


@cache
def traits_of(seed: int, species: Species) -> Traits:
    """Traits of a species: the same for a seed, in any process."""
    tree, collection = (KEW, 1) if species in species_of(KEW) else (HALF_EARTH, 0)
    rng = np.random.default_rng([seed, 1100 + collection, place_of(tree, species.name)])
    return likened(pure_traits(seed, species), seed, species, "species", rng)


def traits_of_specimen(seed: int, species: Species, rng: np.random.Generator) -> Traits:
    """Traits of one specimen of a species, from the specimen's own generator."""
    traits = inherit(traits_of(seed, species), "specimen", rng)
    return likened(traits, seed, species, "specimen", rng)


def columns_of(traits: Traits) -> dict:
    """Traits as a row of a table, floats rounded to five digits."""
    values = {field.name: getattr(traits, field.name) for field in fields(traits)}
    return {name: round(v, 5) if isinstance(v, float) else v for name, v in values.items()}
