"""Ranges: what every parameter of the chapters may be, said once.

A name means the same in every chapter. Where it does not, or where one chapter allows less, the chapter's
name stands before it.
"""

from herbnb.book.kinds import (
    Choice,
    Flag,
    Kind,
    Place,
    Real,
    Representation,
    Several,
    Text,
    Unless,
    Whole,
    Word,
    shown,
)
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS

SEED = Whole(0, 2**31 - 1)
"""Of what is drawn. Libraries take seeds below 2³², and some draws add a little to theirs."""

SHARE = Real(0, 1, above=True, below=True)
OFTEN = Whole(1, 1000)
COUNT = Whole(1, 1_000_000)
SIDE = Whole(32, 4096)
"""Pixels; an encoder that halves its maps five times makes one place of 32."""

GENUS, PEOPLE = Text(), Several(Text())
CHOSEN = Unless(Several(Representation()), "every network")

RANGES: dict[str, Kind] = {
    # where things are
    "data": Place("folder"),
    "results": Place("folder"),
    "replicates": Unless(Several(Place("folder")), "none"),
    "collection": Place("folder"),
    "discrimination.collection": Word(),
    "mislabels.collection": Word(),
    "collections": Unless(Several(Word()), "none"),
    "name": Word(),
    "occurrence": Place("file"),
    "multimedia": Place("file"),
    "stand_in": Unless(Place("folder"), "the web"),
    "taxonomy": Unless(Place("file"), "none"),
    # which sheets
    "max_images": COUNT,
    "train_institution": Text(),
    "institution": Unless(Text(), "every institution"),
    "species_sample": SHARE,
    "rand_sample": SHARE,
    "keep_duplicates": Flag(),
    "sheet": Unless(Text(), "the most suspect"),
    "specialists": Unless(PEOPLE, "nobody"),
    # training
    "max_epochs": Whole(1, 100_000),
    "learning_rate": Real(1e-9, 10),
    "schedule": Choice(("one_cycle", "constant")),
    "margin": Real(1e-9, 1000),
    "negatives": Choice(("all", "semihard", "random", "drawn")),
    "encoder": Text(),
    "weights": Place("file, none or imagenet"),
    "trainable": Text(),
    "detail": Choice(("coarse", "full")),
    "input_height": SIDE,
    "fit": Choice(("letterbox", "crop")),
    "augment": Flag(),
    "precision": Choice(("auto", "32-true", "bf16-mixed", "16-mixed")),
    **{f"{network}.batch_size": Whole(4, 65_536) for network in NETWORKS},
    # looking
    "networks": CHOSEN,
    "network": Representation(),
    "batch_size": Whole(1, 65_536),
    "num_workers": Whole(0, 256),
    "cache": Flag(),
    "seed": SEED,
    "start": Choice(("pca", "spectral")),
    "steps": Whole(1, 100_000),
    "image_size": SIDE,
    # asking
    "genus1": GENUS,
    "genus2": Several(GENUS),
    "mislabel_frac": Several(SHARE),
    "repeats": OFTEN,
    "family_frac": Several(SHARE),
    "family_repeats": OFTEN,
    "reviewer": Unless(Representation(), "the best"),
    "neighbours": Whole(1, 100),
    "wrong_step": Real(1, 1000),
    "queries": COUNT,
    "sheets_per_genus": Several(COUNT),
    "draws": OFTEN,
    "enough": Real(0, 1, above=True),
    "sure": Several(Real(0, 1)),
    # judging
    "claimed": Representation(),
    "equivalence": Real(0, 1),
    "rate": SHARE,
    "sheets": Whole(2, 10_000),
    "compared": Whole(2, 100_000),
    "sizes": Several(Whole(1, 10**12)),
    "epochs": Whole(1, 100_000),
    "watts": Real(0, 10_000, above=True),
}


def range_of(chapter: str, name: str) -> Kind | None:
    """Return what a chapter's parameter may be; None where a book of one's own has another parameter."""
    return RANGES.get(f"{chapter}.{name}", RANGES.get(name))


def check_range(name: str, value: object, of: Kind | None, where: str) -> None:
    """Raise BadInput, which begins with `where`, unless a value of the parameter `name` is `of` a kind."""
    if of is not None and not of.holds(value):
        raise BadInput(f"{where}: {name} takes {of}, and not {shown(value)}{of.hint(value)}")
