"""Heun's method: Euler's step, corrected by the slope where it arrived.

Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2. Heun++ is Carzit's extension, without a
paper; its weights are recorded from A1111's and ComfyUI's pictures (`HeunPP2`).
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.churn import churned
from irodori.recipe.sampler_options import Churn


@torch.no_grad()
def heun(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Churn
) -> Iterator[Step]:
    """Yield one second-order step for each interval; a step to 0 is Euler's.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; two model calls a
    step, the last one.
    """
    levels = levels_of(sigmas)
    for i, sigma_next in enumerate(levels[1:]):
        start = churned(x, i, sigmas, levels, noise, options)
        denoised = denoise(start.x, start.at)
        d = (start.x - denoised) / start.sigma
        dt = sigma_next - start.sigma
        if sigma_next > 0:
            x_2 = start.x + d * dt
            d_2 = (x_2 - denoise(x_2, sigmas[i + 1])) / sigma_next
            d = (d + d_2) / 2
        x = start.x + d * dt
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def heunpp2(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Churn
) -> Iterator[Step]:
    """Yield steps along a mean of slopes at this level and the two after it.

    The further slopes weigh sigma_k / (n sigmas[0]), n the number of slopes: much at the start,
    nothing at the end. Smoother than Heun, but of first order (the convergence test shows it).
    Three model calls a step, two in the last step but one, one in the last.
    """
    levels = levels_of(sigmas)
    steps = len(levels) - 1
    for i in range(steps):
        start = churned(x, i, sigmas, levels, noise, options)
        denoised = denoise(start.x, start.at)
        d = (start.x - denoised) / start.sigma
        slopes = min(3, steps - i)
        ahead, x_k, d_k, sigma_k = d, start.x, d, start.sigma
        for k in range(i + 1, i + slopes):
            x_k = x_k + d_k * (levels[k] - sigma_k)
            sigma_k = levels[k]
            d_k = (x_k - denoise(x_k, sigmas[k])) / sigma_k
            ahead = torch.add(ahead, d_k - d, alpha=sigma_k / (slopes * levels[0]))
        x = start.x + ahead * (levels[i + 1] - start.sigma)
        yield Step(i, sigmas[i], x, denoised)
