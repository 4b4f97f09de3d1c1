"""ER-SDE: solvers of the extended reverse SDE, whose noise is set by a function phi(sigma).

x / phi(sigma) obeys an equation in which only D is unknown; D is expanded in sigma around the
step's start. The integrals over 1 / phi are computed by quadrature.

Source: Cui et al. 2023, arXiv:2309.06169, algorithms 1 to 3 (VE); phi(sigma) = sigma
(exp(sigma^0.3) + 10) is its ER SDE 5, sigma^2 the reverse SDE, sigma the ODE. The second
derivative does not correct the first, so three stages are of second order like two.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.lagrange import quadrature
from irodori.recipe.sampler_options import ErSde

Array = NDArray[np.float64]
Phi = Callable[[Array], Array]

_PHI: Final[Mapping[str, Phi]] = MappingProxyType(
    {
        "er_sde": lambda sigma: sigma * (np.exp(sigma**0.3) + 10),
        "sde": np.square,
        "ode": np.copy,
    }
)


@torch.no_grad()
def er_sde(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: ErSde
) -> Iterator[Step]:
    """Yield steps of up to `options.stage` terms; a step to 0 takes D.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one draw for each step
    that ends above 0, none with the scale `ode`.
    """
    phi = _PHI[options.scale]
    levels = levels_of(sigmas)
    old: list[Tensor] = []
    for i, (sigma, sigma_next) in enumerate(pairwise(levels)):
        denoised = denoise(x, sigmas[i])
        terms = _derivatives(denoised, old, levels[max(0, i - 2) : i + 1], options.stage)
        old = terms
        if sigma_next == 0:
            x = denoised
        else:
            ratio = float(phi(np.asarray(sigma_next)) / phi(np.asarray(sigma)))
            x = x * ratio + denoised * (1 - ratio)
            for n, derivative in enumerate(terms[1:], start=1):
                x = x + derivative * _weight(n, sigma, sigma_next, phi)
            variance = sigma_next**2 - (sigma * ratio) ** 2
            if options.scale != "ode" and variance > 0:
                x = x + noise.next() * (options.s_noise * math.sqrt(variance))
        yield Step(i, sigmas[i], x, denoised)


def _derivatives(
    denoised: Tensor, old: list[Tensor], levels: list[float], stage: int
) -> list[Tensor]:
    """Return D and its first and second derivative in sigma, as many as there is history for.

    Args:
        denoised: D at the newest level.
        old: what this returned a step ago.
        levels: up to three levels, the newest last.
        stage: how many are wanted at most.
    """
    terms = [denoised]
    if old and stage > 1:
        terms.append((denoised - old[0]) / (levels[-1] - levels[-2]))
    if len(old) > 1 and stage > 2:
        terms.append((terms[1] - old[1]) / ((levels[-1] - levels[-3]) / 2))
    return terms


def _weight(n: int, sigma: float, sigma_next: float, phi: Phi) -> float:
    """Return the weight of D's n-th derivative over a step.

    (sigma_next - sigma)^n / n! + phi(sigma_next) integral of (s - sigma)^(n-1) / phi(s) ds from
    sigma_next to sigma, taken over log s, / (n - 1)!.
    """
    log_s, weights = quadrature(math.log(sigma_next), math.log(sigma))
    s = np.exp(log_s)
    integrand = (s - sigma) ** (n - 1) / math.factorial(n - 1) * s / phi(s)
    integral = float(phi(np.asarray(sigma_next)) * (weights @ integrand))
    return (sigma_next - sigma) ** n / math.factorial(n) + integral
