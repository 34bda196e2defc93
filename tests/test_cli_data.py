"""`herbnb data …`: each command against a stand-in of its source, and the folder it ends in."""

import json
import re
import shutil
import zipfile

import pandas as pd
import pytest
from click.testing import CliRunner

from conftest import ROOT, SMOKE
from herbnb.cli import main
from herbnb.cli.data import data
from herbnb.cli.options import report
from herbnb.data.collection import read_collection
from herbnb.data.fetching.loopback import serve
from herbnb.data.sampling import draw_splits
from stand_in_kaggle import TOKEN, stand_in

ARCHIVE = """<archive xmlns="http://rs.tdwg.org/dwc/text/">
  <core encoding="UTF-8" fieldsTerminatedBy="," fieldsEnclosedBy='"' linesTerminatedBy="\\n"
        ignoreHeaderLines="1" rowType="http://rs.tdwg.org/dwc/terms/Occurrence">
    <files><location>occurrence.csv</location></files><id index="0"/>{core}
  </core>
  <extension encoding="UTF-8" fieldsTerminatedBy="," fieldsEnclosedBy='"' linesTerminatedBy="\\n"
        ignoreHeaderLines="1" rowType="http://rs.tdwg.org/ac/terms/Multimedia">
    <files><location>multimedia.csv</location></files><coreid index="0"/>{extension}
  </extension>
</archive>"""


def herbnb(*arguments):
    """Run the command line and return what it did."""
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def web(pocket, monkeypatch):
    """The web of the pocket herbarium: its Kew images, behind a proxy on the loopback address."""
    with serve(pocket / "kew") as address:
        ask_only(address, monkeypatch)
        yield


def ask_only(address, monkeypatch):
    """Let every request, whatever its host, go to `address`."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, address)


def kew_files(pocket):
    return [
        "--occurrence",
        pocket / "kew" / "occurrence.csv",
        "--multimedia",
        pocket / "kew" / "multimedia.csv",
    ]


def test_idigbio_ends_in_a_collection_with_its_manifest_and_card(pocket, web, tmp_path):
    ran = herbnb("idigbio", *kew_files(pocket), "--institution", "K", "--to", tmp_path / "kew")
    assert ran.exit_code == 0, ran.output
    sheets = read_collection(tmp_path / "kew")
    manifest = pd.read_parquet(tmp_path / "kew" / "manifest.parquet")
    whole = manifest[manifest["reason"] == ""]
    assert set(sheets["image_id"]) == set(whole["image_id"]) and len(sheets) > 60
    assert all((tmp_path / "kew" / path).stat().st_size for path in sheets["path"])
    assert f"{len(whole)} of {len(manifest)} images are whole" in ran.output
    card = pd.read_csv(tmp_path / "kew" / "card.csv")
    assert card.loc[card["of"] == "institution", "count"].sum() == len(sheets)
    assert (tmp_path / "kew" / "problems.csv").exists()


def test_what_is_here_is_not_fetched_again(pocket, tmp_path, monkeypatch):
    to, nothing = tmp_path / "kew", tmp_path / "nothing"
    nothing.mkdir()
    runs, manifests = [], []
    for folder in (pocket / "kew", nothing):  # the second web has no image any more
        with serve(folder) as address:
            ask_only(address, monkeypatch)
            runs.append(herbnb("idigbio", *kew_files(pocket), "--to", to))
        manifests.append(pd.read_parquet(to / "manifest.parquet"))
    (first, again), (before, after) = runs, manifests
    assert first.exit_code == again.exit_code == 0, again.output
    came = before["reason"] == ""
    pd.testing.assert_frame_equal(before[came], after[came])


def tables_of_an_archive(pocket, folder):
    """Write the pocket's two files as a Darwin Core Archive whose columns only `meta.xml` explains."""
    spaces = {"dwc": "http://rs.tdwg.org/dwc/terms/", "ac": "http://rs.tdwg.org/ac/terms/"}
    fields = {}
    for name in ("occurrence", "multimedia"):
        table = pd.read_csv(pocket / "kew" / f"{name}.csv", dtype=str, keep_default_na=False)
        known = [column for column in table if column.partition(":")[0] in spaces]
        table = table[["coreid", *known]]
        table.to_csv(folder / f"{name}.csv", index=False, header=["x"] * len(table.columns))
        terms = [spaces[column.partition(":")[0]] + column.partition(":")[2] for column in known]
        fields[name] = "".join(f'<field index="{i}" term="{term}"/>' for i, term in enumerate(terms, 1))
    (folder / "meta.xml").write_text(
        ARCHIVE.format(core=fields["occurrence"], extension=fields["multimedia"])
    )
    with zipfile.ZipFile(folder / "archive.zip", "w") as packed:
        for name in ("meta.xml", "occurrence.csv", "multimedia.csv"):
            packed.write(folder / name, name)
    return folder / "archive.zip"


def test_an_archive_gives_the_sheets_that_the_two_files_give(pocket, web, tmp_path):
    archive = tables_of_an_archive(pocket, tmp_path)
    ran = herbnb("darwin-core", "--archive", archive, "--institution", "K", "--to", tmp_path / "dwca")
    assert ran.exit_code == 0, ran.output
    herbnb("idigbio", *kew_files(pocket), "--institution", "K", "--to", tmp_path / "files")
    one, other = read_collection(tmp_path / "dwca"), read_collection(tmp_path / "files")
    columns = ["image_id", "species", "family", "institution", "gathering"]
    pd.testing.assert_frame_equal(one[columns], other[columns])


def test_a_table_of_ones_own_leaves_the_images_where_they_are(pocket, tmp_path):
    images = tmp_path / "scans"
    shutil.copytree(pocket / "kew" / "images", images)
    files = sorted(path.name for path in images.iterdir())[:10]
    (images / files[0]).write_bytes(b"not an image")
    rows = pd.DataFrame({"Bilddatei": [*files, "absent.jpg"], "scientificName": "Eugenia uniflora L."})
    rows.to_csv(tmp_path / "sheets.csv", index=False, sep=";")
    (tmp_path / "taxonomy.csv").write_text("genus,family,order\nEugenia,Myrtaceae,Myrtales\n")
    given = ["--table", tmp_path / "sheets.csv", "--images", images, "--column", "file", "Bilddatei"]
    more = ["--taxonomy", tmp_path / "taxonomy.csv", "--institution", "XYZ", "--to", tmp_path / "mine"]
    ran = herbnb("table", *given, *more)
    assert ran.exit_code == 0, ran.output
    assert "9 of 10 images are whole" in ran.output
    sheets = read_collection(tmp_path / "mine")
    assert (
        len(sheets) == 9 and set(sheets["family"]) == {"Myrtaceae"} and set(sheets["institution"]) == {"XYZ"}
    )
    assert all(
        path == str(images.resolve() / name) for path, name in zip(sheets["path"], files[1:], strict=True)
    )
    assert not (tmp_path / "mine" / "images").exists()
    problems = pd.read_csv(tmp_path / "mine" / "problems.csv")
    assert problems["of"].tolist() == ["row 11"]


@pytest.fixture
def profile(tmp_path):
    """A profile that draws three sheets a species."""
    (tmp_path / "mine.yml").write_text(json.dumps({"parameters": {"max_images": 3}}))
    return tmp_path / "mine.yml"


def check_sample(pocket, folder):
    """Hold the images in `folder` against the sample that the profile draws of the whole."""
    design = dict(train_institution="New York Botanical Garden", species_sample=0.2, rand_sample=0.2, seed=89)
    drawn = draw_splits(read_collection(pocket), max_images=3, **design)
    came = {path.stem for path in (folder / "train" / "images").rglob("*.jpg")}
    assert came == set(drawn["image_id"]) and len(came) < SMOKE["pocket"]["sheets"]
    assert draw_splits(read_collection(folder), max_images=3, **design).equals(drawn)
    card = pd.read_csv(folder / "card.csv").set_index(["of", "name"])["count"]
    assert card["step", "drawn by the profile"] == card["institution"].sum() == len(drawn)


def test_half_earth_fetches_the_sample_of_the_profile_from_kaggle(pocket, profile, tmp_path, monkeypatch):
    with stand_in(pocket) as kaggle:
        for name, value in kaggle.environment(tmp_path / "home").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
        ran = herbnb("half-earth", "--profile", profile, "--to", tmp_path / "half-earth")
    assert ran.exit_code == 0, ran.output
    assert "sampled images are to come" in ran.output and "are free" in ran.output
    check_sample(pocket, tmp_path / "half-earth")


def test_half_earth_takes_the_same_sample_from_the_archive(pocket, profile, tmp_path):
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", pocket, "train")
    ran = herbnb("half-earth", "--archive", packed, "--profile", profile, "--to", tmp_path / "half-earth")
    assert ran.exit_code == 0, ran.output
    check_sample(pocket, tmp_path / "half-earth")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["idigbio", "--query", "genus: syzygium"], "is not JSON"),
        (["idigbio", "--query", '["syzygium"]'], "is not a JSON object"),
        (["idigbio"], "Give --occurrence and --multimedia, or --query"),
        (["idigbio", "--occurrence", "a.csv"], "Give --occurrence and --multimedia, or --query"),
        (["idigbio", "--occurrence", "a.csv", "--multimedia", "b.csv"], "a.csv"),
        (["darwin-core"], "Missing option '--archive'"),
        (["gbif"], "Missing option '--key'"),
        (["table", "--images", "scans"], "Missing option '--table'"),
        (["table", "--table", "a.csv"], "Missing option '--images'"),
        (["table", "--table", "a.csv", "--images", "absent"], "a.csv"),
        (["table", "--basis", "x"], "No such option"),
        (["darwin-core", "--archive", "absent.zip"], "absent.zip"),
        (["gbif", "--key", "../../secret"], "no key of a GBIF download"),
        (["half-earth", "--archive", "absent.zip"], "absent.zip"),
        (["half-earth", "--profile", "absent"], "absent.yml is missing"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments, said, tmp_path):
    ran = herbnb(*arguments, "--to", tmp_path / "to")
    assert ran.exit_code != 0 and isinstance(ran.exception, SystemExit)
    assert said in ran.output and "Traceback" not in ran.output


def test_the_help_tells_the_sources_apart():
    said = herbnb("--help").output
    for word in (
        "half-earth",
        "idigbio",
        "gbif",
        "darwin-core",
        "table",
        "manifest.parquet",
        "card.csv",
        "herbnb run",
    ):
        assert word in said


def test_commands_on_the_pages_have_the_options_that_they_name():
    pages = [ROOT / "README.md", *(ROOT / "book").glob("*.md")]
    text = "\n".join(page.read_text() for page in pages).replace("\\\n", "")
    commands = re.findall(r"^herbnb data ([\w-]+)([^#\n]*)", text, re.M)
    assert {name for name, _ in commands} == set(data.commands)
    for name, rest in commands:
        known = {option for each in data.commands[name].params for option in each.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= known, (name, rest)


def test_the_table_on_the_page_is_understood_to_the_last_column(pocket, tmp_path):
    page = (ROOT / "book" / "getting_the_data.md").read_text()
    (tmp_path / "sheets.csv").write_text(re.search(r"^file,.*?(?=^```)", page, re.M | re.S)[0])
    (tmp_path / "scans").mkdir()
    shutil.copy(next((pocket / "kew" / "images").iterdir()), tmp_path / "scans" / "0001.jpg")
    given = ["--table", tmp_path / "sheets.csv", "--images", tmp_path / "scans", "--to", tmp_path / "mine"]
    assert herbnb("table", *given).exit_code == 0
    sheet = read_collection(tmp_path / "mine").iloc[0]
    assert (
        sheet["species"] == "Syzygium jambos"
        and sheet["family"] == "Myrtaceae"
        and sheet["order"] == "Myrtales"
    )
    assert (
        sheet["image_id"] == "XYZ000123" and sheet["institution"] == "XYZ" and sheet["licence"] == "CC BY 4.0"
    )
    assert sheet["gathering"] == "a. botanist|42|1987-05-03"
    assert sheet["identified_by"] == "Botanist, A.; E. X. Pert" and sheet["catalog_number"] == "XYZ000123"


def test_the_report_counts_by_host_what_came_and_shows_no_more_than_a_terminal_does(tmp_path, capsys):
    rows = [("http://well.example/1", "")] + [
        (f"http://h{n:02d}.example/1", "404 Not Found") for n in range(25)
    ]
    rows += [("http://dead.example/1", "503 Service Unavailable"), ("http://dead.example/2", "")]
    rows += [(f"http://dead.example/{n}", "given up: 503 Service Unavailable") for n in range(3, 7)]
    report(tmp_path, pd.DataFrame(rows, columns=["url", "reason"]))
    said = capsys.readouterr().out
    assert f"2 of {len(rows)} images are whole" in said and "well.example" not in said
    assert "dead.example        1       1         4" in said
    assert said.count("404 Not Found") == 19 and "… and 7 more." in said and "… and 6 more." in said
