"""Images that are whole, and those that only look it; more of these stand in `torture/images.py`."""

import io
import pickle
import struct
import subprocess
import sys
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFile

from herbnb.data.images import decoding
from herbnb.data.images.decoding import Unreadable, decoded, measured, open_image, unreadable
from herbnb.errors import BadInput

KINDS = {
    "JPEG": dict(),
    "progressive": dict(format="JPEG", progressive=True),
    "PNG": dict(),
    "TIFF": dict(),
    "compressed": dict(format="TIFF", compression="tiff_lzw"),
    "WEBP": dict(),
    "JPEG2000": dict(),
    "GIF": dict(),
    "BMP": dict(),
}


def content(kind):
    pixels = np.random.default_rng(89).integers(0, 255, (60, 40, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **{"format": kind, **KINDS[kind]})
    return file.getvalue()


def huge_png(width, height):
    """A PNG of 57 bytes whose header promises more than any memory holds."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def broken_files(folder):
    """Write one whole file and four broken ones, and return the names of the broken ones."""
    Image.new("RGB", (300, 400), "green").save(folder / "whole.jpg")
    whole = (folder / "whole.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "page.jpg").write_text("<!DOCTYPE html><html><body>404</body></html>")
    (folder / "bomb.jpg").write_bytes(huge_png(100_000, 100_000))
    return ["missing", "truncated", "page", "bomb"]


def test_unreadable_lists_every_broken_file_and_no_other(tmp_path):
    names = ["whole", *broken_files(tmp_path)]
    table = pd.DataFrame({"image_id": names, "path": [f"{name}.jpg" for name in names]})
    broken = unreadable(table, tmp_path)
    assert broken.columns.tolist() == ["image_id", "path", "reason"]
    assert broken["image_id"].tolist() == names[1:]
    assert unreadable(table[:1], tmp_path).empty


@pytest.mark.parametrize("kind", KINDS)
def test_every_raster_format_is_read_by_its_bytes(tmp_path, kind):
    (tmp_path / "sheet.jpg").write_bytes(content(kind))
    assert decoded(tmp_path / "sheet.jpg").size == measured(tmp_path / "sheet.jpg") == (40, 60)


@pytest.mark.filterwarnings("ignore")  # Pillow's own complaints
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_is_refused_or_has_all_its_pixels(tmp_path, kind):
    whole, path = content(kind), tmp_path / "sheet.jpg"
    path.write_bytes(whole)
    pixels = decoded(path).tobytes()
    for kept in [*range(0, len(whole) - 20, len(whole) // 25), *range(len(whole) - 20, len(whole))]:
        path.write_bytes(whole[:kept])
        try:
            assert decoded(path).tobytes() == pixels  # only the mark of the end is missing
        except Unreadable:
            with pytest.raises(Unreadable):
                measured(path)


@pytest.mark.filterwarnings("ignore")  # Pillow's own complaints
def test_damage_of_any_kind_is_a_sentence(tmp_path, capfd):
    rng, path = np.random.default_rng(89), tmp_path / "sheet.jpg"
    for kind in KINDS:
        for _ in range(40):
            damaged = np.frombuffer(content(kind), np.uint8).copy()
            damaged[rng.integers(min(len(damaged), 400), size=4)] = rng.integers(256, size=4)
            path.write_bytes(damaged.tobytes())
            try:
                decoded(path)
            except Unreadable as error:
                assert str(path) in str(error)
    capfd.readouterr()  # libtiff's own complaints


def test_a_scan_at_600_dpi_is_opened_without_a_warning(tmp_path, recwarn):
    path = tmp_path / "scan.png"
    path.write_bytes(huge_png(9_000, 12_000))
    with open_image(path) as image:
        assert image.size == (9_000, 12_000)
    assert not recwarn.list


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_the_limit_is_the_number_of_pixels(tmp_path, monkeypatch):
    path = tmp_path / "sheet.png"
    Image.new("RGB", (20, 30)).save(path)
    monkeypatch.setattr(decoding, "LARGEST_PIXELS", 600)
    assert measured(path) == (20, 30)
    monkeypatch.setattr(decoding, "LARGEST_PIXELS", 599)
    with pytest.raises(BadInput, match="larger than 599 pixels"):
        measured(path)


def test_a_sheet_lying_on_its_side_is_set_upright(tmp_path):
    lying = Image.Exif()
    lying[0x0112] = 6
    Image.new("RGB", (60, 40)).save(tmp_path / "sheet.jpg", exif=lying)
    assert decoded(tmp_path / "sheet.jpg").size == (40, 60)
    assert measured(tmp_path / "sheet.jpg") == (60, 40)


def test_a_large_jpeg_is_drafted_to_somewhat_more_than_is_wanted(tmp_path):
    Image.new("RGB", (800, 1200)).save(tmp_path / "sheet.jpg")
    assert 96 * 4 / 3 <= max(decoded(tmp_path / "sheet.jpg", 96).size) < 600
    assert decoded(tmp_path / "sheet.jpg").size == (800, 1200)


def test_the_error_passes_between_processes():
    error = pickle.loads(pickle.dumps(Unreadable("sheet.jpg", "truncated")))
    assert error.fault == "truncated" and str(error).startswith("sheet.jpg is truncated")


def test_truncated_files_are_never_padded():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_no_torch_is_needed():
    code = (
        "import sys, herbnb.data.images.decoding, herbnb.data.fetching.web; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
