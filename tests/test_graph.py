"""The graph of chapters: what opening lines say, what it comes to in a run, and that they say all of it."""

import ast
import re

import pytest

from conftest import ROOT
from herbnb.book import chapters, graph
from herbnb.book.chapters import chapter_names, chapter_path
from herbnb.book.profile import Profile, read_profile
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES
from herbnb.results import ARTEFACTS, artefact_at, chapter_of

PARAMETERS = """
# %% tags=["parameters"]
data: str = "data/mine"  # folder of the images
results: str = "results/mine"  # where artefacts go
networks: list = ["triplet"]  # whose features to read
network: str = "classifier"  # whose eyes to borrow
collections: list = []  # others to look at
collection: str = "results/mine/kew"  # folder of your sheets
name: str = "moss"  # what the run calls it
"""
CODE = "\n# %%\nfrom herbnb.results import Results\n"


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A function that writes a chapter, with its opening lines, into a book of its own."""
    (tmp_path / "chapters").mkdir()
    listed = []

    def write(reads="nothing.", writes="nothing.", chapter="leaves", code=CODE, parameters=PARAMETERS):
        lines = [*reads.splitlines(), "", *writes.splitlines()]
        lines[0], lines[len(lines) - len(writes.splitlines())] = (
            f"Reads: {lines[0]}",
            f"Writes: {writes.splitlines()[0]}",
        )
        top = "\n".join(f"# {line}".rstrip() for line in ["# Leaves", "", *lines])
        path = tmp_path / "chapters" / f"{chapter}.py"
        path.write_text(f"# %% [markdown]\n{top}\n{parameters}{code}", encoding="utf-8")
        listed.extend([] if chapter in listed else [chapter])
        files = ", ".join(f"{{file: book/executed/{each}}}" for each in listed)
        toc = f"format: jb-book\nroot: book/index\nparts: [{{caption: All, chapters: [{files}]}}]\n"
        (tmp_path / "_toc.yml").write_text(toc)
        chapters.chapter_parameters.cache_clear()
        return chapter

    monkeypatch.chdir(tmp_path)
    yield write
    chapters.chapter_parameters.cache_clear()


def below(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


def test_what_stands_in_backticks_is_told_in_its_order(book):
    book("`specimens.parquet`, from [Sampling](sampling), the images\nand `features/<encoder>/kew.json`.")
    assert graph.told("leaves", "Reads") == ["specimens.parquet", "features/<encoder>/kew.json"]
    assert graph.told("leaves", "Writes") == []


def test_a_folder_and_a_colon_stand_before_the_files_that_follow(book):
    book(writes="`networks/triplet/`: `last.ckpt` and `card.json`; `<name>/`: `neighbours.parquet`.")
    assert graph.told("leaves", "Writes") == [
        "networks/triplet/last.ckpt",
        "networks/triplet/card.json",
        "<name>/neighbours.parquet",
    ]


def test_a_path_or_a_parameter_after_a_folder_stays_what_it_is(book):
    book("`networks/triplet/`: `card.json`, `features/<encoder>/kew.json` and the images in `data`.")
    told = graph.told("leaves", "Reads")
    assert told == ["networks/triplet/card.json", "features/<encoder>/kew.json", "data"]


def test_a_line_ends_where_the_paragraph_ends(book):
    book("`specimens.parquet`.", "`splits.csv`.\n\nThen `nothing.csv`.")
    assert graph.told("leaves", "Writes") == ["splits.csv"]


@pytest.mark.parametrize("verb", ["Reads", "Writes"])
def test_a_chapter_that_does_not_say_is_told_to(book, verb):
    path = chapter_path(book("`specimens.parquet`.", "`splits.csv`."))
    path.write_text(path.read_text().replace(f"# {verb}:", "# Somewhere it"))
    with pytest.raises(BadInput, match=rf"chapters/leaves\.py has no line “{verb}: …” at its top"):
        graph.told("leaves", verb)


def test_artefacts_keep_their_placeholders_and_columns_are_none(book):
    book("`features/<encoder>/<collection>.json` with the column `genus`, as in `x.y`; and `data`.")
    assert graph.artefacts("leaves", "Reads") == [
        ("features", {"encoder": "<encoder>", "collection": "<collection>"})
    ]


def test_an_artefact_that_nobody_writes_is_named(book):
    book("`twigs.parquet`.")
    with pytest.raises(BadInput, match=r"No chapter writes twigs\.parquet"):
        graph.files("leaves", "Reads", Profile())


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["triplet", *BASELINES]),
        ({"networks": ["autoencoder", "classifier"]}, ["autoencoder", "classifier", *BASELINES]),
        ({"networks": []}, [*NETWORKS, *BASELINES]),
    ],
)
def test_an_encoder_is_each_network_asked_for_and_each_baseline(book, tmp_path, parameters, expected):
    book("`features/<encoder>/half_earth.json`.", "`networks/<network>/test.csv`.")
    profile = Profile(parameters=parameters)
    found = below(graph.files("leaves", "Reads", profile), tmp_path / "results" / "mine")
    assert found == [f"features/{name}/half_earth.json" for name in expected]
    found = below(graph.files("leaves", "Writes", profile), tmp_path / "results" / "mine")
    assert found == [f"networks/{name}/test.csv" for name in expected[: -len(BASELINES)]]


def test_a_chapter_of_one_network_reads_that_one(book, tmp_path):
    alone = PARAMETERS.replace('networks: list = ["triplet"]  # whose features to read\n', "")
    book("`networks/<network>/card.json` and `<name>/specimens.parquet`.", parameters=alone)
    here = tmp_path / "results" / "mine"
    assert below(graph.files("leaves", "Reads", Profile()), here) == [
        "networks/classifier/card.json",
        "moss/specimens.parquet",
    ]


def test_every_combination_of_names_is_a_file_and_none_of_none(book, tmp_path):
    book("`features/<encoder>/<collection>.json`.")
    assert graph.files("leaves", "Reads", Profile()) == []
    profile = Profile(parameters={"collections": ["kew", "moss"]})
    found = below(graph.files("leaves", "Reads", profile), tmp_path / "results" / "mine" / "features")
    assert found == [f"{name}/{each}.json" for name in ("triplet", *BASELINES) for each in ("kew", "moss")]


def test_folders_are_left_out_and_files_beside_them_are_not(book, tmp_path):
    book(writes="the folder `kew/` with `kew/specimens.parquet`; `images/half_earth/`.")
    here = tmp_path / "results" / "mine"
    assert below(graph.files("leaves", "Writes", Profile()), here) == ["kew/specimens.parquet"]


def test_what_is_read_from_outside_is_the_file_that_describes_it(book, tmp_path):
    book("the folder `data`, and `genus`.")
    described = tmp_path / "data" / "mine" / "train" / "metadata.json"
    assert graph.files("leaves", "Reads", Profile()) == [described]
    (tmp_path / "data" / "mine").mkdir(parents=True)
    (tmp_path / "data" / "mine" / "specimens.parquet").touch()
    assert graph.files("leaves", "Reads", Profile()) == [tmp_path / "data" / "mine" / "specimens.parquet"]
    profile = Profile(parameters={"data": str(tmp_path / "table.csv")})
    assert graph.files("leaves", "Reads", profile) == [tmp_path / "table.csv"]


def test_a_collection_of_the_run_may_still_have_to_be_written(book, tmp_path):
    book("`collection`, the folder of your sheets.")
    table = tmp_path / "results" / "mine" / "kew" / "specimens.parquet"
    assert graph.files("leaves", "Reads", Profile()) == [table]


def test_what_a_pocket_herbarium_will_hold_is_left_out(book, tmp_path):
    book("`data` and `collection`.")
    drawn = {"collection": "data/mine/kew"}
    profile = Profile(pocket={}, parameters=drawn)
    assert graph.files("leaves", "Reads", profile) == []
    assert len(graph.files("leaves", "Reads", Profile(parameters=drawn))) == 2


def test_what_is_inside_the_data_is_left_out_for_a_chapter_that_does_not_name_it(book):
    book("`data`.")
    other = PARAMETERS.replace('data: str = "data/mine"  # folder of the images\n', "")
    book("`collection`.", chapter="twigs", parameters=other)
    profile = Profile(pocket={}, chapters={"twigs": {"collection": "data/mine/kew/occurrence.csv"}})
    assert graph.files("twigs", "Reads", profile) == []


def test_modules_are_those_imported_and_what_they_rest_on(book):
    code = "\n# %%\nimport numpy as np\n\nfrom herbnb.applications import calibration\nfrom herbnb.results import Results\n"
    book(code=code)
    found = [path.relative_to(ROOT).as_posix() for path in graph.modules("leaves")]
    assert {"herbnb/applications/calibration.py", "herbnb/results.py", "herbnb/files.py"} < set(found)
    assert "herbnb/networks/training.py" not in found and "herbnb/applications/verdict.py" not in found
    assert found == sorted(set(found)) and all((ROOT / path).is_file() for path in found)


def test_modules_that_a_table_names_count_where_they_are_wanted(book):
    code = "\n# %%\nfrom herbnb.networks import training\nfrom herbnb.representations.extraction import extract\n"
    book(chapter="classifier", code=code)
    found = {path.stem for path in graph.modules("classifier")}
    assert {"classifier", "training", "baselines"} <= found and "triplet" not in found


@pytest.fixture(params=chapter_names())
def chapter(request):
    """The name of each chapter of the book in turn."""
    return request.param


def test_a_chapter_writes_what_is_its_own(chapter):
    written = graph.artefacts(chapter, "Writes")
    assert written
    for name, fields in written:
        network = {"network": chapter} if fields.get("network") == "<network>" else {}
        assert chapter_of(name, **fields | network) == chapter, (name, fields)


def test_every_artefact_is_written_by_some_chapter():
    written = {name for chapter in chapter_names() for name, _ in graph.artefacts(chapter, "Writes")}
    folders = {name for name, artefact in ARTEFACTS.items() if artefact.path.endswith("/")}
    used = {
        name for chapter in chapter_names() for verb in ("path", "needed") for name in said(chapter, verb)
    }
    assert written | (folders & used) == {*ARTEFACTS}


def said(chapter, verb):
    """The names that a chapter's code gives to a method of its `Results`, as far as they are literal."""
    tree = ast.parse(chapter_path(chapter).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call.args[0].value
        for call in calls
        if ast.unparse(call.func) == f"here.{verb}" and isinstance(call.args[0], ast.Constant)
    ]


def test_what_the_code_reads_and_writes_stands_in_the_opening_lines(chapter):
    reads, writes = ({name for name, _ in graph.artefacts(chapter, verb)} for verb in ("Reads", "Writes"))
    assert {*said(chapter, "write")} <= writes
    assert {*said(chapter, "read"), *said(chapter, "needed")} <= reads | writes


def test_no_path_of_an_artefact_is_spelt_in_a_chapters_code(chapter):
    tree = ast.parse(chapter_path(chapter).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.fullmatch(graph.ARTEFACT, text) and text.endswith((".parquet", ".csv", ".ckpt")):
            with pytest.raises(BadInput):
                artefact_at(text)


@pytest.mark.parametrize("name", ["smoke", "pocket", "paper"])
def test_what_a_chapter_reads_of_the_run_another_writes_before_it(name):
    profile, there = read_profile(name), {}
    for chapter in graph.in_order(profile):
        here = ROOT / str(profile.value("results", chapter))
        reads = {path for path in graph.files(chapter, "Reads", profile) if path.is_relative_to(here)}
        assert reads <= {*there}, chapter
        writes = graph.files(chapter, "Writes", profile)
        assert len(writes) == len({*writes}) and not {*writes} & {*there}, chapter
        there |= dict.fromkeys(writes, chapter)


def test_a_drawn_herbarium_is_no_input_and_a_given_one_is():
    drawn, given = read_profile("smoke"), read_profile("paper")
    outside = ROOT / "data"
    for chapter, names in {
        "sampling": ["metadata.json"],
        "kew": ["occurrence.csv", "multimedia.csv"],
    }.items():
        for profile, expected in ((drawn, []), (given, names)):
            files = graph.files(chapter, "Reads", profile)
            assert [path.name for path in files if path.is_relative_to(outside)] == expected


def test_every_chapter_rests_on_modules_that_are_there(chapter):
    found = graph.modules(chapter)
    assert ROOT / "herbnb" / "results.py" in found and all(path.is_file() for path in found)
    if chapter in NETWORKS:
        assert ROOT / "herbnb" / "networks" / f"{chapter}.py" in found


def test_chapters_run_in_the_order_of_the_book_but_after_what_they_wait_for():
    assert graph.in_order(read_profile("smoke")) == chapter_names()
    ordered = graph.in_order(read_profile("pocket"))  # whose maps have Kew's sheets on them
    assert sorted(ordered) == sorted(chapter_names())
    assert ordered.index("kew") + 1 == ordered.index("embedding")
    others = [name for name in chapter_names() if name != "kew"]
    assert [name for name in ordered if name != "kew"] == others
