import pytest
import torch

from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig

SMALL_UNET = UNetConfig(
    channels=(32, 64),
    depths=(0, 1),
    layers_per_block=1,
    middle_depth=1,
    head_dim=32,
    context_dim=8,
    vector_dim=8,
)
TEXT = {"width": 32, "layers": 2, "heads": 2, "inner": 64, "vocabulary": 50}

MAKERS = {
    "unet": lambda: UNet(SMALL_UNET),
    "autoencoder": lambda: Autoencoder(AutoencoderConfig(channels=(32, 64), layers_per_block=1)),
    "text_l": lambda: ClipL(ClipConfig(**TEXT)),
    "text_g": lambda: ClipG(ClipConfig(**TEXT, projection=32)),
}


def nans(module):
    """Poisoned, so that a value that nobody fills is seen."""
    with torch.no_grad():
        for value in module.parameters():
            value.fill_(float("nan"))
    return module


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_every_value_is_filled_the_same_way_from_the_same_seed(make):
    first, second = (initialise(nans(make()), torch.Generator().manual_seed(1)) for _ in range(2))
    other = initialise(nans(make()), torch.Generator().manual_seed(2))
    assert all(value.isfinite().all() for value in first.parameters())
    same = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in same)
    differ = zip(first.parameters(), other.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in differ)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_the_global_generator_is_not_touched(make):
    before = torch.get_rng_state()
    initialise(make(), torch.Generator().manual_seed(1))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_new_unet_predicts_nothing():
    """Its last convolution starts at zero, and so do the ends of its branches."""
    unet = initialise(UNet(SMALL_UNET), torch.Generator().manual_seed(1))
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(1, 4, 8, 8, generator=generator)
    with torch.no_grad():
        out = unet(x, torch.tensor([5.0]), torch.ones(1, 8), torch.ones(1, 77, 8))
    assert torch.equal(out, torch.zeros_like(x))
    assert unet.middle_block[0].out_layers[3].weight.count_nonzero() == 0
    assert unet.middle_block[1].proj_out.weight.count_nonzero() == 0
    assert unet.middle_block[0].in_layers[2].weight.count_nonzero() > 0


def test_a_new_autoencoder_passes_signal_both_ways():
    autoencoder = MAKERS["autoencoder"]()
    initialise(autoencoder, torch.Generator().manual_seed(1))
    generator = torch.Generator().manual_seed(3)
    pixels = torch.rand(1, 3, 32, 32, generator=generator) * 2 - 1
    with torch.no_grad():
        posterior = autoencoder.encode(pixels)
        drawn = autoencoder.decode(posterior.mean)
    assert posterior.mean.std() > 0.01
    assert drawn.std() > 0.01
