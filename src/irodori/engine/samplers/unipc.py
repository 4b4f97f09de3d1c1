"""UniPC: an exponential predictor whose next model call also corrects the step before it.

With lambda = -log sigma, hh = -h and rk = (lambda_k - lambda) / h, predictor and corrector both
are x_next = (sigma_next / sigma) x - expm1(hh) D - B(h) sum_k rho_k (D_k - D) / r_k, where the
corrector has one node more: the arrival itself, r = 1.

Source: Zhao et al. 2023, arXiv:2302.04867, algorithms 1 and 2, equations 3, 9 and 11, and
appendix A.4 (data prediction).
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import UniPc


@dataclass(frozen=True, slots=True)
class Seen:
    """A level the model was called at, and what it expected there."""

    sigma: float
    denoised: Tensor


@torch.no_grad()
def unipc(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: UniPc
) -> Iterator[Step]:
    """Yield predictor steps; each is corrected when the next step has called the model.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one model call a
    step. A step to 0 takes D; the last step is not corrected.
    """
    levels = levels_of(sigmas)
    steps = len(levels) - 1
    past: deque[Seen] = deque(maxlen=options.order)  # newest first
    x_last, order = x, 0
    for i, (sigma, sigma_next) in enumerate(pairwise(levels)):
        denoised = denoise(x, sigmas[i])
        now = Seen(sigma, denoised)
        if order > 0:
            x = _stepped(x_last, list(past)[:order], sigma, options, arrived=now)
        past.appendleft(now)
        left = steps - i if options.lower_order_final else options.order
        order = min(options.order, len(past), left)
        x_last = x
        if sigma_next == 0:
            x = denoised
        else:
            x = _stepped(x, list(past)[:order], sigma_next, options, arrived=None)
        yield Step(i, sigmas[i], x, denoised)


def _stepped(
    x: Tensor, past: Sequence[Seen], sigma_next: float, options: UniPc, *, arrived: Seen | None
) -> Tensor:
    """Return x at sigma_next: predicted, or corrected where `arrived` tells what is seen there."""
    start = past[0]
    h = math.log(start.sigma / sigma_next)
    nodes = [(math.log(start.sigma / each.sigma) / h, each.denoised) for each in past[1:]]
    if arrived is not None:
        nodes.append((1.0, arrived.denoised))
    x_next = x * (sigma_next / start.sigma) - start.denoised * math.expm1(-h)
    b_h = -h if options.variant == "bh1" else math.expm1(-h)
    for rho, (r, denoised) in zip(_rhos([r for r, _ in nodes], h, b_h), nodes, strict=True):
        x_next = torch.add(x_next, denoised - start.denoised, alpha=-b_h * rho / r)
    return x_next


def _rhos(r: Sequence[float], h: float, b_h: float) -> list[float]:
    """Return the weights that match the exact solution's expansion to order len(r) + 1.

    One weight is 1/2, which is exact to that order for every B(h) (the paper's remark after
    theorem 3.1). More solve sum_k rho_k r_k^(n-1) B(h) = n! phi_(n+1)(-h) hh for n = 1, 2, ...
    """
    if len(r) < 2:
        return [0.5] * len(r)
    matrix = np.vander(np.asarray(r), increasing=True).T
    right, phi = [], math.expm1(-h) / -h - 1
    for n in range(1, len(r) + 1):
        right.append(phi * math.factorial(n) / b_h)
        phi = phi / -h - 1 / math.factorial(n + 1)
    solved: list[float] = np.linalg.solve(matrix, np.asarray(right)).tolist()
    return solved
