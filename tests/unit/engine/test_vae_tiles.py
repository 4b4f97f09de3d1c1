"""The autoencoder in tiles, and again in float32 where it overflows."""

import pytest
import torch
from torch import Tensor

from irodori.engine import vae_tiles
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.initialise import initialise
from irodori.engine.vae import decode, encode
from irodori.engine.vae_tiles import decode_pictures, encode_pictures, tile_for, tiled
from irodori.errors import RecipeError


@pytest.fixture
def autoencoder(generator: torch.Generator) -> Autoencoder:
    made = Autoencoder(AutoencoderConfig(channels=(8, 8, 8, 16), layers_per_block=1, groups=4))
    initialise(made, generator)
    return made.requires_grad_(False).eval()


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def doubled(x: Tensor) -> Tensor:
    """A local operation, so that tiles give exactly what the whole gives."""
    return torch.nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


@pytest.mark.parametrize("size", [(16, 16), (17, 16), (40, 23), (64, 100), (16, 17)])
def test_tiles_of_a_local_operation_are_the_whole(
    size: tuple[int, int], generator: torch.Generator
) -> None:
    x = torch.randn(1, 3, *size, generator=generator)
    found = tiled(doubled, x, 16, 2)
    assert torch.allclose(found, doubled(x), atol=1e-6)


def test_overlaps_fade(generator: torch.Generator) -> None:
    """Tiles that disagree by a constant meet without an edge."""
    levels = iter(range(100))
    x = torch.zeros(1, 1, 16, 28)
    found = tiled(lambda part: part + next(levels), x, 16, 1)
    steps = found[0, 0, 0].diff()
    assert float(steps.max()) <= 0.3  # one level over an overlap of four
    assert float(found[0, 0, 0, 0]) == 0
    assert float(found[0, 0, 0, -1]) == 1


@pytest.mark.parametrize("size", [(8, 8), (40, 24)])
def test_whole_pictures_are_those_of_the_autoencoder(
    autoencoder: Autoencoder, generator: torch.Generator, size: tuple[int, int]
) -> None:
    latents = torch.randn(2, 4, *size, generator=generator)
    found = decode_pictures(autoencoder, latents).values
    each = torch.cat([decode(autoencoder, latents[i : i + 1]) for i in range(2)])
    assert torch.equal(found, each)
    back = encode_pictures(autoencoder, found).values
    assert back.shape == latents.shape
    assert torch.equal(back[:1], encode(autoencoder, found[:1]))


def test_a_picture_does_not_depend_on_its_batch(
    autoencoder: Autoencoder, generator: torch.Generator
) -> None:
    latents = torch.randn(3, 4, 8, 8, generator=generator)
    together = decode_pictures(autoencoder, latents).values
    assert torch.equal(together[2:], decode_pictures(autoencoder, latents[2:]).values)


def test_sides_beyond_a_multiple_of_8_are_left_out(autoencoder: Autoencoder) -> None:
    pixels = torch.rand(1, 3, 43, 70, generator=torch.Generator().manual_seed(1))
    found = encode_pictures(autoencoder, pixels).values
    assert found.shape == (1, 4, 5, 8)
    assert torch.equal(found, encode(autoencoder, pixels[..., :40, :64]))


def test_tiled_decoding_is_near_the_whole(
    autoencoder: Autoencoder, generator: torch.Generator
) -> None:
    latents = torch.randn(1, 4, 48, 48, generator=generator) * 0.3
    whole = decode_pictures(autoencoder, latents).values
    parts = decode_pictures(autoencoder, latents, tile=256).values
    assert parts.shape == whole.shape
    assert float((parts - whole).square().mean()) < 0.05 * float(whole.var())


def test_overflow_is_found_repaired_and_told(
    autoencoder: Autoencoder, generator: torch.Generator
) -> None:
    with torch.no_grad():  # weights that float16 holds, products that it does not
        first = autoencoder.decoder.conv_in.weight
        first.mul_(3e4 / first.abs().max())
    latents = torch.randn(2, 4, 8, 8, generator=generator)
    half = Autoencoder(autoencoder.config).half().eval().requires_grad_(False)
    half.load_state_dict(autoencoder.half().state_dict())
    passed = decode_pictures(half, latents)
    assert passed.values.isfinite().all()
    assert passed.notes == (
        "the autoencoder overflowed in float16 (NaN): it was run again in float32",
    )
    assert half.post_quant_conv.weight.dtype == torch.float16


def test_latents_that_are_no_numbers_are_named(autoencoder: Autoencoder) -> None:
    latents = torch.zeros(1, 4, 8, 8)
    latents[0, 0, 0, 0] = float("nan")
    with pytest.raises(RecipeError, match="no numbers"):
        decode_pictures(autoencoder, latents)


@pytest.mark.parametrize(
    ("free", "expected"), [(None, 0), (10**12, 0), (10**8, 512), (10**6, 256), (0, 256)]
)
def test_tiles_are_chosen_by_what_is_free(
    autoencoder: Autoencoder,
    free: int | None,
    expected: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vae_tiles, "free_bytes", lambda device: free)
    assert tile_for(autoencoder, 2048, 2048) == expected
