"""Your herbarium: the chapter on collections that nobody planned for: real sheets, a single genus, names that bite."""

import html
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from conftest import REAL_SHEETS, SMOKE, on_real_sheets
from herbnb.book.profile import Profile
from herbnb.book.runner import run_chapter
from herbnb.errors import BadInput
from herbnb.representations.features import read_features
from herbnb.results import Results
from herbnb.specimens import read_specimens, write_specimens

pytestmark = pytest.mark.slow

SCRIPT = "<script>alert(3)</script>"
MARKUP = "*x* [y](javascript:alert(2)) `z`"


@pytest.fixture(scope="module")
def results(executed, workplace) -> Path:
    """The results of the smoke profile's chapters, with their trained networks."""
    return workplace / "results"


def shown(results: Path, collection: Path, name: str, **more) -> str:
    """Run the chapter on `collection` and return all that its cells show, text and markup."""
    profile = Profile(parameters=SMOKE["parameters"] | {"results": str(results)})
    given = {"collection": str(collection), "name": name, "cache": False, **more}
    notebook = nbformat.read(
        run_chapter("your_herbarium", profile, given, results / "executed"), as_version=4
    )
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] in ("error", "stream")]
    kinds = ("text/html", "text/markdown")
    return "\n".join(output["data"].get(kind, "") for output in outputs for kind in kinds)


def kept(results: Path, name: str) -> list[str]:
    return sorted(path.name for path in (results / name).iterdir())


WRITTEN = [
    *("coverage.csv", "embedding.parquet", "identification.csv", "neighbours.parquet"),
    *("place.json", "review_card.json", "review_list.csv", "specimens.parquet"),
]


@on_real_sheets
def test_real_sheets_are_an_own_herbarium(results):
    page = shown(results, REAL_SHEETS, "real")
    assert kept(results, "real") == WRITTEN
    assert "data:image" not in page and "not shown here: the licence" in page
    assert (
        "Training has never shown" in page
        and "could not be judged, because their genera are too small" in page
    )
    listed = pd.read_csv(results / "real" / "review_list.csv", dtype=str)
    assert len(listed) and listed["reason"].str.contains("of its 5 nearest sheets bear").all()
    near = pd.read_parquet(results / "real" / "neighbours.parquet")
    assert len(near) == 5 * len(pd.read_parquet(results / "real" / "specimens.parquet"))


def test_one_genus_that_training_never_showed_gives_sentences_and_no_traceback(results, workplace):
    sheets = read_specimens(results / "kew" / "specimens.parquet").head(12)
    paths = [str(results / "kew" / path) for path in sheets["path"]]
    names = {"genus": SCRIPT, "species": MARKUP, "family": SCRIPT, "order": MARKUP, "institution": "<b>K</b>"}
    sheets = sheets.assign(**names, path=paths, image_id="../../" + sheets["image_id"])
    write_specimens(sheets, workplace / "bites" / "specimens.parquet")
    page = shown(results, workplace / "bites", "bites")
    assert kept(results, "bites") == WRITTEN
    for sentence in (
        "Training has never shown **1** of your genera",
        "Nothing to score: training has shown none of your genera",
        "Too small to score: fewer than two of your genera have five gatherings",
        "Nothing to compare: your sheets all bear the same names",
        "The list is empty: no label could be judged.",
        "it could name none",
    ):
        assert sentence in page, sentence
    assert SCRIPT not in page and "<b>K</b>" not in page
    assert html.escape(MARKUP) in page and "[y](" not in page.replace(html.escape(MARKUP), "")


def test_a_visitor_that_no_training_sheet_has_met_is_a_pair_of_eyes(results):
    page = shown(results, results / "kew", "visited", network="timm:test_efficientnet@none")
    assert "these eyes have seen no training sheets" in page
    assert {"test_efficientnet", "imagenet", "colour"} < set(
        pd.read_csv(results / "visited" / "identification.csv")["network"]
    )


def test_features_made_elsewhere_are_a_pair_of_eyes(results, workplace):
    sheets = read_specimens(results / "kew" / "specimens.parquet")
    vectors = np.random.default_rng(89).normal(size=(len(sheets), 7)).astype("float32")
    made = pd.DataFrame({"image_id": sheets["image_id"], "feature": list(vectors)})
    made.sample(frac=1, random_state=89).to_parquet(workplace / "mine.parquet")
    shown(results, results / "kew", "made", network=f"mine={workplace / 'mine.parquet'}")
    _, kept = read_features(Results(results), "mine", "made")
    np.testing.assert_array_equal(kept, vectors)
    made.head(5).to_parquet(workplace / "few.parquet")
    with pytest.raises(BadInput, match="of another collection, or not complete"):
        shown(results, results / "kew", "few", network=f"few={workplace / 'few.parquet'}")
