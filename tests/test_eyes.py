"""Eyes: those that need no training see more than random filters do, and lessons on drawn sheets do not spoil them."""

import numpy as np
import pytest

from conftest import REAL_SHEETS, on_real_sheets
from herbnb.applications.review import judge
from herbnb.data.collection import adopt, read_collection
from herbnb.networks import training
from herbnb.representations.extraction import extract, load_encoders
from herbnb.results import Results
from herbnb.specimens import write_specimens

pytestmark = pytest.mark.slow

LESSON = {
    "encoder": "tf_efficientnet_lite0",
    "weights": "imagenet",
    "trainable": "blocks.6",
    "input_height": 128,
    "batch_size": 32,
    "max_epochs": 2,
    "augment": False,
    "learning_rate": 0.001,
    "seed": 89,
}


@pytest.fixture(scope="module")
def taught(pocket, specimens, tmp_path_factory):
    """A run whose triplet network and classifier began with ImageNet's weights and had two short lessons."""
    here = Results(tmp_path_factory.mktemp("eyes") / "run")
    write_specimens(specimens, here.path("specimens"))
    for name in ("triplet", "classifier"):
        training.train(name, pocket, here, **LESSON)
    return here


def named_rightly(vectors, specimens) -> dict[str, float]:
    """Return the share of sheets that a regression names rightly, by representation."""
    shares = {}
    for name, of_sheets in vectors.items():
        judged = judge(of_sheets, specimens)
        judged = judged[judged["judged_by"] == "both"]
        shares[name] = (judged["given"] == judged["predicted"]).mean()
    return shares


def test_photographs_teach_more_than_random_filters_know(taught, pocket, specimens):
    held_out = specimens[specimens["split"] != "train"].reset_index(drop=True)
    encoders = load_encoders(["untrained", "imagenet", "classifier"], taught)
    right = named_rightly(extract(encoders, held_out, pocket), held_out)
    assert right["imagenet"] > right["untrained"] + 0.1 and right["classifier"] > right["untrained"] + 0.1


@on_real_sheets
def test_on_real_sheets_no_lesson_makes_eyes_worse_than_random_filters(taught):
    sheets = adopt(read_collection(REAL_SHEETS), REAL_SHEETS, taught, "real")
    encoders = load_encoders(["untrained", "imagenet", "triplet", "classifier"], taught)
    right = named_rightly(extract(encoders, sheets, REAL_SHEETS), sheets)
    assert right["triplet"] >= right["untrained"] and right["classifier"] >= right["untrained"]
    assert right["imagenet"] > right["untrained"]


@on_real_sheets
def test_the_default_eyes_name_four_real_sheets_in_five(tmp_path):
    here = Results(tmp_path)  # where no network was ever trained
    sheets = adopt(read_collection(REAL_SHEETS), REAL_SHEETS, here, "real")
    eyes = load_encoders(["imagenet"], here)
    assert eyes["imagenet"].geometry.height == 224
    vectors = extract(eyes, sheets, REAL_SHEETS)
    assert np.isfinite(vectors["imagenet"]).all()
    assert named_rightly(vectors, sheets)["imagenet"] >= 0.80
