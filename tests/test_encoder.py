import pytest
import torch
from torchvision.models import ResNet18_Weights, resnet18

from herbnb.data.images.geometry import IMAGENET_MEAN, Geometry
from herbnb.errors import BadInput
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.encoder import Encoder

SMALL = Geometry(64)


@pytest.fixture(scope="module")
def pretrained():
    """The state dictionary of a whole ResNet-18, as torchvision publishes them."""
    torch.manual_seed(1)
    return resnet18().state_dict()


def same_weights(encoder, state):
    return all(torch.equal(value, state[key]) for key, value in encoder.resnet.state_dict().items())


def test_images_become_features():
    encoder = Encoder("none", SMALL).eval()
    assert encoder(torch.rand(2, 3, 64, 64)).shape == (2, encoder.width) == (2, 512)


def test_the_mean_colour_is_normalised_to_zero():
    encoder = Encoder("none", SMALL).eval()
    mean = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    assert torch.allclose(encoder(mean), encoder.resnet(torch.zeros(1, 3, 64, 64)), atol=1e-5)


def test_another_geometry_is_normalised_by_its_own_mean_and_spread():
    plain = Encoder("none", Geometry(64, mean=(0.0, 0.0, 0.0), spread=(1.0, 1.0, 1.0))).eval()
    images = torch.rand(2, 3, 64, 64)
    assert torch.equal(plain(images), plain.resnet(images))
    assert not {"mean", "spread"} & set(plain.state_dict())


def test_torchvisions_weights_are_read_from_a_path(tmp_path, pretrained):
    torch.save(pretrained, tmp_path / "resnet18.pth")
    assert same_weights(Encoder(str(tmp_path / "resnet18.pth"), SMALL), pretrained)


def test_a_checkpoint_of_ours_is_read_from_a_path(tmp_path):
    network = Autoencoder()
    torch.save({"state_dict": network.state_dict()}, tmp_path / "checkpoint.ckpt")
    encoder = Encoder(str(tmp_path / "checkpoint.ckpt"), SMALL)
    assert same_weights(encoder, network.encoder.resnet.state_dict())


def test_imagenet_weights_come_from_torchs_cache(tmp_path, monkeypatch, pretrained):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    name = ResNet18_Weights.IMAGENET1K_V1.url.rsplit("/", 1)[-1]
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(pretrained, tmp_path / "hub" / "checkpoints" / name)
    assert same_weights(Encoder("imagenet", SMALL), pretrained)


def test_without_a_network_it_says_where_imagenet_weights_belong(tmp_path, monkeypatch):
    def unreachable(*arguments, **settings):
        raise OSError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", unreachable)
    with pytest.raises(BadInput, match=r"put it at .*resnet18-.*\.pth"):
        Encoder("imagenet", SMALL)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.pth is not a file"):
        Encoder(str(tmp_path / "nowhere.pth"), SMALL)


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"\x80\x02cposix\nsystem\nq\x00."])
def test_a_file_that_is_not_weights_is_named(tmp_path, content):
    (tmp_path / "strange.pth").write_bytes(content)
    with pytest.raises(BadInput, match=r"strange\.pth"):
        Encoder(str(tmp_path / "strange.pth"), SMALL)


def test_keys_must_match_exactly(tmp_path, pretrained):
    lacking = {key: value for key, value in pretrained.items() if key != "conv1.weight"}
    renamed = {f"module.{key}": value for key, value in pretrained.items()}
    for state in (lacking, renamed, {}):
        torch.save(state, tmp_path / "other.pth")
        with pytest.raises(BadInput, match=r"other\.pth: not those of a ResNet-18"):
            Encoder(str(tmp_path / "other.pth"), SMALL)


def test_sizes_must_match(tmp_path, pretrained):
    torch.save({**pretrained, "conv1.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "cifar.pth")
    with pytest.raises(BadInput, match=r"cifar\.pth.*conv1"):
        Encoder(str(tmp_path / "cifar.pth"), SMALL)


def test_a_bare_tensor_is_not_a_state_dictionary(tmp_path):
    torch.save(torch.zeros(3), tmp_path / "tensor.pth")
    with pytest.raises(BadInput, match="holds a Tensor"):
        Encoder(str(tmp_path / "tensor.pth"), SMALL)
