"""Results: every artefact once, with its path, its chapter and the way it is read and written."""

import ast
import json
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from conftest import ROOT
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.results import (
    ARTEFACTS,
    COLLECTIONS,
    RUN,
    YOURS,
    Results,
    artefact_at,
    chapter_of,
    specimens_of,
    with_replicates,
)
from herbnb.specimens import COLUMNS, FILE

NAMES = {
    "network": "triplet",
    "chapter": "mislabels",
    "encoder": "colour",
    "collection": "kew",
    "panel": "minimum",
}


@pytest.fixture
def here(tmp_path):
    return Results(tmp_path / "run")


def sheets(count=3):
    names = dict(species="Poa annua", genus="Poa", family="Poaceae", order="Poales", institution="K")
    ids = [f"{i:03d}" for i in range(count)]
    return pd.DataFrame({"image_id": ids, "path": ids, "split": "train"}).assign(**names)


@pytest.mark.parametrize(
    ("name", "fields", "path"),
    [
        ("specimens", {}, "specimens.parquet"),
        ("card", {"network": "triplet"}, "networks/triplet/card.json"),
        ("features", {"encoder": "colour", "collection": "kew"}, "features/colour/kew.json"),
        ("drawing", {"encoder": "untrained", "panel": "maximum"}, "activations/untrained/maximum.png"),
        ("your_review_list", {"collection": "mine"}, "mine/review_list.csv"),
        ("review_list", {}, "review_list.csv"),
    ],
)
def test_a_path_is_the_artefacts_below_the_runs_folder(here, name, fields, path):
    assert here.path(name, **fields) == here.folder / path


def test_the_folder_is_relative_to_the_book(tmp_path, monkeypatch):
    (tmp_path / "_toc.yml").touch()
    (tmp_path / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    assert Results("results/pocket").folder == tmp_path / "results" / "pocket"


def test_a_placeholder_without_a_name_and_an_unknown_artefact_are_errors_of_the_caller(here):
    with pytest.raises(KeyError, match="encoder"):
        here.path("features", collection="kew")
    with pytest.raises(KeyError, match="nothing"):
        here.path("nothing")


@pytest.mark.parametrize(
    ("name", "fields", "chapter"),
    [
        ("specimens", {}, "sampling"),
        *(("checkpoint", {"network": network}, network) for network in NETWORKS),
        ("features", {"encoder": "colour", "collection": "half_earth"}, "features"),
        ("features", {"encoder": "colour", "collection": "kew"}, "kew"),
        ("features", {"encoder": "colour", "collection": "mine"}, "your_herbarium"),
        ("collection", {"collection": "kew"}, "kew"),
        ("collection", {"collection": "mine"}, "your_herbarium"),
        ("verdict", {}, "verdict"),
    ],
)
def test_what_is_missing_names_the_chapter_to_run(here, name, fields, chapter):
    assert chapter_of(name, **fields) == chapter
    for ask in (here.needed, here.read):
        with pytest.raises(BadInput) as said:
            ask(name, **fields)
        path = here.path(name, **fields)
        command = f"herbnb run {chapter}{' -p name mine' * (chapter == 'your_herbarium')}"
        assert str(said.value) == f"{path} is missing: run chapter {chapter} first ({command})."


def test_the_table_of_a_collection_is_the_runs_own_or_its_own():
    assert specimens_of(RUN) == ("specimens", {})
    assert specimens_of("mine") == ("collection", {"collection": "mine"})
    assert RUN in COLLECTIONS and YOURS not in COLLECTIONS.values()


@pytest.mark.parametrize("name", ARTEFACTS)
def test_every_path_leads_back_to_its_artefact(name):
    path = ARTEFACTS[name].path
    found, fields = artefact_at(path)
    assert found == name and all(value == f"<{field}>" for field, value in fields.items())
    for field, value in NAMES.items():
        path = path.replace(f"<{field}>", value)
    found, filled = artefact_at(path)
    assert found == name and filled == {field: NAMES[field] for field in fields}


def test_a_path_may_be_filled_in_part():
    assert artefact_at("features/<encoder>/kew.json") == (
        "features",
        {"encoder": "<encoder>", "collection": "kew"},
    )
    assert artefact_at("<name>/specimens.parquet") == ("collection", {"collection": "<name>"})


@pytest.mark.parametrize(
    "path",
    [
        "nothing.csv",
        "features/kew.json",
        "features/a/b/kew.json",
        "specimens.csv",
        "/specimens.parquet",
        "specimens.parquet\n",
        "networks/triplet",
        "",
    ],
)
def test_an_unknown_path_is_refused(path):
    with pytest.raises(BadInput, match="No chapter writes"):
        artefact_at(path)


@pytest.mark.parametrize("name", ["silhouette_means", "silhouettes"])
def test_tables_come_back_as_they_went(here, name):
    table = pd.DataFrame({"image_id": ["007", "08"], "value": [0.1, 1.0], "given": ["Poa", "Citré <b>"]})
    assert here.write(name, table) == here.path(name)
    pd.testing.assert_frame_equal(here.read(name), table)


def test_cards_come_back_as_they_went(here):
    card = {"a": 1, "b": [0.1, None], "c": {"d": "Citré"}}
    path = here.write("card", card, network="triplet")
    assert here.read("card", network="triplet") == card
    assert "Citré" in path.read_text(encoding="utf-8") and path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize(("name", "fields"), [("specimens", {}), ("collection", {"collection": "kew"})])
def test_specimens_are_checked_both_ways(here, name, fields):
    path = here.write(name, sheets().assign(gathering=None), **fields)
    assert tuple(here.read(name, **fields).columns) == COLUMNS
    kept = path.read_bytes()
    with pytest.raises(BadInput, match="'genus' is blank"):
        here.write(name, sheets().assign(genus=" "), **fields)
    assert path.read_bytes() == kept
    sheets().drop(columns="genus").to_parquet(path)
    with pytest.raises(BadInput, match="lacks the column 'genus'"):
        here.read(name, **fields)


@pytest.mark.parametrize(
    ("name", "fields", "chapter"),
    [
        ("silhouettes", {}, "silhouettes"),
        ("silhouette_means", {}, "silhouettes"),
        ("card", {"network": "triplet"}, "triplet"),
        ("channel", {"encoder": "colour"}, "activations"),
        ("collection", {"collection": "mine"}, "your_herbarium"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe{half"])
def test_what_is_broken_names_itself_and_the_chapter(here, name, fields, chapter, content):
    path = here.path(name, **fields)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(BadInput) as said:
        here.read(name, **fields)
    assert str(said.value) == f"{path} cannot be read: delete it and run chapter {chapter} again."


def test_a_table_without_its_end_is_broken(here):
    path = here.write("embedding", sheets(500))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(BadInput, match=r"embedding\.parquet cannot be read"):
        here.read("embedding")


def test_nothing_is_left_half_written(here):
    path = here.write("card", {"epochs": 1}, network="triplet")
    with pytest.raises(TypeError):
        here.write("card", {"epochs": 2, "worse": object()}, network="triplet")
    with pytest.raises(TypeError):
        here.write("channel", {"worse": object()}, encoder="colour")
    assert json.loads(path.read_text()) == {"epochs": 1}
    for name in ("silhouettes", "silhouette_means"):
        with pytest.raises((ValueError, pa.ArrowException)):
            here.write(name, pd.DataFrame({"x": [Unwritable()]}))
    assert [file for file in here.folder.rglob("*") if file.is_file()] == [path]


class Unwritable:
    """What no table can hold."""

    def __str__(self):
        raise ValueError("not to be written")

    __repr__ = __str__


def strings_in(code):
    """The texts in a module or a cell that are no docstrings."""
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings
    ]
    return [node.value for node in constants if isinstance(node.value, str)]


def test_no_path_of_an_artefact_is_spelt_elsewhere():
    paths = {artefact.path for artefact in ARTEFACTS.values()} | {
        Path(a.path).name for a in ARTEFACTS.values()
    }
    paths = {path for path in paths if "." in path and "<" not in path} - {FILE}
    modules = [path for path in (ROOT / "herbnb").rglob("*.py") if path.name != "results.py"]
    for path in [*modules, *(ROOT / "chapters").glob("*.py"), ROOT / "Snakefile"]:
        code = path.read_text(encoding="utf-8")
        texts = strings_in(code) if path.suffix == ".py" else re.findall(r'"([^"]*)"', code)
        assert not [text for text in texts if any(text.endswith(known) for known in paths)], path


def test_replicates_are_other_runs_on_the_same_specimens(tmp_path):
    runs = []
    for name, other in (("first", "b"), ("again", "b"), ("elsewhere", "c")):
        runs.append(Results(tmp_path / name))
        columns = ("path", "species", "genus", "family", "order", "institution")
        table = pd.DataFrame({"image_id": ["a", other], "split": "train"})
        runs[-1].write("specimens", table.assign(**dict.fromkeys(columns, "x")))
    first, again, elsewhere = runs
    assert with_replicates(first, []) == [first]
    assert [run.folder for run in with_replicates(first, [str(again.folder)])] == [first.folder, again.folder]
    with pytest.raises(BadInput, match="elsewhere has other specimens than"):
        with_replicates(first, [str(elsewhere.folder)])
    for twice in ([first.folder], [again.folder, again.folder]):
        with pytest.raises(BadInput, match="name every run once"):
            with_replicates(first, list(map(str, twice)))
    with pytest.raises(BadInput, match="run chapter sampling first"):
        with_replicates(first, [str(tmp_path / "nowhere")])
