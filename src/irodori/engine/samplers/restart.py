"""Restart: Heun's method that goes back to a higher level, with fresh noise, and comes again.

Source: Xu et al. 2023, arXiv:2306.14878, algorithm 1; the choice of levels by step count is
A1111's (compat 4.3).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import Restart

_RHO: Final = 7.0
_FEWEST_STEPS: Final = 20
_TWO_RETURNS_FROM: Final = 36


@dataclass(frozen=True, slots=True)
class Interval:
    """One step of the plan; where it starts above the end of the one before, noise is added."""

    sigma: float
    sigma_next: float


@torch.no_grad()
def restart(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: Restart
) -> Iterator[Step]:
    """Yield Heun steps down the schedule, and again down from s_max after each return.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one draw a return.
    From 20 steps on the levels are those of Karras's schedule between the ends of `sigmas`, so
    that steps and returns together are as many as asked for; below there is no return, unless
    `options.times` and `options.restart_steps` say so.
    """
    sigma_last = float(sigmas[0])
    for i, step in enumerate(restart_plan(levels_of(sigmas), options)):
        if step.sigma > sigma_last:
            added = options.s_noise * math.sqrt(step.sigma**2 - sigma_last**2)
            x = x + noise.next() * added
        at = sigmas.new_tensor(step.sigma)
        denoised = denoise(x, at)
        d = (x - denoised) / step.sigma
        dt = step.sigma_next - step.sigma
        if step.sigma_next > 0:
            x_2 = x + d * dt
            d_2 = (x_2 - denoise(x_2, sigmas.new_tensor(step.sigma_next))) / step.sigma_next
            d = (d + d_2) / 2
        x = x + d * dt
        sigma_last = step.sigma_next
        yield Step(i, at, x, denoised)


def restart_plan(levels: list[float], options: Restart) -> list[Interval]:
    """Return every step to take, returns included.

    Args:
        levels: the sigma schedule asked for.
        options: how many returns, of how many steps, between which levels.
    """
    steps = len(levels) - 1
    times, restart_steps = _returns(steps, options)
    if times == 0:
        return [Interval(*pair) for pair in pairwise(levels)]
    positive = [sigma for sigma in levels if sigma > 0]
    main = [*_karras(steps - restart_steps * times, positive[0], positive[-1])]
    main += [0.0] if levels[-1] == 0 else []
    low = min(range(len(main)), key=lambda k: abs(main[k] - options.s_min))
    high = min(range(len(main)), key=lambda k: abs(main[k] - options.s_max))
    plan = []
    for k, pair in enumerate(pairwise(main)):
        plan.append(Interval(*pair))
        if k + 1 == low and high < low and main[low] > 0:
            again = [
                Interval(*p) for p in pairwise(_karras(restart_steps + 1, main[high], main[low]))
            ]
            plan += again * times
    return plan


def _returns(steps: int, options: Restart) -> tuple[int, int]:
    """Return how often to go back and in how many steps each, as A1111 does by default."""
    times, restart_steps = options.times, options.restart_steps
    many = steps >= _TWO_RETURNS_FROM
    if times < 0:
        times = (2 if many else 1) if steps >= _FEWEST_STEPS else 0
    if restart_steps < 0:
        restart_steps = steps // 4 if many else 9
    if restart_steps == 0 or steps - restart_steps * times < 2:
        return 0, 0
    return times, restart_steps


def _karras(count: int, sigma_max: float, sigma_min: float) -> list[float]:
    low, high = sigma_min ** (1 / _RHO), sigma_max ** (1 / _RHO)
    return [(high + (low - high) * k / (count - 1)) ** _RHO for k in range(count)]
