"""Names from data never stand for a file elsewhere."""

import pandas as pd
import pytest

from herbnb.data.fetching.paths import check_paths
from herbnb.errors import BadInput


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("../../etc/passwd.jpg", "leads out of the folder"),
        ("/etc/a.jpg", "leads out of the folder"),
        ("images/../../a.jpg", "leads out of the folder"),
        ("out/a.jpg", "leads out of the folder"),
        ("manifest.parquet", "has not the suffix of an image"),
        ("images/", "has not the suffix of an image"),
        ("", "has not the suffix of an image"),
        ("..", "has not the suffix of an image"),
        ("images/a.jpg/", "has not the suffix of an image"),
        ("images/a.exe", "has not the suffix of an image"),
        ("images/.jpg", "is hidden"),
        (".partial/a.jpg", "is hidden"),
        ("images/a\0.jpg", "has a name that no file can have"),
        ("a" * 300 + ".jpg", "has a name that no file can have"),
        ("a" * 300 + "/a.jpg", "has a name that no file can have"),
        ("images/first.jpg", "is also that of row 0"),
        ("images/FIRST.jpg", "is also that of row 0"),
        ("images/../images/./first.jpg", "is also that of row 0"),
        ("back/first.jpg", "is also that of row 0"),
    ],
)
def test_a_name_never_leads_elsewhere(tmp_path, path, fault):
    folder = tmp_path / "collection"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    (folder / "back").symlink_to("images")
    wanted = pd.DataFrame({"image_id": ["first", "second"], "path": ["images/first.jpg", path]})
    with pytest.raises(BadInput) as error:
        check_paths(wanted, folder)
    assert str(error.value).startswith(f"Row 1 of the images to fetch: the path {path!r} {fault}")


def test_good_names_pass_in_a_folder_that_is_not_there_yet(tmp_path):
    paths = ["a.jpg", "images/K 1 é.JPEG", "train/images/000/00/1.png", "images/b.c.tiff", "images/../c.webp"]
    check_paths(pd.DataFrame({"image_id": list("abcde"), "path": paths}), tmp_path / "new")
    check_paths(pd.DataFrame({"image_id": [], "path": []}, dtype=str), tmp_path)


def test_an_id_occurs_once(tmp_path):
    with pytest.raises(BadInput, match="Row 2 of the images to fetch: image_id 'a' occurs twice"):
        check_paths(pd.DataFrame({"image_id": list("aba"), "path": ["1.jpg", "2.jpg", "3.jpg"]}), tmp_path)
