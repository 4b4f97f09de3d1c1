"""What a sampler is: a generator of steps over a denoiser, a sigma schedule and a noise source.

Source: Crowson's k-diffusion for the seam D(x; sigma); Karras et al. 2022, arXiv:2206.00364.
"""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Step:
    """One sampler step, yielded after it was taken.

    Attributes:
        i: the step's index from 0.
        sigma: the noise level the step started from, 0-dimensional.
        x: the latents after the step, shape [B, 4, H/8, W/8]; of the last step, the result.
        denoised: the expected clean latents the step saw, same shape.
    """

    i: int
    sigma: Tensor
    x: Tensor
    denoised: Tensor


class Denoiser(Protocol):
    """D(x; sigma): the expected clean latents given noisy ones."""

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return denoised, same shape and dtype as x. sigma is 0-dimensional, positive."""
        ...


class NoiseSource(Protocol):
    """The noise of one job: per-image generators, so that a batch changes no picture."""

    def next(self) -> Tensor:
        """Return the next independent N(0, 1) draw, shape [B, 4, H/8, W/8]."""
        ...

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        """Return the Brownian path's increment from sigma to sigma_next, scaled to N(0, 1)."""
        ...
