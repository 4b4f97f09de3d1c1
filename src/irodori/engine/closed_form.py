"""Data whose best denoiser is known exactly, so that a sampler's error can be measured.

For a mixture of equal round Gaussians the expected clean x is a weighted mean, and for a single
Gaussian the probability-flow ODE has a closed solution. The convergence tests, the plots in the
docs and the benchmarks draw from it; no picture does.

Source: Karras et al. 2022, arXiv:2206.00364, appendix B.3 (ideal denoiser of a finite set, here
with each point widened by `spread`).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.samplers.base import Guided


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GaussianMixture:
    """Equally likely Gaussians of one spread; a Denoiser and a GuidedDenoiser.

    Attributes:
        means: [K, ...], one centre a row.
        spread: standard deviation of each Gaussian in every direction, positive.
    """

    means: Tensor
    spread: float

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return the expected clean x; x is [B, ...] of the means' shape, sigma 0-dimensional."""
        variance = self.spread**2 + float(sigma) ** 2
        flat, centres = x.flatten(1), self.means.flatten(1)
        squared = (flat[:, None, :] - centres[None]).square().sum(-1)  # [B, K]
        weights = torch.softmax(squared / (-2 * variance), dim=1)
        centre = (weights @ centres).reshape(x.shape)
        return centre + (x - centre) * (self.spread**2 / variance)

    def guided(self, x: Tensor, sigma: Tensor) -> Guided:
        """Return the same prediction twice: a prompt that says what the negative prompt says."""
        denoised = self(x, sigma)
        return Guided(denoised, denoised)

    def drawn(self, count: int, generator: torch.Generator) -> Tensor:
        """Return `count` clean samples, [count, ...]."""
        which = torch.randint(len(self.means), (count,), generator=generator)
        shape = (count, *self.means.shape[1:])
        noise = torch.randn(shape, generator=generator, dtype=self.means.dtype)
        return self.means[which] + noise * self.spread

    def transported(self, x: Tensor, sigma: float, sigma_next: float) -> Tensor:
        """Return where the ODE takes x from sigma to sigma_next, exactly; a single Gaussian only.

        x - mean scales with sqrt(spread^2 + sigma^2).
        """
        before, after = math.hypot(self.spread, sigma), math.hypot(self.spread, sigma_next)
        return self.means + (x - self.means) * (after / before)
