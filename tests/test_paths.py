"""Names from data never stand for a file elsewhere."""

import pytest

from herbnb.data.fetching.paths import SEEN, Paths
from herbnb.data.fetching.scratch import scratch
from herbnb.data.images.decoding import SUFFIXES
from herbnb.errors import BadInput


def check(folder, images):
    """Check pairs of an id and a path."""
    with scratch(folder.parent / "seen", SEEN) as seen:
        paths = Paths(folder, SUFFIXES, seen)
        for row, (image_id, path) in enumerate(images):
            paths.check(row, image_id, path)


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
    with pytest.raises(BadInput) as error:
        check(folder, [("first", "images/first.jpg"), ("second", path)])
    assert str(error.value).startswith(f"Row 1 of the images to fetch: the path {path!r} {fault}")


def test_good_names_pass_in_a_folder_that_is_not_there_yet(tmp_path):
    paths = ["a.jpg", "images/K 1 é.JPEG", "train/images/000/00/1.png", "images/b.c.tiff", "images/../c.webp"]
    check(tmp_path / "new", zip("abcde", paths, strict=True))
    assert not (tmp_path / "new").exists()


def test_an_id_occurs_once(tmp_path):
    with pytest.raises(BadInput, match="Row 2 of the images to fetch: image_id 'a' occurs twice"):
        check(tmp_path / "new", [("a", "1.jpg"), ("b", "2.jpg"), ("a", "3.jpg")])
