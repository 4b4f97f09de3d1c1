"""A model of the least size that has everything: levels with and without transformers."""

import pytest
import torch

from irodori.engine.loading.checkpoint import PREFIXES, ModelParts
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig

UNET = UNetConfig(
    channels=(8, 16, 24),
    layers_per_block=2,
    depths=(0, 1, 2),
    middle_depth=1,
    head_dim=8,
    context_dim=20,
    vector_dim=40,
    groups=4,
)


@pytest.fixture
def parts() -> ModelParts:
    made = ModelParts(
        unet=UNet(UNET),
        autoencoder=Autoencoder(AutoencoderConfig(channels=(8, 16), layers_per_block=1, groups=2)),
        text_l=ClipL(ClipConfig(width=8, layers=2, heads=2, inner=16)),
        text_g=ClipG(ClipConfig(width=12, layers=3, heads=3, inner=24, projection=12)),
    )
    generator = torch.Generator().manual_seed(7)
    for name in PREFIXES:
        module = getattr(made, name)
        initialise(module, generator)
        module.requires_grad_(requires_grad=False).eval()
        for parameter in module.parameters():  # what begins at zero would hide mistakes
            if not parameter.any():
                parameter.normal_(0, 0.1, generator=generator)
    return made
