"""The Half-Earth data from Kaggle, or what stands in for it, and from the archive of its page."""

import json
import os
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from herbnb.data.fetching import half_earth as of_kaggle
from herbnb.data.fetching import kaggle as kaggle_files
from herbnb.data.fetching.half_earth import METADATA, Kaggle, bring_half_earth
from herbnb.data.fetching.manifest import came_whole
from herbnb.data.half_earth import read_half_earth
from herbnb.data.images.decoding import unreadable
from herbnb.data.sampling import draw_splits
from herbnb.errors import BadInput
from herbnb.files import fingerprint
from stand_in_kaggle import RULES, TOKEN, stand_in

pytestmark = pytest.mark.slow

SAMPLING = dict(max_images=4, train_institution="NY", species_sample=0.2, rand_sample=0.2, seed=89)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A folder as Kaggle has it: 90 small sheets of ten species, with other things beside them."""
    folder, rng = tmp_path_factory.mktemp("kaggle") / "herbarium", np.random.default_rng(89)
    metadata = {
        "images": [
            {"id": 500 + n, "file_name": f"images/{n // 10:03d}/{n % 10:02d}/{500 + n}.jpg", "license": 0}
            for n in range(90)
        ],
        "annotations": [
            {"id": n, "image_id": 500 + n, "category_id": n // 9, "institution_id": int(n % 3 == 0)}
            for n in range(90)
        ],
        "categories": [
            {"id": s, "name": f"Genus{s // 5} epithet{s}", "family": "F", "order": "O"} for s in range(10)
        ],
        "institutions": [{"id": 0, "name": "NY"}, {"id": 1, "name": "BM"}],
        "licenses": [{"id": 0, "name": "see the rules", "url": ""}],
    }
    for row in metadata["images"]:
        file = folder / "train" / row["file_name"]
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (40, 30, 3), dtype=np.uint8)).save(file)
    (folder / "test").mkdir()
    (folder / "test" / "metadata.json").write_text("{}")
    (folder / METADATA).write_text(json.dumps(metadata))
    return folder


@pytest.fixture
def kaggle(published, tmp_path, monkeypatch):
    """The stand-in, with somebody logged in; kagglehub asks it alone."""
    with stand_in(published) as server:
        for name in ("KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_KERNEL_RUN_TYPE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in server.environment(tmp_path / "home").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
        monkeypatch.setattr(
            of_kaggle, "Kaggle", lambda at_once: Kaggle(at_once, attempts=3, pause=0.01, patience=3)
        )
        yield server


def drawn_from(published):
    return draw_splits(read_half_earth(published), **SAMPLING)


def check_whole(to, published):
    """The folder has the sample, all of it and nothing else, and draws it again."""
    drawn = drawn_from(published)
    pd.testing.assert_frame_equal(draw_splits(read_half_earth(to), **SAMPLING), drawn)
    assert unreadable(drawn, to).empty and came_whole(drawn, to).all()
    files = {
        str(path.relative_to(to)) for path in to.rglob("*") if path.is_file() and "manifest" not in path.name
    }
    assert files == {METADATA, *drawn["path"]}
    same = ((to / path).read_bytes() == (published / path).read_bytes() for path in files)
    assert all(same)


def test_only_the_sample_is_fetched_and_the_chapter_draws_it_again(kaggle, published, tmp_path, capsys):
    to = tmp_path / "to"
    drawn, manifest = bring_half_earth(to, sampling=SAMPLING, workers=4)
    pd.testing.assert_frame_equal(drawn, drawn_from(published))
    assert manifest["image_id"].tolist() == drawn["image_id"].tolist()
    assert (manifest["reason"] == "").all() and (manifest["status"] == 200).all()
    assert (manifest["licence"] == "see the rules").all() and (manifest["width"] == 30).all()
    assert manifest["url"][0].startswith(
        "https://www.kaggle.com/api/v1/competitions/data/download/herbarium-2021"
    )
    check_whole(to, published)
    assert set(kaggle.asked) == {METADATA, *drawn["path"]} and max(kaggle.asked.values()) == 1
    said = capsys.readouterr().out
    assert f"{len(drawn)} of {len(drawn)} sampled images are to come: about" in said
    assert "at 52 kB an image, the competition's mean" in said
    home = tmp_path / "home"
    assert not home.exists() or not any(path.is_file() for path in home.rglob("*"))

    bring_half_earth(to, sampling=SAMPLING, workers=4)
    assert max(kaggle.asked.values()) == 1
    assert f"0 of {len(drawn)} sampled images are to come" in capsys.readouterr().out


def test_metadata_may_come_packed(kaggle, published, tmp_path):
    kaggle.folder = Path(shutil.copytree(published, tmp_path / "packing"))
    with zipfile.ZipFile(kaggle.folder / f"{METADATA}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(published / METADATA, "metadata.json")
    kaggle.packed.add(METADATA)
    bring_half_earth(tmp_path / "to", sampling=SAMPLING)
    check_whole(tmp_path / "to", published)


@pytest.mark.parametrize("way", ["access_token", "access_token.txt", "kaggle.json", "credentials.json"])
def test_every_way_to_log_in_is_understood(kaggle, published, tmp_path, monkeypatch, way):
    monkeypatch.delenv("KAGGLE_API_TOKEN")
    keys = tmp_path / "home" / ".kaggle"
    keys.mkdir(parents=True)
    contents = {
        "kaggle.json": json.dumps({"username": "botanist", "key": "old-key"}),
        # what `kaggle auth login` leaves: a token that has run out, and one to renew it with
        "credentials.json": json.dumps({"refresh_token": "r", "access_token": "old", "username": "botanist"}),
    }
    (keys / way).write_text(contents.get(way, TOKEN + "\n"))
    bring_half_earth(tmp_path / "to", sampling=SAMPLING)
    check_whole(tmp_path / "to", published)


def test_no_login_says_how_to_log_in(kaggle, tmp_path, monkeypatch):
    monkeypatch.delenv("KAGGLE_API_TOKEN")
    with pytest.raises(
        BadInput, match=r"no login: .*kaggle auth login.*KAGGLE_API_TOKEN.*~/.kaggle/access_token"
    ):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING)
    assert not kaggle.asked


def test_a_spoilt_login_says_how_to_log_in(kaggle, tmp_path, monkeypatch):
    monkeypatch.delenv("KAGGLE_API_TOKEN")
    keys = tmp_path / "home" / ".kaggle"
    keys.mkdir(parents=True)
    (keys / "kaggle.json").write_text("{")
    with pytest.raises(BadInput, match=r"cannot read the login .*kaggle\.json.*KAGGLE_API_TOKEN"):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING)


REFUSALS = {
    (401, "Unauthenticated"): r"does not accept your login \(401: Unauthenticated\).*KAGGLE_API_TOKEN",
    (401, None): r"does not accept your login \(401: Unauthorized\)",
    (
        403,
        RULES,
    ): r"accepted the rules .*\(403\): open https://www.kaggle.com/competitions/herbarium-2021-fgvc8/rules",
    (
        403,
        "Competition is closed to new\nentrants.",
    ): r"\(403: Competition is closed to new entrants\.\): look at .*--archive",
    (403, "x" * 900): r"\(403: \[\.\.\.\]\)",
    (403, None): r"\(403: Forbidden\)",
    (
        404,
        "Competition not found",
    ): r"train/metadata.json did not come .*\(404 Not Found\).*still lists it.*--archive",
    (410, "Gone"): r"\(410 Gone\)",
    (429, "Too many requests"): r"429, too many requests.*fewer workers; what has come is kept",
    (500, None): r"\(500 Internal Server Error\)",
}


@pytest.mark.parametrize(("answer", "sentence"), REFUSALS.items())
def test_each_refusal_has_its_own_sentence(kaggle, tmp_path, answer, sentence):
    kaggle.answers[METADATA] = answer
    with pytest.raises(BadInput, match=sentence) as caught:
        bring_half_earth(tmp_path / "to", sampling=SAMPLING)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    assert kaggle.asked[METADATA] == (3 if answer[0] in (429, 500) else 1)
    assert not (tmp_path / "to" / METADATA).exists()


@pytest.mark.parametrize("answer", [(401, "Unauthenticated"), (403, RULES), (429, "Too many requests")])
def test_what_would_meet_every_image_ends_the_run_and_the_rest_comes_later(
    kaggle, published, tmp_path, answer
):
    drawn, to = drawn_from(published), tmp_path / "to"
    kaggle.answers = {path: answer for path in drawn["path"][10:]}
    with pytest.raises(BadInput, match=str(answer[0])):
        bring_half_earth(to, sampling=SAMPLING, workers=2)
    assert sum(kaggle.asked[path] > 0 for path in drawn["path"]) < 20
    kaggle.answers, asked = {}, kaggle.asked.copy()
    bring_half_earth(to, sampling=SAMPLING, workers=2)
    check_whole(to, published)
    assert all(kaggle.asked[path] == asked[path] == 1 for path in drawn["path"][:8])


def test_what_meets_one_image_is_noted_and_the_others_come(kaggle, published, tmp_path):
    drawn, to = drawn_from(published), tmp_path / "to"
    gone, broken, busy, limited, cut, torn = drawn["path"][:6]
    kaggle.answers = {
        gone: (404, "Not found"),
        broken: (500, None),
        busy: [(503, "Try again"), (502, None)],
        limited: [(429, "Too many requests", (("Retry-After", "1"),))],
    }
    kaggle.cut.update({cut: 1, torn: 9})
    _, manifest = bring_half_earth(to, sampling=SAMPLING, workers=3)
    rows = manifest.set_index("path")
    assert rows.loc[gone, ["reason", "status", "tries"]].tolist() == ["404 Not Found", 404, 1]
    assert rows.loc[broken, ["reason", "status", "tries"]].tolist() == ["500 Internal Server Error", 500, 3]
    assert rows.loc[torn, "reason"].startswith("connection broken")
    assert rows.loc[[busy, limited, cut], "tries"].tolist() == [3, 2, 2]
    assert set(rows.index[rows["reason"] != ""]) == {gone, broken, torn}
    assert unreadable(drawn, to)["path"].tolist() == [gone, broken, torn]
    assert drawn.loc[~came_whole(drawn, to), "path"].tolist() == [gone, broken, torn]

    kaggle.answers.clear()
    kaggle.cut.clear()
    _, manifest = bring_half_earth(to, sampling=SAMPLING)
    assert (manifest["reason"] == "").all()
    check_whole(to, published)


def test_a_run_that_is_killed_goes_on_where_it_was(kaggle, published, tmp_path):
    to, drawn = tmp_path / "to", drawn_from(published)
    kaggle.slow = 0.05
    program = f"from herbnb.data.fetching.half_earth import bring_half_earth as b; b({str(to)!r}, sampling={SAMPLING}, workers=2)"
    for share in (0.2, 0.6):
        running = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while len(list((to / "train").rglob("*.jpg"))) < share * len(drawn) and time.monotonic() < end:
            time.sleep(0.01)
        running.kill()
        running.wait()
    assert share * len(drawn) <= len(list((to / "train").rglob("*.jpg"))) < len(drawn)
    kaggle.slow = 0
    _, manifest = bring_half_earth(to, sampling=SAMPLING)
    assert (manifest["reason"] == "").all() and manifest["image_id"].is_unique
    check_whole(to, published)
    assert kaggle.asked[METADATA] == 1
    assert (
        sum(kaggle.asked[path] - 1 for path in drawn["path"]) <= 2 * 2
    )  # those under way when it was killed


def test_a_disk_too_small_is_said_before_any_image_comes(kaggle, published, tmp_path, monkeypatch):
    monkeypatch.setattr(of_kaggle.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**6, 0, 10**6))
    with pytest.raises(BadInput, match=r"1\.00MB free, and the images take about 2\.\d+MB: make room"):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING)
    assert set(kaggle.asked) == {METADATA}


@pytest.fixture
def packed(published, tmp_path) -> Path:
    """The archive as a zip, with members that nobody asks for."""
    archive = tmp_path / "herbarium-2021-fgvc8.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(published.rglob("*.*")):
            out.write(path, path.relative_to(published).as_posix())
    return archive


def test_the_sample_is_taken_out_of_a_zip(published, packed, tmp_path, capsys):
    to = tmp_path / "to"
    drawn, manifest = bring_half_earth(to, sampling=SAMPLING, archive=packed)
    check_whole(to, published)
    assert (manifest["reason"] == "").all() and manifest["url"].str.contains(r"fgvc8\.zip#train/images").all()
    assert "by the archive's own list" in capsys.readouterr().out
    bring_half_earth(to, sampling=SAMPLING, archive=packed)
    assert f"0 of {len(drawn)}" in capsys.readouterr().out


def test_damaged_members_of_a_zip_are_noted(published, packed, tmp_path):
    drawn, to = drawn_from(published), tmp_path / "to"
    content = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as archive:
        at = archive.getinfo(drawn["path"][0]).header_offset
    content[at + 300] ^= 255
    with zipfile.ZipFile(packed, "w") as out:
        for path in published.rglob("*.*"):
            name = path.relative_to(published).as_posix()
            if name != drawn["path"][1]:
                out.writestr(name, b"GIF89a, not" if name == drawn["path"][2] else path.read_bytes())
    _, manifest = bring_half_earth(to, sampling=SAMPLING, archive=packed)
    assert manifest["reason"][1] == "not in the archive"
    assert manifest["reason"][2] not in ("", manifest["reason"][1])
    packed.write_bytes(content)
    (to / drawn["path"][0]).unlink()
    _, manifest = bring_half_earth(to, sampling=SAMPLING, archive=packed)
    assert (manifest["reason"] != "").tolist() == [True] + [False] * (len(drawn) - 1)
    assert manifest["reason"][0] == "damaged in the archive"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg",
        "/etc/evil.jpg",
        "train/../../evil.jpg",
        "C:\\evil.jpg",
        "..\\evil.jpg",
        "train/link.jpg",
    ],
)
def test_an_archive_that_leaves_its_folder_is_refused(packed, tmp_path, name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16 if "link" in name else 0o644 << 16
    with zipfile.ZipFile(packed, "a") as out:
        out.writestr(member, "/etc/passwd")
    before = fingerprint(packed)
    with pytest.raises(BadInput, match=r"which leaves the folder or is a link"):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING, archive=packed)
    assert sorted(path.name for path in tmp_path.iterdir()) == [packed.name] and fingerprint(packed) == before


@pytest.mark.parametrize("content", [None, b"", b"%PDF", "cut"])
def test_what_is_no_zip_is_refused(packed, tmp_path, content):
    archive = tmp_path / "other.zip"
    if content is not None:
        archive.write_bytes(packed.read_bytes()[:-40] if content == "cut" else content)
    with pytest.raises(BadInput, match=r"other\.zip cannot be opened as a zip .*give the whole \.zip"):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING, archive=archive)


def test_a_zip_of_something_else_is_refused(tmp_path):
    archive = tmp_path / "other.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("readme.txt", "Hello")
    with pytest.raises(
        BadInput, match=r"train/metadata\.json did not come from .*other\.zip.* \(not in the archive\)"
    ):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING, archive=archive)


def test_the_unpacked_archive_is_linked_and_not_copied(published, tmp_path, capsys):
    to = tmp_path / "to"
    drawn, _ = bring_half_earth(to, sampling=SAMPLING, archive=published)
    check_whole(to, published)
    assert os.path.samefile(to / drawn["path"][0], published / drawn["path"][0])
    assert "about 0.00B, for files of one disk are linked" in capsys.readouterr().out


def test_the_unpacked_archive_is_copied_where_links_cannot_be(published, tmp_path, monkeypatch):
    def fails(*_):
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", fails)
    bring_half_earth(tmp_path / "to", sampling=SAMPLING, archive=published)
    check_whole(tmp_path / "to", published)


def test_links_and_gaps_in_an_unpacked_archive_are_noted(published, tmp_path):
    archive = Path(shutil.copytree(published, tmp_path / "archive"))
    gap, link, whole = drawn_from(published)["path"][:3]
    (archive / gap).unlink()
    (archive / link).unlink()
    (archive / link).symlink_to("/etc/passwd")
    _, manifest = bring_half_earth(tmp_path / "to", sampling=SAMPLING, archive=archive)
    assert manifest["reason"][:3].tolist() == ["missing", "not a plain file", ""]
    assert not (tmp_path / "to" / link).exists() and (tmp_path / "to" / whole).exists()


def test_the_archive_itself_needs_no_fetching(published, tmp_path):
    with pytest.raises(BadInput, match="nothing need be fetched; give the folder as `data`"):
        bring_half_earth(published, sampling=SAMPLING, archive=published)
    with pytest.raises(BadInput, match=r"holds no train/metadata\.json: give the folder that has `train`"):
        bring_half_earth(tmp_path / "to", sampling=SAMPLING, archive=published / "train")


def test_hostile_metadata_get_one_sentence(published, packed, tmp_path):
    metadata = json.loads((published / METADATA).read_text())
    for name, message in {
        "../../../evil.jpg": "leaves the folder",
        "/etc/passwd": "leaves the folder",
        "n" * 300 + ".jpg": "Row 0 of the images to fetch: the path",
        "metadata.json": "Row 0 of the images to fetch: the path",
        ".hidden/x.jpg": "Row 0 of the images to fetch: the path",
    }.items():
        metadata["images"][0]["file_name"] = name
        archive, to = tmp_path / "hostile.zip", tmp_path / "to"
        shutil.rmtree(to, ignore_errors=True)
        with zipfile.ZipFile(archive, "w") as out:
            out.writestr(METADATA, json.dumps(metadata))
        with pytest.raises(BadInput, match=message):
            bring_half_earth(to, sampling=SAMPLING | {"max_images": 99}, archive=archive)
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "herbarium-2021-fgvc8.zip",
            "hostile.zip",
            "to",
        ]


def test_the_sentences_name_todays_ways_to_log_in():
    for way in ("kaggle auth login", "KAGGLE_API_TOKEN", "~/.kaggle/access_token", "kaggle.json"):
        assert way in kaggle_files.LOGIN
