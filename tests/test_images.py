"""Images: a file becomes a square, whole, or a sentence that names the file."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image, ImageOps
from torch.utils.data import DataLoader

from herbnb.data.images import sheets as images
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.sheets import SheetImages, augmentation, larger, read_sheet
from herbnb.errors import BadInput

SIXTY_FOUR = Geometry(64)
BACKDROP = SIXTY_FOUR.backdrop


@pytest.fixture
def portrait(tmp_path):
    """A sheet 200 wide and 300 high: red at its top, blue at its foot, white between."""
    pixels = np.full((300, 200, 3), 255, np.uint8)
    pixels[:30], pixels[-30:] = (255, 0, 0), (0, 0, 255)
    path = tmp_path / "portrait.png"
    Image.fromarray(pixels).save(path)
    return path


def test_a_letterboxed_sheet_is_whole_and_keeps_its_shape(portrait):
    square = read_sheet(portrait, Geometry(120))
    assert square.shape == (3, 120, 120) and square.dtype == torch.uint8
    middle = square[:, :, 60]
    assert middle[:, 2].tolist() == [255, 0, 0] and middle[:, -3].tolist() == [0, 0, 255]
    backdrop = (square == torch.tensor(BACKDROP, dtype=torch.uint8).view(3, 1, 1)).all(0)
    assert backdrop[:, :20].all() and backdrop[:, 100:].all()
    assert not backdrop[:, 20:100].any()


def test_the_published_crop_loses_top_and_bottom(portrait):
    square = read_sheet(portrait, Geometry(120, "crop"))
    assert square.shape == (3, 120, 120)
    assert (square.float().mean((1, 2)) > 250).all()


def test_a_landscape_sheet_lies_between_bands(tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "wide.jpg")
    square = read_sheet(tmp_path / "wide.jpg", Geometry(90))
    assert tuple(square[:, 0, 45].tolist()) == BACKDROP
    assert square[:, 45, 0].min() > 250


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "1"])
def test_other_colour_modes_become_rgb(tmp_path, mode):
    path = tmp_path / ("sheet.tif" if mode == "CMYK" else "sheet.png")
    Image.new("RGB", (40, 60), "white").convert(mode).save(path)
    square = read_sheet(path, Geometry(32))
    assert square.shape == (3, 32, 32) and square[:, 16, 16].min() > 250


def test_an_unknown_fit_or_no_pixel_is_refused():
    with pytest.raises(BadInput, match=r"fit is 'squash': choose one of letterbox, crop"):
        Geometry(64, "squash")
    with pytest.raises(BadInput, match="input_height is 0"):
        Geometry(0)


def test_a_geometry_comes_back_from_its_card_through_json():
    for geometry in (Geometry(64), Geometry(96, "crop", (1, 2, 3), (0.1, 0.2, 0.3), (1.0, 0.5, 0.25))):
        assert Geometry.of_card(json.loads(json.dumps(geometry.card()))) == geometry
    assert str(Geometry(64, "crop")) == "64 px, crop"


def test_mean_and_spread_change_no_square_and_the_backdrop_does(portrait):
    other = Geometry(64, mean=(0.0, 0.0, 0.0), spread=(1.0, 1.0, 1.0))
    assert other != SIXTY_FOUR and other.square == SIXTY_FOUR.square
    assert torch.equal(read_sheet(portrait, other), read_sheet(portrait, SIXTY_FOUR))
    black = Geometry(64, backdrop=(0, 0, 0))
    assert black.square != SIXTY_FOUR.square and black.file == "64-letterbox-000000" != SIXTY_FOUR.file
    cut = Geometry(64, "crop", (0, 0, 0))  # which has no backdrop to be seen
    assert cut.square == Geometry(64, "crop").square and cut.file == "64-crop"
    assert read_sheet(portrait, black)[:, :, 0].max() == 0


def test_sheets_are_decoded_once_and_varied_at_each_access(portrait, monkeypatch):
    table = pd.DataFrame({"path": [portrait.name]})
    plain = SheetImages(table, portrait.parent, SIXTY_FOUR, labels=[7])
    varied = SheetImages(table, portrait.parent, SIXTY_FOUR, augment=True)
    first, label = plain[0]
    assert label == 7 and len(plain) == 1
    varied[0]
    monkeypatch.setattr(images, "read_sheet", None)
    assert torch.equal(plain[0][0], first)
    assert not torch.equal(varied[0][0], varied[0][0])


def test_a_varied_sheet_is_cut_from_a_square_of_twice_the_side(scans):
    folder, table = scans
    wanted, cut = [], Geometry(64, "crop")
    varied = SheetImages(table, folder, cut, augment=True)
    varied.vary.transforms[0].register_forward_pre_hook(lambda part, given: wanted.append(given[0]))
    assert varied[0][0].shape == (3, 64, 64)
    assert torch.equal(wanted[0], read_sheet(folder / table["path"][0], Geometry(128, "crop")))
    assert larger(Geometry(256, "crop")) == Geometry(512, "crop")
    plain = SheetImages(table, folder, cut)[0][0]
    assert torch.equal(plain, read_sheet(folder / table["path"][0], cut))


def test_the_augmentation_is_the_published_one():
    crop, flip, *others = augmentation(Geometry(256, "crop")).transforms
    assert crop.size == [256, 256] or crop.size == (256, 256)
    assert tuple(crop.scale) == (0.75, 1.0) and tuple(crop.ratio) == (1.0, 1.0) and flip.p == 0.5
    assert [each.p for each in others] == [0.75] * 5
    warp, turn, zoom, brightness, contrast = (each.transforms[0] for each in others)
    assert warp.distortion_scale == 0.2 and warp.p == 1
    assert turn.degrees == [-10, 10] and turn.scale is None
    assert zoom.degrees == [0, 0] and list(zoom.scale) == [1.0, 1.1]
    assert list(brightness.brightness) == list(contrast.contrast) == [0.8, 1.2]
    assert brightness.contrast is None and contrast.brightness is None


def test_sheets_beyond_the_limit_are_read_again(portrait, monkeypatch):
    monkeypatch.setattr(images, "KEPT_BYTES", 3 * 64 * 64)
    sheets = SheetImages(pd.DataFrame({"path": [portrait.name] * 2}), portrait.parent, SIXTY_FOUR)
    assert torch.equal(sheets[0][0], sheets[1][0])
    assert list(sheets.kept) == [0]


@pytest.fixture
def scans(tmp_path):
    """Three large scans of smooth shapes, upright or lying, and their table."""
    y, x = np.mgrid[:1000, :700] / 1000
    for number, suffix in enumerate(("jpg", "jpg", "png")):
        waves = [np.sin((2 + channel + number) * x + 3 * y * y) for channel in range(3)]
        pixels = (127 + 120 * np.stack(waves, -1)).astype(np.uint8)
        pixels[20:60, 40:200] = 250
        Image.fromarray(pixels).rotate(90 * number, expand=True).save(tmp_path / f"{number}.{suffix}")
    return tmp_path, pd.DataFrame({"path": ["0.jpg", "1.jpg", "2.png"]})


def by_pillow(path, height, fit):
    """Return what Pillow makes of the file at full size."""
    with Image.open(path) as image:
        size = (height, height)
        square = ImageOps.fit(image, size) if fit == "crop" else ImageOps.pad(image, size, color=BACKDROP)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


@pytest.mark.parametrize("fit", ["letterbox", "crop"])
@pytest.mark.parametrize("height", [48, 96, 256, 300])
def test_a_scan_decoded_smaller_is_resized_as_at_full_size(scans, fit, height):
    folder, table = scans
    for path in table["path"]:
        apart = (
            read_sheet(folder / path, Geometry(height, fit)).int() - by_pillow(folder / path, height, fit)
        ).abs()
        assert apart.max() <= (2 if path == "2.png" else 24), path
        # the middle of an odd number of pixels is half a pixel off
        assert apart.float().mean() < (2 if fit == "crop" else 1), path


def test_a_batch_is_its_items_and_its_variations_follow_the_seed(scans):
    folder, table = scans
    sheets = SheetImages(table, folder, SIXTY_FOUR, labels=[3, 1, 2])
    batch = sheets.__getitems__([2, 0, 1])
    assert [label for _, label in batch] == [2, 3, 1]
    for (sheet, _), row in zip(batch, [2, 0, 1], strict=True):
        assert torch.equal(sheet, read_sheet(folder / table["path"][row], SIXTY_FOUR))
    varied = SheetImages(table, folder, SIXTY_FOUR, augment=True)
    torch.manual_seed(89)
    one_by_one = [varied[row][0] for row in range(3)]
    torch.manual_seed(89)
    together = varied.__getitems__(range(3))
    assert all(torch.equal(one, two) for one, (two, _) in zip(one_by_one, together, strict=True))


def test_a_batch_with_a_broken_file_says_which(scans):
    folder, table = scans
    (folder / "1.jpg").write_bytes((folder / "1.jpg").read_bytes()[:5000])
    loader = DataLoader(SheetImages(table, folder, SIXTY_FOUR), batch_size=3)
    with pytest.raises(BadInput, match=r"1\.jpg is truncated"):
        next(iter(loader))


def test_an_absolute_path_needs_no_folder(portrait):
    sheets = SheetImages(pd.DataFrame({"path": [str(portrait)]}), "elsewhere", SIXTY_FOUR)
    assert sheets[0][0].shape == (3, 64, 64)


def test_augmentation_is_seeded_and_keeps_the_shape(portrait):
    sheet, vary = read_sheet(portrait, SIXTY_FOUR), augmentation(SIXTY_FOUR)
    drawn = []
    for _ in range(2):
        torch.manual_seed(89)
        drawn.append(torch.stack([vary(sheet) for _ in range(8)]))
    assert drawn[0].shape == (8, 3, 64, 64) and drawn[0].dtype == torch.uint8
    assert torch.equal(*drawn)
