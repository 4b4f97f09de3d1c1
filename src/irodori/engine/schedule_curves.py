"""Sigma schedules that are curves from the highest to the lowest sigma, whatever the model.

Every function takes a resolved request and returns float64 sigmas, descending, without the zero.
u runs from 0 at the highest sigma to 1 at the lowest. Of one step, only the highest is left.
"""

import math
from typing import Final

import torch
from torch import Tensor

from irodori.engine.beta_quantile import beta_quantile
from irodori.engine.schedule_request import ScheduleRequest

FORGE_BETA_SHAPE: Final = 0.6
LAPLACE_MU: Final = 0.0
LAPLACE_SCALE: Final = 0.5
PHI_SQUARED: Final = (3 + math.sqrt(5)) / 2
MOCHI_THRESHOLD: Final = 0.025


def karras(request: ScheduleRequest) -> Tensor:
    """Evenly spaced in sigma^(1/rho). Source: arXiv:2206.00364, equation 5."""
    high, low = request.high ** (1 / request.rho), request.low ** (1 / request.rho)
    return torch.pow(high + _ramp(request.steps) * (low - high), request.rho)


def exponential(request: ScheduleRequest) -> Tensor:
    """Evenly spaced in log sigma. Source: Crowson, k-diffusion."""
    return _log_ramp(request, _ramp(request.steps))


def polyexponential(request: ScheduleRequest) -> Tensor:
    """A power of even spacing in log sigma; rho 1 is exponential. Source: Crowson, k-diffusion."""
    return _log_ramp(request, 1 - (1 - _ramp(request.steps)) ** request.rho)


def kl_optimal(request: ScheduleRequest) -> Tensor:
    """Evenly spaced in atan(sigma), steps + 1 values, the last of them the lowest sigma.

    The bound of Sabour et al. 2024, arXiv:2404.14507, for Gaussian data.
    """
    return _atan_ramp(request, _ramp(request.steps + 1))


def kl_optimal_zero(request: ScheduleRequest) -> Tensor:
    """Evenly spaced in atan(sigma), steps values; the caller's zero follows."""
    return _atan_ramp(request, _ramp(request.steps))


def beta_forge(request: ScheduleRequest) -> Tensor:
    """Quantiles of Beta(0.6, 0.6), stretched over sigma itself: Forge's reading of `Beta`."""
    quantiles = torch.tensor(
        [
            beta_quantile(1 - u, FORGE_BETA_SHAPE, FORGE_BETA_SHAPE)
            for u in _ramp(request.steps).tolist()
        ],
        dtype=torch.float64,
    )
    return request.low + quantiles * (request.high - request.low)


def cosine(request: ScheduleRequest) -> Tensor:
    """Half a cosine from the highest to the lowest sigma."""
    fall = (1 + torch.cos(math.pi * _ramp(request.steps))) / 2
    return request.low + fall * (request.high - request.low)


def cosine_exponential(request: ScheduleRequest) -> Tensor:
    """Cosine at the start, exponential at the end, mixed linearly in between."""
    return torch.lerp(cosine(request), exponential(request), _ramp(request.steps))


def sinusoidal(request: ScheduleRequest) -> Tensor:
    """Like Karras, the even ramp replaced by a quarter of a sine."""
    high, low = request.high ** (1 / request.rho), request.low ** (1 / request.rho)
    fall = 1 - torch.sin(math.pi / 2 * _ramp(request.steps))
    return torch.pow(low + fall * (high - low), request.rho)


def phi(request: ScheduleRequest) -> Tensor:
    """A ramp to the power of the golden ratio squared."""
    fall = (1 - _ramp(request.steps)) ** PHI_SQUARED
    return request.low + fall * (request.high - request.low)


def laplace(request: ScheduleRequest) -> Tensor:
    """Quantiles of log sigma ~ Laplace(0, 0.5), cut to the range of sigma.

    Source: Hang et al. 2024, arXiv:2407.03297, table 1. Cut, so that the ends are exact and no
    sigma comes twice.
    """
    p_high, p_low = (_laplace_cdf(math.log(sigma)) for sigma in (request.high, request.low))
    p = p_high + _ramp(request.steps) * (p_low - p_high)
    side = torch.sign(p - 0.5)
    log_sigma = LAPLACE_MU - LAPLACE_SCALE * side * torch.log1p(-2 * (p - 0.5).abs())
    log_sigma = log_sigma.clamp(math.log(request.low), math.log(request.high))
    return log_sigma.exp()


def linear_quadratic(request: ScheduleRequest) -> Tensor:
    """A slow straight line over the first half of the steps, a parabola over the rest.

    With L = steps // 2 and Q = steps - L, progress is i*c/L up to i = L, c = 0.025, then
    c + (c/L) j + a j^2 with j = i - L and a such that progress(steps) = 1. sigma is the highest
    sigma times 1 - progress. Source: Genmo, Mochi 1.
    """
    linear = request.steps // 2
    i = torch.arange(request.steps, dtype=torch.float64)
    if linear == 0:
        return request.high * (1 - i)
    slope = MOCHI_THRESHOLD / linear
    rest = request.steps - linear
    bend = (1 - MOCHI_THRESHOLD - slope * rest) / rest**2
    progress = slope * i + bend * (i - linear).clamp(min=0).square()
    return request.high * (1 - progress)


def _ramp(count: int) -> Tensor:
    """Return u, float64 [count], from 0 to 1; of one value, 0."""
    return torch.linspace(0, 1, count, dtype=torch.float64)


def _log_ramp(request: ScheduleRequest, u: Tensor) -> Tensor:
    high, low = math.log(request.high), math.log(request.low)
    return torch.exp(high + u * (low - high))


def _atan_ramp(request: ScheduleRequest, u: Tensor) -> Tensor:
    high, low = math.atan(request.high), math.atan(request.low)
    return torch.tan(high + u * (low - high))


def _laplace_cdf(log_sigma: float) -> float:
    distance = abs(log_sigma - LAPLACE_MU) / LAPLACE_SCALE
    tail = 0.5 * math.exp(-distance)
    return 1 - tail if log_sigma > LAPLACE_MU else tail
