"""DPM-Solver with its own levels: DPM fast and DPM adaptive.

Both take only the ends of the sigma schedule: from its first level to its smallest positive one.
Where the schedule ends at 0, one more call removes the noise of that level; A1111 leaves it in
the picture (`compat`).

Source: Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2, appendix D.3 (fast), C (adaptive);
the controller: Hairer, Wanner, Solving Ordinary Differential Equations II, IV.2, as in Crowson's
k-diffusion.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from irodori.engine.samplers.ancestral import ancestral_step
from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.errors import IrodoriError
from irodori.recipe.sampler_options import DpmAdaptive, DpmFast


@torch.no_grad()
def dpm_fast(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: DpmFast
) -> Iterator[Step]:
    """Yield third-order steps, ending with lower orders, so that steps count model calls.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; evenly spaced in log
    sigma, len(sigmas) - 1 model calls in all, about a third as many steps.
    """
    sigma_min, calls, finish = _range(sigmas, compat=options.compat)
    orders = _fast_orders(calls)
    span = np.linspace(math.log(float(sigmas[0])), math.log(sigma_min), len(orders) + 1)
    i = -1
    for i, (order, (start, end)) in enumerate(zip(orders, pairwise(span.tolist()), strict=True)):
        sigma, sigma_next = math.exp(start), math.exp(end)
        down, up = _split(sigma, sigma_next, sigma_min, options.eta)
        ladder = Ladder(denoise, x, sigma, sigmas)
        x = ladder.taken(down, order)
        if up > 0:
            x = x + noise.next() * (options.s_noise * up)
        yield Step(i, ladder.at, x, ladder.denoised)
    if finish:
        yield _last_step(i + 1, denoise, x, sigmas.new_tensor(sigma_min))


@torch.no_grad()
def dpm_adaptive(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: DpmAdaptive
) -> Iterator[Step]:
    """Yield the accepted steps of an embedded pair of orders whose difference sets the step size.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`. How many steps there
    are depends on the tolerances and on the picture, not on the schedule; the error is the root
    mean square over the whole batch, so pictures of a batch share their steps.

    Raises:
        IrodoriError: the model's prediction is not finite; no step size would help.
    """
    sigma_min, _, finish = _range(sigmas, compat=options.compat)
    controller = StepSizeController(options)
    s, end = -math.log(float(sigmas[0])), -math.log(sigma_min)
    x_low_last, i = x, -1
    while s < end - 1e-5:
        t = min(end, s + controller.h)
        sigma = math.exp(-s)
        down, up = _split(sigma, math.exp(-t), sigma_min, options.eta)
        ladder = Ladder(denoise, x, sigma, sigmas)
        x_low = ladder.taken(down, options.order - 1, r1=1 / 3 if options.order == 3 else 1 / 2)
        x_high = ladder.taken(down, options.order)
        error = _scaled_error(x_low, x_high, x_low_last, options)
        if not math.isfinite(error):
            raise IrodoriError(
                f"DPM adaptive met a prediction that is not finite at sigma {sigma:.4g};"
                " the model overflows at this precision: use float32 or another sampler"
            )
        if controller.accepts(error):
            x_low_last, x, s, i = x_low, x_high, t, i + 1
            if up > 0:
                x = x + noise.next() * (options.s_noise * up)
            yield Step(i, ladder.at, x, ladder.denoised)
    if finish:
        yield _last_step(i + 1, denoise, x, sigmas.new_tensor(sigma_min))


class Ladder:
    """DPM-Solver-1, -2 and -3 from one point; each needed slope is computed once.

    Args:
        denoise: D(x; sigma).
        x: the latents at sigma.
        sigma: the level the steps start from.
        sigmas: any tensor of the schedule's dtype and device.
    """

    def __init__(self, denoise: Denoiser, x: Tensor, sigma: float, sigmas: Tensor) -> None:
        self._denoise, self._x, self._sigma = denoise, x, sigma
        self.at = sigmas.new_tensor(sigma)
        self.denoised = denoise(x, self.at)
        self._eps = (x - self.denoised) / sigma
        self._eps_r1: dict[float, Tensor] = {}

    def taken(self, sigma_next: float, order: int, *, r1: float | None = None) -> Tensor:
        """Return x after one step to sigma_next; r1 is 1/2 at order 2 and 1/3 at order 3."""
        h = math.log(self._sigma / sigma_next)
        x_1 = self._x - self._eps * (sigma_next * math.expm1(h))
        if order == 1:
            return x_1
        if order == 2:
            r1 = r1 or 1 / 2
            change = self._slope_at(r1, h) - self._eps
            return x_1 - change * (sigma_next * math.expm1(h) / (2 * r1))
        return x_1 - self._third_order_change(h) * (sigma_next * (math.expm1(h) / h - 1))

    def _third_order_change(self, h: float) -> Tensor:
        r1, r2 = 1 / 3, 2 / 3
        sigma_2 = self._sigma * math.exp(-r2 * h)
        bend = self._slope_at(r1, h) - self._eps
        u_2 = self._x - self._eps * (sigma_2 * math.expm1(r2 * h))
        u_2 = u_2 - bend * (sigma_2 * (r2 / r1) * (math.expm1(r2 * h) / (r2 * h) - 1))
        return (self._eps_of(u_2, sigma_2) - self._eps) / r2

    def _slope_at(self, r1: float, h: float) -> Tensor:
        if r1 not in self._eps_r1:
            sigma_1 = self._sigma * math.exp(-r1 * h)
            u_1 = self._x - self._eps * (sigma_1 * math.expm1(r1 * h))
            self._eps_r1[r1] = self._eps_of(u_1, sigma_1)
        return self._eps_r1[r1]

    def _eps_of(self, x: Tensor, sigma: float) -> Tensor:
        return (x - self._denoise(x, self.at.new_tensor(sigma))) / sigma


@dataclass(slots=True)
class StepSizeController:
    """A PID controller of the step in log sigma.

    Attributes:
        options: the coefficients and the first step.
        h: the next step to try.
    """

    options: DpmAdaptive
    h: float = field(init=False)
    _past: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.h = self.options.h_init

    def accepts(self, error: float) -> bool:
        """Change h for the next try; return whether this one was good enough."""
        o = self.options
        order = 1.5 if o.eta else o.order
        inverse = 1 / (error + 1e-8)
        before, long_before = self._past or [inverse, inverse]
        factor = (
            inverse ** ((o.pcoeff + o.icoeff + o.dcoeff) / order)
            * before ** (-(o.pcoeff + 2 * o.dcoeff) / order)
            * long_before ** (o.dcoeff / order)
        )
        factor = 1 + math.atan(factor - 1)
        accepted = factor >= o.accept_safety
        self._past = [inverse, before] if accepted else [before, long_before]
        self.h *= factor
        return accepted


def _range(sigmas: Tensor, *, compat: bool) -> tuple[float, int, bool]:
    """Return the smallest positive level, the model calls above it, and whether one is left."""
    levels = levels_of(sigmas)
    positive = [sigma for sigma in levels if sigma > 0]
    finish = levels[-1] == 0 and (not compat or len(positive) == 1)
    calls = 0 if len(positive) == 1 else len(levels) - 1 - finish
    return positive[-1], calls, finish


def _fast_orders(calls: int) -> list[int]:
    whole, rest = divmod(calls, 3)
    if rest:
        return [3] * whole + [rest]
    return [*[3] * (whole - 1), 2, 1] if whole else []


def _split(sigma: float, sigma_next: float, sigma_min: float, eta: float) -> tuple[float, float]:
    """Return where the ODE steps to and the noise up from there; never below sigma_min."""
    if eta == 0:
        return sigma_next, 0.0
    down = max(sigma_min, ancestral_step(sigma, sigma_next, eta)[0])
    return down, math.sqrt(max(0.0, sigma_next**2 - down**2))


def _scaled_error(low: Tensor, high: Tensor, low_last: Tensor, options: DpmAdaptive) -> float:
    tolerance = torch.maximum(low.abs(), low_last.abs()).mul(options.rtol).clamp(min=options.atol)
    return float(((low - high) / tolerance).square().mean().sqrt())


def _last_step(i: int, denoise: Denoiser, x: Tensor, sigma: Tensor) -> Step:
    denoised = denoise(x, sigma)
    return Step(i, sigma, denoised, denoised)
