"""The loop of a pass: from noise, or a picture with noise, to clean latents, step by step."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import torch
from torch import Tensor

from irodori.engine.samplers import Denoiser, NoiseSource, Sampler, Step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """One run of a sampler.

    Attributes:
        sampler: what integrates.
        sigmas: float32 [steps + 1] on the latents' device, `SigmaPlan.run`.
        noise: the pass's noise source.
        options: the sampler's own (eta, s_churn ...), checked by it.
    """

    sampler: Sampler
    sigmas: Tensor
    noise: NoiseSource
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def noised(
    initial: Tensor, sigma: Tensor, latents: Tensor | None = None, *, unit_variance: bool = False
) -> Tensor:
    """Return the latents a pass starts from.

    Args:
        initial: [B, 4, H/8, W/8], N(0, 1); `ImageNoise.initial`.
        sigma: 0-dimensional, the pass's first noise level.
        latents: the picture of img2img and hires, same shape; None starts from noise alone.
        unit_variance: without a picture, scale by sqrt(1 + sigma^2) (generative-models, and
            upstream's timestep samplers) and not by sigma: the noise of a picture of spread 1.

    Returns:
        latents + initial * sigma.
    """
    if latents is not None:
        return latents + initial * sigma
    return initial * (sigma.square() + 1).sqrt() if unit_variance else initial * sigma


@torch.no_grad()
def sample(
    run: Pass, denoise: Denoiser, x: Tensor, *, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Step]:
    """Yield a pass's steps; nothing when there is none to run (denoise 0).

    The caller may stop at any step: `Step.x` is a whole, if noisy, state, and `Step.denoised` its
    preview. A refiner that takes over, or a progress bar, belongs to the caller.

    Args:
        run: sampler, levels, noise.
        denoise: D(x; sigma).
        x: float32 [B, 4, H/8, W/8] at run.sigmas[0], see `noised`.
        cancelled: asked before every step; the pass ends when it says True. Not an error.
    """
    if len(run.sigmas) < 2:
        return
    steps = run.sampler.steps(denoise, x, run.sigmas, run.noise, **run.options)
    while not cancelled():
        taken = next(steps, None)
        if taken is None:
            return
        yield taken


def finished(steps: Iterator[Step], x: Tensor) -> Tensor:
    """Return the last step's latents, or x where there was no step."""
    for step in steps:
        x = step.x
    return x
