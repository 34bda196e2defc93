import pytest
import torch
from pytorch_lightning import seed_everything
from torch.utils.data import DataLoader

from herbnb.data.images.geometry import Geometry
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.encoder import scaled
from herbnb.networks.training import trainer_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sheets():
    """Eight plain sheets of two colours each, uint8 [8, 3, 64, 64]."""
    generator = torch.Generator().manual_seed(89)
    colours = torch.randint(0, 256, (8, 3, 2, 1), dtype=torch.uint8, generator=generator)
    return colours.repeat_interleave(32, 2).expand(8, 3, 64, 64).contiguous()


def test_a_sheet_of_any_size_is_drawn_again_in_its_size():
    network = Autoencoder().eval()
    for height in (64, 112):
        network.encoder.geometry = Geometry(height)
        drawn = network(torch.rand(2, 3, height, height))
        assert drawn.shape == (2, 3, height, height)
        assert drawn.min() >= 0 and drawn.max() <= 1


@pytest.mark.parametrize(
    ("encoder", "widths"),
    [
        ("resnet18", [512, 256, 128, 64, 64]),
        ("resnet18_cifar", [512, 256, 128, 64, 64]),
        ("tf_efficientnet_lite0", [320, 112, 40, 24, 16]),
        ("test_resnet", None),
        ("test_convnext", None),
        ("test_vit", None),
    ],
)
def test_the_decoder_mirrors_the_encoder(encoder, widths):
    network = Autoencoder(encoder=encoder, input_height=64).eval()
    assert network.squeeze.weight.shape == (256, network.width)
    if widths:
        assert network.decoder.spread.out_features == widths[0] * 16
        assert network.decoder.colour.in_channels == widths[-1]
        assert [stage.convolutions[0].out_channels for stage in network.decoder.stages[::2]] == widths[1:]
    assert network(torch.rand(2, 3, 64, 64)).shape == (2, 3, 64, 64)


def test_the_latent_is_narrower_than_the_features():
    assert Autoencoder().squeeze.weight.shape == (256, 512)


def test_it_overfits_a_handful_of_sheets(sheets):
    seed_everything(89, verbose=False)
    network = Autoencoder(learning_rate=3e-3, input_height=64)
    batches = DataLoader([(sheets, torch.zeros(8))], batch_size=None)
    trainer = trainer_of("32-true", max_epochs=25, enable_checkpointing=False)
    trainer.fit(network, batches)
    images = scaled(sheets)
    learnt = trainer.callback_metrics["train/loss"].item()
    predicting_the_mean = (images - images.mean(0)).pow(2).mean().item()
    assert learnt < 0.5 * predicting_the_mean


def test_encoding_is_the_encoders_512_and_leaves_no_gradient(sheets):
    network = Autoencoder()
    features = network.encode(sheets)
    assert features.shape == (8, 512) and features.dtype == torch.float32
    assert not features.requires_grad and not network.encoder.training
    assert torch.equal(features, network.encode(sheets))
