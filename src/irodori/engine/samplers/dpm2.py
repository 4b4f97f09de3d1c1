"""DPM2: the midpoint method with the middle in log sigma, plain and ancestral.

Source: Crowson's k-diffusion, after Lu et al. 2022, arXiv:2206.00927 (DPM-Solver-2, r1 = 1/2) and
Karras et al. 2022, arXiv:2206.00364, algorithm 2: DPM-Solver's middle, Euler's two steps.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.ancestral import ancestral_step
from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.churn import Raised, churned
from irodori.recipe.sampler_options import Ancestral, Churn


@torch.no_grad()
def dpm_2(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Churn
) -> Iterator[Step]:
    """Yield one midpoint step for each interval; a step to 0 is Euler's.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; two model calls a
    step.
    """
    levels = levels_of(sigmas)
    for i, sigma_next in enumerate(levels[1:]):
        start = churned(x, i, sigmas, levels, noise, options)
        denoised = denoise(start.x, start.at)
        x = _midpoint_step(denoise, start, denoised, sigma_next)
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def dpm_2_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ancestral
) -> Iterator[Step]:
    """Yield midpoint steps to sigma_down, each followed by noise up to the next level."""
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, options.eta)
        x = _midpoint_step(denoise, Raised(x, sigma, sigmas[i]), denoised, sigma_down)
        if sigma_up > 0:
            x = x + noise.next() * (options.s_noise * sigma_up)
        yield Step(i, sigmas[i], x, denoised)


def _midpoint_step(denoise: Denoiser, start: Raised, denoised: Tensor, sigma_next: float) -> Tensor:
    d = (start.x - denoised) / start.sigma
    if sigma_next == 0:
        return start.x - d * start.sigma
    sigma_mid = math.sqrt(start.sigma * sigma_next)
    x_2 = start.x + d * (sigma_mid - start.sigma)
    d_2 = (x_2 - denoise(x_2, start.at.new_tensor(sigma_mid))) / sigma_mid
    return start.x + d_2 * (sigma_next - start.sigma)
