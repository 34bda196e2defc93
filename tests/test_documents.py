"""IIIF documents in the place of images: opened once, and each image in them one of the specimen's."""

import io
import json

import pandas as pd
import pytest
from PIL import Image

from herbnb.data.acquisition import acquire_records
from herbnb.data.fetching.documents import Documents, open_documents
from herbnb.data.fetching.loopback import serve
from herbnb.data.records import terms
from herbnb.data.records.media import join_records
from test_iiif import image_3, manifest_3, service_3

HOST = "http://museum.example"


def records(*media):
    """The records of a specimen for each of the media."""
    specimens = [
        dict(
            coreid=str(n),
            barcode=f"K{n}",
            institution="K",
            basis="PreservedSpecimen",
            genus="Acer",
            family="F",
        )
        for n, _ in enumerate(media)
    ]
    listed = [dict(coreid=str(n), format="application/json+ld") | medium for n, medium in enumerate(media)]
    tables = [
        pd.DataFrame(rows, columns=list(columns), dtype=object).fillna("").astype(str)
        for rows, columns in ((specimens, terms.OCCURRENCE), (listed, terms.MULTIMEDIA))
    ]
    return join_records(*tables, "occurrence.csv")


@pytest.fixture
def museum(tmp_path, monkeypatch):
    """A museum that has pictures, and documents that say where: its folder and a proxy that stands for it."""
    content = io.BytesIO()
    Image.effect_noise((40, 60), 60).save(content, "JPEG")
    folder = tmp_path / "museum"
    for name in ("1.jpg", "2.jpg", "3.jpg", "K5/full/!900,900/0/default.jpg", "K6/full/max/0/default.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.getvalue())
    documents = {
        "two/manifest": manifest_3(*(image_3(id=f"{HOST}/{n}.jpg") for n in (1, 2))),
        "lost/manifest": manifest_3(image_3(id=f"{HOST}/lost.jpg")),
        "empty/manifest": {"items": []},
        "K5/info.json": service_3(id=f"{HOST}/K5", width=3000, height=4000),
        "K6/info.json": service_3("level0", id=f"{HOST}/K6", width=3000, height=4000),
        "local/manifest": manifest_3(image_3(id="file:///etc/passwd")),
    }
    for name, document in documents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(document))
    (folder / "page").write_text("<html>")
    with serve(folder) as address:
        monkeypatch.setenv("HTTP_PROXY", address)
        monkeypatch.setenv("NO_PROXY", "")
        yield folder


LISTED = (
    dict(access=f"{HOST}/two/manifest"),
    dict(access=f"{HOST}/3.jpg", format="image/jpeg"),
    dict(access=f"{HOST}/gone/manifest"),
    dict(access=f"{HOST}/empty/manifest", good=f"{HOST}/3.jpg"),
    dict(access=f"{HOST}/page"),
    dict(access=f"{HOST}/K5/info.json", format=""),
    dict(access=f"{HOST}/K6/info.json", format="image/jpeg"),
    dict(access=f"{HOST}/lost/manifest", good=f"{HOST}/2.jpg"),
    dict(access=f"{HOST}/local/manifest"),
)


def test_documents_become_images_and_what_is_wrong_with_one_is_told(museum, tmp_path):
    listed = records(*LISTED)
    with Documents() as source:
        found, problems = open_documents(listed, tmp_path / "to", source, side=900)
    assert list(found.columns) == list(listed.columns)
    urls = found.groupby("barcode", sort=False)["urls"].agg(list).to_dict()
    assert urls == {
        "K0": [[f"{HOST}/1.jpg"], [f"{HOST}/2.jpg"]],
        "K1": [[f"{HOST}/3.jpg"]],
        "K2": [[]],
        "K3": [[f"{HOST}/3.jpg"]],
        "K4": [[]],
        "K5": [[f"{HOST}/K5/full/{size}/0/default.jpg" for size in ("!900,900", "max", "full")]],
        "K6": [[f"{HOST}/K6/full/{size}/0/default.jpg" for size in ("max", "full")]],
        "K7": [[f"{HOST}/lost.jpg", f"{HOST}/2.jpg"]],
        "K8": [[]],
    }
    assert problems.to_dict("records") == [
        {"of": "K2", "problem": f"{HOST}/gone/manifest: 404 Not Found"},
        {"of": "K3", "problem": f"{HOST}/empty/manifest: a IIIF document without images"},
        {"of": "K4", "problem": f"{HOST}/page: not JSON"},
        {"of": "K8", "problem": f"{HOST}/local/manifest: a IIIF document without addresses"},
    ]


def test_documents_are_fetched_once_and_a_large_one_is_given_up(museum, tmp_path):
    listed = records(LISTED[0], LISTED[0], LISTED[5])
    with Documents(largest=200) as source:
        _, problems = open_documents(listed, tmp_path / "to", source)
    assert set(problems["of"]) == {"K0", "K1"} and problems["problem"][0].endswith("larger than 200 bytes")
    with Documents() as source:
        found, problems = open_documents(listed, tmp_path / "to", source)
    assert len(found) == 5 and problems.empty
    for document in museum.rglob("manifest"):
        document.unlink()
    with Documents() as source:
        again, problems = open_documents(listed, tmp_path / "to", source)
    assert problems.empty
    pd.testing.assert_frame_equal(found, again)
    kept = [path.relative_to(tmp_path / "to").parts for path in (tmp_path / "to").rglob("*.json")]
    assert len(kept) == 2 and all(len(parts) == 5 and parts[0] == "iiif" for parts in kept)


def test_what_is_not_wanted_is_not_opened_and_no_document_is_no_folder(museum, tmp_path):
    listed = records(LISTED[0], LISTED[1])
    for chosen in (dict(institution="NY"), dict(basis="LivingSpecimen")):
        with Documents() as source:
            same, problems = open_documents(listed, tmp_path / "to", source, **chosen)
        assert same is listed and problems.empty
    assert not (tmp_path / "to").exists()


def test_the_images_of_a_document_come_as_those_of_any_specimen(museum, tmp_path, monkeypatch):
    manifest = acquire_records(records(*LISTED), tmp_path / "to", images_per_specimen=3, side=900)
    came = pd.read_parquet(tmp_path / "to" / "specimens.parquet")
    assert manifest["reason"].eq("").all()
    assert list(came["image_id"]) == ["K0", "K0_2", "K1", "K3", "K5", "K6", "K7"]
    assert manifest.set_index("image_id").loc["K7", "url"] == f"{HOST}/2.jpg"
    problems = pd.read_csv(tmp_path / "to" / "problems.csv")
    assert {"K2", "K3", "K4", "K8"} <= set(problems["of"])


def test_a_collection_that_grows_keeps_its_images_where_they_are(museum, tmp_path, monkeypatch):
    monkeypatch.setattr("herbnb.data.records.selection.FLAT", 2)
    pictures = [dict(access=f"{HOST}/{n}.jpg", format="image/jpeg") for n in (1, 2, 3)]
    acquire_records(records(*pictures[:2]), tmp_path / "to")
    for n in (1, 2):
        (museum / f"{n}.jpg").unlink()
    manifest = acquire_records(records(*pictures), tmp_path / "to")
    came = pd.read_parquet(tmp_path / "to" / "specimens.parquet")
    assert not manifest["reason"].any()
    assert list(came["path"][:2]) == ["images/K0.jpg", "images/K1.jpg"]
    assert came["path"][2].count("/") == 4 and all((tmp_path / "to" / path).exists() for path in came["path"])
