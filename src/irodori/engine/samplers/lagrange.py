"""Integrals of Lagrange's basis polynomials: the weights of every Adams-Bashforth method.

Source: Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, section III.5;
Gauss-Legendre quadrature, exact for the polynomials, to rounding for the smooth weights here.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_QUADRATURE_POINTS: Final = 32

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def lagrange_integrals(
    nodes: Sequence[float],
    start: float,
    end: float,
    *,
    weight: Curve | None = None,
    time: Curve | None = None,
) -> list[float]:
    """Return the integral from start to end of weight(u) l_j(time(u)) du, for each node j.

    Args:
        nodes: where the interpolated values lie, in u; distinct.
        start: lower limit.
        end: upper limit; may be below start, the integral is then negative.
        weight: a smooth factor, 1 by default.
        time: in which variable the values are interpolated, u itself by default.
    """
    u, scale = quadrature(start, end)
    if weight is not None:
        scale = scale * weight(u)
    at = np.asarray(nodes, dtype=np.float64)
    t, t_nodes = (u, at) if time is None else (time(u), time(at))
    return [float(scale @ basis) for basis in lagrange_basis(t_nodes.tolist(), t)]


def quadrature(start: float, end: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points from start to end and their weights: sum(weights * f(points)) integrates f."""
    points, weights = _legendre()
    half = (end - start) / 2
    return start + half * (points + 1), weights * half


@cache
def _legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights on [-1, 1]: an eigenvalue problem, so it is solved once."""
    points, weights = np.polynomial.legendre.leggauss(_QUADRATURE_POINTS)
    points.setflags(write=False)
    weights.setflags(write=False)
    return points, weights


def lagrange_basis(nodes: Sequence[float], t: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return l_j(t) for each node j: 1 at its own node, 0 at the others."""
    basis = []
    for j, own in enumerate(nodes):
        value = np.ones_like(t)
        for k, other in enumerate(nodes):
            if k != j:
                value = value * (t - other) / (own - other)
        basis.append(value)
    return basis
