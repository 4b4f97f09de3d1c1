"""Gradient estimation: Euler along the newest slope, pushed on by its change.

Source: Permenter and Yuan 2023, arXiv:2306.04848, algorithm 2: eps = gamma eps_t + (1 - gamma)
eps_(t+1), gamma 2. Of first order: Adams and Bashforth's two-step method would have gamma 3/2.
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import GradientEstimation


@torch.no_grad()
def gradient_estimation(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: GradientEstimation
) -> Iterator[Step]:
    """Yield Euler steps along gamma d + (1 - gamma) d_last; the first along d.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn.
    """
    d_last = None
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        d = (x - denoised) / sigma
        ahead = d if d_last is None else d + (d - d_last) * (options.gamma - 1)
        x = x + ahead * (sigma_next - sigma)
        d_last = d
        yield Step(i, sigmas[i], x, denoised)
