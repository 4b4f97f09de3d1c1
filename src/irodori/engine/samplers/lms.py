"""LMS: Adams-Bashforth with the schedule's own step sizes.

Source: Crowson's k-diffusion; Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I,
section III.5, equation 5.5, on the ODE of Karras et al. 2022, arXiv:2206.00364, equation 1.
"""

from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.lagrange import lagrange_integrals
from irodori.recipe.sampler_options import Multistep


@torch.no_grad()
def lms(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Multistep
) -> Iterator[Step]:
    """Yield steps along the polynomial through the last `order` slopes, integrated exactly.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn.
    """
    levels = levels_of(sigmas)
    slopes: deque[Tensor] = deque(maxlen=options.order)  # newest first
    for i, sigma in enumerate(levels[:-1]):
        denoised = denoise(x, sigmas[i])
        slopes.appendleft((x - denoised) / sigma)
        nodes = levels[i::-1][: len(slopes)]
        for weight, d in zip(lagrange_integrals(nodes, sigma, levels[i + 1]), slopes, strict=True):
            x = torch.add(x, d, alpha=weight)
        yield Step(i, sigmas[i], x, denoised)
