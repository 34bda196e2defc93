"""IIIF documents of all versions, as the specification has them, and what only looks like one."""

import pytest

from herbnb.data.records.iiif import NoImages, images_of, is_document

BASE = "https://iiif.example/K000001"
OWN = "https://iiif.example/K000001/own.jpg"


def service_3(level="level2", **others):
    return {"id": BASE, "type": "ImageService3", "profile": level} | others


def service_2(level=2, **others):
    profile = [f"http://iiif.io/api/image/2/level{level}.json", {"formats": ["jpg"]}]
    return {"@context": "http://iiif.io/api/image/2/context.json", "@id": BASE, "profile": profile} | others


def manifest_3(*images):
    def canvas(image):
        note = {"type": "Annotation", "motivation": "painting", "body": image}
        return {"type": "Canvas", "items": [{"type": "AnnotationPage", "items": [note]}]}

    context = ["http://iiif.io/api/image/3/context.json", "http://iiif.io/api/presentation/3/context.json"]
    return {"@context": context, "type": "Manifest", "items": [canvas(image) for image in images]}


def manifest_2(*images):
    canvases = [
        {"@type": "sc:Canvas", "images": [{"motivation": "sc:painting", "resource": image}]}
        for image in images
    ]
    return {"@type": "sc:Manifest", "sequences": [{"@type": "sc:Sequence", "canvases": canvases}]}


def image_3(service=None, **others):
    return {
        "id": OWN,
        "type": "Image",
        "format": "image/jpeg",
        "service": [service] if service else [],
    } | others


def image_2(service=None, **others):
    return {"@id": OWN, "@type": "dctypes:Image"} | ({"service": service} if service else {}) | others


def at(*sizes):
    return [f"{BASE}/full/{size}/0/default.jpg" for size in sizes]


@pytest.mark.parametrize(
    ("document", "urls"),
    [
        (service_3() | {"protocol": "http://iiif.io/api/image"}, at("!800,800", "max", "full")),
        (service_3(width=4000, height=6000), at("!800,800", "max", "full")),
        (service_3(width=500, height=800), at("max", "full")),
        (service_3("level0", width=4000, height=6000), at("max", "full")),
        (service_3("level1", width=4000, height=6000), at("533,", "max", "full")),
        (service_3("level1", width=6000, height=4000), at("800,", "max", "full")),
        (service_3("level1"), at("!800,800", "max", "full")),
        (service_2(), at("!800,800", "max", "full")),
        (service_2(0, width=4000, height=6000), at("max", "full")),
        (service_2(1, width=4000, height=6000), at("533,", "max", "full")),
        (manifest_3(image_3()), [OWN]),
        (manifest_3(image_3(service_3())), [*at("!800,800", "max", "full"), OWN]),
        (manifest_3(image_3(service_3("level0"))), [*at("max", "full"), OWN]),
        (manifest_3(image_3(service_3(), width=300, height=400)), [*at("max", "full"), OWN]),
        (
            manifest_3({"type": "Choice", "items": [image_3(), image_3(id="https://b.example/uv.jpg")]}),
            [OWN],
        ),
        (manifest_2(image_2()), [OWN]),
        (manifest_2(image_2(service_2())), [*at("!800,800", "max", "full"), OWN]),
        (
            manifest_2(image_2([{"@id": "https://other.example/auth"}, service_2(0)])),
            [*at("max", "full"), OWN],
        ),
        (manifest_2({"@type": "oa:Choice", "default": image_2(), "item": [image_2()]}), [OWN]),
    ],
)
def test_an_image_is_asked_for_at_the_size_wanted_or_whole(document, urls):
    assert images_of(document, 800) == [urls]


@pytest.mark.parametrize(("manifest", "image"), [(manifest_3, image_3), (manifest_2, image_2)])
def test_each_canvas_is_an_image_in_order(manifest, image):
    name = "id" if image is image_3 else "@id"
    urls = [f"https://iiif.example/{number}.jpg" for number in range(3)]
    assert images_of(manifest(*(image(**{name: url}) for url in urls)), 800) == [[url] for url in urls]


def test_a_note_that_is_no_picture_is_passed_over():
    document = manifest_3(image_3())
    comment = {"type": "Annotation", "motivation": "commenting", "body": {"type": "TextualBody"}}
    document["items"][0]["items"][0]["items"].insert(0, comment)
    assert images_of(document, 800) == [[OWN]]


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        "manifest",
        {"items": {}},
        {"items": ["a"]},
        {"sequences": [{}]},
        {"sequences": [{"canvases": [{"images": [{}]}]}]},
        {"type": "Collection", "items": [{"type": "Manifest", "id": "https://iiif.example/m"}]},
        manifest_3(image_3(id="")),
        manifest_3(),
    ],
)
def test_what_describes_no_image_is_said(document):
    with pytest.raises(NoImages, match="IIIF document"):
        images_of(document, 800)


@pytest.mark.parametrize(
    ("url", "format_", "is_one"),
    [
        ("https://a.example/K1/manifest", "", True),
        ("https://a.example/K1/manifest.json?v=2", "image/jpeg", True),
        ("https://a.example/iiif/2/K1/info.json", "StillImage", True),
        ("https://a.example/K1", "application/ld+json", True),
        ("https://a.example/K1", "application/json+ld", True),
        ("https://a.example/K1", 'application/ld+json;profile="http://iiif.io/api/presentation/3"', True),
        ("https://a.example/K1", "InteractiveResource", True),
        ("https://a.example/K1.jpg", "image/jpeg", False),
        ("https://a.example/manifest/K1.jpg", "image/jpeg", False),
        ("https://a.example/iiif/2/K1/full/max/0/default.jpg", "image/jpeg", False),
        ("https://a.example/K1.jpg?from=/manifest", "", False),
        ("", "", False),
    ],
)
def test_documents_are_known_by_their_address_or_format(url, format_, is_one):
    assert is_document(url, format_) is is_one
