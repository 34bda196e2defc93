"""Chapters 01 to 11 on real sheets, where a folder of them lies beside the project."""

import pandas as pd
import pytest

from conftest import REAL_SHEETS, on_real_sheets
from herbnb.book.chapters import chapter_names
from herbnb.book.profile import Profile
from herbnb.book.runner import run_chapter

pytestmark = pytest.mark.slow

PARAMETERS = {
    "train_institution": "Consortium of Northeastern Herbaria",
    "species_sample": 0.2,
    "rand_sample": 0.2,
    "input_height": 64,
    "max_epochs": 1,
    "batch_size": 8,
    "steps": 4,
    "sheets_per_genus": [1, 2],
}


@on_real_sheets
def test_chapters_01_to_11_run_on_real_sheets(tmp_path):
    results = tmp_path / "results"
    profile = Profile(parameters=PARAMETERS | {"data": str(REAL_SHEETS), "results": str(results)})
    for chapter in chapter_names()[:11]:
        run_chapter(chapter, profile, {}, tmp_path / "executed")
    specimens = pd.read_parquet(results / "specimens.parquet")
    assert set(specimens["split"]) == {"train", "random", "species", "institutions"}
    assert set(specimens["genus"]) == {"Acer", "Atriplex", "Sambucus"}
    silhouettes = pd.read_csv(results / "silhouettes.csv")
    assert silhouettes["mean"].between(-1, 1).all()
    assert {"autoencoder", "triplet", "classifier"} < set(silhouettes["network"])
    learnt = pd.read_csv(results / "few_labels.csv")
    assert learnt["f1"].between(0, 1).all() and {"imagenet", "by lot"} < set(learnt["network"])
    found = pd.read_csv(results / "retrieval.csv")
    assert found["value"].between(0, 1).all() and {"imagenet", "by lot"} < set(found["network"])
    embedding = pd.read_parquet(results / "embedding.parquet")
    assert set(embedding["image_id"]) == set(specimens["image_id"])


@on_real_sheets
def test_no_picture_of_a_sheet_without_an_open_licence_enters_a_page(tmp_path):
    profile = Profile(
        parameters=PARAMETERS | {"data": str(REAL_SHEETS), "results": str(tmp_path / "results")}
    )
    page = run_chapter("sampling", profile, {}, tmp_path / "executed").read_text()
    assert "data:image" not in page and "image/png" not in page and "image/jpeg" not in page
    assert "licence" in page
