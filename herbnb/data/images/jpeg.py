"""JPEG: whether the blocks of an image end before its last one, for Pillow leaves grey what is not there.

libjpeg only warns of it, and Pillow passes no warning on; simplejpeg raises the first one.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, TiffImagePlugin
from simplejpeg import decode_jpeg

PLACES = {
    TiffImagePlugin.STRIPOFFSETS: TiffImagePlugin.STRIPBYTECOUNTS,
    TiffImagePlugin.TILEOFFSETS: TiffImagePlugin.TILEBYTECOUNTS,
}
"""The tags of a TIFF that say where the parts of its picture begin, and how many bytes each has."""

MIDDLE = {127, 128}
"""What all colours of a pixel are in a block that is missing; 127 is that of an ink."""


def is_short(image: Image.Image, path: str | Path) -> bool:
    """Say whether an image, which was decoded from `path`, lacks blocks of a JPEG at its end.

    To look again takes as long as to decode. So it is done where the last pixel says that its block may be
    missing, and where each pixel is sent several times, of which the last may be missing. The parts of a
    TIFF end all over it.
    """
    if image.format == "TIFF":
        return image.info.get("compression") == "jpeg" and any(
            breaks_off(part, image) for part in parts(image, path)
        )
    last = image.crop((image.width - 1, image.height - 1, image.width, image.height)).tobytes()
    return bool("progressive" in image.info or set(last) <= MIDDLE) and breaks_off(
        Path(path).read_bytes(), image
    )


def parts(image: Image.Image, path: str | Path) -> Iterator[bytes]:
    """Yield the strips or tiles of a TIFF, each as a JPEG with the tables that all of them share."""
    tags = image.tag_v2
    shared = tags.get(TiffImagePlugin.JPEGTABLES, b"\xff\xd8\xff\xd9")[:-2]  # less its end mark
    with open(path, "rb") as file:
        for begins, sizes in PLACES.items():
            for start, size in zip(tags.get(begins, ()), tags.get(sizes, ()), strict=True):
                file.seek(start)
                yield shared + file.read(size)[2:]  # less its own beginning


def breaks_off(content: bytes, image: Image.Image) -> bool:
    """Say whether libjpeg misses data within a JPEG, as small as it can be decoded."""
    colours = "CMYK" if image.mode == "CMYK" else "GRAY"
    try:
        decode_jpeg(content, colours, min_height=1, min_width=1, min_factor=8)
    except ValueError as error:
        return "premature end" in str(error)
    return False
