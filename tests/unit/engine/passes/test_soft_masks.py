"""Soft masks: greys are free at high noise, hold at low; mixed latents keep their length."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from irodori.engine.passes.masked import MaskedDenoiser, soft_mask, soft_mix
from irodori.engine.passes.soft import soft_share
from irodori.engine.passes.stage import Region
from irodori.recipe.passes import SoftInpainting

SOFT = SoftInpainting()
GREYS = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]).reshape(1, 1, 1, 5)


def test_black_stays_and_white_is_drawn_at_every_level() -> None:
    for sigma in (0.001, 1.0, 14.6, 4518.0):
        mask = soft_mask(GREYS, SOFT, sigma)
        assert mask[..., 0].item() == 0
        assert mask[..., -1].item() == 1


def test_greys_close_as_the_noise_falls() -> None:
    levels = [soft_mask(GREYS, SOFT, sigma)[0, 0, 0, 1:4] for sigma in (14.0, 3.0, 0.5, 0.03)]
    for high, low in pairwise(levels):
        assert (high > low).all()
    assert (levels[0] > 0.8).all()
    assert (levels[-1] < 0.05).all()


@pytest.mark.parametrize("strength", [0.0, 0.5, 2.0])
def test_strength_and_bias_are_the_exponent(strength: float) -> None:
    soft = SoftInpainting(preservation_strength=strength, schedule_bias=2.0)
    kept = 1 - soft_mask(GREYS, soft, 3.0)[0, 0, 0, 2].item()
    assert kept == pytest.approx(0.5 ** (strength * 9), abs=1e-6)


def test_a_mix_has_a_length_between() -> None:
    generator = torch.Generator().manual_seed(2)
    kept, drawn = torch.randn(2, 1, 4, 6, 6, generator=generator)
    half = torch.full((1, 1, 6, 6), 0.5)
    plain = torch.linalg.vector_norm(torch.lerp(kept, drawn, half), dim=1)
    mixed = torch.linalg.vector_norm(soft_mix(kept, drawn, half, SOFT), dim=1)
    ends = torch.stack([torch.linalg.vector_norm(each, dim=1) for each in (kept, drawn)])
    assert (mixed > plain - 1e-5).all()
    assert (mixed <= ends.amax(0) + 1e-5).all()
    assert (mixed >= ends.amin(0) - 1e-5).all()
    assert torch.allclose(soft_mix(kept, drawn, torch.zeros_like(half), SOFT), kept, atol=1e-5)
    assert torch.allclose(soft_mix(kept, drawn, torch.ones_like(half), SOFT), drawn, atol=1e-5)


def test_hard_masks_answer_with_the_picture_outside() -> None:
    kept = torch.zeros(1, 4, 2, 2)
    mask = torch.tensor([[1.0, 0.0], [0.5, 0.0]]).reshape(1, 1, 2, 2)
    denoise = MaskedDenoiser(lambda x, sigma: torch.ones_like(x), kept, Region(mask=mask))
    answer = denoise(torch.zeros(1, 4, 2, 2), torch.tensor(3.0))
    assert answer[0, 0].tolist() == [[1.0, 0.0], [0.5, 0.0]]
    assert denoise.finished(torch.full((1, 4, 2, 2), 8.0))[0, 3].tolist() == [
        [8.0, 0.0],
        [4.0, 0.0],
    ]


def test_what_hardly_changed_stays_the_originals_pixels() -> None:
    before = torch.zeros(4, 8, 8)
    after = before.clone()
    after[:, :, 4:] = 3.0
    shown = np.full((64, 64), 255, np.uint8)
    share = soft_share(before, after, shown, SOFT)
    assert share[32, 8] < 10
    assert share[32, 60] > 245
    shown[:, 40:] = 0
    assert not soft_share(before, after, shown, SOFT)[:, 40:].any()
    by_mask = soft_share(before, after, shown, SoftInpainting(mask_influence=1.0))
    assert (by_mask[:, :40] == 255).all()
