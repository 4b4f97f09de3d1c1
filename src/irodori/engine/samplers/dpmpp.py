"""DPM-Solver++ on the ODE: 2M, 2M with CFG++ and 2S with ancestral noise.

With t = -log sigma and h = t_next - t the linear part is solved exactly; what is approximated is
the integral of the denoised prediction D over t.

Source: Lu et al. 2022, arXiv:2211.01095, equation 9 (exact solution), algorithms 1 (2S) and
2 (2M), in Crowson's variables; Chung et al. 2024, arXiv:2406.08070, for CFG++.
"""

import math
from collections.abc import Iterator
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
from irodori.recipe.sampler_options import Ancestral, NoOptions


@torch.no_grad()
def dpmpp_2m(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: NoOptions
) -> Iterator[Step]:
    """Yield second-order steps that extrapolate D from this step and the one before.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn.
    The first step and a step to 0 are of first order.
    """
    old_denoised, h_last = None, math.inf
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        if sigma_next == 0:
            x = denoised
        else:
            h = math.log(sigma / sigma_next)
            denoised_d = _extrapolated(denoised, old_denoised, h_last / h)
            x = x * (sigma_next / sigma) - denoised_d * math.expm1(-h)
            old_denoised, h_last = denoised, h
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def dpmpp_2m_cfg_pp(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: NoOptions
) -> Iterator[Step]:
    """Yield the steps of `dpmpp_2m` for the negative prompt, moved by guided minus uncond.

    That is CFG++ for any solver on D: of x_next = e^-h x + (1 - e^-h) D + ... only the clean part
    takes the guided prediction. `denoise` is a GuidedDenoiser.
    """
    old_uncond, h_last = None, math.inf
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        guided = both_predictions(denoise, x, sigmas[i])
        if sigma_next == 0:
            x = guided.denoised
        else:
            h = math.log(sigma / sigma_next)
            uncond_d = _extrapolated(guided.uncond, old_uncond, h_last / h)
            x = x * (sigma_next / sigma) - uncond_d * math.expm1(-h)
            x = x + (guided.denoised - guided.uncond)
            old_uncond, h_last = guided.uncond, h
        yield Step(i, sigmas[i], x, guided.denoised)


def _extrapolated(denoised: Tensor, old: Tensor | None, r: float) -> Tensor:
    """Return D at the middle of the step, by the line through now and a step ago."""
    return denoised if old is None else denoised + (denoised - old) / (2 * r)


@torch.no_grad()
def dpmpp_2s_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ancestral
) -> Iterator[Step]:
    """Yield second-order steps to sigma_down over a call in the middle, each followed by noise.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; two model calls a
    step, one draw for each step that ends above 0.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, options.eta)
        if sigma_down == 0:
            x = denoised
        else:
            h = math.log(sigma / sigma_down)
            sigma_mid = sigma * math.exp(-h / 2)
            x_2 = x * (sigma_mid / sigma) - denoised * math.expm1(-h / 2)
            denoised_2 = denoise(x_2, sigmas.new_tensor(sigma_mid))
            x = x * (sigma_down / sigma) - denoised_2 * math.expm1(-h)
        if sigma_up > 0:
            x = x + noise.next() * (options.s_noise * sigma_up)
        yield Step(i, sigmas[i], x, denoised)
