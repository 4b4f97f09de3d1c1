"""DDIM, DDIM with CFG++, and PLMS.

All three are written for x / sqrt(1 + sigma^2) in their papers; multiplied by sqrt(1 + sigma^2)
their transfer from one level to the next is `denoised + sigma_next * eps`. On the same levels DDIM
is Euler and PLMS is IPNDM with another first step; what sets them apart in A1111 is the list of
timesteps (compat 4.3), which the schedules make.

Source: Song et al. 2020, arXiv:2010.02502, equation 12; Chung et al. 2024, arXiv:2406.08070,
algorithm 2; Liu et al. 2022, arXiv:2202.09778, equations 11 to 13.
"""

from collections import deque
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
from irodori.engine.samplers.ipndm import ADAMS_BASHFORTH
from irodori.recipe.sampler_options import Ddim, NoOptions


@torch.no_grad()
def ddim(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ddim
) -> Iterator[Step]:
    """Yield steps from the clean estimate along the predicted noise.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one draw for each step
    that ends above 0, at eta above 0 only.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        eps = (x - denoised) / sigma
        kept, fresh = ancestral_step(sigma, sigma_next, options.eta)
        x = denoised + eps * kept
        if fresh > 0:
            x = x + noise.next() * (options.s_noise * fresh)
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def ddim_cfg_pp(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ddim
) -> Iterator[Step]:
    """Yield steps from the guided clean estimate along the negative prompt's noise.

    `denoise` is a GuidedDenoiser; other arguments and steps are those of `ddim`.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        guided = both_predictions(denoise, x, sigmas[i])
        eps = (x - guided.uncond) / sigma
        kept, fresh = ancestral_step(sigma, sigma_next, options.eta)
        x = guided.denoised + eps * kept
        if fresh > 0:
            x = x + noise.next() * (options.s_noise * fresh)
        yield Step(i, sigmas[i], x, guided.denoised)


@torch.no_grad()
def plms(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: NoOptions
) -> Iterator[Step]:
    """Yield DDIM's steps along the noise extrapolated from up to four calls.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn. The
    first step calls the model twice: its noise is the mean of both ends.
    """
    past: deque[Tensor] = deque(maxlen=4)  # eps, newest first
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        past.appendleft((x - denoised) / sigma)
        if i == 0 and sigma_next > 0:
            x_2 = x + past[0] * (sigma_next - sigma)
            eps = (past[0] + (x_2 - denoise(x_2, sigmas[1])) / sigma_next) / 2
        else:
            weights = ADAMS_BASHFORTH[len(past) - 1]
            eps = past[0] * weights[0]
            for weight, each in zip(weights[1:], list(past)[1:], strict=True):
                eps = torch.add(eps, each, alpha=weight)
        x = x + eps * (sigma_next - sigma)
        yield Step(i, sigmas[i], x, denoised)
