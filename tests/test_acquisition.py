"""Acquisition: what is chosen, what is doubtful about it, and what came."""

import pandas as pd

from herbnb.data.acquisition import acquire_records, bring_sheets, choose_sheets
from herbnb.data.fetching.loopback import serve
from herbnb.data.fetching.web import Web
from herbnb.data.records.idigbio import read_records


def test_choosing_and_bringing_by_hand_gives_what_the_command_gives(pocket, tmp_path, monkeypatch):
    records = read_records(pocket / "kew" / "occurrence.csv", pocket / "kew" / "multimedia.csv")
    records.loc[0, "problem"] = "the name 'Eugenia cf. x' is doubtful"
    specimens, steps, problems = choose_sheets(records, institution="K")
    assert records.loc[0, "problem"] in set(problems["problem"])
    with serve(pocket / "kew") as address:
        with Web(proxy=address) as web:
            came, manifest = bring_sheets(specimens, steps, problems, tmp_path / "hand", web)
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, address)
        acquire_records(records, tmp_path / "command", institution="K")
    assert set(came["image_id"]) == set(manifest.loc[manifest["reason"] == "", "image_id"])
    for name in ("card.csv", "problems.csv"):
        assert (tmp_path / "hand" / name).read_bytes() == (tmp_path / "command" / name).read_bytes()
    tables = [pd.read_parquet(tmp_path / which / "specimens.parquet") for which in ("hand", "command")]
    pd.testing.assert_frame_equal(*tables)


def test_blank_ranks_are_filled_from_the_taxonomy_and_the_rest_is_told(pocket, tmp_path):
    records = read_records(pocket / "kew" / "occurrence.csv", pocket / "kew" / "multimedia.csv")
    records[["family", "order"]] = ""
    (tmp_path / "genera.csv").write_text("genus,family,order\nEugenia,Myrtaceae,Myrtales\n")
    specimens, _, problems = choose_sheets(records, taxonomy=tmp_path / "genera.csv")
    known = specimens["genus"] == "Eugenia"
    assert set(specimens.loc[known, "family"]) == {"Myrtaceae"}
    assert set(specimens.loc[~known, "family"]) == {"unknown"}
    assert set(problems["of"]) == set(specimens.loc[~known, "image_id"])
