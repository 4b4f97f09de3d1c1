"""LCM: jump to the clean estimate, add the noise of the next level, jump again.

For models distilled to jump (the LCM LoRA). Boundary scaling and the distillation's table of 50
timesteps belong to the denoiser.

Source: Luo et al. 2023, arXiv:2310.04378, algorithm 3; Song et al. 2023, arXiv:2303.01469,
algorithm 1 (multistep consistency sampling).
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import Lcm


@torch.no_grad()
def lcm(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Lcm
) -> Iterator[Step]:
    """Yield one jump for each interval of the sigma schedule.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one draw for each step
    that ends above 0.
    """
    for i, (_, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        x = denoised
        if sigma_next > 0:
            x = x + noise.next() * (options.s_noise * sigma_next)
        yield Step(i, sigmas[i], x, denoised)
