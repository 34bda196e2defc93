"""Tables of a reader's own, and what spreadsheets do to them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from herbnb.cabinet.page import read_checklist
from herbnb.cli import main
from herbnb.data.records.idigbio import read_records
from herbnb.data.records.spreadsheet import read_spreadsheet
from herbnb.data.records.taxonomy import read_taxonomy
from herbnb.errors import BadInput
from torture import places
from torture.row import Row

FILE = "table.csv"

SHEETS = ("K1.jpg", "K2.jpg", "00123.jpg")
"""The images that are there."""


def sheets(path: Path) -> list[tuple[str, str]]:
    """Read a table beside the folder of images: what each sheet is called, and its species."""
    return list(read(path)[0][["image_id", "species"]].itertuples(index=False, name=None))


def left_out(path: Path) -> list[str]:
    """Read the table, and return why rows were left out or are doubtful."""
    return list(read(path)[2]["problem"])


def read(path: Path, **options: object) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return read_spreadsheet(path, path.parent / "images", **options)


def lay_images(folder: Path) -> None:
    """Make a folder with the images, which nobody opens."""
    (folder / "images").mkdir()
    for name in SHEETS:
        (folder / "images" / name).touch()


def in_encoding(encoding: str) -> Callable[[Path], list[tuple[str, str]]]:
    """Return what reads the table as it is said to be written."""

    def decoded(path: Path) -> list[tuple[str, str]]:
        return list(
            read(path, encoding=encoding)[0][["image_id", "species"]].itertuples(index=False, name=None)
        )

    return decoded


def by_command(path: Path) -> str:
    """Let `herbnb data table` read the table, and return the last line that it writes."""
    folders = ["--images", path.parent / "images", "--to", path.parent / "to"]
    ran = CliRunner().invoke(main, ["data", "table", "--table", str(path), *map(str, folders)])
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    if ran.exit_code:
        raise BadInput(ran.output.strip().removeprefix("Error: "))
    return ran.output.splitlines()[-1]


def row(name: str, content: object, said: str = "", comes: object = None, read: Callable = sheets) -> Row:
    """Return a row of the text or the bytes of a table, or of a function that makes them in a size."""

    def make(folder: Path, size: int) -> Path:
        lay_images(folder)
        text = content(size) if isinstance(content, Callable) else content
        (folder / FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder / FILE

    return Row(f"table: {name}", make, read, said, comes)


def spreadsheet(size: int, sheet: str = "<worksheet/>") -> bytes:
    """A spreadsheet as Excel keeps it: a zip of XML."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    return file.getvalue()


def swelling(size: int) -> bytes:
    """One whose sheet unpacks to megabytes."""
    return spreadsheet(size, "<row/>" * 3_000_000 * min(size, 10))


PLAIN = "file,name\nK1,Acer rubrum\nK2,Poa annua\n"
WHOLE = [("K1", "Acer rubrum"), ("K2", "Poa annua")]
FRENCH = "file,name\nK1,Isoëtes lacustris\n"
EXCEL = r"is not UTF-8 text: open it in a spreadsheet .*“CSV UTF-8” in Excel"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
"""How an encrypted spreadsheet begins, and any of before 2007."""

NOT_THERE = "is not in the folder of images"

ROWS = [
    row("a byte order mark", "\ufeff" + PLAIN, comes=WHOLE),
    row("UTF-16", PLAIN.encode("utf-16"), EXCEL),
    row("UTF-16, and it is said", PLAIN.encode("utf-16"), comes=WHOLE, read=in_encoding("utf-16")),
    row("UTF-32", PLAIN.encode("utf-32"), EXCEL),
    row("Latin-1", FRENCH.encode("latin-1"), EXCEL),
    row(
        "Latin-1, and it is said",
        FRENCH.encode("latin-1"),
        comes=[("K1", "Isoëtes lacustris")],
        read=in_encoding("latin-1"),
    ),
    row(
        "an encoding that there is not",
        FRENCH.encode("latin-1"),
        "'klingon' is no enc",
        read=in_encoding("klingon"),
    ),
    row(
        "a codec that is no encoding",
        FRENCH.encode("latin-1"),
        "'zlib' is no encoding",
        read=in_encoding("zlib"),
    ),
    row("semicolons", PLAIN.replace(",", ";"), comes=WHOLE),
    row("tabs", PLAIN.replace(",", "\t"), comes=WHOLE),
    row("line ends of an old Macintosh", PLAIN.replace("\n", "\r"), comes=WHOLE),
    row("line ends of Windows", PLAIN.replace("\n", "\r\n"), comes=WHOLE),
    row("no line end at the end", PLAIN.rstrip(), comes=WHOLE),
    row("blank lines", PLAIN.replace("\n", "\n\n\n"), comes=WHOLE),
    row("spaces around everything", "file , name\n K1 , Acer  rubrum \n", comes=WHOLE[:1]),
    row(
        "a quotation mark that is never closed",
        'file,name\nK1,"Acer rubrum\nK2,Poa annua\n',
        "cannot be read as",
    ),
    row("a line end in a field", 'file,name\nK1,"Acer\nrubrum"\nK2,Poa annua\n', comes=WHOLE),
    row(
        "a quotation mark that is never closed, before megabytes",
        lambda size: 'file,name\nK1,"Acer rubrum\n' + "K2,Poa annua\n" * 200_000 * size,
        "cannot be read as",
    ),
    row(
        "a carriage return in a field",
        PLAIN.replace("Acer rubrum", "Acer\rrubrum"),
        comes=["the name 'Acer' stops at the genus", NOT_THERE],
        read=left_out,
    ),
    row("lines of two encodings", (FRENCH.encode() + "K2,Isoëtes\n".encode("latin-1")), EXCEL),
    row("separators of two kinds", PLAIN + "00123;Poa annua\n", comes=[NOT_THERE], read=left_out),
    row(
        "one line of megabytes",
        lambda size: "x" * 10_000_000 * size,
        "no names of columns in its first line",
    ),
    row(
        "one record of megabytes",
        lambda size: "file,name\nK1," + "x" * 2_000_000 * size,
        comes=["X"],
        read=lambda path: [species[:1] for _, species in sheets(path)],
    ),
    row(
        "a hundred thousand columns",
        "file,name" + ",x" * 100_000 + PLAIN[9:],
        "has 100,002 columns, more than",
    ),
    row(
        "a record of a hundred thousand fields",
        PLAIN + "00123" + ",x" * 100_000,
        "record 3: it has more fields",
    ),
    row(
        "a row that is too long",
        PLAIN + "00123,Poa annua,1901\n",
        "record 3: it has more fields than the 2 col",
    ),
    row("a row that is too short", PLAIN + "00123\n", comes=[*WHOLE], read=lambda path: sheets(path)),
    row("a row that is too short, and why", PLAIN + "00123\n", comes=["the name '' is blank"], read=left_out),
    row("a column twice", "file,name,name\nK1,,Acer rubrum\nK2,Poa annua,Poa\n", comes=WHOLE),
    row("a table of names alone", "file,name\n", "holds no record"),
    row("nothing", "", "is empty"),
    row("nothing but spaces", " \n \n", "is empty"),
    row("a blank first line", "\n" + PLAIN, "lacks the column 'file'"),
    row("a title above the names", "Sheets of 2024\n" + PLAIN, "lacks the column 'file'"),
    row("a web page", "<!DOCTYPE html>\n<html>404</html>\n", "lacks the column 'file'"),
    row("a NUL", PLAIN.replace("Poa", "P\0a"), EXCEL),
    row("other control characters", PLAIN.replace("Poa annua", "Poa\x07annua\x1b"), comes=WHOLE),
    row(
        "a formula for a name",
        'file,name\nK1,Acer rubrum\nK2,=HYPERLINK("http://x";"Poa")\n',
        comes=WHOLE[:1],
    ),
    row(
        "a formula for a name, and why",
        "file,name\nK1,Acer rubrum\nK2,=1+1\n",
        comes=["the name '=1+1' is not a scientific name"],
        read=left_out,
    ),
    row("a formula for a file", PLAIN + '"=""K""&1",Poa annua\n', comes=[NOT_THERE], read=left_out),
    row(
        "merged cells",
        "file,name\nK1,Acer rubrum\n,Acer rubrum\nK2,\n",
        comes=["names no file", "the name '' is blank"],
        read=left_out,
    ),
    row("zeros that Excel has taken away", PLAIN + "123,Poa annua\n", comes=[NOT_THERE], read=left_out),
    row("zeros that are there", "file,name\n00123,Poa annua\n", comes=[("00123", "Poa annua")]),
    row(
        "a number that Excel has made small", PLAIN + "1.23E+02,Poa annua\n", comes=[NOT_THERE], read=left_out
    ),
    row(
        "an id that Excel takes for a date",
        PLAIN + "01.03.2024,Poa annua\n",
        comes=[NOT_THERE],
        read=left_out,
    ),
    row("an error of Excel's", PLAIN + "#N/A,#REF!\n", comes=[NOT_THERE], read=left_out),
    row(
        "a genus NA",
        "file,name\nK1,Acer rubrum\nK2,NA annua\n",
        comes=["the name 'NA annua' says that the plant has not been named"],
        read=left_out,
    ),
    row(
        "a genus None",
        "file,genus\nK1,Acer\nK2,None\n",
        comes=[
            "the name 'Acer' stops at the genus",
            "the name 'None' says that the plant has not been named",
        ],
        read=left_out,
    ),
    row("a genus True", "file,name\nK1,True rubrum\n", comes=[("K1", "True rubrum")]),
    row("a barcode NA", "file,barcode,name\nK1,NA,Acer rubrum\n", comes=[("NA", "Acer rubrum")]),
    row("a barcode nan", "file,barcode,name\nK1,nan,Acer rubrum\n", comes=[("NAN", "Acer rubrum")]),
    row(
        "a cell of megabytes",
        lambda size: f"file,name,notes\nK1,Acer rubrum,{'x' * 2_000_000 * size}\n",
        comes=WHOLE[:1],
    ),
    row(
        "a name of megabytes",
        lambda size: f"file,name\nK1,Acer {'x' * 200_000 * size}\n",
        comes={"Acer x"},
        read=lambda path: {species[:6] for _, species in sheets(path)},
    ),
    row(
        "a million columns",
        lambda size: "file,name," + "x," * 1_000_000 * min(size, 10) + "\nK1,Acer rubrum\n",
        "columns, more than the 2,000 that are read",
    ),
    row(
        "two thousand columns",
        lambda size: "file,name" + ",x" * 1_998 + "\n" + "K1,Acer rubrum\n" * 1_000 * min(size, 5),
        comes=WHOLE[:1],
    ),
    row(
        "a name of a column of megabytes",
        "file,name," + "x" * 2_000_000 + "\nK1,Acer rubrum\n",
        "no names of columns in its first line",
    ),
    row("a spreadsheet", spreadsheet, EXCEL),
    row("a spreadsheet that swells", swelling, EXCEL),
    row("a spreadsheet with a password", OLE, EXCEL),
    row("parquet", b"PAR1\x15\x04\xff" + b"\0" * 100, EXCEL),
    row("a gzip", b"\x1f\x8b\x08\0" + b"\0" * 100, EXCEL),
    row(
        "a byte order mark amid the table",
        "\ufefffile,name\n\ufeffK1,Acer rubrum\nK2,Poa annua\n",
        comes=[NOT_THERE],
        read=left_out,
    ),
    row("UTF-16, by command", PLAIN.encode("utf-16"), EXCEL, read=by_command),
    row(
        "sheets that are empty files, by command",
        PLAIN,
        "None of the 2 images is here; the commonest reason is ",
        read=by_command,
    ),
    *places.rows("table", FILE, sheets),
    *places.rows("taxonomy", FILE, read_taxonomy),
    *places.rows("a file of records", FILE, lambda path: read_records(path, path)),
    *places.rows(
        "checklist",
        "names.txt",
        read_checklist,
        loop="cannot be read as a list",
        dangling="cannot be read as a",
        forbidden="cannot be read as a list",
    ),
    row(
        "a checklist in UTF-16",
        "Acer rubrum\n".encode("utf-16"),
        "cannot be read as a list of names",
        read=lambda path: read_checklist(path.rename(path.with_suffix(".txt"))),
    ),
    row(
        "a checklist with a byte order mark",
        "\ufeffAcer rubrum\n",
        comes=["Acer rubrum"],
        read=lambda path: read_checklist(path.rename(path.with_suffix(".txt"))),
    ),
]
