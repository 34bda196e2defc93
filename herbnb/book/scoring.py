"""Scoring: what takes long in a chapter, done for one representation before the chapter runs.

Each function below makes the same calls as the chapter of its name, so the chapter finds every part in its
scorebook. What they call is imported late: Snakemake only wants to know which chapters there are.
"""

from pathlib import Path

from herbnb.book.jobs import values_of
from herbnb.book.profile import Profile
from herbnb.errors import BadInput
from herbnb.results import Results


def silhouettes(here: Results, networks: list[str], values: dict) -> None:
    from herbnb.representations.features import read_all_features
    from herbnb.representations.silhouettes import score_splits

    specimens, features = read_all_features(here, networks)
    score_splits(specimens, features, features.scorebook("silhouettes"))


def identification(here: Results, networks: list[str], values: dict) -> None:
    from herbnb.applications.identification import identify_all
    from herbnb.representations.features import read_all_features

    specimens, features = read_all_features(here, networks)
    identify_all(specimens, features, values["seed"], keep=features.scorebook("identification"))


def retrieval(here: Results, networks: list[str], values: dict) -> None:
    from herbnb.applications.retrieval import retrieve_all
    from herbnb.representations.features import read_all_features

    specimens, features = read_all_features(here, networks)
    how = {"most": values["queries"], "seed": values["seed"], "keep": features.scorebook("retrieval")}
    retrieve_all(specimens, features, **how)


def discrimination(here: Results, networks: list[str], values: dict) -> None:
    from herbnb.applications.discrimination import discriminate_all
    from herbnb.representations.features import read_all_features

    specimens, features = read_all_features(here, networks, values["collection"])
    question = {name: values[name] for name in ("genus1", "genus2", "seed")}
    question["keep"] = features.scorebook("discrimination")
    for grouped in (True, False):
        discriminate_all(specimens, features, **question, grouped=grouped)


def mislabels(here: Results, networks: list[str], values: dict) -> None:
    from herbnb.applications import families, mislabels
    from herbnb.representations.features import read_all_features

    specimens, features = read_all_features(here, networks, values["collection"])
    question = {name: values[name] for name in ("genus1", "genus2", "mislabel_frac", "repeats", "seed")}
    mislabels.search(specimens, features, **question, keep=features.scorebook("mislabels"))
    herbarium, seen = read_all_features(here, networks)
    question = {"mislabel_frac": values["family_frac"], "repeats": values["family_repeats"]}
    question |= {"seed": values["seed"], "keep": seen.scorebook("mislabels")}
    families.search(herbarium, seen, **question)


SCORED = {each.__name__: each for each in (silhouettes, identification, retrieval, discrimination, mislabels)}
"""The chapters that are scored in parts, and what makes those parts."""


def score_for_chapter(chapter: str, network: str, profile: Profile, given: dict[str, object]) -> Path:
    """Score one representation as a chapter does, and return the folder of the chapter's scorebook.

    Args:
        chapter: one of `SCORED`.
        network: a network, a baseline or a visitor, as `spec_of` reads it.
        profile: whose parameters it takes.
        given: parameters that come before the profile's.

    Raises:
        BadInput: a chapter without such parts; a wrong parameter; features that are not there.
    """
    if chapter not in SCORED:
        raise BadInput(f"Chapter {chapter!r} is not scored in parts: choose one of {', '.join(SCORED)}.")
    here, values = values_of(chapter, profile, given)
    SCORED[chapter](here, [network], values)
    return here.path("scores", chapter=chapter)
