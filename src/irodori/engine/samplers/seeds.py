"""SEEDS-2 and SEEDS-3: exponential Runge-Kutta methods for the reverse SDE.

Each stage carries the part of the step's noise that falls before it, so that stages and result
lie on one Brownian path. With h_eta = (1 + eta) h the deterministic part is that of DPM-Solver++.

Source: Gonzalez et al. 2023, arXiv:2305.14267, algorithms 2 and 4, for data prediction on x =
clean + sigma noise; eta as in DPM++ 2M SDE, eta 1 is the paper's.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import Sde, Seeds2, Seeds3


@torch.no_grad()
def seeds_2(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Seeds2
) -> Iterator[Step]:
    """Yield second-order steps over a call at r of the way; a step to 0 takes D.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; two model calls and
    two Brownian increments a step.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        if sigma_next == 0:
            x = denoised
        else:
            r = options.r
            stages = _Stages(x, sigma, math.log(sigma / sigma_next), options.eta)
            path = _path(sigmas, i, stages, (r, 1.0), noise, options)
            x_2 = stages.linear(r, denoised) + path[0]
            bend = denoise(x_2, stages.at(r, sigmas)) - denoised
            weight = -math.expm1(-stages.h_eta) / 2
            if options.solver == "phi_2":
                weight = stages.phi_2(1.0)
            x = stages.linear(1.0, denoised) + bend * (weight / r) + path[1]
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def seeds_3(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Seeds3
) -> Iterator[Step]:
    """Yield third-order steps over calls at r1 and r2 of the way; a step to 0 takes D.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; three model calls and
    three Brownian increments a step. r1 must lie before r2, and r2 before the end.
    """
    r1, r2 = options.r1, options.r2
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        if sigma_next == 0:
            x = denoised
        else:
            stages = _Stages(x, sigma, math.log(sigma / sigma_next), options.eta)
            path = _path(sigmas, i, stages, (r1, r2, 1.0), noise, options)
            x_2 = stages.linear(r1, denoised) + path[0]
            bend = denoise(x_2, stages.at(r1, sigmas)) - denoised
            x_3 = stages.linear(r2, denoised) + bend * (stages.phi_2(r2) * r2 / r1) + path[1]
            bend = denoise(x_3, stages.at(r2, sigmas)) - denoised
            x = stages.linear(1.0, denoised) + bend * (stages.phi_2(1.0) / r2) + path[2]
        yield Step(i, sigmas[i], x, denoised)


@dataclass(frozen=True, slots=True)
class _Stages:
    """The deterministic pieces of one step from x at sigma over h in log sigma."""

    x: Tensor
    sigma: float
    h: float
    eta: float

    @property
    def h_eta(self) -> float:
        return self.h * (1 + self.eta)

    def level(self, r: float) -> float:
        return self.sigma * math.exp(-r * self.h)

    def at(self, r: float, sigmas: Tensor) -> Tensor:
        return sigmas.new_tensor(self.level(r))

    def linear(self, r: float, denoised: Tensor) -> Tensor:
        """Return x after r of the step, as if the model said `denoised` all the way."""
        decay = -r * self.h_eta
        return self.x * math.exp(decay) - denoised * math.expm1(decay)

    def phi_2(self, r: float) -> float:
        """Return (e^-z - 1 + z) / z with z = r h_eta, the weight of a change over r."""
        z = r * self.h_eta
        return math.expm1(-z) / z + 1


def _path(
    sigmas: Tensor,
    i: int,
    stages: _Stages,
    ends: Sequence[float],
    noise: NoiseSource,
    options: Sde,
) -> list[Tensor | float]:
    """Return the noise gathered from the step's start to each of `ends`."""
    if options.eta == 0:
        return [0.0] * len(ends)
    gathered: list[Tensor | float] = []
    total: Tensor | float = 0.0
    start, before = 0.0, sigmas[i]
    for end in ends:
        after = sigmas[i + 1] if end == 1 else stages.at(end, sigmas)
        length = (end - start) * stages.h
        if length > 0:
            spread = math.sqrt(-math.expm1(-2 * options.eta * length))
            fresh = noise.between(before, after) * (options.s_noise * stages.level(end) * spread)
            total = total * math.exp(-(1 + options.eta) * length) + fresh
        gathered.append(total)
        start, before = end, after
    return gathered
