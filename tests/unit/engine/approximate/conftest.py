"""A small model with two levels below the finest, ready to draw."""

import pytest
import torch

from irodori.engine.device import Machine, choose_policy
from irodori.engine.loading.checkpoint import (
    PREFIXES,
    ModelParts,
    ModelTraits,
    load_checkpoint,
    save_checkpoint,
)
from irodori.engine.loading.source import open_source
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig

UNET = UNetConfig(
    channels=(8, 16, 24),
    layers_per_block=1,
    depths=(0, 1, 1),
    middle_depth=1,
    head_dim=8,
    context_dim=20,
    vector_dim=40,
    groups=4,
)


@pytest.fixture(scope="session")
def small_model_file(tmp_path_factory):
    parts = ModelParts(
        unet=UNet(UNET),
        autoencoder=Autoencoder(
            AutoencoderConfig(channels=(8, 8, 16, 16), layers_per_block=1, groups=2, scale=0.25)
        ),
        text_l=ClipL(ClipConfig(width=8, layers=2, heads=2, inner=16)),
        text_g=ClipG(ClipConfig(width=12, layers=2, heads=3, inner=24, projection=16)),
    )
    generator = torch.Generator().manual_seed(7)
    for name in PREFIXES:
        initialise(getattr(parts, name), generator)
        for each in getattr(parts, name).parameters():  # nothing starts at zero
            each.data.add_(torch.randn(each.shape, generator=generator), alpha=0.05)
    path = tmp_path_factory.mktemp("models") / "small.safetensors"
    save_checkpoint(path, parts, traits=ModelTraits())
    return path


@pytest.fixture
def model(small_model_file):
    return load_checkpoint(open_source(small_model_file), choose_policy(Machine(), parameters=0))
