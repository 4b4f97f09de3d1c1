"""DDPM: the original ancestral sampler.

Written in the paper's variables: y = x / sqrt(1 + sigma^2), abar = 1 / (1 + sigma^2), and
alpha = abar / abar_next for a step of any length. With the small variance this is Euler a with
eta 1; both are kept because people name both.

Source: Ho et al. 2020, arXiv:2006.11239, equations 7 and 11, algorithm 2.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import Ddpm


@torch.no_grad()
def ddpm(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Ddpm
) -> Iterator[Step]:
    """Yield one ancestral step for each interval of the sigma schedule.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one draw for each step
    that ends above 0. The variance is the posterior's (small) or 1 - alpha (large).
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        eps = (x - denoised) / sigma
        abar, abar_next = 1 / (1 + sigma**2), 1 / (1 + sigma_next**2)
        alpha = abar / abar_next
        y = x * math.sqrt(abar)
        mean = (y - eps * ((1 - alpha) / math.sqrt(1 - abar))) / math.sqrt(alpha)
        variance = 1 - alpha
        if options.variance == "small":
            variance *= (1 - abar_next) / (1 - abar)
        x = mean / math.sqrt(abar_next)
        if sigma_next > 0:
            x = x + noise.next() * math.sqrt(variance / abar_next)
        yield Step(i, sigmas[i], x, denoised)
