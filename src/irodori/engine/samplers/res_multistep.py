"""Res Multistep: the refined exponential solver as a two-step method; ancestral and with CFG++.

Source: Zhang et al. 2023, arXiv:2308.02157, section 3 and table 1: with b1 = phi_1 - phi_2 / c2 and
b2 = phi_2 / c2, c2 < 0 the distance back to the step before, in steps; Chung et al. 2024,
arXiv:2406.08070, for CFG++.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.ancestral import ancestral_step
from irodori.engine.samplers.base import (
    Denoiser,
    NoiseSource,
    Step,
    both_predictions,
    levels_of,
)
from irodori.recipe.sampler_options import Ancestral


@torch.no_grad()
def res_multistep(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ancestral
) -> Iterator[Step]:
    """Yield second-order steps to sigma_down, each followed by noise where eta is above 0.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`. Where DPM++ 2M takes
    phi_1 / 2 for phi_2, this integrates the line through both predictions exactly.
    """
    old: _Taken | None = None
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        down, up = ancestral_step(sigma, sigma_next, options.eta)
        x = _exponential_step(x, sigma, down, denoised, old)
        if up > 0:
            x = x + noise.next() * (options.s_noise * up)
        old = _Taken(math.log(sigma / down), denoised) if down > 0 else None
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def res_multistep_cfg_pp(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ancestral
) -> Iterator[Step]:
    """Yield the steps of `res_multistep` for the negative prompt, moved by guided minus uncond.

    `denoise` is a GuidedDenoiser; see `dpmpp_2m_cfg_pp`.
    """
    old: _Taken | None = None
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        guided = both_predictions(denoise, x, sigmas[i])
        down, up = ancestral_step(sigma, sigma_next, options.eta)
        x = _exponential_step(x, sigma, down, guided.uncond, old)
        x = x + (guided.denoised - guided.uncond)
        if up > 0:
            x = x + noise.next() * (options.s_noise * up)
        old = _Taken(math.log(sigma / down), guided.uncond) if down > 0 else None
        yield Step(i, sigmas[i], x, guided.denoised)


@dataclass(frozen=True, slots=True)
class _Taken:
    """The step before: how far it went in log sigma, without its noise, and what it saw."""

    h: float
    denoised: Tensor


def _exponential_step(
    x: Tensor, sigma: float, sigma_next: float, denoised: Tensor, old: _Taken | None
) -> Tensor:
    if sigma_next == 0:
        return denoised
    h = math.log(sigma / sigma_next)
    phi_1 = -math.expm1(-h) / h
    x_1 = x * math.exp(-h) + denoised * (h * phi_1)
    if old is None:
        return x_1
    c2 = -old.h / h
    phi_2 = (1 - phi_1) / h
    return x_1 + (old.denoised - denoised) * (h * phi_2 / c2)
