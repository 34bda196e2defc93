import pytest
import torch
from pytorch_lightning import seed_everything
from torch.utils.data import DataLoader

from herbnb.data.images.geometry import Geometry
from herbnb.errors import BadInput
from herbnb.networks.autoencoder import Autoencoder
from herbnb.networks.encoder import scaled
from herbnb.networks.trainer import trainer_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sheets():
    """Eight plain sheets of two colours each, uint8 [8, 3, 64, 64]."""
    generator = torch.Generator().manual_seed(89)
    colours = torch.randint(0, 256, (8, 3, 2, 1), dtype=torch.uint8, generator=generator)
    return colours.repeat_interleave(32, 2).expand(8, 3, 64, 64).contiguous()


@pytest.mark.parametrize("detail", ["coarse", "full"])
def test_a_sheet_of_any_size_is_drawn_again_in_its_size(detail):
    network = Autoencoder(detail=detail).eval()
    for height in (64, 100, 112):
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
@pytest.mark.parametrize("detail", ["coarse", "full"])
def test_the_decoder_mirrors_the_encoder(encoder, widths, detail):
    network = Autoencoder(encoder=encoder, input_height=64, detail=detail).eval()
    assert network.squeeze.weight.shape == (256, network.width)
    if widths:
        assert network.decoder.spread.out_features == widths[0] * 16
        assert network.decoder.colour.in_channels == widths[-1]
        assert [stage.convolutions[0].out_channels for stage in network.decoder.stages[::2]] == widths[1:]
    assert network(torch.rand(2, 3, 64, 64)).shape == (2, 3, 64, 64)


def sides(network, height):
    """The sides of the maps after the first layer, each block, and the whole decoder."""
    found = []
    for part in (*network.decoder.stages, network.decoder.colour):
        part.register_forward_hook(
            lambda part, given, made: found.append((given[0].shape[-1], made.shape[-1]))
        )
    network.decoder(torch.rand(1, 256), height)
    return [found[0][0], *(after for _, after in found)]


def test_the_published_decoder_begins_at_an_eighth_of_the_side_and_doubles_three_times():
    network = Autoencoder(encoder="resnet18_cifar", detail="full").eval()
    assert sides(network, 256) == [32, 64, 64, 128, 128, 256, 256, 256, 256, 256]
    stages = [
        (each.convolutions[0].in_channels, each.convolutions[3].out_channels)
        for each in network.decoder.stages
    ]
    assert stages[::2] == [(512, 256), (256, 128), (128, 64), (64, 64)]
    assert isinstance(network.decoder.stages[6].shortcut, torch.nn.Identity)
    # every one of the four by four places is spread over a square: nearest neighbours
    first = []
    network.decoder.stages[0].register_forward_hook(lambda part, given, made: first.append(given[0]))
    latent = torch.rand(1, 256)
    network.decoder(latent, 256)
    places = network.decoder.spread(latent).view(1, 512, 4, 4)
    assert torch.equal(first[0], places.repeat_interleave(8, 2).repeat_interleave(8, 3))


def test_the_default_decoder_draws_stamps():
    assert sides(Autoencoder().eval(), 256) == [4, 8, 8, 16, 16, 32, 32, 64, 64, 64]
    with pytest.raises(BadInput, match="detail is 'fine': choose one of coarse, full"):
        Autoencoder(detail="fine")


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
