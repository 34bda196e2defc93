"""Decisions files: read, checked entry by entry, and put together."""

import json

import pytest

from herbnb.cabinet.decisions import Decisions, merge, read_decisions, write_decisions
from herbnb.errors import BadInput

RUN = {
    "network": "imagenet",
    "herbnb": "0.1.0",
    "date": "2026-11-28",
    "seed": 89,
    "specimens": "3870de2b1ecc73e9",
}


def decision(image_id="K1", verdict="right", **more) -> dict:
    """An entry as the page writes it."""
    known = {"occurrence_id": f"urn:{image_id}", "catalog_number": image_id, "given": "Syzygium cumini"}
    said = {"verdict": verdict, "name": "", "qualifier": "", "remarks": ""}
    by = {"decided_by": "A. Botanist", "decided_on": "2026-11-28T23:30:00-05:00"}
    return {"image_id": image_id, **known, **said, **by, "suspicion": 0.84, "suggested": "Eugenia", **more}


def file_of(*decisions, **more) -> dict:
    head = {"format": "herbnb decisions", "version": 1, "collection": "mine", "run": RUN}
    return {**head, "decisions": list(decisions), **more}


@pytest.fixture
def kept(tmp_path):
    """Write a decisions file and return its path."""

    def write(content, name="decisions.json"):
        path = tmp_path / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def test_a_file_comes_back_as_it_was_written(kept, tmp_path):
    wrong = decision(
        "K2", "wrong", name="Eugenia “uniflora”", qualifier="cf.", remarks="a\nb", suspicion=None
    )
    found = read_decisions(kept(file_of(decision(), wrong)))
    assert [each.said for each in found.decisions] == ["right", "wrong: cf. Eugenia “uniflora”"]
    assert found.decisions[1].suspicion is None and found.decisions[1].remarks == "a\nb"
    assert read_decisions(write_decisions(found, tmp_path / "again.json")) == found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"verdict": "maybe"},
            "entry 2 (K2): verdict: Input should be 'right', 'wrong', 'unsure' or 'no plant'",
        ),
        ({"name": "Eugenia"}, "entry 2 (K2): the verdict is 'right', which has no other name"),
        ({"verdict": "wrong", "qualifier": "cf."}, "entry 2 (K2): a qualifier stands alone, without a name"),
        ({"decided_by": "  "}, "entry 2 (K2): decided_by: String should have at least 1 character"),
        ({"decided_on": "2026-11-28T10:00:00"}, "entry 2 (K2): decided_on: Input should have timezone info"),
        ({"remarks": "x" * 1001}, "entry 2 (K2): remarks: String should have at most 1000 characters"),
        ({"suspicion": 1.5}, "entry 2 (K2): suspicion: Input should be less than or equal to 1"),
        ({"image_id": ""}, "entry 2: image_id: String should have at least 1 character"),
        ({"colour": "red"}, "entry 2 (K2): colour: Extra inputs are not permitted"),
        ({"image_id": "K1"}, "entry 2: K1 is decided in entry 1 already"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file(kept, change, sentence):
    path = kept(file_of(decision(), decision("K2") | change))
    with pytest.raises(BadInput) as error:
        read_decisions(path)
    assert str(error.value).startswith(f"{path}, {sentence}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([], "is no decisions file: name the one"),
        ({"format": "other"}, "is no decisions file: name the one"),
        (file_of(version=2), "is of version 2; this herbnb reads 1"),
        (file_of(run={**RUN, "seed": "x"}), ": run.seed: Input should be a valid integer"),
        (file_of(decisions="none"), ": decisions: Input should be a valid list"),
        (file_of(None), ", entry 1: Input should be a valid dictionary"),
    ],
)
def test_another_file_is_refused(kept, content, sentence):
    path = kept(content)
    with pytest.raises(BadInput) as error:
        read_decisions(path)
    assert sentence in str(error.value) and str(path) in str(error.value)


def test_a_file_that_is_missing_or_no_json_says_so(tmp_path):
    with pytest.raises(BadInput, match="is missing: name the file that the review page saved"):
        read_decisions(tmp_path / "none.json")
    (tmp_path / "list.csv").write_bytes(b"\xff\xfe,")
    with pytest.raises(BadInput, match="it is not JSON"):
        read_decisions(tmp_path / "list.csv")


def test_of_two_files_the_newer_decision_counts_and_a_disagreement_is_told(kept):
    early, late = "2026-11-28T09:00:00+01:00", "2026-11-28T08:30:00+00:00"  # half an hour later
    anns = [
        decision("K1", decided_on=early),
        decision("K2", decided_on=late),
        decision("K3", decided_on=early),
    ]
    bens = [
        decision("K1", "wrong", name="Eugenia", decided_by="Ben", decided_on=late),
        decision("K2", "unsure", decided_by="Ben", decided_on=early),
        decision("K3", decided_by="Ben", decided_on=late),
        decision("K4", decided_by="Ben"),
    ]
    for files in (
        [kept(file_of(*anns), "ann.json"), kept(file_of(*bens), "ben.json")],
        [kept(file_of(*bens), "ben.json"), kept(file_of(*anns), "ann.json")],
    ):
        merged, disagreements = merge(files)
        said = {each.image_id: (each.said, each.decided_by) for each in merged.decisions}
        assert said == {
            "K1": ("wrong: Eugenia", "Ben"),
            "K2": ("right", "A. Botanist"),
            "K3": ("right", "Ben"),
            "K4": ("right", "Ben"),
        }
        assert [str(each) for each in disagreements] == [
            "K1: Ben says wrong: Eugenia, and before that A. Botanist said right.",
            "K2: A. Botanist says right, and before that Ben said unsure.",
        ]


def test_one_who_changes_her_mind_disagrees_with_nobody(kept):
    files = [
        kept(file_of(decision("K1")), "monday.json"),
        kept(file_of(decision("K1", "unsure", decided_on="2026-12-01T10:00:00+00:00")), "tuesday.json"),
    ]
    merged, disagreements = merge(files)
    assert [each.verdict for each in merged.decisions] == ["unsure"] and not disagreements


def test_files_of_two_lists_are_not_mixed(kept):
    files = [
        kept(file_of(decision()), "a.json"),
        kept(file_of(decision(), run={**RUN, "seed": 90}), "b.json"),
    ]
    with pytest.raises(BadInput, match=r"b\.json belongs to another list \(mine, imagenet, seed 90"):
        merge(files)


def test_one_file_is_merged_as_it_is(kept):
    merged, disagreements = merge([kept(file_of(decision()))])
    assert merged == Decisions.model_validate(file_of(decision())) and disagreements == []
