"""The atlas as it is written: which sheets, maps and columns, in what form, and which pictures."""

import base64
import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from conftest import ROOT, SCRIPT, row
from herbnb.atlas import columns, page, places, points, tiles
from herbnb.atlas.still import SIDE, write_still
from herbnb.cli import main
from herbnb.errors import BadInput
from herbnb.representations.extraction import keep_features
from herbnb.results import Results, specimens_of

NAMES = ["Poa annua", 'Carex "rigida"', SCRIPT, "Čekanka\u2028Ⅲ", "=1+1", "O'Brien & \\"]
CC0 = "CC0 1.0 http://creativecommons.org/publicdomain/zero/1.0/"


def run_of_nine(tmp_path):
    """Make a run of six sheets and three of Kew's, on the maps of two networks; two may be shown."""
    here = Results(tmp_path / "run")
    sheets = [row(f"H{n}", species=name, institution="NY") for n, name in enumerate(NAMES)]
    table = pd.DataFrame(sheets).assign(genus=[name.split()[0] for name in NAMES], licence="")
    table.loc[:1, "licence"] = [CC0, "CC BY-ND 4.0"]
    here.write("specimens", table)
    kew = pd.DataFrame([row(f"K{n}", "collection", "Poa annua", "K") for n in range(3)])
    kew["event_date"] = ["1903-05-12", "12 May 1861", "s. d., 12345"]
    kew = kew.assign(licence=CC0, path=[f"images/K{n}.jpg" for n in range(3)])
    here.write("collection", kew, collection="kew")
    for n in range(6):
        write_sheet(tmp_path / "data" / f"H{n}.jpg", n)
    for n in range(3):
        write_sheet(here.folder / "kew" / "images" / f"K{n}.jpg", n)
    rng = np.random.default_rng(89)
    parts = []
    for network in ("triplet", "colour"):
        for name, of_table in (("half_earth", table), ("kew", kew)):
            at = dict(zip("xy", rng.normal(size=(2, len(of_table))) * 7, strict=True))
            parts.append(of_table[["split", "image_id"]].assign(network=network, collection=name, **at))
    maps = pd.concat(parts, ignore_index=True)
    here.write("embedding", maps[["network", "collection", "split", "image_id", "x", "y"]])
    return here


run = pytest.fixture(name="run")(lambda tmp_path: run_of_nine(tmp_path))


def write_sheet(path, n):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (120, 180), (40 * n, 120, 80)).save(path)


def taken(path):
    """What a script hands to the page: its name, and its content with the arrays unpacked."""
    text = path.read_text(encoding="utf-8")
    assert re.fullmatch(r"Atlas\.take\(.*\);\n", text, re.DOTALL)
    name, content = json.loads(f"[{text[len('Atlas.take(') : -len(');' + chr(10))]}]")
    for key, value in content.items():
        if isinstance(value, dict) and "base64" in value:
            content[key] = np.frombuffer(base64.b64decode(value["base64"]), value["type"])
    assert name == path.stem
    return content


@pytest.fixture
def written(run, tmp_path):
    """The atlas of the run, and its folder."""
    at = page.write_atlas(run, tmp_path / "data", tmp_path / "site" / "atlas", home="../book/index.html")
    return points.gather(run, tmp_path / "data"), at.parent


def test_the_year_of_gathering_is_a_number(written):
    (sheets, _), folder = written
    years = pd.Series(taken(folder / "data" / "column-year.js")["numbers"], sheets["image_id"].to_numpy())
    assert years["K0"] == 1903 and years["K1"] == 1861 and years.drop(["K0", "K1"]).isna().all()
    told = taken(folder / "data" / "atlas.js")
    assert (
        "year" in told["coloured"]
        and {"name": "year", "label": "year of gathering", "numbers": True} in told["columns"]
    )


def test_every_name_arrives_letter_by_letter_and_no_script_ends_early(written):
    (sheets, _), folder = written
    for name in ("species", "image_id", "collection", "licence"):
        column = taken(folder / "data" / f"column-{name}.js")
        told = [column["names"][code] for code in column.get("codes", np.zeros(9, int))]
        assert told == sheets[name].tolist()
    assert set(NAMES) <= set(sheets["species"])
    assert not [
        path for path in folder.rglob("*.js") if "</script" in path.read_text() and "data" in path.parts
    ]


def test_a_column_is_packed_as_small_as_it_can_be():
    few = columns.encoded(pd.Series(["b", "a", "b", None]))
    assert few["names"] == ["b", "", "a"] and few["codes"]["type"] == "uint8"
    assert columns.encoded(pd.Series(["b", "b"])) == {"names": ["b"]}
    many = columns.encoded(pd.Series([f"sheet {n}" for n in range(300)]))
    assert len(many["names"]) == 300 and many["codes"]["type"] == "uint16"
    numbers = columns.encoded(pd.Series([1.5, np.nan]))["numbers"]
    values = np.frombuffer(base64.b64decode(numbers["base64"]), "<f4")
    assert numbers["type"] == "float32" and values[0] == 1.5 and np.isnan(values[1])


def test_a_map_holds_a_place_for_every_sheet_and_none_for_strangers(written):
    (_, maps), folder = written
    about = taken(folder / "data" / "atlas.js")
    assert about["sheets"] == 9 and [each["name"] for each in about["maps"]] == ["triplet", "colour"]
    assert about["collections"] == {"half_earth": "the sheets of this run", "kew": "Kew"}
    for number, of_map in enumerate(maps):
        content = taken(folder / "data" / f"map-{number}.js")
        steps = np.stack([content["x"], content["y"]], axis=1).astype(float)
        at = 2 * (steps - 1) / columns.STEPS - 1
        assert np.abs(at - of_map.places).max() <= 1.01 / columns.STEPS
        assert np.abs(at).max() == pytest.approx(1) and steps.min() == 1 and steps.max() == 65_535
        assert "near" not in content  # these sheets have no features


def test_what_a_map_lacks_is_no_number(run, tmp_path):
    maps = run.read("embedding")
    run.write("embedding", maps[(maps["network"] != "colour") | (maps["image_id"] != "H2")])
    sheets, (first, second) = points.gather(run, tmp_path / "data")
    lost = (sheets["image_id"] == "H2").to_numpy()
    assert np.isfinite(first.places).all()
    assert np.isnan(second.places[lost]).all() and np.isfinite(second.places[~lost]).all()
    steps = columns.stepped(second.places[:, 0])
    assert (steps[lost] == 0).all() and (steps[~lost] > 0).all()


def test_only_sheets_that_may_be_shown_have_thumbnails(written):
    (sheets, _), folder = written
    numbers = taken(folder / "data" / "thumbnails.js")["numbers"]
    shown = sheets["image_id"].isin(["H0", "K0", "K1", "K2"]).to_numpy()
    assert ((numbers >= 0) == shown).all() and sorted(numbers[shown]) == [0, 1, 2, 3]
    assert [path.name for path in (folder / "tiles").iterdir()] == ["0.webp"]
    tile = Image.open(folder / "tiles" / "0.webp").convert("RGB")
    for number, image in zip(numbers[shown], sheets["image_id"][shown], strict=True):
        middle = number * tiles.WIDTH + tiles.WIDTH // 2, tiles.HEIGHT // 2
        assert np.abs(np.subtract(tile.getpixel(middle), (40 * int(image[1]), 120, 80))).max() < 12


def test_where_nothing_may_be_shown_there_is_no_picture_of_a_sheet(run, tmp_path):
    for name, fields in (("specimens", {}), ("collection", {"collection": "kew"})):
        run.write(name, run.read(name, **fields).assign(licence=""), **fields)
    folder = page.write_atlas(run, tmp_path / "nowhere", tmp_path / "atlas").parent
    assert not (folder / "tiles").exists()
    assert taken(folder / "data" / "atlas.js")["pictures"] == 0


def test_a_collection_that_came_without_its_images_has_no_picture(run, tmp_path):
    (tmp_path / "data" / "H0.jpg").unlink()  # of those that may be shown, the run's own has no other
    folder = page.write_atlas(run, tmp_path / "data", tmp_path / "atlas").parent
    assert taken(folder / "data" / "atlas.js")["pictures"] == 3
    (run.folder / "kew" / "images" / "K1.jpg").unlink()
    with pytest.raises(BadInput, match=r"K1\.jpg"):
        page.write_atlas(run, tmp_path / "data", tmp_path / "atlas")


def test_no_path_of_this_machine_is_told(written):
    _, folder = written
    told = [path for path in folder.rglob("*.*") if path.suffix in (".js", ".html", ".css")]
    assert len(told) > 15
    assert not [path for path in told if str(folder.parents[1]) in path.read_text(encoding="utf-8")]
    assert not list(folder.glob("data/column-path.js")) + list(folder.glob("data/column-file.js"))


def test_the_page_itself_is_light_and_asks_nobody(written):
    _, folder = written
    own = [path for path in folder.iterdir() if path.suffix in (".html", ".js", ".css")]
    assert sum(path.stat().st_size for path in own) < 1_000_000
    page_itself = (folder / "index.html").read_text(encoding="utf-8")
    for script in re.findall(r'(?:src|href)="([^"]+)"', page_itself):
        assert (folder / script).exists(), script
    assert not re.search(r"https?://", page_itself)
    written_by_us = [path for path in own if path.name != "regl-scatterplot.js"]
    assert not [path for path in written_by_us if re.search(r"https?://\w", path.read_text(encoding="utf-8"))]


def test_an_atlas_takes_the_place_of_the_one_before_and_leaves_nothing_else(run, tmp_path):
    to = tmp_path / "site" / "atlas"
    to.mkdir(parents=True)
    (to / "old.txt").touch()
    page.write_atlas(run, tmp_path / "data", to)
    assert (to / "index.html").exists() and not (to / "old.txt").exists()
    assert sorted(path.name for path in to.parent.iterdir()) == [".atlas.lock", "atlas"]
    (tmp_path / "data" / "H0.jpg").write_bytes(b"<html>")
    before = (to / "index.html").stat().st_mtime_ns
    with pytest.raises(BadInput, match=r"H0\.jpg is not an image but a web page"):
        page.write_atlas(run, tmp_path / "data", to)
    assert (to / "index.html").stat().st_mtime_ns == before
    assert sorted(path.name for path in to.parent.iterdir()) == [".atlas.lock", "atlas"]


def test_a_run_without_a_map_says_what_to_run(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(BadInput, match="run chapter embedding first"):
        places.placed(Results(tmp_path / "run"))


def own(run, name, x, y):
    """Give the run a collection of a reader's, placed beside its training sheets by the triplet network."""
    table = pd.DataFrame([row(f"M{n}", "collection", institution="M") for n in range(len(x))])
    run.write("collection", table.assign(licence=""), collection=name)
    learnt = run.read("embedding").query("network == 'triplet' and collection == 'half_earth'")
    yours = table[["split", "image_id"]].assign(network="triplet", collection=name, x=x, y=y)
    return learnt, yours


def test_a_collection_on_the_map_of_its_network_joins_it(run):
    learnt, yours = own(run, "mine", [1.0, 2.0], [3.0, 4.0])
    run.write("your_embedding", pd.concat([learnt, yours]), collection="mine")
    placed = places.placed(run)
    mine = placed[placed["collection"] == "mine"]
    assert set(placed["map"]) == {"triplet", "colour"} and list(mine["map"]) == ["triplet"] * 2
    assert mine[["x", "y"]].to_numpy().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert len(placed) == len(run.read("embedding")) + 2


def test_a_collection_on_another_map_has_one_of_its_own(run):
    learnt, yours = own(run, "mine", [1.0, 2.0], [3.0, 4.0])
    turned = learnt.assign(x=-learnt["x"])
    run.write("your_embedding", pd.concat([turned, yours]), collection="mine")
    placed = places.placed(run)
    assert list(placed["map"].unique()) == ["triplet", "colour", "triplet, mine"]
    assert (placed["map"] == "triplet, mine").sum() == len(learnt) + 2


def test_a_reader_who_ran_nothing_else_has_an_atlas_of_her_own_sheets(run, tmp_path):
    _, yours = own(run, "mine", [1.0, 2.0], [3.0, 4.0])
    run.write("your_embedding", yours, collection="mine")
    run.path("embedding").unlink()
    sheets, maps = points.gather(run, tmp_path)
    assert list(sheets["collection"]) == ["mine"] * 2 and [each.name for each in maps] == ["triplet, mine"]


def test_the_sheets_of_kew_by_another_name_are_not_shown_twice(run, tmp_path):
    same = run.read("collection", collection="kew")
    run.write("collection", same, collection="your_herbarium")
    yours = run.read("embedding").query("network == 'triplet' and collection == 'kew'")
    run.write("your_embedding", yours.assign(collection="your_herbarium"), collection="your_herbarium")
    sheets, _ = points.gather(run, tmp_path)
    assert set(sheets["collection"]) == {"half_earth", "kew"}


def test_a_doubted_sheet_has_its_place_on_the_review_list(run, tmp_path):
    listed = pd.DataFrame(
        {"image_id": ["K2", "K0"], "score": [0.9, 0.6], "suggested": "Carex", "reason": "so"}
    )
    run.write("review_list", listed)
    sheets = points.gather(run, tmp_path).sheets.set_index("image_id")
    assert sheets["doubt"].dropna().to_dict() == {"K0": 2.0, "K2": 1.0}
    assert sheets.loc["K2", "suspicion"] == 0.9 and sheets.loc["K2", "suggested"] == "Carex"
    assert not (set(sheets) & {"score", "given"})


def test_the_nearest_sheets_are_sought_among_all_collections_but_not_among_duplicates(run, tmp_path):
    maps = run.read("embedding")
    run.write("embedding", maps[maps["network"] == "triplet"].assign(network="visitor"))
    eye = SimpleNamespace(width=2, fingerprint="its own", geometry=None)
    turns = {"half_earth": [0, 0.1, 0.2, 1.5, 1.6, 3.0], "kew": [0.01, 1.45, 2.9]}
    for name, turn in turns.items():
        table, fields = specimens_of(name)
        specimens = run.read(table, **fields).assign(gathering="")
        specimens.loc[specimens["image_id"].isin(["H0", "H1"]), "gathering"] = "one plant"
        run.write(table, specimens, **fields)
        vectors = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype("float32")
        eye.of = lambda _, vectors=vectors: vectors
        keep_features(run, name, {"visitor": eye}, tmp_path)
    sheets, (of_map,) = points.gather(run, tmp_path)
    ids = sheets["image_id"].to_numpy()
    row_of = {each: place for place, each in enumerate(ids)}
    assert ids[of_map.near[row_of["H0"], :2]].tolist() == ["K0", "H2"]
    assert ids[of_map.near[row_of["K2"], :2]].tolist() == ["H5", "H4"]
    assert of_map.likeness[row_of["H0"], 0] == pytest.approx(np.cos(0.01), abs=1e-4)
    content = page.map_content(of_map)
    near = np.frombuffer(base64.b64decode(content["near"]["base64"]), "<i4").reshape(9, 5)
    assert (near == of_map.near).all()
    hundredths = np.frombuffer(base64.b64decode(content["likeness"]["base64"]), "int8").reshape(9, 5)
    assert hundredths[row_of["H0"], 1] == round(100 * np.cos(0.2))


def test_the_command_writes_the_atlas_of_a_profile(run, tmp_path):
    profile = tmp_path / "mine.yml"
    profile.write_text(
        json.dumps({"parameters": {"data": str(tmp_path / "data"), "results": str(run.folder)}})
    )
    ran = CliRunner().invoke(main, ["atlas", "--profile", str(profile), "--to", str(tmp_path / "map")])
    assert ran.exit_code == 0, ran.output
    assert ran.output.strip() == f"The atlas: {tmp_path / 'map' / 'index.html'}"
    assert taken(tmp_path / "map" / "data" / "atlas.js")["home"] == ""
    run.path("embedding").unlink()
    ran = CliRunner().invoke(main, ["atlas", "--profile", str(profile), "--to", str(tmp_path / "map")])
    assert ran.exit_code == 1 and "run chapter embedding first" in ran.output


def test_sheets_that_follow_one_another_lie_together():
    at = np.random.default_rng(89).uniform(-1, 1, size=(4096, 2)).astype("float32")
    at[7] = np.nan
    order = places.along_the_map(at)
    assert sorted(order) == [*range(4096)] and order[-1] == 7
    steps = np.hypot(*np.diff(at[order[:-1]], axis=0).T)
    assert steps.mean() < 0.1 * np.hypot(*np.diff(np.delete(at, 7, axis=0), axis=0).T).mean()


def test_the_still_picture_has_a_point_where_a_sheet_lies(tmp_path):
    at = np.array([[-1, 1], [1, -1], [np.nan, 0]])
    picture = Image.open(write_still(at, np.array(["#ff0000", "#0000ff", "#00ff00"]), tmp_path / "still.png"))
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape == (SIDE, SIDE, 3)
    assert (pixels[40, 40] == (255, 0, 0)).all() and (pixels[SIDE - 41, SIDE - 41] == (0, 0, 255)).all()
    assert not ((pixels[:, :, 1] > 200) & (pixels[:, :, 0] < 100)).any()


def test_the_atlas_wears_the_colours_of_the_book():
    book = (ROOT / "book" / "assets" / "herbnb.css").read_text()
    ours = (page.ASSETS / "atlas.css").read_text()
    for name, theirs in (
        ("paper", "background"),
        ("mount", "on-background"),
        ("leaf", "primary"),
        ("ink", "text-base"),
    ):
        of_atlas = re.findall(rf"--{name}: (#\w+);", ours)
        of_book = re.findall(rf"--pst-color-{theirs}: (#\w+);", book)
        assert len(of_atlas) == 2 and of_atlas == of_book


def test_the_library_comes_with_its_licences():
    library = (page.ASSETS / "regl-scatterplot.js").read_text(encoding="utf-8")
    notice = library[: library.index("*/")]
    built = (page.ASSETS / "regl-scatterplot.sh").read_text()
    for name in (
        "regl-scatterplot",
        "regl",
        "pub-sub-es",
        "earcut",
        "gl-matrix",
        "regl-line",
        "dom-2d-camera",
    ):
        version = re.search(rf'"{name}": "([\d.]+)"', built)[1]
        assert f"{name} {version}\n" in notice, name
    assert notice.count("Permission") >= 8
