"""Ranges: every odd value of a parameter is refused in one sentence, before a kernel starts.

To add to the table is to write a line: a chapter, a parameter, the value as a command line gives it, and what
the sentence says beside the parameter's name.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, row
from herbnb.book import runner
from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.book.ground import CHECKS, check_ground
from herbnb.book.kinds import (
    Choice,
    Flag,
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
from herbnb.book.parameters import converted
from herbnb.book.profile import read_profile
from herbnb.book.ranges import RANGES, SEED, range_of
from herbnb.book.runner import run_chapter
from herbnb.cli import main
from herbnb.data.images.geometry import FITS
from herbnb.errors import BadInput
from herbnb.networks import NETWORKS
from herbnb.specimens import write_specimens

GENERA = ("Syzygium", "Eugenia", "Dendrobium")
LONG = "x" * 10_000
BOMB = "[" * 3000

ODD = [
    *[(chapter, "seed", value) for chapter in chapter_names() for value in ("-1", str(2**32))],
    ("sampling", "seed", str(10**30)),
    ("sampling", "seed", "1e30"),
    ("sampling", "seed", "1.5"),
    ("sampling", "seed", "true"),
    ("sampling", "seed", "٣"),
    ("sampling", "seed", "2020-13-45"),
    ("sampling", "seed", "9" * 5000),
    ("sampling", "seed", "0x" + "f" * 5000),
    ("sampling", "seed", BOMB),
    ("sampling", "seed", ""),
    ("sampling", "max_images", "0"),
    ("sampling", "species_sample", "1"),
    ("sampling", "species_sample", "nan"),
    ("sampling", "rand_sample", ".inf"),
    ("sampling", "rand_sample", "-1"),
    ("sampling", "rand_sample", "9" * 400),
    ("sampling", "keep_duplicates", "1"),
    ("sampling", "train_institution", ""),
    ("sampling", "train_institution", LONG),
    ("sampling", "data", "{file}"),
    ("sampling", "data", "{file}/below"),
    ("sampling", "data", "{absent}"),
    ("sampling", "data", ""),
    ("sampling", "data", "a\0b"),
    ("sampling", "results", ""),
    ("sampling", "results", " "),
    ("sampling", "results", "{file}"),
    ("sampling", "results", LONG),
    ("sampling", "results", "x" * 256),
    ("sampling", "results", "é" * 128),
    ("sampling", "results", "a\nb"),
    ("sampling", "results", "\udcff"),
    *[(chapter, "num_workers", "-1") for chapter in ("features", "kew", "your_herbarium", *NETWORKS)],
    *[("features", "batch_size", value) for value in ("0", "-1", "1000000000")],
    *[("your_herbarium", "batch_size", value) for value in ("0", "-1")],
    *[(network, "batch_size", "3") for network in NETWORKS],
    *[("triplet", "input_height", value) for value in ("-1", "0", "31", "1000000")],
    *[("triplet", "max_epochs", value) for value in ("0", "-1")],
    *[("triplet", "learning_rate", value) for value in ("0", "-0.1", "nan", "inf")],
    *[("triplet", "margin", value) for value in ("0", "-1", "nan")],
    ("triplet", "negatives", "hard"),
    ("triplet", "schedule", "onecycle"),
    ("triplet", "precision", "bf16"),
    ("triplet", "fit", "Crop"),
    ("triplet", "encoder", ""),
    ("triplet", "weights", "absent.pth"),
    ("triplet", "weights", ""),
    ("autoencoder", "detail", "fine"),
    *[("activations", "image_size", value) for value in ("0", "7", "-1", "100000")],
    *[("activations", "steps", value) for value in ("-3", "0")],
    *[
        (chapter, "networks", value)
        for chapter in ("features", "silhouettes", "mislabels", "verdict", "kew", "activations", "costs")
        for value in (
            "[1]",
            '[["triplet"]]',
            '["foo"]',
            '["../../x"]',
            '["triplet", "triplet"]',
            '[""]',
            "triplet",
        )
    ],
    ("features", "networks", '["timm:"]'),
    ("features", "networks", '["tim:resnet50"]'),
    ("features", "networks", '["absent.parquet"]'),
    ("features", "networks", f'["{LONG}"]'),
    *[
        ("mislabels", "mislabel_frac", value)
        for value in ("[1]", "[2]", "[-1]", "[.nan]", '["a"]', "[]", "[0]", "[0.1, 0.1]", "[true]", "[[0.1]]")
    ],
    *[("mislabels", "family_frac", value) for value in ("[]", "[1]", "0.1")],
    *[("mislabels", "repeats", value) for value in ("-1", "0")],
    *[("mislabels", "family_repeats", value) for value in ("-1", "0")],
    *[("mislabels", "reviewer", value) for value in ("foo", "../x")],
    ("mislabels", "collection", "../kew"),
    ("mislabels", "specialists", '[""]'),
    *[
        (chapter, *given)
        for chapter in ("discrimination", "mislabels")
        for given in (
            ("genus1", "Syzigium"),
            ("genus1", "Quercus"),
            ("genus1", ""),
            ("genus2", '["Eugenia", "Quercus"]'),
            ("genus2", '["Syzygium"]'),
            ("genus2", '["eugenia", "Eugenia"]'),
            ("genus2", "[]"),
            ("genus2", "Eugenia"),
            ("collection", "kow"),
            ("collection", "mine"),
        )
    ],
    ("embedding", "collections", '["kow"]'),
    ("embedding", "collections", '["half_earth"]'),
    ("embedding", "collections", '["kew", "kew"]'),
    ("embedding", "start", "random"),
    ("few_labels", "sheets_per_genus", "[]"),
    ("few_labels", "sheets_per_genus", "[0]"),
    ("few_labels", "sheets_per_genus", "[1.5]"),
    ("few_labels", "draws", "0"),
    ("few_labels", "enough", "0"),
    ("few_labels", "sure", "[]"),
    ("few_labels", "sure", "[1.01]"),
    ("retrieval", "queries", "0"),
    ("kew", "occurrence", "absent.csv"),
    ("kew", "multimedia", ""),
    ("kew", "stand_in", "absent"),
    ("kew", "taxonomy", "absent.csv"),
    ("verdict", "claimed", "foo"),
    ("verdict", "claimed", "tripelt"),
    ("verdict", "equivalence", "-0.1"),
    ("verdict", "rate", "0"),
    ("verdict", "replicates", '[""]'),
    ("verdict", "replicates", '["{absent}"]'),
    ("your_herbarium", "network", "foo"),
    ("your_herbarium", "network", "timm:resnt50"),
    ("your_herbarium", "neighbours", "0"),
    ("your_herbarium", "wrong_step", "0.5"),
    ("your_herbarium", "sheet", "absent"),
    ("your_herbarium", "name", "kew"),
    ("your_herbarium", "name", "../x"),
    ("your_herbarium", "collection", "{file}"),
    ("your_herbarium", "collection", "{absent}"),
    ("costs", "sheets", "1"),
    ("costs", "compared", "1"),
    ("costs", "sizes", "[]"),
    ("costs", "sizes", "[0]"),
    ("costs", "epochs", "0"),
    ("costs", "watts", "0"),
    ("costs", "network", "../x"),
]

SAID = [
    ("features", "networks", '["tripelt"]', "There is no representation 'tripelt': did you mean 'triplet'?"),
    ("features", "networks", '["../../x"]', "There is no representation '../../x'"),
    ("triplet", "schedule", "onecycle", "did you mean 'one_cycle'?"),
    ("sampling", "seed", "-1", "a whole number from 0 to 2,147,483,647, and not -1."),
    ("mislabels", "mislabel_frac", "[1]", "each a number above 0 and below 1, and not [1]."),
    ("discrimination", "genus1", "Syzigium", "bears 'Syzigium': did you mean 'Syzygium'?"),
    ("discrimination", "genus1", "Quercus", "bears 'Quercus': Dendrobium, Eugenia, Syzygium."),
    ("mislabels", "genus2", '["Syzygium"]', "'Syzygium' is named twice, among these and genus1"),
    ("discrimination", "collection", "kow", "has no collection 'kow': did you mean 'kew'?"),
    (
        "discrimination",
        "collection",
        "mine",
        "run chapter your_herbarium first (herbnb run your_herbarium -p name mine)",
    ),
    ("verdict", "claimed", "tripelt", "is not among those compared: did you mean 'triplet'?"),
    ("sampling", "data", "{file}", "is a file: name a folder."),
    ("sampling", "data", "{absent}", "There is no folder"),
    ("your_herbarium", "network", "timm:resnt50", "timm has no model 'resnt50': did you mean"),
    ("mislabels", "reviewer", "foo", "There is no representation 'foo'"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A folder with a run's tables, a collection, a file, and the profile that names them."""
    folder = tmp_path_factory.mktemp("run")
    sheets = pd.DataFrame([row(f"{n}", species=f"{genus} alba") for n, genus in enumerate(GENERA)])
    for place in ("run", "run/kew", "sheets"):
        write_specimens(sheets, folder / place / "specimens.parquet")
    for name in ("file", "occurrence.csv", "multimedia.csv"):
        (folder / name).write_text("x")
    (folder / "data").mkdir()
    parameters = {"data": folder / "data", "results": folder / "run", "weights": "none", "stand_in": ""}
    parameters |= {"occurrence": folder / "occurrence.csv", "multimedia": folder / "multimedia.csv"}
    settings = {
        "parameters": {name: str(value) for name, value in parameters.items()},
        "chapters": {"your_herbarium": {"collection": str(folder / "sheets")}},
    }
    (folder / "profile.yml").write_text(yaml.safe_dump(settings))
    return folder


@pytest.fixture
def no_kernel(monkeypatch):
    """Fail where a kernel would start."""
    started = []
    monkeypatch.setattr(runner.papermill, "execute_notebook", lambda *_, **__: started.append(1))
    yield
    assert not started, "a kernel started"


def in_run(run: Path, value: str) -> str:
    return value.replace("{file}", str(run / "file")).replace("{absent}", str(run / "absent"))


@pytest.mark.parametrize(("chapter", "parameter", "value"), ODD, ids=lambda each: each[:20])
def test_an_odd_value_is_one_sentence_before_a_kernel_starts(
    chapter, parameter, value, run, no_kernel, tmp_path
):
    with pytest.raises(BadInput) as error:
        profile = read_profile(str(run / "profile.yml"))
        run_chapter(chapter, profile, {parameter: in_run(run, value)}, tmp_path)
    said = str(error.value)
    assert said.startswith(f"{chapter}: {parameter}") and said[-1] in ".?)"
    assert len(said) < 500 and "\n" not in said and said.isprintable()
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(("chapter", "parameter", "value", "said"), SAID)
def test_the_sentence_says_what_is_meant(chapter, parameter, value, said, run, no_kernel, tmp_path):
    with pytest.raises(BadInput, match=re.escape(said)):
        profile = read_profile(str(run / "profile.yml"))
        run_chapter(chapter, profile, {parameter: in_run(run, value)}, tmp_path)


@pytest.mark.parametrize("chapter", ["features", "your_herbarium"])
@pytest.mark.parametrize("height", ["-1", "0", "32", "200"])
def test_squares_are_those_that_networks_were_trained_with(chapter, height, run, no_kernel, tmp_path):
    with pytest.raises(BadInput, match=f"{chapter} has no parameter 'input_height'"):
        run_chapter(chapter, read_profile(str(run / "profile.yml")), {"input_height": height}, tmp_path)


@pytest.mark.parametrize("chapter", chapter_names())
def test_what_is_there_is_not_refused(chapter, run):
    profile = read_profile(str(run / "profile.yml"))
    defaults = {name: each.default for name, each in chapter_parameters(chapter).items()}
    check_ground(chapter, defaults | profile.of(chapter))


def test_a_visitor_whose_features_are_there_is_read_by_its_short_name(run):
    (run / "run" / "features" / "seen").mkdir(parents=True, exist_ok=True)
    values = {"results": str(run / "run"), "networks": ["seen", "timm:seen"]}
    check_ground("silhouettes", values)
    with pytest.raises(BadInput, match="features: networks: There is no representation 'seen'"):
        check_ground("features", values)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may write everywhere")
def test_results_that_cannot_be_written_are_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(BadInput, match=r"results: .* cannot be written to: name another folder"):
        check_ground("silhouettes", {"results": str(tmp_path / "run"), "networks": []})


def test_a_path_that_the_system_cannot_have_is_a_sentence(tmp_path, monkeypatch):
    def refuse(path, **_):
        raise OSError(36, "File name too long", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(BadInput, match=r"results is .*, which cannot be opened \(File name too long\)"):
        check_ground("silhouettes", {"results": str(tmp_path / "run")})


def test_every_parameter_has_a_range_and_every_range_a_parameter():
    used = set()
    for chapter in chapter_names():
        for name, parameter in chapter_parameters(chapter).items():
            own = f"{chapter}.{name}"
            used.add(own if own in RANGES else name)
            assert parameter.range is not None, f"{own}: write its range into herbnb/book/ranges.py"
            assert parameter.range.holds(parameter.default), own
    without = {f"{network}.batch_size" for network in set(NETWORKS) - {*chapter_names()}}
    assert used == set(RANGES) - without
    assert {name.rpartition(".")[2] for name in CHECKS} <= {name.rpartition(".")[2] for name in RANGES}


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yml")), ids=lambda path: path.stem)
def test_what_our_profiles_set_is_in_range(path):
    profile = read_profile(path.stem)
    for chapter in chapter_names():
        for name, value in profile.of(chapter).items():
            assert range_of(chapter, name).holds(value)


def test_choices_are_those_that_the_package_has():
    from herbnb.networks.autoencoder import DETAIL
    from herbnb.networks.network import SCHEDULES
    from herbnb.networks.precision import PRECISIONS
    from herbnb.networks.triplet import NEGATIVES
    from herbnb.representations.embedding import STARTS

    known = {"detail": DETAIL, "schedule": SCHEDULES, "precision": PRECISIONS, "fit": FITS}
    for name, words in (known | {"negatives": NEGATIVES, "start": STARTS}).items():
        assert sorted(RANGES[name].words) == sorted(words), name
    assert {name for name, of in RANGES.items() if isinstance(of, Choice)} == {*known, "negatives", "start"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parameters: {seed: -1}", "The profile, for sampling: seed takes a whole number from 0"),
        ("parameters: {seed: 1.0e+30}", "seed takes a whole number"),
        ("chapters: {mislabels: {mislabel_frac: [2]}}", "for mislabels: mislabel_frac takes a list"),
        ("parameters: {networks: [../../x]}", "There is no representation '../../x'"),
        ("seeds: [-1]", "seeds.0: Input should be greater than or equal to 0"),
        ("seeds: [true]", "seeds.0: Input should be a valid integer"),
        ("pocket: {sheets: 0}", "pocket.sheets: Input should be greater than"),
        (f"pocket: {{seed: {2**40}}}", "pocket.seed: Input should be less than"),
    ],
)
def test_a_profile_is_refused_when_it_is_read(tmp_path, text, said):
    path = tmp_path / "own.yml"
    path.write_text(text)
    with pytest.raises(BadInput, match=re.escape(said)):
        read_profile(str(path))


@pytest.mark.parametrize(
    "command",
    [
        ("run", "sampling", "-p", "seed", "-1"),
        ("run", "--all", "-p", "repeats", "0"),
        ("train", "triplet", "-p", "batch_size", "0"),
        ("extract", "colour", "-p", "num_workers", "-1"),
        ("score", "mislabels", "--network", "colour", "-p", "mislabel_frac", "[]"),
        ("results", "score", "-p", "rate", "2"),
    ],
)
def test_every_command_that_takes_parameters_refuses(command, run, no_kernel):
    result = CliRunner().invoke(main, [*command, "--profile", str(run / "profile.yml")])
    assert result.exit_code == 1 and " takes a " in result.output and "Traceback" not in result.output


def test_a_parameter_is_set_once(run, no_kernel):
    given = ("-p", "seed", "1", "-p", "cache", "true", "-p", "seed", "2")
    result = CliRunner().invoke(main, ["run", "features", *given, "--profile", str(run / "profile.yml")])
    assert result.exit_code == 2 and "seed is set twice: set it once." in result.output


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("review", "../../x"), "herbnb review: COLLECTION takes a word of at most 64 letters"),
        (("book", "--cores", "0"), "'0' is neither all nor a whole number"),
        (("book", "--cores", "²"), "'²' is neither all nor a whole number"),
        (("train", "foo"), "There is no network 'foo'"),
        (("extract", "../x"), "There is no representation '../x'"),
        (("data", "gbif", "--key", "1", "--to", "x", "--workers", "0"), "0 is not in the range"),
        (("data", "pocket", "--to", "x", "--processes", "0"), "0 is not in the range"),
    ],
)
def test_other_odd_words_are_refused_before_anything_is_drawn(command, said, monkeypatch, tmp_path):
    monkeypatch.setattr(runner, "draw_herbarium", None)
    monkeypatch.setattr("herbnb.book.workflow.main", None)
    result = CliRunner().invoke(main, command)
    assert result.exit_code in (1, 2) and said in " ".join(result.output.split()), result.output


def test_the_command_line_prints_the_sentence_alone(run):
    command = [sys.executable, "-m", "herbnb.cli", "run", "features", "-p", "batch_size", "0"]
    ran = subprocess.run(
        [*command, "--profile", run / "profile.yml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1 and ran.stdout == ""
    assert ran.stderr.strip().endswith(
        "Error: features: batch_size takes a whole number from 1 to 65,536, and not 0."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("-p", "seed", "-1"), "silhouettes: seed takes a whole number from 0 to 2,147,483,647, and not -1."),
        (("-y", "networks: [../../x]"), "There is no representation '../../x'"),
        (("-y", "networks: [foo]"), "silhouettes: networks: There is no representation 'foo'"),
        (("-p", "networks", "triplet"), "silhouettes: networks takes a list without repeats"),
        (("-p", "sead", "1"), "silhouettes has no parameter 'sead': did you mean 'seed'?"),
        (("-p", "networks", '["foo"]'), "silhouettes: networks: There is no representation 'foo'"),
        (("-p", "networks", '["triplet"]'), "specimens.parquet is missing: run chapter sampling first"),
    ],
)
def test_plain_papermill_refuses_in_the_first_cell(given, said, tmp_path):
    command = [sys.executable, "-m", "papermill", "chapters/silhouettes.py", tmp_path / "out.ipynb"]
    ran = subprocess.run(
        [*command, "-p", "results", tmp_path / "run", *given, "-k", "python3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert said in [line for line in ran.stderr.splitlines() if line.startswith("BadInput: ")][-1]


PARAMETERS = [
    pytest.param(chapter, parameter, id=f"{chapter}.{parameter.name}")
    for name in RANGES
    for chapter, parameter in [
        next(
            (chapter, parameter)
            for chapter in chapter_names()
            for parameter in chapter_parameters(chapter).values()
            if name in (parameter.name, f"{chapter}.{parameter.name}")
        )
    ]
]
PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(SCALARS, st.lists, max_leaves=8) | st.lists(SCALARS, max_size=4)


def inside(kind) -> st.SearchStrategy:
    """Values of a kind, by its words and not by its check."""
    match kind:
        case Flag():
            return st.booleans()
        case Whole():
            return st.integers(kind.low, kind.high)
        case Real():
            return st.floats(kind.low, kind.high, exclude_min=kind.above, exclude_max=kind.below)
        case Choice():
            return st.sampled_from(kind.words)
        case Word():
            return st.from_regex("[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)
        case Text() | Place():
            return st.text(PRINTABLE, min_size=1, max_size=60).filter(str.strip)
        case Representation():
            names = [*NETWORKS, "mine=timm:resnet50", "open_clip:ViT-B-32/openai", "a/b.parquet", "seen"]
            return st.sampled_from(names)
        case Several():
            return st.lists(inside(kind.each), min_size=1, max_size=5, unique=True)
        case Unless():
            return st.just(kind.blank) | inside(kind.of)


def outside(kind) -> st.SearchStrategy:
    """Values that are none of a kind, as YAML gives them; text is read as YAML unless text is wanted."""
    strange = st.none() | st.dictionaries(st.text(), SCALARS, max_size=2)
    match kind:
        case Flag():
            return strange | st.integers() | st.floats()
        case Whole():
            numbers = st.integers(max_value=kind.low - 1) | st.integers(min_value=kind.high + 1)
            return strange | numbers | st.booleans() | st.floats()
        case Real():
            ends = [kind.low] * kind.above + [kind.high] * kind.below + [float("nan"), 10**400]
            numbers = st.floats(max_value=kind.low, exclude_max=True)
            numbers |= st.floats(min_value=kind.high, exclude_min=True)
            return strange | numbers | st.sampled_from(ends) | st.booleans()
        case Choice() | Word() | Text() | Place() | Representation():
            texts = [LONG, "a\0b", "\udcff", " ", "a\nb"]
            return strange | st.integers() | st.lists(SCALARS) | st.sampled_from(texts)
        case Several():
            bad = outside(kind.each).map(lambda each: [each])
            good = st.lists(inside(kind.each), min_size=1, max_size=3, unique=True)
            twice = good.map(lambda each: [*each, each[0]])
            return strange | st.just([]) | twice | st.tuples(good, bad).map(lambda two: [*two[0], *two[1]])
        case Unless():
            return outside(kind.of).filter(lambda value: value != kind.blank)


def refusal(value, parameter) -> str:
    """Return the sentence on a value, or "" where it passes; whatever else is raised fails the test."""
    try:
        converted(value, parameter, "chapter")
    except BadInput as error:
        said = str(error)
        assert said.startswith(f"chapter: {parameter.name} ") and said.isprintable() and len(said) < 700
        return said
    return ""


@pytest.mark.parametrize(("chapter", "parameter"), PARAMETERS)
@given(data=st.data())
@settings(max_examples=25)
def test_whatever_is_given_passes_or_is_one_sentence(chapter, parameter, data):
    refusal(data.draw(ANYTHING), parameter)
    assert not refusal(data.draw(inside(parameter.range)), parameter)
    assert refusal(data.draw(outside(parameter.range)), parameter)


@pytest.mark.parametrize("value", [0xF**9999, [0xF**9999], LONG, "\0", [[]] * 99], ids=lambda _: "")
def test_a_sentence_repeats_no_more_of_a_value_than_can_be_read(value):
    assert shown(value).isprintable() and len(shown(value)) <= 80


def test_a_seed_leaves_room_for_what_is_added_to_it():
    most = max(of.high for name, of in RANGES.items() if name.endswith(("repeats", "draws")))
    assert SEED.high + most < 2**32
