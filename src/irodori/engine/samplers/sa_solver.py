"""SA-Solver: stochastic Adams methods, predictor and corrector, with chosen noise.

With lambda = -log sigma and a noise strength tau a step is
x_next = e^(-(1 + tau^2) h) x + sum_j b_j D_j + sigma_next sqrt(1 - e^(-2 tau^2 h)) z,
where b_j is the integral of (1 + tau^2) e^(-(1 + tau^2)(lambda_next - u)) l_j(u) over it. The
corrector has the arrival among its nodes, and the predictor's z.

Source: Xue et al. 2023, arXiv:2309.05019, equations 14 and 17, algorithm 1.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.lagrange import lagrange_integrals
from irodori.recipe.sampler_options import SaSolver

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stride:
    """One step's fixed parts: where it started and the noise it took."""

    x: Tensor
    sigma: float
    tau: float
    noise: Tensor | float


@torch.no_grad()
def sa_solver(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: SaSolver
) -> Iterator[Step]:
    """Yield predictor steps; each is corrected when the next step has called the model.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one model call a step,
    two with `options.pece`; one draw for each step that ends above 0 and has noise. A step to 0
    takes D; the last step is not corrected.
    """
    levels = levels_of(sigmas)
    past: deque[tuple[float, Tensor]] = deque(maxlen=4)  # (sigma, D), newest first
    stride: Stride | None = None
    for i, (sigma, sigma_next) in enumerate(pairwise(levels)):
        denoised = denoise(x, sigmas[i])
        if stride is not None and options.corrector > 0:
            nodes = [(sigma, denoised), *past][: options.corrector]
            x = _stepped(stride, sigma, nodes)
            if options.pece:
                denoised = denoise(x, sigmas[i])
        past.appendleft((sigma, denoised))
        if sigma_next == 0:
            x = denoised
        else:
            tau = options.tau if options.s_tmin <= sigma <= options.s_tmax else 0.0
            stride = Stride(x, sigma, tau, _noise(noise, sigma, sigma_next, tau, options.s_noise))
            x = _stepped(stride, sigma_next, list(past)[: options.predictor])
        yield Step(i, sigmas[i], x, denoised)


def _stepped(stride: Stride, sigma_next: float, nodes: Sequence[tuple[float, Tensor]]) -> Tensor:
    """Return x at sigma_next by the polynomial through the predictions at `nodes`."""
    rate = 1 + stride.tau**2
    end = -math.log(sigma_next)

    def decay(u: Array) -> Array:
        decayed: Array = rate * np.exp(-rate * (end - u))
        return decayed

    at = [-math.log(sigma) for sigma, _ in nodes]
    weights = lagrange_integrals(at, -math.log(stride.sigma), end, weight=decay)
    x: Tensor = stride.x * (sigma_next / stride.sigma) ** rate + stride.noise
    for weight, (_, denoised) in zip(weights, nodes, strict=True):
        x = torch.add(x, denoised, alpha=weight)
    return x


def _noise(
    noise: NoiseSource, sigma: float, sigma_next: float, tau: float, s_noise: float
) -> Tensor | float:
    if tau == 0:
        return 0.0
    spread = math.sqrt(-math.expm1(-2 * tau**2 * math.log(sigma / sigma_next)))
    return noise.next() * (s_noise * sigma_next * spread)
