"""Churn: noise added before a step, so that the step starts from a higher level.

Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2, lines 4 to 6.
"""

import math
from dataclasses import dataclass

from torch import Tensor

from irodori.engine.samplers.base import NoiseSource
from irodori.recipe.sampler_options import Churn


@dataclass(frozen=True, slots=True)
class Raised:
    """Where a step starts after churn.

    Attributes:
        x: the latents at the raised level.
        sigma: the raised level, sigma_hat; the schedule's own where there is no churn.
        at: the same, 0-dimensional, for the model.
    """

    x: Tensor
    sigma: float
    at: Tensor


def churned(
    x: Tensor, i: int, sigmas: Tensor, levels: list[float], noise: NoiseSource, options: Churn
) -> Raised:
    """Return where step i starts.

    With `options.compat` a draw is taken and thrown away on steps without churn, as k-diffusion
    does, so that later draws are the same.
    """
    sigma = levels[i]
    s_tmax = options.s_tmax if options.s_tmax > 0 else math.inf
    inside = options.s_tmin <= sigma <= s_tmax
    gamma = min(options.s_churn / (len(levels) - 1), math.sqrt(2) - 1) if inside else 0.0
    if gamma == 0:
        if options.compat:
            noise.next()
        return Raised(x, sigma, sigmas[i])
    sigma_hat = sigma * (1 + gamma)
    added = options.s_noise * math.sqrt(sigma_hat**2 - sigma**2)
    return Raised(x + noise.next() * added, sigma_hat, sigmas.new_tensor(sigma_hat))
