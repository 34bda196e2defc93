"""Features: baselines, one pass over the sheets, and files that know which run they are of."""

import json
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from herbnb.data.images.cache import VERSION
from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.files import fingerprint
from herbnb.networks import NETWORKS
from herbnb.networks.cards import Beginning
from herbnb.networks.encoder import DEFAULT, Encoder, encoder_of
from herbnb.representations import BASELINES, spec_of
from herbnb.representations.baselines import Colour, imagenet, untrained
from herbnb.representations.extraction import described, extract, load_encoders, origin_of
from herbnb.representations.features import read_all_features, read_features
from herbnb.representations.parts import origin_in
from herbnb.representations.shelves import Shelf
from herbnb.results import Results, specimens_of

SQUARE = Geometry(32)
BEGINNING = Beginning("test_resnet", "none", SQUARE, "all")


def load_encoder(name, here, seed=89):
    (encoder,) = load_encoders([name], here, seed).values()
    return encoder


def table(count, collection="half_earth"):
    split = ["train", "random"] * count if collection == "half_earth" else [collection] * count
    names = dict(species="Poa annua", genus="Poa", family="Poaceae", order="Poales")
    ids = [f"{collection}{i}" for i in range(count)]
    rows = {"image_id": ids, "path": [f"{i}.jpg" for i in ids], "split": split[:count]}
    return pd.DataFrame(rows).assign(institution="K", **names)


class Toy:
    """An encoder of any width, geometry and fingerprint, which gives the numbers it holds."""

    def __init__(self, fingerprint="0" * 16, width=512, geometry=SQUARE):
        self.fingerprint, self.width, self.geometry = fingerprint, width, geometry

    def encode(self, images, begun=None):
        return images.float().mean(dim=(2, 3)).repeat(1, self.width)[:, : self.width]


def pretend(here, name="triplet", weights=b"weights", geometry=SQUARE, width=512):
    """Leave what a training leaves, but for the weights, and return the encoder that the card describes."""
    path = here.path("checkpoint", network=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(weights)
    card = {"fingerprint": fingerprint(here.path("specimens")), "checkpoint": fingerprint(path)}
    card |= {"parameters": {}, "weights": "none", "precision": "32-true"}
    card["beginning"] = {"encoder": "test_resnet", "weights": "none", "trainable": "all"}
    here.write("card", card | {"geometry": geometry.card(), "width": width}, network=name)
    return Toy(fingerprint(path), width, geometry)


@pytest.fixture
def run(tmp_path):
    """A run with tables of six and four sheets, and a network that was never trained."""
    here = Results(tmp_path)
    here.write("specimens", table(6))
    here.write("collection", table(4, "kew"), collection="kew")
    pretend(here)
    return here


def vectors(count, seed=0, width=512):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


def written(here, name, collection="half_earth", count=6, features=None, encoder=None):
    """Write features of the encoder that the run has by this name, or of another; return index and part."""
    if encoder is None:
        encoder = pretend(here) if name == "triplet" else Toy("boxes")
    features = vectors(count, width=encoder.width) if features is None else features
    index = here.path("features", encoder=name, collection=collection)
    shelf = Shelf(index, origin_of(name, encoder))
    for part in shelf.files():
        part.unlink()
    with shelf.writing(described(table(count, collection), here.folder)) as write:
        write(features)
    of_specimens, fields = specimens_of(collection)
    listing = {"specimens table": fingerprint(here.path(of_specimens, **fields)), **shelf.listing()}
    here.write("features", listing, encoder=name, collection=collection)
    return index, *shelf.files()


@pytest.mark.parametrize("name", ["triplet", "colour"])
@pytest.mark.parametrize(("collection", "count"), [("half_earth", 6), ("kew", 4)])
def test_what_is_written_is_read(run, name, collection, count):
    index, part = written(run, name, collection, count)
    assert index == run.folder / "features" / name / f"{collection}.json"
    assert part == run.folder / "features" / name / collection / "part-00000.parquet"
    assert pq.read_schema(part).field("emb").type == pa.list_(pa.float32(), 512)
    specimens, features = read_features(run, name, collection)
    assert list(specimens["image_id"]) == list(table(count, collection)["image_id"])
    assert features.dtype == np.float32 and (features == vectors(count)).all()


def test_index_and_part_say_where_they_are_from(run):
    index, part = written(run, "triplet")
    origin = {
        "encoder": "triplet",
        "fingerprint": fingerprint(run.path("checkpoint", network="triplet")),
        "width": 512,
        "squares": "32 px, letterbox",
        "geometry": SQUARE.card(),
        "model": "",
        "resizing": VERSION,
        "card": {},
    }
    of_table = {"specimens table": fingerprint(run.path("specimens"))}
    listing = json.loads(index.read_text())
    assert re.fullmatch("[0-9a-f]{16}", listing.pop("sheets"))
    assert listing == of_table | origin | {"parts": {part.name: 6}}
    assert origin_in(pq.read_schema(part)) == origin


def test_another_width_is_written_and_read(run):
    written(run, "triplet", encoder=pretend(run, width=7))
    assert read_features(run, "triplet")[1].shape == (6, 7)


def test_a_split_is_rows_and_features_together(run):
    written(run, "colour")
    specimens, features = read_features(run, "colour", split="random")
    assert list(specimens.index) == [0, 1, 2] and set(specimens["split"]) == {"random"}
    assert (features == vectors(6)[1::2]).all()


def test_several_encoders_are_read_with_one_table(run):
    written(run, "triplet")
    written(run, "colour", features=vectors(6, seed=1))
    specimens, features = read_all_features(run, ["triplet", "colour"], split="train")
    assert len(specimens) == 3 and list(features) == ["triplet", "colour"]
    assert (features["colour"] == vectors(6, seed=1)[::2]).all()
    with pytest.raises(BadInput, match="name one"):
        read_all_features(run, [])


def test_missing_features_name_the_chapter(run):
    for collection, chapter in (("half_earth", "features"), ("kew", "kew")):
        with pytest.raises(BadInput, match=f"run chapter {chapter} first"):
            read_features(run, "colour", collection)
    run.write("collection", table(2, "mine"), collection="mine")
    with pytest.raises(BadInput, match="run chapter your_herbarium first"):
        read_features(run, "colour", "mine")


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_feature_that_is_no_number_is_refused_both_ways(run, broken):
    features = vectors(6)
    features[4, 100] = broken
    with pytest.raises(
        BadInput, match=r"image half_earth4: a feature is not a finite number, so triplet cannot be used"
    ):
        written(run, "triplet", features=features)
    assert not list(run.folder.rglob("part-*")) and not list(run.folder.rglob("half_earth.json"))
    _, part = written(run, "triplet")
    kept = pq.read_table(part)
    broken_column = pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), 512)
    pq.write_table(kept.set_column(kept.num_columns - 1, "emb", broken_column), part)
    with pytest.raises(BadInput, match="image half_earth4: a feature is not a finite"):
        read_features(run, "triplet")


def test_features_of_other_specimens_are_refused(run):
    written(run, "colour")
    run.write("specimens", table(5))
    pretend(run)
    with pytest.raises(BadInput, match=r"another specimens table.*run chapter features again"):
        read_features(run, "colour")


def test_features_of_another_training_are_refused(run):
    written(run, "triplet")
    pretend(run, weights=b"other weights")
    with pytest.raises(BadInput, match=r"another fingerprint.*run chapter features again"):
        read_features(run, "triplet")


def test_a_network_trained_on_other_specimens_is_refused(run):
    written(run, "triplet")
    run.write("specimens", table(5))
    with pytest.raises(BadInput, match="run chapter triplet"):
        read_features(run, "triplet")


@pytest.mark.parametrize(
    ("what", "encoder"),
    [
        ("fingerprint", {"fingerprint": "f" * 16}),
        ("width", {"width": 256}),
        ("geometry", {"geometry": Geometry(48)}),
        ("geometry", {"geometry": Geometry(32, "crop")}),
        ("geometry", {"geometry": Geometry(32, mean=(0.5, 0.5, 0.5))}),
    ],
)
def test_features_made_in_another_way_are_refused(run, what, encoder):
    own = vars(pretend(run))
    index, _ = written(run, "triplet", encoder=Toy(**own | encoder))
    with pytest.raises(BadInput) as said:
        read_features(run, "triplet")
    assert f"{index} was made with another {what} than the one now in" in str(said.value)
    assert str(said.value).endswith("run chapter features again.")


def relabelled(index, **changes):
    index.write_text(json.dumps(json.loads(index.read_text()) | changes))


def test_features_of_another_encoder_under_this_name_are_refused(run):
    index, part = written(run, "triplet")
    relabelled(index, encoder="classifier")
    with pytest.raises(BadInput, match="was made with another encoder"):
        read_features(run, "triplet")
    index, part = written(run, "triplet")
    stored = pq.read_table(part)
    origin = stored.schema.metadata | {b"encoder": b'"classifier"'}
    pq.write_table(stored.replace_schema_metadata(origin), part)
    with pytest.raises(
        BadInput, match=r"part-00000\.parquet is another part than .*run chapter features again"
    ):
        read_features(run, "triplet")


def test_a_part_that_does_not_say_where_it_is_from_is_refused(run):
    _, part = written(run, "triplet")
    pq.write_table(pq.read_table(part).replace_schema_metadata(None), part)
    with pytest.raises(BadInput, match="is another part than"):
        read_features(run, "triplet")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"parts": {}}', "PAR1"])
def test_what_is_no_index_is_refused(run, content):
    index, _ = written(run, "colour")
    index.write_text(content)
    with pytest.raises(
        BadInput, match=r"half_earth\.json (is no index|cannot be read).*run chapter features again"
    ):
        read_features(run, "colour")


def test_a_baseline_of_another_geometry_than_the_networks_is_refused(run):
    written(run, "colour", encoder=Toy("boxes", geometry=Geometry(48)))
    with pytest.raises(BadInput, match="was made with another squares"):
        read_features(run, "colour")


def test_a_baseline_of_another_seed_than_the_runs_own_is_refused_for_another_collection(run):
    of_run, other = (untrained(BEGINNING, seed) for seed in (1, 2))
    assert of_run.fingerprint == untrained(BEGINNING, 1).fingerprint != other.fingerprint
    written(run, "untrained", "kew", 4, encoder=other)
    read_features(run, "untrained", "kew")  # nothing is known of the run's own yet
    written(run, "untrained", encoder=of_run)
    with pytest.raises(BadInput, match=r"another fingerprint.*run chapter kew again"):
        read_features(run, "untrained", "kew")
    written(run, "untrained", "kew", 4, encoder=of_run)
    read_features(run, "untrained", "kew")


@pytest.mark.parametrize("content", ["", "PAR1", "<html>404</html>", "{}"])
def test_the_runs_own_index_when_broken_is_named_for_another_collection_too(run, content):
    written(run, "colour", "kew", 4)
    written(run, "colour")[0].write_text(content)
    with pytest.raises(
        BadInput, match=r"half_earth\.json (is no index|cannot be read).*run chapter features"
    ):
        read_features(run, "colour", "kew")


def test_networks_at_two_geometries_have_no_baseline_in_common(run):
    pretend(run, "classifier", geometry=Geometry(48))
    for name in BASELINES:
        with pytest.raises(BadInput) as said:
            load_encoder(name, run)
        assert "a test_resnet and squares of 32 px, letterbox" in str(said.value) and "48 px" in str(
            said.value
        )
        assert "train them alike" in str(said.value) and "\n" not in str(said.value)


def test_a_run_without_a_network_has_the_baselines_of_one_that_needs_no_training(tmp_path):
    encoders = load_encoders([*BASELINES], Results(tmp_path))
    assert {str(each.geometry) for each in encoders.values()} == {"224 px, letterbox"}
    assert encoders["imagenet"].width == encoders["untrained"].width == 1280


def test_a_baseline_looks_at_the_squares_of_the_networks(run):
    geometry = Geometry(40, "crop", (0, 0, 0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    pretend(run, geometry=geometry)
    for name in BASELINES:
        encoder = load_encoder(name, run, seed=3)
        assert str(encoder.geometry) == "40 px, crop" and encoder.width and encoder.fingerprint
        assert encoder.geometry == geometry or name == "imagenet"
    images = torch.randint(0, 256, (2, 3, 40, 40), dtype=torch.uint8)
    encoder = load_encoder("untrained", run, seed=3)
    plain = untrained(BEGINNING._replace(geometry=Geometry(40)), seed=3)
    assert encoder.fingerprint == plain.fingerprint
    assert not torch.allclose(encoder.encode(images), plain.encode(images))


def test_imagenet_is_what_the_networks_began_from_or_else_efficientnet():
    other = imagenet(BEGINNING, 89)
    assert other.width == 1280 and str(other.geometry) == "32 px, letterbox"
    own = imagenet(Beginning(DEFAULT, "imagenet", Geometry(48), "blocks.6"), 89)
    assert own.fingerprint == other.fingerprint and own.geometry.height == 48
    assert own.frozen  # shares its trunk with networks that began so


@pytest.mark.parametrize("kept", [0, 4, 500])
def test_a_part_cut_short_is_refused(run, kept):
    _, part = written(run, "colour")
    part.write_bytes(part.read_bytes()[:kept])
    with pytest.raises(BadInput, match=r"not a whole part of features.*run chapter features again"):
        read_features(run, "colour")


def test_a_part_with_one_other_byte_is_refused(run):
    _, part = written(run, "colour")
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(BadInput, match="not a whole part of features"):
        read_features(run, "colour")


@pytest.mark.parametrize("column", ["uuid", "emb"])
def test_a_part_that_lacks_a_column_or_holds_another_kind_is_refused(run, column):
    _, part = written(run, "colour")
    stored = pq.read_table(part)
    pq.write_table(stored.drop_columns([column]), part)
    with pytest.raises(BadInput, match="not a whole part of features"):
        read_features(run, "colour")
    pq.write_table(stored.set_column(stored.num_columns - 1, "emb", pa.array(range(6))), part)
    with pytest.raises(BadInput, match="not a whole part of features"):
        read_features(run, "colour")


def test_features_of_fewer_sheets_are_refused(run):
    index, part = written(run, "colour")
    short = pq.read_table(part).slice(0, 5)
    pq.write_table(short, part)
    with pytest.raises(BadInput, match="is another part than"):
        read_features(run, "colour")
    relabelled(index, parts={part.name: 5})
    with pytest.raises(
        BadInput, match=r"lacks the features of image half_earth5: run chapter features again"
    ):
        read_features(run, "colour")
    part.unlink()
    with pytest.raises(BadInput, match=r"part-00000\.parquet is missing: run chapter features again"):
        read_features(run, "colour")


@pytest.fixture
def sheets(tmp_path):
    rng = np.random.default_rng(7)
    for name in table(6)["path"]:
        Image.fromarray(rng.integers(0, 255, (80, 56, 3), dtype=np.uint8)).save(tmp_path / name)
    return tmp_path


def test_the_histogram_counts_colours():
    images = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)
    images[1, 0] = 255  # red
    images[1, 0, :2] = 31  # and half of it almost black
    features = Colour(BEGINNING, seed=89).encode(images)
    assert features.shape == (2, 512) and features[0, 0] == 1
    assert features[1, 0] == 0.5 and features[1, 7 * 64] == 0.5 and features.sum() == 2
    assert (
        Colour(BEGINNING, 1).fingerprint == Colour(BEGINNING._replace(geometry=Geometry(48)), 2).fingerprint
    )


def test_the_untrained_encoder_is_fixed_by_its_seed():
    images = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    before = torch.random.get_rng_state()
    one, same, other = (untrained(BEGINNING, seed) for seed in (1, 1, 2))
    assert (torch.random.get_rng_state() == before).all()
    assert (one.encode(images) == same.encode(images)).all()
    assert not torch.allclose(one.encode(images), other.encode(images))
    # a batch of one is as good as a batch of three: no batch statistics
    assert torch.allclose(one.encode(images[:1]), one.encode(images)[:1], atol=1e-5)


def test_one_pass_for_all_encoders_gives_what_each_alone_gives(sheets):
    encoders = {"untrained": untrained(BEGINNING, 89), "colour": Colour(BEGINNING, 89)}
    together = extract(encoders, table(6), sheets, batch_size=4)
    for name, encoder in encoders.items():
        (alone,) = extract({name: encoder}, table(6), sheets, batch_size=4).values()
        assert alone.shape == (6, encoder.width) and alone.dtype == np.float32
        np.testing.assert_array_equal(together[name], alone)


def test_encoders_of_two_geometries_see_each_their_own_squares(sheets, monkeypatch):
    small, large = Toy(width=3), Toy(width=3, geometry=Geometry(64, "crop"))
    seen = {}
    for name, encoder in (("small", small), ("large", large)):
        plain = encoder.encode

        def note(images, begun, name=name, plain=plain):
            seen[name] = images.shape
            return plain(images)

        monkeypatch.setattr(encoder, "encode", note)
    both = extract({"small": small, "large": large}, table(6), sheets)
    assert seen["small"][-1] == 32 and seen["large"][-1] == 64
    for name, geometry in (("small", SQUARE), ("large", Geometry(64, "crop"))):
        (alone,) = extract({name: Toy(width=3, geometry=geometry)}, table(6), sheets).values()
        np.testing.assert_array_equal(both[name], alone)


def test_encoders_with_one_trunk_share_it_and_see_what_each_alone_sees(sheets, monkeypatch):
    encoders = {}
    for name in ("one", "other", "stranger"):
        torch.manual_seed(name == "stranger")
        encoders[name] = encoder_of("test_resnet", "none", SQUARE, "layer3")
    with torch.no_grad():
        for weights in encoders["other"].backbone.layer3.parameters():
            weights.add_(0.1)
    calls, trunk = [], Encoder.trunk
    monkeypatch.setattr(
        Encoder, "trunk", lambda self, images: calls.append(len(images)) or trunk(self, images)
    )
    together = extract(encoders, table(6), sheets, batch_size=3)
    assert calls.count(3) == 4  # two batches, two trunks
    assert not np.allclose(together["one"], together["other"])
    for name, encoder in encoders.items():
        (alone,) = extract({name: encoder}, table(6), sheets, batch_size=3).values()
        np.testing.assert_array_equal(together[name], alone)


@pytest.mark.parametrize("width", [1, 64, 2048])
def test_a_visitor_of_any_width_is_read_by_its_spec_and_by_its_name(run, width):
    visitor = Toy("f" * 16, width, Geometry(224))
    visitor.card = {"model": "timm:resnet50"}
    written(run, "resnet50", encoder=visitor)
    for name in ("resnet50", "timm:resnet50", "resnet50=timm:resnet50"):
        assert read_features(run, name)[1].shape == (6, width)
    assert list(read_all_features(run, ["timm:resnet50"])[1]) == ["resnet50"]
    for other in ("timm:resnet50@none", "torchvision:resnet50", "resnet50=timm:resnet101"):
        with pytest.raises(BadInput, match="was made with another model"):
            read_features(run, other)


def test_a_visitor_that_has_not_looked_yet_names_the_chapter_and_itself(run):
    for collection, chapter in (("half_earth", "features"), ("kew", "kew")):
        with pytest.raises(BadInput, match=f"run chapter {chapter} with timm:resnet50 among its networks"):
            read_features(run, "timm:resnet50", collection)


def test_two_representations_of_one_name_are_refused(run):
    with pytest.raises(BadInput, match="Two representations are called test_vit: write another name"):
        load_encoders(["timm:test_vit@none", "test_vit=timm:test_resnet@none"], run)


def test_an_unknown_name_is_refused(run):
    with pytest.raises(
        BadInput,
        match=r"'clasifier': did you mean 'classifier'\? It is one of autoencoder, triplet.*imagenet",
    ):
        load_encoder("clasifier", run)
    with pytest.raises(BadInput, match="herbnb encoders"):
        read_features(run, "nothing")
    assert [*NETWORKS, *BASELINES] == [
        "autoencoder",
        "triplet",
        "classifier",
        "untrained",
        "colour",
        "imagenet",
    ]
    assert spec_of("triplet").name == "triplet"
