"""DPM-Solver++ on the reverse SDE: SDE, 2M SDE and 3M SDE.

The noise is the increment of one Brownian path in sigma, so that more steps refine the same
picture instead of drawing another.

Source: Lu et al. 2022, arXiv:2211.01095, section 5 (SDE-DPM-Solver++), and the authors' third-order
multistep update; eta and the third order as an SDE are Crowson's (k-diffusion).
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from irodori.engine.samplers.ancestral import ancestral_step
from irodori.engine.samplers.base import Denoiser, NoiseSource, Step, levels_of
from irodori.recipe.sampler_options import MultistepSde, Sde, SinglestepSde, ThirdOrderSde


@torch.no_grad()
def dpmpp_sde(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: SinglestepSde
) -> Iterator[Step]:
    """Yield second-order steps over a noisy call at r of the way, with ancestral noise.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; two model calls and
    two Brownian increments a step, the last step one call.
    """
    eta, s_noise, r = options.eta, options.s_noise, options.r
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        if sigma_next == 0:
            x = denoised
        else:
            sigma_mid = sigma * (sigma_next / sigma) ** r
            middle = sigmas.new_tensor(sigma_mid)
            down, up = ancestral_step(sigma, sigma_mid, eta)
            x_2 = x * (down / sigma) + denoised * (1 - down / sigma)
            if up > 0:
                x_2 = x_2 + noise.between(sigmas[i], middle) * (s_noise * up)
            denoised_2 = denoise(x_2, middle)

            down, up = ancestral_step(sigma, sigma_next, eta)
            denoised_d = denoised + (denoised_2 - denoised) / (2 * r)
            x = x * (down / sigma) + denoised_d * (1 - down / sigma)
            if up > 0:
                x = x + noise.between(sigmas[i], sigmas[i + 1]) * (s_noise * up)
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def dpmpp_2m_sde(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: MultistepSde
) -> Iterator[Step]:
    """Yield second-order multistep steps of the SDE; a step to 0 takes D.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one Brownian
    increment for each step that ends above 0. `options.solver` weighs the second term as 2M does
    (midpoint) or integrates it exactly (heun).
    """
    old_denoised, h_last = None, math.inf
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        if sigma_next == 0:
            x = denoised
        else:
            h = math.log(sigma / sigma_next)
            h_eta = h * (1 + options.eta)
            x = x * math.exp(-h_eta) - denoised * math.expm1(-h_eta)
            if old_denoised is not None:
                halved = -math.expm1(-h_eta) / 2
                second = _phi_2(h_eta) if options.solver == "heun" else halved
                x = x + (denoised - old_denoised) * (second * h / h_last)
            if options.eta > 0:
                spread = _noise_scale(sigma_next, h, options)
                x = x + noise.between(sigmas[i], sigmas[i + 1]) * spread
            old_denoised, h_last = denoised, h
        yield Step(i, sigmas[i], x, denoised)


@torch.no_grad()
def dpmpp_3m_sde(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, options: ThirdOrderSde
) -> Iterator[Step]:
    """Yield multistep steps of the SDE over three predictions; a step to 0 takes D.

    Arguments and steps are those of `irodori.engine.samplers.euler.euler`; one Brownian
    increment for each step that ends above 0.

    The curvature d2 is half the second derivative, and phi_3 the weight of a whole one, so that
    k-diffusion's, diffusers' and DPM-Solver's own third-order multistep step is of second order
    (the convergence test shows it). Pictures depend on it, so it is the default; with
    `options.exact` the weight is right.
    """
    past: list[tuple[Tensor, float]] = []  # (denoised, h) of the last two steps, newest first
    for i, (sigma, sigma_next) in enumerate(pairwise(levels_of(sigmas))):
        denoised = denoise(x, sigmas[i])
        if sigma_next == 0:
            x = denoised
        else:
            h = math.log(sigma / sigma_next)
            h_eta = h * (1 + options.eta)
            phi_2 = _phi_2(h_eta)
            phi_3 = (phi_2 / h_eta - 0.5) * (2 if options.exact else 1)
            x = x * math.exp(-h_eta) - denoised * math.expm1(-h_eta)
            if len(past) == 2:
                (denoised_1, h_1), (denoised_2, h_2) = past
                r0, r1 = h_1 / h, h_2 / h
                d1_0 = (denoised - denoised_1) / r0
                d1_1 = (denoised_1 - denoised_2) / r1
                d2 = (d1_0 - d1_1) / (r0 + r1)
                x = x + (d1_0 + d2 * r0) * phi_2 - d2 * phi_3
            elif past:
                denoised_1, h_1 = past[0]
                x = x + (denoised - denoised_1) * (phi_2 * h / h_1)
            if options.eta > 0:
                spread = _noise_scale(sigma_next, h, options)
                x = x + noise.between(sigmas[i], sigmas[i + 1]) * spread
            past = [(denoised, h), *past[:1]]
        yield Step(i, sigmas[i], x, denoised)


def _phi_2(h: float) -> float:
    """Return (e^-h - 1 + h) / h, the weight of D's first derivative over a step."""
    return math.expm1(-h) / h + 1


def _noise_scale(sigma_next: float, h: float, options: Sde) -> float:
    return sigma_next * options.s_noise * math.sqrt(-math.expm1(-2 * options.eta * h))
