"""Images, as scanners, servers and strangers make them."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageCms, TiffImagePlugin

from herbnb.data.images.decoding import decoded, measured, unreadable
from herbnb.data.images.geometry import Geometry
from herbnb.data.images.sheets import read_sheet
from torture import places
from torture.row import Row

FILE = "sheet.jpg"

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)

Look = tuple[tuple[int, int], list[tuple[int, int, int]]]
"""What is seen of an image: its width and height, and the colours of its four corners, clockwise from the
upper left."""


def look(path: Path) -> Look:
    """Decode an image as every reader does, and return what is seen of it."""
    measured(path)  # as a download is looked at; it must agree
    image = decoded(path)
    right, low = image.width - 1, image.height - 1
    corners = [image.getpixel(place) for place in ((0, 0), (right, 0), (right, low), (0, low))]
    return image.size, [tuple(nearest(value) for value in colour) for colour in corners]


def nearest(value: int) -> int:
    """Round a value to a multiple of 51: what JPEG or a profile of colours changes does not count."""
    return 51 * round(value / 51)


def four_corners(mode: str = "RGB") -> Image.Image:
    """A sheet 32 wide and 48 high with a red, a green, a white and a blue quarter, clockwise."""
    pixels = np.zeros((48, 32, 3), np.uint8)
    pixels[:24, :16], pixels[:24, 16:], pixels[24:, 16:], pixels[24:, :16] = RED, GREEN, WHITE, BLUE
    return Image.fromarray(pixels).convert(mode)


UPRIGHT = ((32, 48), [RED, GREEN, WHITE, BLUE])
"""What is seen of `four_corners`."""


def saved(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    """Return the bytes of a file of an image."""
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def row(name: str, content: object, said: str = "", comes: object = None, read: Callable = look) -> Row:
    """Return a row of the bytes of a file, or of a function that makes them in a size."""

    def make(folder: Path, size: int) -> Path:
        (folder / FILE).write_bytes(content(size) if isinstance(content, Callable) else content)
        return folder / FILE

    return Row(f"image: {name}", make, read, said, comes)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of these chunks."""
    parts = [struct.pack(">I", len(data)) + name + data + crc(name + data) for name, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def head(width: int, height: int) -> tuple[bytes, bytes]:
    """Return the first chunk of a PNG in red, green and blue."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)


def rows_of(width: int, height: int) -> tuple[bytes, bytes]:
    """Return the pixels of a black PNG, packed row by row."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b"\0" * (1 + 3 * width)) for _ in range(height))
    return b"IDAT", data + packer.flush()


def swelling(kind: bytes, before: bytes) -> Callable[[int], bytes]:
    """Return what makes a PNG with a chunk that unpacks to megabytes."""
    return lambda size: png(
        head(1, 1),
        (kind, before + zlib.compress(b"a" * 70_000_000 * min(size, 8), 9)),
        rows_of(1, 1),
        (b"IEND", b""),
    )


def patched(content: bytes, places: dict[int, bytes]) -> bytes:
    """Return a file with other bytes at some places."""
    patched = bytearray(content)
    for place, value in places.items():
        patched[place : place + len(value)] = value
    return bytes(patched)


def pixels(height: int, width: int = 32, interlaced: bool = False, depth: int = 8) -> bytes:
    """A PNG of 32 by 48 white greys that has only so many rows, or, interlaced, so many of its first pass."""
    first = b"IHDR", struct.pack(">IIBBBBB", 32, 48, depth, 0, 0, 0, interlaced)
    row = b"\0" + b"\xff" * (width * depth // 8)
    return png(first, (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))


def tiff(bits: list[int], data: bytes, **more: int) -> bytes:
    """A TIFF of 32 by 48 in one strip, of numbers of so many bits.

    What else it says is given by the number of the tag: `_262` is what a number means, `_339` its kind.
    """
    said = {
        256: 32,
        257: 48,
        259: 1,
        262: 1 if len(bits) == 1 else 2,
        277: len(bits),
        278: 48,
        279: len(data),
    }
    said |= {int(tag[1:]): value for tag, value in more.items()}
    behind = 8 + 2 + 12 * (len(said) + 2) + 4
    said |= {258: bits[0] if len(bits) == 1 else behind, 273: behind + 2 * len(bits)}
    tags = b"".join(
        struct.pack("<HHII", tag, 3 if tag == 258 else 4, len(bits) if tag == 258 else 1, value)
        for tag, value in sorted(said.items())
    )
    head = struct.pack("<2sHIH", b"II", 42, 8, len(said)) + tags + struct.pack("<I", 0)
    return head + struct.pack(f"<{len(bits)}H", *bits) + data


def packed_greys(bits: int, *values: int) -> bytes:
    """The numbers of an image of 32 by 48, one in its upper and another in its lower half, bit after bit."""
    text = "".join(f"{value:0{bits}b}" * (32 * 24) for value in values)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def segments(mark: bytes, start: Callable[[int], bytes], times: int) -> bytes:
    """A JPEG that begins with so many segments of 64 KB."""
    parts = [mark + b"\xff\xff" + start(number).ljust(65_533, b"\0") for number in range(1, times + 1)]
    return JPEG[:2] + b"".join(parts) + JPEG[2:]


def half_a_gif() -> bytes:
    """A GIF of 32 by 48 that has the first ten of its rows, and ends as it should."""
    content = saved(four_corners("P").crop((0, 0, 32, 10)), "GIF")
    at = content.index(b"," + b"\0" * 4 + struct.pack("<HH", 32, 10))
    return patched(content, {8: struct.pack("<H", 48), at + 7: struct.pack("<H", 48)})


def huge_jpeg() -> bytes:
    """A JPEG that claims 65,500 by 65,500 pixels."""
    content = saved(four_corners(), "JPEG")
    return patched(content, {content.index(b"\xff\xc0") + 5: struct.pack(">HH", 65_500, 65_500)})


def huge_gif() -> bytes:
    """A GIF that claims 65,535 by 65,535 pixels."""
    return patched(saved(four_corners("P"), "GIF"), {6: struct.pack("<HH", 65_535, 65_535)})


def huge_bmp() -> bytes:
    """A BMP that claims 100,000 by 100,000 pixels."""
    return patched(saved(four_corners(), "BMP"), {18: struct.pack("<ii", 100_000, 100_000)})


def huge_tiff() -> bytes:
    """A TIFF that claims 100,000 pixels in width and in height."""
    return told(saved(four_corners(), "TIFF"), {256: 100_000, 257: 100_000})


def told(content: bytes, tags: dict[int, int]) -> bytes:
    """Return a TIFF that says other numbers of itself."""
    start, places = struct.unpack("<I", content[4:8])[0], {}
    for entry in range(struct.unpack("<H", content[start : start + 2])[0]):
        at = start + 2 + 12 * entry
        if (tag := struct.unpack("<H", content[at : at + 2])[0]) in tags:
            places[at + 2] = struct.pack("<HII", 4, 1, tags[tag])
    return patched(content, places)


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    """An image stored in one of the eight ways of EXIF, each of which is upright when it is shown."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # which of Pillow's ways leads back there
    image = four_corners()
    if orientation in back:
        image = image.transpose(Image.Transpose(back[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, kind, exif=exif, **(dict(quality=95, subsampling=0) if kind == "JPEG" else {}))


def greys(dtype: str, *values: float) -> Image.Image:
    """An image of 32 by 48 of one number in its upper and another in its lower half."""
    pixels = np.full((48, 32), values[0], dtype)
    pixels[24:] = values[-1]
    return Image.fromarray(pixels)


def through(colour: tuple[int, int, int], alpha: int) -> Image.Image:
    """An image that is red above and, below, a colour that one sees through."""
    image = Image.new("RGBA", (32, 48), (*RED, 255))
    image.paste((*colour, alpha), (0, 24, 32, 48))
    return image


def pages(kind: str) -> bytes:
    """Several pictures in one file, of which the first is a sheet."""
    others = [Image.new("RGB", (32, 48), colour) for colour in (BLACK, BLUE)]
    return saved(four_corners(), kind, save_all=True, append_images=others)


def with_profile(profile: bytes) -> bytes:
    return saved(four_corners(), "PNG", icc_profile=profile)


def see_through_palette() -> bytes:
    """A palette of red and black, of which black is transparent by a byte for each colour."""
    image = Image.new("P", (32, 48), 0)
    image.putpalette([*RED, *BLACK])
    image.paste(1, (0, 24, 32, 48))
    return saved(image, transparency=bytes([255, 0]))


GREY = (102, 102, 102)
HALVES = ((32, 48), [RED, RED, WHITE, WHITE])
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def ended(content: bytes) -> bytes:
    """Return a JPEG that has its end mark in the middle of its last scan."""
    begins = content.rindex(b"\xff\xda")
    return content[: (begins + len(content)) // 2] + b"\xff\xd9"


def ended_strip() -> bytes:
    """A TIFF whose last strip is a JPEG that has its end mark too early."""
    content = bytearray(saved(four_corners(), "TIFF", compression="jpeg"))
    with Image.open(io.BytesIO(content)) as image:
        tags = image.tag_v2
        start = tags[TiffImagePlugin.STRIPOFFSETS][-1]
        strip = bytes(content[start : start + tags[TiffImagePlugin.STRIPBYTECOUNTS][-1]])
    short = ended(strip)
    content[start : start + len(short)] = short
    return bytes(content)


JPEG = saved(four_corners(), "JPEG", quality=95, subsampling=0)


def named(name: str) -> Callable[[Path, int], Path]:
    """Return what writes a whole image under a name."""

    def make(folder: Path, size: int) -> Path:
        (folder / name).write_bytes(saved(four_corners()))
        return folder / name

    return make


def none_named(name: str) -> Callable[[Path, int], Path]:
    """Return what names an image that no file can be called."""
    return lambda folder, size: folder / name


def square(path: Path) -> list[int]:
    """Read a sheet as the square that an encoder sees: its shape, and the values in its middle column."""
    pixels = read_sheet(path, Geometry(32, backdrop=WHITE))
    return [*pixels.shape, *sorted(set(pixels[:, :, 15].flatten().tolist()))]


def reasons(path: Path) -> list[str]:
    """Look through a folder with two images, as a table of one's own is: why those that fail do."""
    four_corners().save(path.with_name("whole.png"))
    table = pd.DataFrame({"image_id": ["1", "2"], "path": [path.name, "whole.png"]})
    return [
        reason.removeprefix(f"{path} is ").partition(":")[0]
        for reason in unreadable(table, path.parent)["reason"]
    ]


ROWS = [
    row("no byte", b"", "is empty: fetch it again, or leave its row"),
    row("one byte", b"\xff", "is not an image"),
    row("half a JPEG", JPEG[: len(JPEG) // 2], "is truncated"),
    row("a JPEG that ends early", ended(JPEG), "is truncated"),
    row("a JPEG in grey that ends early", ended(saved(four_corners("L"), "JPEG")), "is truncated"),
    row("a JPEG in CMYK that ends early", ended(saved(four_corners("CMYK"), "JPEG")), "is truncated"),
    row(
        "a progressive JPEG that ends early",
        ended(saved(four_corners(), "JPEG", progressive=True)),
        "is truncated",
    ),
    row("a JPEG with another behind it that ends early", ended(JPEG) + JPEG, "is truncated"),
    row("a TIFF of a JPEG that ends early", ended_strip(), "is truncated"),
    row("half a PNG", saved(four_corners())[:60], "is truncated|impossible to decode"),
    row(
        "half a TIFF", saved(four_corners(), "TIFF")[:2000], "is truncated|not an image|impossible to decode"
    ),
    row("half a WebP", saved(four_corners(), "WEBP")[:40], "is not an image|truncated|impossible to decode"),
    row("a web page", b"\n<!DOCTYPE html><html><body>404</body></html>", "is not an image but a web page"),
    row("a web page in capitals", b"<HTML><BODY>moved</BODY></HTML>", "is not an image but a web page"),
    row(
        "SVG", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "not an image but an SVG"
    ),
    row("PDF", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "is not an image"),
    row("PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not an image"),
    row("a zip", b"PK\x03\x04" + b"\0" * 200, "is not an image"),
    row("JSON", b'{"error": "not found"}', "is not an image"),
    row(
        "a PNG of ten gigapixels",
        png(head(100_000, 100_000), (b"IDAT", b""), (b"IEND", b"")),
        "larger than 300,0",
    ),
    row("a JPEG of four gigapixels", huge_jpeg(), "is larger than 300,000,000 pixels"),
    row("a GIF of four gigapixels", huge_gif(), "is larger than 300,000,000 pixels"),
    row("a BMP of ten gigapixels", huge_bmp(), "is larger than 300,000,000 pixels"),
    row("a TIFF of ten gigapixels", huge_tiff(), "is larger than 300,000,000 pixels"),
    row("a PNG with a text that swells", swelling(b"zTXt", b"k\0\0"), "is impossible to decode"),
    row(
        "a PNG with an international text that swells", swelling(b"iTXt", b"k\0\1\0\0\0"), "is impossible to"
    ),
    row(
        "a PNG with more pixels than it says",
        lambda size: png(head(32, 48), rows_of(32, 50_000 * size), (b"IEND", b"")),
        comes=((32, 48), [BLACK] * 4),
    ),
    row("a PNG with too few rows", pixels(16), "is truncated: fetch it again"),
    row("a PNG without its last row", pixels(47), "is truncated"),
    row("an interlaced PNG with too few rows", pixels(6, 4, interlaced=True), "is truncated"),
    row("a PNG with no pixel", png(head(32, 48), (b"IEND", b"")), "is impossible to decode"),
    row(
        "a PNG with an empty stream",
        png(head(32, 48), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")),
        "truncated",
    ),
    row("a PNG without its end", png(head(32, 48), rows_of(32, 48)), comes=((32, 48), [BLACK] * 4)),
    row("a black PNG", png(head(32, 48), rows_of(32, 48), (b"IEND", b"")), comes=((32, 48), [BLACK] * 4)),
    *(
        row(f"a PNG of {depth} bits", pixels(48, depth=depth), comes=((32, 48), [WHITE] * 4))
        for depth in (1, 2, 4, 16)
    ),
    row("a BMP with too few rows", saved(four_corners(), "BMP")[:-1], "is truncated"),
    row("a GIF with too few rows", half_a_gif(), "is truncated"),
    row("a TIFF with too few rows", tiff([8], b"\xff" * 1000), "is truncated"),
    *(
        row(
            f"a TIFF with too few rows, packed by {how}",
            told(saved(four_corners(), "TIFF", compression=how), {257: 480, 278: 480}),
            "is impossible to decode",
        )
        for how in ("tiff_lzw", "tiff_adobe_deflate", "packbits")
    ),
    row(
        "a PNG with a chunk of two gigabytes",
        png(head(32, 48)) + struct.pack(">I", 2**31 - 1) + b"tEXtk\0",
        "is truncated",
    ),
    row(
        "a PNG with a text of megabytes",
        lambda size: png(
            head(32, 48),
            (b"tEXt", b"k\0" + b"a" * 5_000_000 * min(size, 10)),
            rows_of(32, 48),
            (b"IEND", b""),
        ),
        comes=((32, 48), [BLACK] * 4),
    ),
    row(
        "a PNG with EXIF of megabytes",
        lambda size: png(
            head(32, 48),
            (b"eXIf", b"MM\0*\0\0\0\x08" + b"\0" * 5_000_000 * size),
            rows_of(32, 48),
            (b"IEND", b""),
        ),
        comes=((32, 48), [BLACK] * 4),
    ),
    row("a PNG with a profile that swells", swelling(b"iCCP", b"k\0\0"), "is impossible to decode"),
    row(
        "a JPEG with EXIF of megabytes", segments(b"\xff\xe1", lambda number: b"Exif\0\0", 100), comes=UPRIGHT
    ),
    row(
        "a JPEG with EXIF of many megabytes",
        lambda size: segments(b"\xff\xe1", lambda number: b"Exif\0\0", 500 * size),
        "more than 20,000,000 bytes before its pixels",
    ),
    row(
        "a JPEG with EXIF of many megabytes, and bytes between",
        lambda size: segments(b"\xff\xff\xff\xe1", lambda number: b"Exif\0\0", 500 * size),
        "more than 20,000,000 bytes before its pixels",
    ),
    row(
        "a JPEG with a profile of megabytes",
        lambda size: segments(b"\xff\xe2", lambda number: b"ICC_PROFILE\0" + bytes([number, 255]), 255),
        comes=UPRIGHT,
    ),
    row(
        "a GIF with remarks of megabytes",
        lambda size: (
            saved(four_corners("P"), "GIF")[:-1] + (b"!\xfe\xff" + b"a" * 255 + b"\0") * 20_000 * size + b";"
        ),
        comes=UPRIGHT,
    ),
    row(
        "a TIFF with a profile of two gigabytes",
        tiff([8], b"\xff" * 1536, _34675=7).replace(
            struct.pack("<HHI", 34675, 4, 1), struct.pack("<HHI", 34675, 7, 2**31 - 1)
        ),
        comes=((32, 48), [WHITE] * 4),
    ),
    row(
        "HEIC",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200,
        "in HEIC, which is not read: save it as JPEG",
    ),
    row(
        "AVIF",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + b"\0" * 200,
        "in AVIF, which is not read: save it as JPEG",
    ),
    row("a file of Photoshop's", b"8BPS\0\1" + b"\0" * 40, "Photoshop's own format, which is not read"),
    row("JPEG XL", b"\xff\x0a" + b"\0" * 100, "is not an image"),
    row("an icon", saved(four_corners(), "ICO"), "is not an image"),
    row("a TIFF without a picture", b"II*\0" + b"\0" * 100, "is not an image"),
    row(
        "greys of 12 bits in a TIFF",
        tiff([12], packed_greys(12, 1638, 4095)),
        comes=((32, 48), [GREY, GREY, WHITE, WHITE]),
    ),
    row(
        "greys of 12 bits in a TIFF, upside down",
        tiff([12], packed_greys(12, 1638, 4095), _274=3),
        comes=((32, 48), [WHITE, WHITE, GREY, GREY]),
    ),
    row("colours of 12 bits in a TIFF", tiff([12] * 3, b"\xff" * 6912), "is not an image"),
    row(
        "greys of 4 bits in a TIFF",
        tiff([4], packed_greys(4, 6, 15)),
        comes=((32, 48), [GREY, GREY, WHITE, WHITE]),
    ),
    row(
        "black and white in a TIFF",
        tiff([1], packed_greys(1, 0, 1)),
        comes=((32, 48), [BLACK, BLACK, WHITE, WHITE]),
    ),
    row(
        "white and black in a TIFF",
        tiff([1], packed_greys(1, 0, 1), _262=0),
        comes=((32, 48), [WHITE, WHITE, BLACK, BLACK]),
    ),
    row(
        "colours of 16 bits in a TIFF",
        tiff([16] * 3, struct.pack("<3H", 65_535, 26_214, 0) * 1536),
        comes=((32, 48), [(255, 102, 0)] * 4),
    ),
    row(
        "colours of a TIFF in three planes",
        tiff([8] * 3, b"\xff" * 1536 + b"\0" * 3072, _284=2),
        comes=((32, 48), [RED] * 4),
    ),
    row("numbers of 64 bits", tiff([64], b"\0" * 12_288, _339=3), "is not an image"),
    row("numbers of 8 bits below zero", tiff([8], b"\xff" * 1536, _339=2), "which of its numbers is white"),
    row("numbers below zero", tiff([16], b"\xff" * 3072, _339=2), "which of its numbers is white"),
    row(
        "numbers with a fraction", saved(greys("float32", 0.1, 0.9), "TIFF"), "which of its numbers is white"
    ),
    row("numbers of 32 bits", saved(greys("int32", 7, 99_999), "TIFF"), "which of its numbers is white"),
    row(
        "greys of 16 bits",
        saved(greys("uint16", 26_214, 65_535)),
        comes=((32, 48), [GREY, GREY, WHITE, WHITE]),
    ),
    row(
        "greys of 16 bits in a TIFF",
        saved(greys("uint16", 26_214, 65_535), "TIFF"),
        comes=((32, 48), [GREY, GREY, WHITE, WHITE]),
    ),
    row(
        "greys of 16 bits, the large byte first",
        saved(greys(">u2", 26_214, 65_535), "TIFF"),
        comes=((32, 48), [GREY, GREY, WHITE, WHITE]),
    ),
    row(
        "greys of 16 bits in JPEG 2000",
        saved(greys("uint16", 26_214, 65_535), "JPEG2000"),
        comes=((32, 48), [GREY, GREY, WHITE, WHITE]),
    ),
    row(
        "black and white",
        saved(greys("uint8", 0, 255).convert("1")),
        comes=((32, 48), [BLACK, BLACK, WHITE, WHITE]),
    ),
    row("a palette", saved(four_corners("P")), comes=UPRIGHT),
    row("a palette with a transparent black", see_through_palette(), comes=HALVES),
    row("a GIF with a transparent black", saved(through(BLACK, 0), "GIF"), comes=HALVES),
    row("a transparent black", saved(through(BLACK, 0)), comes=HALVES),
    row("a transparent WebP", saved(through(BLACK, 0), "WEBP", lossless=True), comes=HALVES),
    row("an opaque fourth channel", saved(through(WHITE, 255)), comes=HALVES),
    row("a JPEG in CMYK", saved(four_corners("CMYK"), "JPEG", quality=95), comes=UPRIGHT),
    row("a TIFF in CMYK", saved(four_corners("CMYK"), "TIFF"), comes=UPRIGHT),
    row("a TIFF in LAB", saved(four_corners("LAB"), "TIFF"), comes=UPRIGHT),
    row(
        "a JPEG in grey",
        saved(four_corners("L"), "JPEG"),
        comes=((32, 48), [(51,) * 3, (153,) * 3, WHITE, (51,) * 3]),
    ),
    row("an animation", pages("GIF"), comes=UPRIGHT),
    row("a TIFF of three pages", pages("TIFF"), comes=UPRIGHT),
    row("an animated WebP", pages("WEBP"), comes=UPRIGHT),
    row("an animated PNG", pages("PNG"), comes=UPRIGHT),
    row("a JPEG with pictures behind it", pages("MPO"), comes=UPRIGHT),
    row("a WebP", saved(four_corners(), "WEBP", lossless=True), comes=UPRIGHT),
    row("a TIFF of JPEGs", saved(four_corners(), "TIFF", compression="jpeg", quality=95), comes=UPRIGHT),
    row("a progressive JPEG", saved(four_corners(), "JPEG", quality=95, progressive=True), comes=UPRIGHT),
    row(
        "a JPEG that is grey",
        saved(Image.new("RGB", (32, 48), (128,) * 3), "JPEG"),
        comes=((32, 48), [(153,) * 3] * 4),
    ),
    row("a JPEG with more before its end", JPEG[:-2] + b"\0" * 5000 + JPEG[-2:], comes=UPRIGHT),
    row("a JPEG with more behind its end", JPEG + b"\0" * 5000, comes=UPRIGHT),
    *(row(f"EXIF says {way}", turned(way), comes=UPRIGHT) for way in range(1, 9)),
    *(row(f"EXIF says {way} in a PNG", turned(way, "PNG"), comes=UPRIGHT) for way in (3, 6)),
    row("EXIF says 6 in a TIFF", turned(6, "TIFF"), comes=UPRIGHT),
    row("EXIF says 9", turned(9), comes=UPRIGHT),
    row("damaged EXIF", saved(four_corners(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"), comes=UPRIGHT),
    row("EXIF that is none", saved(four_corners(), exif=b"Exif\0\0nothing"), comes=UPRIGHT),
    row("a profile of colours", with_profile(SRGB), comes=UPRIGHT),
    row("a damaged profile of colours", with_profile(SRGB[:200] + b"\xff" * 50), comes=UPRIGHT),
    row("a profile that is none", with_profile(b"none"), comes=UPRIGHT),
    row("one pixel", saved(Image.new("RGB", (1, 1), RED)), comes=((1, 1), [RED] * 4)),
    row("60,000 pixels in width", saved(Image.new("RGB", (60_000, 1), RED)), comes=((60_000, 1), [RED] * 4)),
    row(
        "60,000 pixels in width, as a square",
        saved(Image.new("RGB", (60_000, 1), RED), "JPEG"),
        comes=[3, 32, 32, 0, 254, 255],
        read=square,
    ),
    row(
        "60,000 pixels in height, as a square",
        saved(Image.new("RGB", (1, 60_000), BLACK)),
        comes=[3, 32, 32, 0],
        read=square,
    ),
    *(
        Row(f"image: {what}", named(name), look, comes=UPRIGHT)
        for what, name in {
            "no suffix": "sheet",
            "another suffix": "sheet.txt",
            "accents in the name": "Gesneriacée №1 ☘.jpg",
            "a line end in the name": "a\nb.jpg",
            "a name like an option": "--help.jpg",
            "a name like a pattern": "*?[a].jpg",
            "a long name": "x" * 251 + ".jpg",
        }.items()
    ),
    Row("image: a NUL in the name", none_named("a\0b.jpg"), look, "impossible to decode"),
    Row("image: half a character in the name", none_named("\ud800.jpg"), look, "impossible to decode"),
    Row("image: a name of 300 letters", none_named("x" * 300 + ".jpg"), look, "File name too long"),
    *places.rows("image", FILE, look, sparse="is not an image"),
    *(
        each._replace(
            name=each.name.replace("image", "a folder of images"),
            read=reasons,
            said="",
            comes=[each.said.partition(": ")[0].removeprefix("is ")],
        )
        for each in places.rows(
            "image",
            FILE,
            look,
            forbidden="",
            sparse="not an image",
            loop=r"impossible to decode (Too many levels of symbolic links)",
        )
    ),
]
