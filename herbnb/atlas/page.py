"""Page: the atlas of a run, written as a folder that opens from a file."""

import shutil
from pathlib import Path

import numpy as np

import herbnb
from herbnb.atlas import tiles
from herbnb.atlas.columns import encoded, packed, ranked, stepped, told
from herbnb.atlas.points import Map, Points, gather
from herbnb.atlas.still import write_still
from herbnb.cells import FORMULA
from herbnb.figures.palette import CYCLE, REST
from herbnb.files import alone, folder_beside, writable
from herbnb.results import RUN, Results
from herbnb.scripts import write_script

ASSETS = Path(__file__).parent / "assets"


def paler(colour: str) -> str:
    """Return a colour such as "#2b7bba", mixed with nearly as much white."""
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(0.55 * part + 0.45 * 255):02x}" for part in parts)


COLOURED = ("family", "genus", "order", "species", "institution", "split", "collection")
"""Columns of names that give a point its colour, and which of them is first."""

LABELS = {
    "image_id": "sheet",
    "occurrence_id": "record",
    "rights_holder": "rights holder",
    "doubt": "place on the review list",
    "suggested": "suggested name",
    "reason": "why it is doubted",
    "catalog_number": "barcode",
    "recorded_by": "collector",
    "year": "year of gathering",
    "references": "page of the record",
}
"""What columns are called on the page; others by their names."""

PALETTE = [*(look.colour for look in CYCLE), *(paler(look.colour) for look in CYCLE)]
"""Of the commonest names of a column; all others share one colour, as everywhere in the book."""

COLLECTIONS = {RUN: "the sheets of this run", "kew": "Kew"}
"""What the book's collections are called on the page."""


def write_atlas(here: Results, data: Path, to: Path, home: str = "") -> Path:
    """Write the atlas of a run into the folder `to`, which is replaced, and return its page.

    Args:
        here: the run.
        data: the folder of the run's own images.
        to: the folder of the atlas; `index.html` opens from a file, with no network.
        home: where the page links back to, relative to it; "" for nowhere.

    Raises:
        BadInput: the run has no map yet, an artefact is of another run, or an image is missing.
    """
    points = gather(here, data)
    with alone(to), writable(to), folder_beside(to) as kept:
        folder = kept / "atlas"
        write_folder(points, folder, home)
        if to.exists():
            shutil.move(to, kept / "before")
        shutil.move(folder, to)
    return to / "index.html"


def write_folder(points: Points, folder: Path, home: str = "") -> None:
    """Write the page, its data and its pictures into `folder`."""
    sheets, maps = points

    def take(name: str, content: dict) -> None:
        write_script(folder / "data" / f"{name}.js", "Atlas", name, content)

    for number, of_map in enumerate(maps):
        take(f"map-{number}", map_content(of_map))
    names = told(sheets)
    columns = {name: encoded(sheets[name]) for name in names}
    for name, column in columns.items():
        take(f"column-{name}", column)
    numbers = tiles.thumbnails(sheets)
    if (numbers >= 0).any():
        take("thumbnails", {"numbers": packed(numbers)})
    tiles.write_tiles(sheets["file"][numbers >= 0].to_list(), folder / "tiles")
    take("atlas", contents(points, columns, home))
    _, families = ranked(sheets["family"])
    colours = np.array([*PALETTE, REST.colour])[np.minimum(families, len(PALETTE))]
    write_still(maps[0].places, colours, folder / "still.png")
    for asset in sorted(ASSETS.iterdir()):
        if asset.suffix in (".js", ".css"):
            shutil.copy(asset, folder / asset.name)
    page = (ASSETS / "atlas.html").read_text(encoding="utf-8")
    page = page.replace("<!-- sheets -->", f"{len(sheets):,}")
    (folder / "index.html").write_text(page, encoding="utf-8")


def map_content(of_map: Map) -> dict:
    """Return a map as the page reads it: places, and the nearest sheets with their cosines in hundredths."""
    x, y = of_map.places.T
    content = {"x": packed(stepped(x)), "y": packed(stepped(y))}
    if len(of_map.near):
        hundredths = np.clip(100 * of_map.likeness.ravel(), -100, 100).round().astype("int8")
        content |= {"near": packed(of_map.near.ravel()), "likeness": packed(hundredths)}
    return content


def contents(points: Points, columns: dict[str, dict], home: str) -> dict:
    """Return what the page knows at once: how many sheets, which maps, which columns, how tiles are ruled."""
    sheets, maps = points
    of_numbers = [name for name, column in columns.items() if "numbers" in column]
    return {
        "sheets": len(sheets),
        "maps": [{"name": each.name, "near": len(each.near) > 0} for each in maps],
        "columns": [
            {"name": name, "label": LABELS.get(name, name.replace("_", " ")), "numbers": name in of_numbers}
            for name in columns
        ],
        "coloured": [name for name in COLOURED if name in columns] + of_numbers,
        "collections": {
            name: COLLECTIONS.get(name, name.replace("_", " ")) for name in sheets["collection"].unique()
        },
        "palette": PALETTE,
        "rest": REST.colour,
        "tile": {"across": tiles.ACROSS, "down": tiles.DOWN, "width": tiles.WIDTH, "height": tiles.HEIGHT},
        "pictures": int((tiles.thumbnails(sheets) >= 0).sum()),
        "home": home,
        "formula": FORMULA.pattern,
        "version": herbnb.__version__,
    }
