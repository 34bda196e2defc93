"""Own collection: counted, and asked for one sheet."""

import pandas as pd
import pytest

from herbnb.applications.own_collection import collection_card, sheet_to_show
from herbnb.errors import BadInput


def test_the_card_counts_what_is_there_and_what_training_has_shown(mine):
    mine["gathering"] = [""] * 9 + ["hill|1|"] * 3
    trained_on = pd.DataFrame(
        {"image_id": ["S0", "T1"], "species": ["Poa sp.", "Rosa x"], "genus": ["Poa", "Rosa"]}
    )
    card = collection_card(mine, trained_on).set_index("what")["count"]
    assert card["images"] == 12 and card["gatherings"] == 10 and card["genera"] == 4
    assert card["genera that training has shown"] == 2 and card["genera that it has not"] == 2
    assert card["images of these"] == 6 and card["images that training itself has used"] == 1
    assert card["genera large enough for a regression"] == 2 and card["images of smaller ones"] == 2


def test_the_sheet_to_show_is_the_one_named_else_the_most_suspect_else_the_first(mine):
    listed = mine.iloc[[7, 3]]
    assert sheet_to_show(mine, listed, "S2") == "S2"
    assert sheet_to_show(mine, listed, "") == "S7"
    assert sheet_to_show(mine, listed.head(0), "") == "S0"
    with pytest.raises(BadInput, match=r"sheet is 'S99'.*such as 'S0'"):
        sheet_to_show(mine, listed, "S99")
