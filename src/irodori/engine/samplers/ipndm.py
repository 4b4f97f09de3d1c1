"""IPNDM and IPNDM_V: Adams-Bashforth on the ODE's slope, with fixed and with true step sizes.

IPNDM weighs the slopes as if all steps were equal. IPNDM_V uses the steps of the schedule, which
makes it the method of `lms`. Forge's, ComfyUI's and diff-sampler's IPNDM_V is not that: from the
third step on a missing pair of brackets reads 1 - a b where (1 - a) b is meant, from the fourth on
a sign is turned and a ratio taken from the wrong steps (`upstream_weights`). `compat` draws that.

Source: Liu et al. 2022, arXiv:2202.09778, equation 12; Zhang and Chen 2022, arXiv:2204.13902,
appendix B (lower orders for the first steps); Hairer, Norsett, Wanner, Solving Ordinary
Differential Equations I, section III.5 (variable steps).
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.engine.samplers.lagrange import lagrange_integrals
from irodori.recipe.sampler_options import Multistep, VariableMultistep

# Weights of the newest slope first, for as many slopes as there are.
ADAMS_BASHFORTH: Final[tuple[tuple[float, ...], ...]] = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)

# The last levels newest first, the next level -> weights of the slopes at those levels.
Weights = Callable[[Sequence[float], float], Sequence[float]]


@torch.no_grad()
def ipndm(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Multistep
) -> Iterator[Step]:
    """Yield steps along the last `order` slopes with the weights of equal steps.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn.
    """
    yield from _multistep(denoise, x, sigmas, options.order, equal_step_weights)


@torch.no_grad()
def ipndm_v(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: VariableMultistep
) -> Iterator[Step]:
    """Yield steps along the last `order` slopes with the weights of the schedule's steps.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; no noise is drawn.
    With `options.compat` the weights are upstream's.
    """
    weights = upstream_weights if options.compat else variable_step_weights
    yield from _multistep(denoise, x, sigmas, options.order, weights)


def _multistep(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, order: int, weights: Weights
) -> Iterator[Step]:
    levels = levels_of(sigmas)
    slopes: deque[Tensor] = deque(maxlen=order)  # newest first
    for i, sigma in enumerate(levels[:-1]):
        denoised = denoise(x, sigmas[i])
        slopes.appendleft((x - denoised) / sigma)
        past = levels[i::-1][: len(slopes)]
        for weight, d in zip(weights(past, levels[i + 1]), slopes, strict=True):
            x = torch.add(x, d, alpha=weight)
        yield Step(i, sigmas[i], x, denoised)


def equal_step_weights(past: Sequence[float], sigma_next: float) -> Sequence[float]:
    """Return Adams and Bashforth's weights of as many slopes as there are levels in `past`."""
    dt = sigma_next - past[0]
    return [dt * weight for weight in ADAMS_BASHFORTH[len(past) - 1]]


def variable_step_weights(past: Sequence[float], sigma_next: float) -> Sequence[float]:
    """Return the integrals of the interpolating polynomial's basis from past[0] to sigma_next."""
    return lagrange_integrals(past, past[0], sigma_next)


def upstream_weights(past: Sequence[float], sigma_next: float) -> Sequence[float]:
    """Return the weights Forge and ComfyUI use: right for two slopes, not for three and four.

    Newton's form of the slope, integrated over the step h, weighs the second divided difference
    by h^2 (h + h1) (1 - a) / 2 with a = h / (3 (h + h1)), and the third by
    h^2 (h + h1) (h + h1 + h2) ((1 - a) / 2 - c). Upstream has h h1 (h1 + h2) (1 - a b) / 2 with
    b = h (h + h1) / (h1 (h1 + h2)) for the former, and + c for the latter; the last weight has
    h1 / h2 for h2 / h3. So four weights add up to h only where steps are equal.
    """
    exact = variable_step_weights(past, sigma_next)
    if len(past) < 3:
        return exact
    h, h1, h2 = sigma_next - past[0], past[0] - past[1], past[1] - past[2]
    a = h / (3 * (h + h1))
    b = h * (h + h1) / (h1 * (h1 + h2))
    wrong = h * h1 * (h1 + h2) * ((1 - a * b) - (1 - a) * b) / 2
    excess = [wrong * weight for weight in _divided_difference(past[:3])]
    if len(past) == 3:
        return [weight + more for weight, more in zip(exact, excess, strict=True)]
    c = (1 - h / (2 * (h + h1))) * h / (6 * (h + h1 + h2))
    wrong = h * h * (h + h1) * (h + h1 + h2) * 2 * c
    third = [wrong * weight for weight in _divided_difference(past)]
    weights = [sum(terms) for terms in zip(exact, [*excess, 0.0], third, strict=True)]
    weights[-1] *= h1 * (past[2] - past[3]) / h2**2
    return weights


def _divided_difference(nodes: Sequence[float]) -> list[float]:
    """Return the weight of each node's value in the divided difference over all nodes."""
    return [
        1 / math.prod(own - other for k, other in enumerate(nodes) if k != j)
        for j, own in enumerate(nodes)
    ]
