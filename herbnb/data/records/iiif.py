"""IIIF: documents that say where the images of a sheet are, in the forms of the International Image
Interoperability Framework.

Read are Presentation manifests (iiif.io/api/presentation, versions 2 and 3), whose canvases have an image
each, and the `info.json` of the Image API (iiif.io/api/image, versions 2 and 3), which describes one.
"""

import re
from collections.abc import Iterator

ADDRESS = r"(?i)[^?#]*/(?:manifest(?:\.json)?|info\.json)/?(?:[?#]|$)"
"""Addresses of documents: `…/manifest`, `…/manifest.json` and `…/info.json`."""

FORMAT = r"(?i)application/(?:ld\+json|json\+ld|json)|interactiveresource|.*iiif"
"""Formats and types under which GBIF's multimedia lists them."""


class NoImages(Exception):
    """A document in which no image is described, with the reason in a few words."""


def is_document(url: str, format_: str) -> bool:
    """Say whether an address is that of a IIIF document, by itself or by the format it is said to have."""
    return re.match(ADDRESS, url) is not None or re.match(FORMAT, format_) is not None


def images_of(document: object, side: int) -> list[list[str]]:
    """Return for each image that a document describes the addresses to try, best first.

    The first asks for the image scaled to fit a square; where the server cannot do that (level 0), or the
    image is no larger, for the whole one. A canvas with a choice of images gives the first.

    Args:
        document: what the JSON was.
        side: of the square, in pixels.

    Raises:
        NoImages: it describes none.
    """
    try:
        if is_image_service(document) and not {"items", "sequences"} & document.keys():
            found = [addresses_of(document, document, side)]
        else:
            found = [addresses_of(image, service_of(image), side) for image in paintings(document)]
    except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise NoImages("not a IIIF document that can be read") from error
    if not any(found):
        raise NoImages("a IIIF document without images")
    return [urls for urls in found if urls]


def paintings(manifest: dict) -> Iterator[dict]:
    """Yield the image that is painted on each canvas of a Presentation manifest, of version 3 or 2."""
    for canvas in manifest.get("items", []):
        notes = [note for page in canvas.get("items", []) for note in page.get("items", [])]
        painted = [note["body"] for note in notes if note.get("motivation", "painting") == "painting"]
        yield from map(chosen, painted[:1])
    for canvas in [each for sequence in manifest.get("sequences", [])[:1] for each in sequence["canvases"]]:
        yield from (chosen(note["resource"]) for note in canvas.get("images", [])[:1])


def chosen(image: dict | list) -> dict:
    """Return the image itself, or the first of those that a canvas offers as a choice."""
    image = first(image)
    if kind_of(image) == "Choice":  # oa:Choice in version 2
        return first(image["items"] if "items" in image else image["default"])
    return image


def service_of(image: dict) -> dict:
    """Return the Image API service of an image, {} where it has none."""
    services = image.get("service", [])
    services = services if isinstance(services, list) else [services]
    return next(filter(is_image_service, services), {})


def is_image_service(thing: object) -> bool:
    """Say whether a part of a document describes a service of the Image API."""
    if not isinstance(thing, dict):
        return False
    signs = [thing.get("protocol"), thing.get("@context"), thing.get("profile"), kind_of(thing)]
    return re.search(r"iiif\.io/api/image|stanford\.edu/iiif/image-api|ImageService", f"{signs}") is not None


def addresses_of(image: dict, service: dict, side: int) -> list[str]:
    """Return the addresses of one image, best first."""
    own = [] if image is service else list(filter(None, [name_of(image)]))
    if not service:
        return own
    base, level = name_of(service).rstrip("/"), level_of(service)
    width, height = (service.get(key) or image.get(key) or 0 for key in ("width", "height"))
    whole = [f"{base}/full/{size}/0/default.jpg" for size in ("max", "full")]
    if level == 0 or 0 < max(width, height) <= side:
        return [*whole, *own]
    size = f"!{side},{side}"
    if level == 1 and width and height:  # which can scale to a width, and no more
        size = f"{min(side, round(side * width / height))},"
    return [f"{base}/full/{size}/0/default.jpg", *whole, *own]


def level_of(service: dict) -> int:
    """Return the level of a service, 0, 1 or 2: what it says of itself, 2 where it says nothing."""
    found = re.search(r"level([012])", str(first(service.get("profile", ""))))
    return int(found[1]) if found else 2


def kind_of(thing: dict) -> str:
    """Return the type of a part of a document, without the prefix that version 2 has."""
    return str(thing.get("type") or thing.get("@type") or "").split(":")[-1]


def name_of(thing: dict) -> str:
    """Return the id of a part of a document, which is its address."""
    return str(thing.get("id") or thing.get("@id") or "")


def first(thing: object) -> object:
    """Return the first of a list, or what is none."""
    return thing[0] if isinstance(thing, list) else thing
