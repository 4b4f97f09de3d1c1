"""Our autoencoder against diffusers' AutoencoderKL: same weights, same values and gradients."""

import re

import pytest
import torch
from diffusers import AutoencoderKL

from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig

SMALL = AutoencoderConfig(channels=(16, 32, 48), groups=8)
SHALLOW = AutoencoderConfig(channels=(16, 16, 24, 32), layers_per_block=1, groups=4)
FULL = AutoencoderConfig()

RENAMED = [
    (r"\.down\.(\d+)\.block\.", r".down_blocks.\1.resnets."),
    (r"\.down\.(\d+)\.downsample\.", r".down_blocks.\1.downsamplers.0."),
    (r"\.up\.(\d+)\.block\.", r".up_blocks.\1.resnets."),
    (r"\.up\.(\d+)\.upsample\.", r".up_blocks.\1.upsamplers.0."),
    (r"\.mid\.block_1\.", r".mid_block.resnets.0."),
    (r"\.mid\.block_2\.", r".mid_block.resnets.1."),
    (r"\.mid\.attn_1\.norm\.", r".mid_block.attentions.0.group_norm."),
    (r"\.mid\.attn_1\.([qkv])\.", r".mid_block.attentions.0.to_\1."),
    (r"\.mid\.attn_1\.proj_out\.", r".mid_block.attentions.0.to_out.0."),
    (r"\.norm_out\.", r".conv_norm_out."),
    (r"\.nin_shortcut\.", r".conv_shortcut."),
]


def to_diffusers(values, config):
    """Our names and shapes to diffusers', as views of the same storage."""
    renamed = {}
    for key, value in values.items():
        name = key
        for pattern, replacement in RENAMED:
            name = re.sub(pattern, replacement, name)
        name = re.sub(
            r"\.up_blocks\.(\d+)",
            lambda found: f".up_blocks.{len(config.channels) - 1 - int(found[1])}",
            name,
        )
        is_projection = ".attentions." in name and value.dim() == 4
        renamed[name] = value.flatten(1) if is_projection else value
    return renamed


@pytest.fixture
def pair(request, random_values):
    config = request.param
    levels = len(config.channels)
    with torch.device("meta"):
        ours = Autoencoder(config)
        theirs = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            block_out_channels=config.channels,
            layers_per_block=config.layers_per_block,
            latent_channels=config.latent_channels,
            norm_num_groups=config.groups,
        )
    values = random_values(ours)
    ours.load_state_dict(values, assign=True)
    theirs.load_state_dict(to_diffusers(values, config), assign=True)
    return ours, theirs


@pytest.mark.parametrize("pair", [SMALL, SHALLOW], indirect=True)
@pytest.mark.parametrize("size", [(64, 64), (40, 72)])
def test_encodes_as_diffusers(pair, size, relative_error, generator):
    ours, theirs = pair
    pixels = torch.rand(2, 3, *size, generator=generator) * 2 - 1
    with torch.no_grad():
        posterior = ours.encode(pixels)
        expected = theirs.encode(pixels).latent_dist
    assert relative_error(posterior.mean, expected.mean) <= 1e-5
    assert relative_error(posterior.log_variance, expected.logvar) <= 1e-5


@pytest.mark.parametrize("pair", [SMALL, SHALLOW], indirect=True)
@pytest.mark.parametrize("size", [(8, 8), (5, 9)])
def test_decodes_as_diffusers(pair, size, relative_error, generator):
    ours, theirs = pair
    latents = torch.randn(2, 4, *size, generator=generator)
    with torch.no_grad():
        assert relative_error(ours.decode(latents), theirs.decode(latents).sample) <= 1e-5


@pytest.mark.parametrize("pair", [SMALL, SHALLOW], indirect=True)
def test_gradients_are_diffusers(pair, relative_error, generator):
    """At 96 px the first level is large enough for our own group norm backward."""
    ours, theirs = pair
    pixels = torch.rand(2, 3, 96, 96, generator=generator) * 2 - 1
    reduced = 96 // ours.config.reduction
    noise = torch.randn(2, 4, reduced, reduced, generator=generator)

    posterior = ours.encode(pixels)
    drawn = ours.decode(posterior.sample(noise))
    ((drawn - pixels).square().mean() + posterior.divergence().mean()).backward()

    expected = theirs.encode(pixels).latent_dist
    redrawn = theirs.decode(expected.mean + expected.std * noise).sample
    divergence = 0.5 * (expected.mean**2 + expected.var - 1 - expected.logvar)
    ((redrawn - pixels).square().mean() + divergence.mean()).backward()

    gradients = {name: value.grad for name, value in ours.named_parameters()}
    theirs_by_name = {name: value.grad for name, value in theirs.named_parameters()}
    compared = to_diffusers(gradients, ours.config)
    assert compared.keys() == theirs_by_name.keys()
    everything = relative_error(
        torch.cat([compared[name].flatten() for name in sorted(compared)]),
        torch.cat([theirs_by_name[name].flatten() for name in sorted(compared)]),
    )
    assert everything <= 1e-5


@pytest.mark.full
@pytest.mark.parametrize("pair", [FULL], indirect=True)
def test_full_size_is_diffusers_both_ways(pair, relative_error, generator):
    ours, theirs = pair
    pixels = torch.rand(1, 3, 128, 128, generator=generator) * 2 - 1
    with torch.no_grad():
        posterior, expected = ours.encode(pixels), theirs.encode(pixels).latent_dist
        drawn, redrawn = ours.decode(posterior.mean), theirs.decode(expected.mean).sample
    errors = {
        "mean": relative_error(posterior.mean, expected.mean),
        "log_variance": relative_error(posterior.log_variance, expected.logvar),
        "pixels": relative_error(drawn, redrawn),
    }
    print(errors)  # noqa: T201 - the figures, shown with -s
    assert max(errors.values()) <= 1e-5
