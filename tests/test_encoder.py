"""The encoder: a backbone of timm, the weights it starts from, and what of it learns."""

import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file

from herbnb.data.images.geometry import IMAGENET_MEAN, Geometry
from herbnb.errors import BadInput
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.encoder import DEFAULT, encoder_of, geometry_for
from herbnb.networks.weights import load_weights, packaged

SMALL = Geometry(64)
TINY = "test_resnet"


def of(weights="none", trainable="all", name=TINY, geometry=SMALL):
    return encoder_of(name, str(weights), geometry, trainable)


@pytest.fixture(scope="module")
def pretrained():
    """The state dictionary of a whole model, as timm publishes them."""
    torch.manual_seed(1)
    return timm.create_model(TINY).state_dict()


def same_weights(encoder, state):
    return all(torch.equal(value, state[key]) for key, value in encoder.backbone.state_dict().items())


@pytest.mark.parametrize(
    "name", ["test_resnet", "test_efficientnet", "test_vit", "test_convnext", "resnet18"]
)
def test_images_become_features(name):
    encoder = of(name=name).eval()
    assert encoder(torch.rand(2, 3, 64, 64)).shape == (2, encoder.width)


def test_the_mean_colour_is_normalised_to_zero():
    encoder = of().eval()
    mean = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    assert torch.allclose(encoder(mean), encoder.backbone(torch.zeros(1, 3, 64, 64)), atol=1e-5)


def test_another_geometry_is_normalised_by_its_own_mean_and_spread():
    plain = of(geometry=Geometry(64, mean=(0.0, 0.0, 0.0), spread=(1.0, 1.0, 1.0))).eval()
    images = torch.rand(2, 3, 64, 64)
    assert torch.equal(plain(images), plain.backbone(images))
    assert not {"mean", "spread"} & set(plain.state_dict())


def test_colours_and_size_are_those_of_the_model():
    assert geometry_for("resnet18") == Geometry(224)
    assert geometry_for("resnet18", 96, "crop") == Geometry(96, "crop")
    own = geometry_for("vit_base_patch16_224.augreg_in21k")
    assert (own.height, own.mean, own.spread, own.backdrop) == (224, (0.5,) * 3, (0.5,) * 3, (128,) * 3)


def test_a_transformer_is_made_for_the_height_asked_for():
    for height in (64, 96):
        assert of(name="test_vit", geometry=Geometry(height)).eval()(torch.rand(1, 3, height, height)).any()


@pytest.mark.parametrize("file", ["whole.pth", "whole.safetensors"])
def test_published_weights_are_read_from_a_path(tmp_path, pretrained, file):
    save = save_file if file.endswith(".safetensors") else torch.save
    save(pretrained, tmp_path / file)
    assert same_weights(of(tmp_path / file), pretrained)


def test_a_checkpoint_of_ours_is_read_from_a_path(tmp_path):
    network = Autoencoder(encoder=TINY)
    torch.save({"state_dict": network.state_dict()}, tmp_path / "checkpoint.ckpt")
    encoder = of(tmp_path / "checkpoint.ckpt")
    assert same_weights(encoder, network.encoder.backbone.state_dict())


def test_the_published_stem_looks_at_full_size_and_keeps_the_names():
    small, usual = (of(name=name).backbone for name in ("resnet18_cifar", "resnet18"))
    assert small.conv1.kernel_size == (3, 3) and small.conv1.stride == (1, 1)
    assert small.state_dict().keys() == usual.state_dict().keys()
    images = torch.rand(2, 3, 64, 64)
    assert small.bn1(small.conv1(images)).shape == small.maxpool(small.conv1(images)).shape == (2, 64, 64, 64)
    assert small.forward_features(images).shape == (2, 512, 8, 8)
    assert usual.forward_features(images).shape == (2, 512, 2, 2)
    assert of(name="resnet18_cifar").width == 512
    assert geometry_for("resnet18_cifar", 256, "crop") == geometry_for("resnet18.tv_in1k", 256, "crop")
    with pytest.raises(BadInput, match="timm has no weights for resnet18_cifar"):
        of("imagenet", name="resnet18_cifar")


@pytest.mark.parametrize("prefix", ["", "encoder."])
def test_weights_of_cifar_are_read_as_torchvision_and_lightning_bolts_name_them(tmp_path, prefix):
    torch.manual_seed(1)
    theirs = torchvision.models.resnet18(num_classes=10)
    theirs.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)
    theirs.maxpool = torch.nn.Identity()
    state = {prefix + key: value for key, value in theirs.state_dict().items()}
    if prefix:  # the autoencoder's encoder has no last layer, and its own comes after the encoder
        state = {key: value for key, value in state.items() if not key.startswith("encoder.fc.")}
        state |= {"fc.weight": torch.zeros(256, 512), "decoder.linear.weight": torch.zeros(8192, 256)}
    torch.save({"state_dict": state, "epoch": 96}, tmp_path / "cifar.ckpt")
    encoder, images = of(tmp_path / "cifar.ckpt", name="resnet18_cifar").eval(), torch.rand(2, 3, 64, 64)
    theirs.fc = torch.nn.Identity()
    expected = theirs.eval()((images - encoder.mean) / encoder.spread)
    assert torch.allclose(encoder(images), expected, atol=1e-5)
    with pytest.raises(BadInput, match="not those of resnet18 "):
        of(tmp_path / "cifar.ckpt", name="resnet18")


def test_a_model_whose_own_names_begin_with_encoder_keeps_them(tmp_path):
    model = torchvision.models.vit_b_32(num_classes=2, image_size=32)
    torch.save(model.state_dict(), tmp_path / "vit.pth")
    load_weights(model, tmp_path / "vit.pth", "vit_b_32")


def test_weights_that_a_package_carries_need_no_network():
    assert packaged(DEFAULT) and packaged(f"{DEFAULT}.in1k") and not packaged("resnet18")
    encoder = encoder_of(DEFAULT, "imagenet", Geometry(64)).eval()
    other = encoder_of(f"{DEFAULT}.in1k", "imagenet", Geometry(64))
    assert encoder.width == 1280 and encoder.fingerprint == other.fingerprint
    assert encoder.fingerprint != encoder_of(DEFAULT, "none", Geometry(64)).fingerprint
    # the running statistics are those of a training, each in its place
    model = encoder.backbone
    assert model.bn1.running_var.std() > 0.01 and model.bn2.running_var.min() > 0
    seen = encoder(torch.rand(4, 3, 64, 64))
    assert seen.isfinite().all() and seen.std(0).mean() > 1e-3


def test_weights_that_are_not_here_are_one_sentence_at_once(monkeypatch):
    def unreachable(*arguments, **settings):
        raise AssertionError("a chapter fetches nothing")

    monkeypatch.setattr("socket.socket.connect", unreachable)
    with pytest.raises(BadInput, match="run `herbnb encoders fetch timm:test_resnet` once") as said:
        of("imagenet")
    assert "\n" not in str(said.value)


def test_a_model_without_weights_says_so():
    bare = next(name for name in timm.list_models() if not timm.get_pretrained_cfg(name).has_weights)
    with pytest.raises(BadInput, match=f"timm has no weights for {bare}"):
        of("imagenet", name=bare)


def test_a_model_that_there_is_not_has_the_nearest_name():
    with pytest.raises(BadInput, match="timm has no model 'resnet81': did you mean 'resnet18'"):
        of(name="resnet81")
    with pytest.raises(BadInput, match=r"no weights 'mine' for resnet18: choose among a1_in1k"):
        of(name="resnet18.mine")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.pth is not a file"):
        of(tmp_path / "nowhere.pth")


def test_keys_must_match_exactly(tmp_path, pretrained):
    lacking = {key: value for key, value in pretrained.items() if key != "conv1.0.weight"}
    assert len(lacking) == len(pretrained) - 1
    renamed = {f"module.{key}": value for key, value in pretrained.items()}
    for state in (lacking, renamed, {}, {**pretrained, "more.weight": torch.zeros(3)}):
        torch.save(state, tmp_path / "other.pth")
        with pytest.raises(BadInput, match=r"other\.pth: not those of test_resnet") as said:
            of(tmp_path / "other.pth")
        assert "\n" not in str(said.value)


def test_sizes_must_match(tmp_path, pretrained):
    key = "conv1.0.weight"
    torch.save({**pretrained, key: torch.zeros(64, 3, 3, 3)}, tmp_path / "cifar.pth")
    with pytest.raises(BadInput, match=r"cifar\.pth.*conv1"):
        of(tmp_path / "cifar.pth")


def test_a_bare_tensor_is_not_a_state_dictionary(tmp_path):
    torch.save(torch.zeros(3), tmp_path / "tensor.pth")
    with pytest.raises(BadInput, match="holds a Tensor"):
        of(tmp_path / "tensor.pth")


def learning(encoder):
    return {name for name, weights in encoder.backbone.named_parameters() if weights.requires_grad}


def test_what_learns_is_all_or_nothing_or_from_a_stage_on():
    names = {name for name, _ in of().backbone.named_parameters()}
    assert learning(of()) == names and learning(of(trainable="head")) == set()
    last = learning(of(trainable="layer4", name="resnet18"))
    assert last and all(name.startswith("layer4.") for name in last)
    assert learning(of(trainable="layer4.1", name="resnet18")) < last
    assert learning(of(trainable="blocks.6", name=DEFAULT)) >= {"conv_head.weight"}


@pytest.mark.parametrize(
    ("name", "trainable"),
    [("resnet18", "layer3"), (DEFAULT, "blocks.5"), (TINY, "head"), ("test_vit", "head")],
)
def test_trunk_and_crown_are_the_whole(name, trainable):
    encoder = of(trainable=trainable, name=name).eval()
    images = torch.rand(2, 3, 64, 64)
    assert encoder.frozen
    assert torch.equal(encoder(images), encoder.backbone((images - encoder.mean) / encoder.spread))


def test_a_stage_that_there_is_not_is_answered_with_those_there_are():
    for trainable in ("layer5", "layer", "", "conv"):
        with pytest.raises(BadInput, match=r"choose all, head, or the first stage .*conv1, bn1, layer1\.0"):
            of(trainable=trainable, name="resnet18")


def test_a_model_that_is_no_chain_learns_whole_or_not_at_all():
    with pytest.raises(BadInput, match="test_vit is no chain of stages: trainable must be all or head"):
        of(trainable="blocks.1", name="test_vit")


def test_frozen_stages_keep_their_statistics_from_the_first_moment_on():
    encoder = of(trainable="layer4", name="resnet18")
    before = encoder.backbone.bn1.running_mean.clone()
    for made in (encoder, encoder.train()):
        made(torch.rand(4, 3, 64, 64))
        assert torch.equal(encoder.backbone.bn1.running_mean, before)
    assert encoder.backbone.layer4.training and not encoder.backbone.bn1.training


def test_encoders_that_begin_alike_are_known_by_it():
    torch.manual_seed(0)
    one = of(trainable="layer4", name="resnet18")
    torch.manual_seed(0)
    same = of(trainable="layer4", name="resnet18")
    with torch.no_grad():
        same.backbone.layer4[0].conv1.weight.mul_(2)
    assert one.beginning == same.beginning and one.fingerprint != same.fingerprint
    assert one.beginning != of(trainable="layer4", name="resnet18").beginning
    assert of().beginning == of().beginning  # their colours alone
    assert of().beginning != of(geometry=Geometry(64, mean=(0.0,) * 3)).beginning


def test_encoding_takes_up_what_was_begun():
    encoder = of(trainable="head")
    images, begun = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8), {}
    features = encoder.encode(images, begun)
    assert list(begun) == [encoder.beginning] and torch.equal(begun[encoder.beginning], features)
    begun[encoder.beginning] = features + 1
    assert torch.equal(encoder.encode(images, begun), features + 1)
    assert torch.equal(encoder.encode(images), features) and features.dtype == torch.float32
