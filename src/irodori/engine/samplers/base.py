"""What a sampler is: a generator of steps over a denoiser, a sigma schedule and a noise source.

All samplers work on x = clean + sigma * noise. A model trained on x / sqrt(1 + sigma^2) fits by
its denoiser; so DDIM, PLMS and UniPC need no coordinates of their own. Noise levels enter the
arithmetic as Python floats (one transfer a schedule, no wait for the device in a step, float64
coefficients at every precision of x); tensors are what the model sees.

Source: Crowson's k-diffusion for the seam D(x; sigma); Karras et al. 2022, arXiv:2206.00364.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from irodori.errors import RecipeError


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


@dataclass(frozen=True, slots=True)
class Guided:
    """Both predictions of one guided call.

    Attributes:
        denoised: the guided expected clean latents, what calling the denoiser returns.
        uncond: the same of the negative prompt alone, without guidance; same shape.
    """

    denoised: Tensor
    uncond: Tensor


@runtime_checkable
class GuidedDenoiser(Denoiser, Protocol):
    """A denoiser that can also tell what it expects without the prompt: CFG++ needs it."""

    def guided(self, x: Tensor, sigma: Tensor) -> Guided:
        """Return both predictions at x; uncond is computed at every cfg scale, also at 1."""
        ...


class NoiseSource(Protocol):
    """The noise of one job: per-image generators, so that a batch changes no picture."""

    def next(self) -> Tensor:
        """Return the next independent N(0, 1) draw, shape [B, 4, H/8, W/8]."""
        ...

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        """Return the Brownian path's increment from sigma to sigma_next, scaled to N(0, 1)."""
        ...


# One sampler: denoise, x, sigmas, noise and its options (recipe.sampler_options) -> its steps.
Method = Callable[[Denoiser, Tensor, Tensor, NoiseSource, Any], Iterator[Step]]


def levels_of(sigmas: Tensor) -> list[float]:
    """Return a sigma schedule as floats: exact, and one wait for the device in all."""
    return [float(sigma) for sigma in sigmas.tolist()]


def both_predictions(denoise: Denoiser, x: Tensor, sigma: Tensor) -> Guided:
    """Return the guided and the unconditional prediction.

    Raises:
        RecipeError: the denoiser has no unconditional prediction to give.
    """
    if not isinstance(denoise, GuidedDenoiser):
        raise RecipeError(
            "a CFG++ sampler needs the prediction of the negative prompt, and this denoiser has"
            " none; choose the sampler of the same name without CFG++"
        )
    return denoise.guided(x, sigma)
