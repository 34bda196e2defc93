import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from herbnb.data import images
from herbnb.data.images import BACKDROP, SheetImages, augmentation, read_sheet, unreadable
from herbnb.errors import BadInput


@pytest.fixture
def portrait(tmp_path):
    """A sheet 200 wide and 300 high: red at its top, blue at its foot, white between."""
    pixels = np.full((300, 200, 3), 255, np.uint8)
    pixels[:30], pixels[-30:] = (255, 0, 0), (0, 0, 255)
    path = tmp_path / "portrait.png"
    Image.fromarray(pixels).save(path)
    return path


def test_a_letterboxed_sheet_is_whole_and_keeps_its_shape(portrait):
    square = read_sheet(portrait, 120)
    assert square.shape == (3, 120, 120) and square.dtype == torch.uint8
    middle = square[:, :, 60]
    assert middle[:, 2].tolist() == [255, 0, 0] and middle[:, -3].tolist() == [0, 0, 255]
    backdrop = (square == torch.tensor(BACKDROP, dtype=torch.uint8).view(3, 1, 1)).all(0)
    assert backdrop[:, :20].all() and backdrop[:, 100:].all()
    assert not backdrop[:, 20:100].any()


def test_the_published_crop_loses_top_and_bottom(portrait):
    square = read_sheet(portrait, 120, "crop")
    assert square.shape == (3, 120, 120)
    assert (square.float().mean((1, 2)) > 250).all()


def test_a_landscape_sheet_lies_between_bands(tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "wide.jpg")
    square = read_sheet(tmp_path / "wide.jpg", 90)
    assert tuple(square[:, 0, 45].tolist()) == BACKDROP
    assert square[:, 45, 0].min() > 250


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "1"])
def test_other_colour_modes_become_rgb(tmp_path, mode):
    path = tmp_path / ("sheet.tif" if mode == "CMYK" else "sheet.png")
    Image.new("RGB", (40, 60), "white").convert(mode).save(path)
    square = read_sheet(path, 32)
    assert square.shape == (3, 32, 32) and square[:, 16, 16].min() > 250


def broken_files(folder):
    Image.new("RGB", (300, 400), "green").save(folder / "whole.jpg")
    whole = (folder / "whole.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.jpg").write_text("<!DOCTYPE html><html><body>404</body></html>")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.jpg", "is missing"),
        ("empty.jpg", "is empty"),
        ("truncated.jpg", "is truncated"),
        ("page.jpg", "is not an image"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(tmp_path, name, reason):
    broken_files(tmp_path)
    with pytest.raises(BadInput, match=f"{name} {reason}"):
        read_sheet(tmp_path / name, 64)


def test_a_folder_is_not_an_image(tmp_path):
    with pytest.raises(BadInput, match="cannot be decoded"):
        read_sheet(tmp_path, 64)


def test_an_unknown_fit_is_refused(portrait):
    with pytest.raises(BadInput, match="letterbox, crop"):
        read_sheet(portrait, 64, "squash")


def test_unreadable_lists_every_broken_file_and_no_other(tmp_path):
    broken_files(tmp_path)
    names = ["whole", "missing", "empty", "truncated", "page"]
    table = pd.DataFrame({"image_id": names, "path": [f"{name}.jpg" for name in names]})
    broken = unreadable(table, tmp_path)
    assert broken.columns.tolist() == ["image_id", "path", "reason"]
    assert broken["image_id"].tolist() == names[1:]
    assert unreadable(table[:1], tmp_path).empty


def test_sheets_are_decoded_once_and_varied_at_each_access(portrait, monkeypatch):
    table = pd.DataFrame({"path": [portrait.name]})
    plain = SheetImages(table, portrait.parent, 64, labels=[7])
    varied = SheetImages(table, portrait.parent, 64, augment=True)
    first, label = plain[0]
    assert label == 7 and len(plain) == 1
    varied[0]
    monkeypatch.setattr(images, "read_sheet", None)
    assert torch.equal(plain[0][0], first)
    assert not torch.equal(varied[0][0], varied[0][0])


def test_sheets_beyond_the_limit_are_read_again(portrait, monkeypatch):
    monkeypatch.setattr(images, "KEPT_BYTES", 3 * 64 * 64)
    sheets = SheetImages(pd.DataFrame({"path": [portrait.name] * 2}), portrait.parent, 64)
    assert torch.equal(sheets[0][0], sheets[1][0])
    assert list(sheets.kept) == [0]


def test_an_absolute_path_needs_no_folder(portrait):
    sheets = SheetImages(pd.DataFrame({"path": [str(portrait)]}), "elsewhere", 64)
    assert sheets[0][0].shape == (3, 64, 64)


def test_augmentation_is_seeded_and_keeps_the_shape(portrait):
    sheet, vary = read_sheet(portrait, 64), augmentation(64)
    drawn = []
    for _ in range(2):
        torch.manual_seed(89)
        drawn.append(torch.stack([vary(sheet) for _ in range(8)]))
    assert drawn[0].shape == (8, 3, 64, 64) and drawn[0].dtype == torch.uint8
    assert torch.equal(*drawn)
