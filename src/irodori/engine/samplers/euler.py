"""Euler's method on the probability-flow ODE, plain, ancestral and with CFG++.

Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without lines 7 to 11 (no correction);
ancestral noise as in `ancestral`; Chung et al. 2024, arXiv:2406.08070, algorithm 2: the slope
towards the next level is the negative prompt's, the clean estimate the guided one.
"""

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
from irodori.engine.samplers.churn import churned
from irodori.recipe.sampler_options import Ancestral, Churn, NoOptions


@torch.no_grad()
def euler(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Churn
) -> Iterator[Step]:
    """Yield one first-order step for each interval of the sigma schedule.

    Args:
        denoise: D(x; sigma), the expected clean latents; same shape and dtype as x.
        x: float [B, 4, H/8, W/8], latents at noise level sigmas[0].
        sigmas: [steps + 1], descending; the last is 0 or the level at which to stop.
        noise: asked for one draw on each step with churn.
        options: churn, none by default.

    Yields:
        Step(i, sigma, x, denoised); the last x is the result. Stop iterating to cancel.
    """
    levels = levels_of(sigmas)
    for i, sigma_next in enumerate(levels[1:]):
        start = churned(x, i, sigmas, levels, noise, options)
        denoised = denoise(start.x, start.at)
        d = (start.x - denoised) / start.sigma
        x = start.x + d * (sigma_next - start.sigma)
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def euler_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ancestral
) -> Iterator[Step]:
    """Yield Euler steps to sigma_down, each followed by noise up to the next level.

    Arguments and steps are those of `euler`; one draw for each step that ends above 0.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, options.eta)
        d = (x - denoised) / sigma
        x = x + d * (sigma_down - sigma)
        if sigma_up > 0:
            x = x + noise.next() * (options.s_noise * sigma_up)
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def euler_cfg_pp(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: NoOptions
) -> Iterator[Step]:
    """Yield Euler steps whose slope is the negative prompt's; `denoise` is a GuidedDenoiser.

    Other arguments and steps are those of `euler`. The cfg scale of the denoiser is CFG++'s
    lambda, usually from 0 to 1.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        guided = both_predictions(denoise, x, sigmas[i])
        d = (x - guided.uncond) / sigma
        x = guided.denoised + d * sigma_next
        yield Step(i, sigmas[i], x, guided.denoised)


@torch.no_grad()
def euler_ancestral_cfg_pp(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ancestral
) -> Iterator[Step]:
    """Yield the steps of `euler_cfg_pp` to sigma_down, each followed by noise."""
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        guided = both_predictions(denoise, x, sigmas[i])
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, options.eta)
        d = (x - guided.uncond) / sigma
        x = guided.denoised + d * sigma_down
        if sigma_up > 0:
            x = x + noise.next() * (options.s_noise * sigma_up)
        yield Step(i, sigmas[i], x, guided.denoised)
