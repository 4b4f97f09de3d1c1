"""The quantile function of the beta distribution, for the Beta sigma schedule.

Source: DLMF 8.17.22 (continued fraction of the incomplete beta function) evaluated by Lentz's
method, inverted by Newton steps that a bracket keeps safe.
"""

import math
from collections.abc import Callable
from typing import Final

_TINY: Final = 1e-300
_PRECISION: Final = 1e-15
_MAX_TERMS: Final = 500
_MAX_NEWTON: Final = 200


def beta_quantile(probability: float, alpha: float, beta: float) -> float:
    """Return x with P(X <= x) = probability for X ~ Beta(alpha, beta).

    Args:
        probability: in 0..1.
        alpha: positive; the Beta sigma schedule uses 0.6.
        beta: positive; the Beta sigma schedule uses 0.6.

    Returns:
        x in 0..1, accurate to about 1e-12.
    """
    if probability <= 0:
        return 0.0
    if probability >= 1:
        return 1.0
    low, high, x = 0.0, 1.0, alpha / (alpha + beta)
    log_norm = _log_beta(alpha, beta)
    for _ in range(_MAX_NEWTON):
        error = beta_cdf(x, alpha, beta) - probability
        low, high = (low, x) if error > 0 else (x, high)
        slope = math.exp(
            (alpha - 1) * math.log(x) + (beta - 1) * math.log1p(-x) - log_norm
        )  # the density at x
        newton = x - error / slope
        following = newton if low < newton < high else 0.5 * (low + high)
        if abs(following - x) <= _PRECISION * max(x, _PRECISION):
            return following
        x = following
    return x


def beta_cdf(x: float, alpha: float, beta: float) -> float:
    """Return P(X <= x) for X ~ Beta(alpha, beta): the regularised incomplete beta function."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (alpha + 1) / (alpha + beta + 2):  # the fraction converges fast below its mean only
        return 1.0 - beta_cdf(1.0 - x, beta, alpha)
    front = math.exp(
        alpha * math.log(x) + beta * math.log1p(-x) - _log_beta(alpha, beta) - math.log(alpha)
    )
    return front / _continued_fraction(_coefficient(x, alpha, beta))


def _coefficient(x: float, alpha: float, beta: float) -> Callable[[int], float]:
    """Return k -> d_k of DLMF 8.17.23, k from 1."""

    def d(k: int) -> float:
        m = k // 2
        if k % 2:
            return -(alpha + m) * (alpha + beta + m) * x / ((alpha + k - 1) * (alpha + k))
        return m * (beta - m) * x / ((alpha + k - 1) * (alpha + k))

    return d


def _continued_fraction(d: Callable[[int], float]) -> float:
    """Return 1 + d_1/(1 + d_2/(1 + ...)) by Lentz's method."""
    value = c = 1.0
    inverse = 0.0
    for k in range(1, _MAX_TERMS):
        inverse = 1.0 / _nonzero(1.0 + d(k) * inverse)
        c = _nonzero(1.0 + d(k) / c)
        value *= c * inverse
        if abs(c * inverse - 1.0) < _PRECISION:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _log_beta(alpha: float, beta: float) -> float:
    return math.lgamma(alpha) + math.lgamma(beta) - math.lgamma(alpha + beta)
