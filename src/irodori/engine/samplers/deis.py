"""DEIS: Adams-Bashforth in another time than sigma, in which the slope bends least.

The ODE is dx = d dsigma. DEIS interpolates d by a polynomial in a time t(sigma) and integrates
l_j(t(sigma)) over sigma. tAB-DEIS takes t of the variance-preserving process; diffusers takes
log sigma.

Source: Zhang and Chen 2022, arXiv:2204.13902, equations 14 and 15; the VP process with constants
independent of the model (epsilon 1e-3, sigma 0.002 to 80) is diff-sampler's, which Forge uses.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.lagrange import lagrange_basis, lagrange_integrals
from irodori.recipe.sampler_options import Deis

_EPSILON_S: Final = 1e-3
_LOG_VARIANCE_MIN: Final = math.log1p(0.002**2)
_LOG_VARIANCE_MAX: Final = math.log1p(80.0**2)
_BETA_D: Final = 2 * (_LOG_VARIANCE_MIN / _EPSILON_S - _LOG_VARIANCE_MAX) / (_EPSILON_S - 1)
_BETA_MIN: Final = _LOG_VARIANCE_MAX - _BETA_D / 2
_UPSTREAM_POINTS: Final = 10_000

Array = NDArray[np.float64]


@torch.no_grad()
def deis(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Deis
) -> Iterator[Step]:
    """Yield steps along the last `order` slopes, interpolated in `options.time`.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn.
    The first step and a step to 0, where neither time is defined, are Euler's.
    """
    levels = levels_of(sigmas)
    slopes: deque[Tensor] = deque(maxlen=options.order)  # newest first
    for i, (sigma, sigma_next) in enumerate(pairwise(levels)):
        denoised = denoise(x, sigmas[i])
        slopes.appendleft((x - denoised) / sigma)
        past = levels[i::-1][: len(slopes)]
        for weight, d in zip(deis_weights(past, sigma_next, options), slopes, strict=False):
            x = torch.add(x, d, alpha=weight)
        yield Step(i, sigmas[i], x, denoised)


def deis_weights(past: Sequence[float], sigma_next: float, options: Deis) -> Sequence[float]:
    """Return the integrals of l_j(t(sigma)) from past[0] to sigma_next, newest slope first.

    Args:
        past: the last levels, newest first.
        sigma_next: the level to step to; 0 gives the one weight of Euler's step.
        options: which time, and whether to sum as Forge does.
    """
    if sigma_next == 0 or len(past) == 1:
        return [sigma_next - past[0]]
    if options.compat and options.time == "vp":
        return _summed_weights(past, sigma_next)
    nodes = [math.log(sigma) for sigma in past]
    time = _vp_time_of_log if options.time == "vp" else None
    return lagrange_integrals(nodes, nodes[0], math.log(sigma_next), weight=np.exp, time=time)


def vp_time(sigma: Array) -> Array:
    """Return t with sigma^2 + 1 = exp(beta_d t^2 / 2 + beta_min t); 1 at sigma 80."""
    discriminant = _BETA_MIN**2 + 2 * _BETA_D * np.log1p(np.square(sigma))
    return np.asarray((np.sqrt(discriminant) - _BETA_MIN) / _BETA_D)


def _vp_time_of_log(log_sigma: Array) -> Array:
    return vp_time(np.exp(log_sigma))


def _summed_weights(past: Sequence[float], sigma_next: float) -> list[float]:
    """Return the weights as a plain sum over 10000 points of [t, t_next], both ends included."""
    t = vp_time(np.asarray([*past, sigma_next]))
    points = np.linspace(t[0], t[-1], _UPSTREAM_POINTS)
    exponent = _BETA_D * points**2 / 2 + _BETA_MIN * points
    # d sigma / dt of sigma = sqrt(exp(exponent) - 1)
    speed = (_BETA_D * points + _BETA_MIN) * np.exp(exponent) / (2 * np.sqrt(np.expm1(exponent)))
    width = (t[-1] - t[0]) / _UPSTREAM_POINTS
    basis = lagrange_basis([float(node) for node in t[:-1]], points)
    return [float(np.sum(speed * each) * width) for each in basis]
