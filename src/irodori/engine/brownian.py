"""One image's Brownian path over sigma: noise that does not depend on where a sampler steps.

A path W(t) is fixed on an interval by its seed alone. It is drawn by halving: the value in the
middle of an interval, given both ends, is their mean plus a normal of variance (length / 4), and
that normal is seeded by the place of the interval in the tree. Wherever one asks, the same path
is seen, so that a picture keeps its composition when the step count changes.

Source: Levy's construction; Gaines and Lyons 1997, "Variable step size control in the numerical
solution of stochastic differential equations". The seeding, and the rounding of times to six
digits, are those of torchsde's BrownianTree, so that pictures of k-diffusion's SDE samplers can
be drawn again; the arithmetic here is float64, torchsde's that of the latents, so values agree to
about 1e-6, not bit for bit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

_DIGITS: Final = 6
_POOL_SIZE: Final = 24

Draw = Callable[[int], Tensor]
"""A seed -> one N(0, 1) draw of the image's shape, always the same for the same seed."""


@dataclass(slots=True)
class _Interval:
    """A node of the tree; `middle` is the path's value halfway, once it is known."""

    start: float
    end: float
    at_start: Tensor
    at_end: Tensor
    key: int
    depth: int
    middle: Tensor | None = None

    @property
    def halfway(self) -> float:
        return round(0.5 * (self.end + self.start), _DIGITS)

    def contains(self, t: float) -> bool:
        return self.start <= t <= self.end


class BrownianPath:
    """W(t) - W(low) on [low, high] for one image, float64 on the CPU.

    Keeps the branch of the tree it last went down (at most about 30 values), because the next
    question is nearly always close to the last.

    Args:
        seed: at least 0; the image's seed.
        low: smallest time: 0, or upstream the lowest positive sigma of the schedule.
        high: largest time, the highest sigma of the schedule; above low.
        draw: makes the normals.
    """

    def __init__(self, *, seed: int, low: float, high: float, draw: Draw) -> None:
        self._seed = seed
        self._draw = draw
        top = np.random.SeedSequence(seed, pool_size=_POOL_SIZE).generate_state(3)
        total = draw(int(top[0])).to("cpu", torch.float64) * math.sqrt(high - low)
        root = _Interval(
            start=round(low, _DIGITS),
            end=round(high, _DIGITS),
            at_start=torch.zeros_like(total),
            at_end=total,
            key=0,
            depth=0,
        )
        self._branch = [root]

    def increment(self, start: float, end: float) -> Tensor:
        """Return W(end) - W(start), float64; times outside [low, high] count as its ends."""
        return self.at(end) - self.at(start)

    def at(self, t: float) -> Tensor:
        """Return W(t) - W(low), float64 of the image's shape."""
        root = self._branch[0]
        t = min(max(round(t, _DIGITS), root.start), root.end)
        while not self._branch[-1].contains(t):
            self._branch.pop()
        interval = self._branch[-1]
        while t not in (interval.start, interval.end):
            interval = self._half_with(interval, t)
            self._branch.append(interval)
        return interval.at_start if t == interval.start else interval.at_end

    def _half_with(self, interval: _Interval, t: float) -> _Interval:
        """Return the half of an interval that t lies in."""
        halfway = interval.halfway
        if interval.middle is None:
            interval.middle = self._value_at_half(interval)
        left = t <= halfway
        return _Interval(
            start=interval.start if left else halfway,
            end=halfway if left else interval.end,
            at_start=interval.at_start if left else interval.middle,
            at_end=interval.middle if left else interval.at_end,
            key=2 * interval.key + (0 if left else 1),
            depth=interval.depth + 1,
        )

    def _value_at_half(self, interval: _Interval) -> Tensor:
        length = interval.end - interval.start
        left = interval.halfway - interval.start
        variance = left * (interval.end - interval.halfway) / length
        place = np.random.SeedSequence(
            self._seed, spawn_key=(interval.key, interval.depth), pool_size=_POOL_SIZE
        )
        noise = self._draw(int(place.generate_state(1)[0])).to("cpu", torch.float64)
        mean = torch.lerp(interval.at_start, interval.at_end, left / length)
        return mean.add_(noise, alpha=math.sqrt(variance))
